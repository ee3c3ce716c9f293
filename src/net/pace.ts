import type { Request } from 'got';
import { isAwaited } from './stall.ts';

export interface Pace {
  /** Bytes a second, below which a transfer is given up. */
  readonly minSpeed: number;
  /** Milliseconds over which that is measured. */
  readonly minSpeedTime: number;
  /** Milliseconds that any attempt may take, besides those that its size needs at the least speed. */
  readonly attemptTime: number;
}

/**
 * Ends a body that drips: a byte now and then keeps a mere stall timer quiet for ever. Only time in which
 * somebody waits for bytes counts: what our own disk, or a limit on the bandwidth, holds up is not the server's.
 */
export function endIfSlow(body: Request, total: number | null, pace: Pace): void {
  const { minSpeed, minSpeedTime, attemptTime } = pace;
  if (minSpeed === 0) return;
  let [last, awaited, windowAwaited, windowBegan] = [performance.now(), 0, 0, 0];
  const look = () => {
    const now = performance.now();
    const { transferred } = body.downloadProgress;
    if (isAwaited(body)) {
      awaited += now - last;
      windowAwaited += now - last;
    }
    last = now;
    const speed = ((transferred - windowBegan) / windowAwaited) * 1000;
    if (windowAwaited >= minSpeedTime) {
      if (speed < minSpeed) end(`under ${minSpeed} bytes a second`);
      [windowAwaited, windowBegan] = [0, transferred];
    }
    if (awaited > attemptTime + ((total ?? transferred) / minSpeed) * 1000) end('no end in sight');
  };
  const end = (why: string) =>
    body.destroy(Object.assign(new Error(`too slow: ${why}`), { code: 'ETOOSLOW' }));
  const clock = setInterval(look, Math.min(1000, minSpeedTime / 4));
  clock.unref();
  body.once('close', () => clearInterval(clock));
}
