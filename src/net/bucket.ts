import Bottleneck from 'bottleneck';

/** A token taken later than this was kept: its lane waited for a place over all, and the bucket filled up meanwhile. */
const FRESH = 100;
/** Tokens drawn at once, as seconds of the rate: a limiter answers some 400 draws a second, whatever their weight. */
const DRAW = 0.025;
/** The bucket is topped up ten times a second where the rate allows, in whole tokens. */
const TOP_UP = 0.1;

export interface BucketLimits {
  /** Tokens per second. */
  readonly rate: number;
  readonly burst: number | null;
}

/** The tokens of one lane. The one file that knows Bottleneck. */
export class Bucket {
  readonly #limiter: Bottleneck;
  readonly #burst: number;
  readonly rate: number;
  /** Requests that are paid for and not yet sent. */
  #paid = 0;
  #paidAt = 0;
  /** Tokens that were kept for longer than they should. */
  #kept = 0;
  #drawing = false;

  constructor({ rate, burst }: BucketLimits) {
    this.rate = rate;
    this.#burst = burst ?? Math.max(1, Math.round(rate * TOP_UP));
    this.#limiter = limiterOf(rate, this.#burst);
  }

  get hasSome(): boolean {
    return this.#paid > 0;
  }

  get isDrawing(): boolean {
    return this.#drawing;
  }

  /** Milliseconds in which it is full again, however empty. */
  get refill(): number {
    return (this.#burst / this.rate + TOP_UP) * 1000;
  }

  /** One request is sent, at so many tokens. */
  spend(weight: number): void {
    this.#paid--;
    if (performance.now() - this.#paidAt > FRESH) this.#kept += weight;
  }

  /** What is paid for is not used: there is a pause, and it would all come at once afterwards. */
  forget(): void {
    this.#paid = 0;
  }

  /** Pays for up to so many requests; false if it was closed meanwhile, or is being drawn from already. */
  async draw(requests: number, weight: number): Promise<boolean> {
    if (this.#drawing) return false;
    this.#drawing = true;
    const most = Math.floor(Math.min(this.#burst, this.rate * DRAW) / weight);
    const count = Math.max(1, Math.min(requests, most));
    await this.#spill();
    const isDrawn = await this.#take(count * weight);
    this.#drawing = false;
    if (!isDrawn) return false;
    this.#paid = count;
    this.#paidAt = performance.now();
    return true;
  }

  async close(): Promise<void> {
    await this.#limiter.stop({ dropWaitingJobs: true });
    await this.#limiter.disconnect();
  }

  /** No more at once than the bucket holds, else it would wait for ever. */
  async #take(tokens: number): Promise<boolean> {
    for (let left = tokens; left > 0; left -= this.#burst) {
      const weight = Math.min(left, this.#burst);
      const isTaken = await this.#limiter.schedule({ weight }, async () => true).catch(() => false); // rejects when closed: then nobody waits
      if (!isTaken) return false;
    }
    return true;
  }

  /** Tokens that were kept, and what came into the bucket meanwhile, may together be no more than the burst. */
  async #spill(): Promise<void> {
    if (this.#kept === 0) return;
    const over = ((await this.#limiter.currentReservoir()) ?? 0) + this.#kept - this.#burst;
    this.#kept = 0;
    if (over > 0) await this.#limiter.incrementReservoir(-over);
  }
}

/**
 * A token bucket by Bottleneck. The top-up is looked at a tenth of its interval apart: looked at once an interval,
 * a beat that comes a millisecond early would lose the whole of it. It is never set anew while running: any
 * `updateSettings` stops it for good.
 */
function limiterOf(rate: number, burst: number): Bottleneck {
  const amount = Math.max(1, Math.min(burst, Math.floor(rate * TOP_UP)));
  const interval = Math.ceil((amount / rate) * 1000);
  const settings = {
    reservoir: burst,
    reservoirIncreaseAmount: amount,
    reservoirIncreaseInterval: interval,
    reservoirIncreaseMaximum: burst,
    heartbeatInterval: Math.min(250, Math.max(2, Math.floor(interval / 10))),
  };
  return new Bottleneck(settings as Bottleneck.ConstructorOptions);
}
