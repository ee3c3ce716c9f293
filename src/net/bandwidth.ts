import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** One limit over all transfers: each piece that arrives waits until the pieces before it are paid for. */
export class Bandwidth {
  readonly #rate: number;
  #paidUntil = 0;

  /** In bytes a second. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** A step of a pipeline; undefined where nothing is limited, so that nothing is in the way. */
  step(signal: AbortSignal): Transform | undefined {
    if (this.#rate === Number.POSITIVE_INFINITY) return undefined;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#pay(chunk.length, signal).then(() => done(null, chunk), done);
      },
    });
  }

  async #pay(bytes: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.#paidUntil = Math.max(this.#paidUntil, now) + (bytes / this.#rate) * 1000;
    await delay(this.#paidUntil - now, undefined, { signal });
  }
}
