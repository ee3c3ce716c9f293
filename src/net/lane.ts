import Bottleneck from 'bottleneck';

/** What one lane allows: tokens per second with a burst, and how many may speak at once. */
export interface LaneLimits {
  readonly rate: number;
  readonly burst: number | null;
  readonly places: number;
  /** How long the lane rests when its server says 429 and not how long. */
  readonly silence?: number;
  /** Lanes of the same service: they rest together. */
  readonly kin?: readonly string[];
}

/** A token taken later than this was kept: its lane waited for a place over all, and the bucket filled up meanwhile. */
const FRESH = 100;
/** The longest that a timer can wait: a longer one goes off at once. */
const LONGEST = 2 ** 31 - 1;
/** Tokens drawn at once, as seconds of the rate: a limiter answers some 400 draws a second, whatever their weight. */
const DRAW = 0.025;
/** The bucket is topped up ten times a second where the rate allows, in whole tokens. */
const TOP_UP = 0.1;

/** Who waits for a place. */
export interface Waiter {
  /** Has no permit yet; those who have one and rest come first. */
  readonly isNew: boolean;
  grant(): void;
}

/** One host, or one service: its pause, its places, its bucket of tokens. The one file that knows Bottleneck. */
export class Lane {
  /** Permits given and not yet released, resting ones among them. */
  permits = 0;
  readonly #returning = new Set<Waiter>();
  readonly #waiting = new Set<Waiter>();
  readonly #limits: LaneLimits;
  readonly #offer: () => void;
  readonly #bucket: Bottleneck | undefined;
  #speaking = 0;
  #tokens = 0;
  #drawnAt = 0;
  #kept = 0;
  #drawing = false;
  #pausedUntil = 0;
  #alarm: NodeJS.Timeout | undefined;
  #usedAt = 0;

  constructor(limits: LaneLimits, offer: () => void) {
    this.#limits = limits;
    this.#offer = offer;
    this.#bucket = limits.rate === Number.POSITIVE_INFINITY ? undefined : bucket(limits);
  }

  join(waiter: Waiter): void {
    (waiter.isNew ? this.#waiting : this.#returning).add(waiter);
  }

  withdraw(waiter: Waiter): void {
    (waiter.isNew ? this.#waiting : this.#returning).delete(waiter);
  }

  get waits(): boolean {
    return this.#waiting.size + this.#returning.size > 0;
  }

  /** Is there somebody to let through, and nothing of this lane against it? Sets in motion what is lacking. */
  mayGive(toNewOnes: boolean): boolean {
    const isWanted = this.#returning.size > 0 || (toNewOnes && this.#waiting.size > 0);
    if (!isWanted || this.#speaking >= this.#limits.places || this.#isPaused()) return false;
    if (!this.#bucket) return true;
    if (this.#tokens === 0) void this.#draw(this.#bucket);
    return this.#tokens > 0;
  }

  /** A place and a token, to whoever's turn it is. */
  give(): Waiter {
    const [waiter] = this.#returning.size > 0 ? this.#returning : this.#waiting;
    this.withdraw(waiter!);
    this.#speaking++;
    this.#tokens--;
    this.#usedAt = performance.now();
    if (this.#bucket && this.#usedAt - this.#drawnAt > FRESH) this.#kept++;
    return waiter!;
  }

  leave(): void {
    this.#speaking--;
  }

  pause(ms: number): boolean {
    const until = performance.now() + ms;
    if (until <= this.#pausedUntil) return false;
    this.#pausedUntil = until;
    this.#tokens = 0;
    return true;
  }

  isIdle(): boolean {
    const refilled = this.#bucket ? (burstOf(this.#limits) / this.#limits.rate + TOP_UP) * 1000 : 0;
    const rested = performance.now() - Math.max(this.#usedAt, this.#pausedUntil) > refilled;
    return rested && !this.#drawing && this.permits === 0 && !this.waits;
  }

  async close(): Promise<void> {
    clearTimeout(this.#alarm);
    await this.#bucket?.stop({ dropWaitingJobs: true });
    await this.#bucket?.disconnect();
  }

  /** Does it pause now? */
  get rests(): boolean {
    return this.#pauseLeft() > 0;
  }

  #pauseLeft(): number {
    return Math.max(0, this.#pausedUntil - performance.now());
  }

  #isPaused(): boolean {
    const left = this.#pauseLeft();
    if (left === 0) return false;
    const alarm = () => {
      this.#alarm = undefined;
      this.#offer();
    };
    this.#alarm ??= setTimeout(alarm, Math.min(Math.ceil(left) + 1, LONGEST));
    return true;
  }

  async #draw(from: Bottleneck): Promise<void> {
    if (this.#drawing) return;
    this.#drawing = true;
    const { rate, places } = this.#limits;
    const weight = Math.max(
      1,
      Math.min(
        this.#waiting.size + this.#returning.size,
        places - this.#speaking,
        burstOf(this.#limits),
        Math.floor(rate * DRAW),
      ),
    );
    await this.#spill(from);
    const drawn = await from.schedule({ weight }, async () => true).catch(() => false); // rejects when closed: then nobody waits
    this.#drawing = false;
    if (!drawn) return;
    this.#tokens = weight;
    this.#drawnAt = performance.now();
    this.#offer();
  }

  /** Tokens that were kept, and what came into the bucket meanwhile, may together be no more than the burst. */
  async #spill(from: Bottleneck): Promise<void> {
    if (this.#kept === 0) return;
    const over = ((await from.currentReservoir()) ?? 0) + this.#kept - burstOf(this.#limits);
    this.#kept = 0;
    if (over > 0) await from.incrementReservoir(-over);
  }
}

const burstOf = ({ rate, burst }: LaneLimits): number => burst ?? Math.max(1, Math.round(rate * TOP_UP));

/**
 * A token bucket by Bottleneck. The top-up is looked at a tenth of its interval apart: looked at once an interval,
 * a beat that comes a millisecond early would lose the whole of it. It is never set anew while running: any
 * `updateSettings` stops it for good.
 */
function bucket(limits: LaneLimits): Bottleneck {
  const burst = burstOf(limits);
  const amount = Math.max(1, Math.min(burst, Math.floor(limits.rate * TOP_UP)));
  const interval = Math.ceil((amount / limits.rate) * 1000);
  const settings = {
    reservoir: burst,
    reservoirIncreaseAmount: amount,
    reservoirIncreaseInterval: interval,
    reservoirIncreaseMaximum: burst,
    heartbeatInterval: Math.min(250, Math.max(2, Math.floor(interval / 10))),
  };
  return new Bottleneck(settings as Bottleneck.ConstructorOptions);
}
