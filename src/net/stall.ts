import type { Request } from 'got';

/**
 * Ends a body of which nothing comes for so long while somebody waits for it. Not the client's own timer: that one
 * also goes off when our disk is slow.
 */
export function endIfStalled(body: Request, timeout: number): void {
  let [last, seen] = [performance.now(), 0];
  const look = () => {
    const { transferred } = body.downloadProgress;
    if (!isAwaited(body) || transferred !== seen) [last, seen] = [performance.now(), transferred];
    else if (performance.now() - last > timeout)
      body.destroy(Object.assign(new Error('stalled'), { code: 'ESTALLED' }));
  };
  const clock = setInterval(look, Math.min(1000, timeout / 2));
  clock.unref(); // it watches over a connection; without one there is nothing to stay for
  body.once('close', () => clearInterval(clock));
}

/** Nothing is left to read, and somebody reads: by flow, or by asking for more as loops do. */
export const isAwaited = (body: Request): boolean =>
  body.readableLength === 0 && (body.readableFlowing === true || body.listenerCount('readable') > 0);
