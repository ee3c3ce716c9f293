import type { Reason } from '../model.ts';
import { Bucket, type BucketLimits } from './bucket.ts';
import type { Health, Remedy, Sign } from './health.ts';
import { Pulse } from './pulse.ts';

/** What one lane allows: tokens per second with a burst, and how many may speak at once. */
export interface LaneLimits extends BucketLimits {
  readonly places: number;
  /** How long the lane rests when its server says 429 and not how long. */
  readonly silence?: number;
  /** How often it may ask for silence, with nothing good in between, before it is left alone. */
  readonly patience?: number;
  /** Lanes of the same service: they rest together. */
  readonly kin?: readonly string[];
  /** Milliseconds to pause before the next one is let through. */
  readonly sleep?: (() => number) | undefined;
}

/** So long it is remembered of a host that is not asked any more that it was not well. */
const REMEMBERED = 60_000;
/** The longest that a timer can wait: a longer one goes off at once. */
const LONGEST = 2 ** 31 - 1;

/** Nobody is let through to a host for so long that it is not worth the wait. */
export class Parked extends Error {
  readonly code = 'EPARKED';
  readonly reason: Reason;
  /** When the host may be asked again, in milliseconds since 1970. */
  readonly until: number;

  constructor(reason: Reason, until: number) {
    super(reason.detail);
    this.reason = reason;
    this.until = until;
  }
}

/** Who waits for a place. */
export interface Waiter {
  /** Has no permit yet; those who have one and rest come first. */
  readonly isNew: boolean;
  grant(): void;
  refuse(why: Parked): void;
}

/** One host, or one service: its pause, its places, its bucket of tokens, and how it is doing. */
export class Lane {
  /** Permits given and not yet released, resting ones among them. */
  permits = 0;
  readonly #returning = new Set<Waiter>();
  readonly #waiting = new Set<Waiter>();
  readonly #limits: LaneLimits;
  readonly #offer: () => void;
  readonly #health: Health;
  readonly #pulse = new Pulse();
  #bucket: Bucket | undefined;
  #speaking = 0;
  #pausedUntil = 0;
  #sleepsUntil = 0;
  #parked: { readonly until: number; readonly error: Parked } | undefined;
  /** One is out to see whether a suspect host answers again. */
  #isProbed = false;
  #alarm: NodeJS.Timeout | undefined;
  #usedAt = 0;
  /** Silences asked for since the last good answer. */
  #silences = 0;

  constructor(limits: LaneLimits, health: Health, offer: () => void) {
    this.#limits = limits;
    this.#offer = offer;
    this.#health = health;
    if (limits.rate !== Number.POSITIVE_INFINITY) this.#bucket = new Bucket(limits);
  }

  /** Requests per second, as it is now; undefined where nothing limits them. */
  get rate(): number | undefined {
    return this.#bucket && this.#bucket.rate / this.#health.weight;
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
    if (this.#health.isSuspect && this.#isProbed) return false;
    if (!this.#bucket) return true;
    if (!this.#bucket.hasSome) void this.#draw(this.#bucket);
    return this.#bucket.hasSome;
  }

  /** A place and a token, to whoever's turn it is. */
  give(): Waiter {
    const [waiter] = this.#returning.size > 0 ? this.#returning : this.#waiting;
    this.withdraw(waiter!);
    this.#speaking++;
    this.#bucket?.spend(this.#health.weight);
    this.#pulse.beat();
    this.#isProbed = this.#health.isSuspect;
    this.#usedAt = performance.now();
    this.#sleepsUntil = this.#usedAt + (this.#limits.sleep?.() ?? 0);
    return waiter!;
  }

  /** What came of a probe is heard in a moment; one of which nothing is heard must not shut the lane for good. */
  leave(): void {
    this.#speaking--;
    if (!this.#isProbed) return;
    setImmediate(() => {
      this.#isProbed = false;
      this.#offer();
    });
  }

  hear(sign: Sign, what: string): Remedy | undefined {
    if (sign === 'well') this.#silences = 0;
    return this.#apply(this.#health.hear(sign, what, this.#speaking));
  }

  /** Half as fast from now on. */
  slow(why: string): Remedy | undefined {
    return this.#apply(this.#health.slow(why, this.#speaking));
  }

  /** Where nothing limited the rate, there is now something that can be halved. */
  #apply(remedy: Remedy | undefined): Remedy | undefined {
    if (remedy?.do === 'slow') this.#bucket ??= new Bucket({ rate: this.#pulse.perSecond, burst: 1 });
    const isFree = this.#limits.rate === Number.POSITIVE_INFINITY && this.#health.weight === 1;
    if (remedy?.do === 'recover' && isFree) {
      void this.#bucket?.close();
      this.#bucket = undefined;
    }
    return remedy;
  }

  pause(ms: number): boolean {
    const until = performance.now() + ms;
    if (until <= this.#pausedUntil) return false;
    this.#pausedUntil = until;
    this.#bucket?.forget();
    return true;
  }

  /** Silence is asked for once more: was it kept often enough in vain? What was under way meanwhile does not count. */
  isTiredOf(patience: number): boolean {
    if (!this.rests) this.#silences++;
    return this.#silences > patience;
  }

  /** Whoever waits is sent away, and so is whoever comes until then. */
  park(ms: number, reason: Reason): void {
    const error = new Parked(reason, Date.now() + ms);
    this.#parked = { until: performance.now() + ms, error };
    for (const waiter of [...this.#returning, ...this.#waiting]) {
      this.withdraw(waiter);
      waiter.refuse(error);
    }
  }

  /** Is it of no use to wait here? */
  get parked(): Parked | undefined {
    if (this.#parked && this.#parked.until <= performance.now()) this.#parked = undefined;
    return this.#parked?.error;
  }

  isIdle(): boolean {
    const soon = this.#bucket?.refill ?? 0;
    const idle = performance.now() - Math.max(this.#usedAt, this.#pausedUntil, this.#sleepsUntil);
    const isBusy = this.#bucket?.isDrawing || this.permits > 0 || this.waits || this.parked !== undefined;
    return !isBusy && idle > (this.#health.isWell ? soon : Math.max(soon, REMEMBERED));
  }

  async close(): Promise<void> {
    clearTimeout(this.#alarm);
    await this.#bucket?.close();
  }

  /** Does it pause now? */
  get rests(): boolean {
    return this.#pausedUntil > performance.now();
  }

  #isPaused(): boolean {
    const left = Math.max(this.#pausedUntil, this.#sleepsUntil) - performance.now();
    if (left <= 0) return false;
    const alarm = () => {
      this.#alarm = undefined;
      this.#offer();
    };
    this.#alarm ??= setTimeout(alarm, Math.min(Math.ceil(left) + 1, LONGEST));
    return true;
  }

  async #draw(from: Bucket): Promise<void> {
    const wanted = Math.min(this.#waiting.size + this.#returning.size, this.#limits.places - this.#speaking);
    if (await from.draw(wanted, this.#health.weight)) this.#offer();
  }
}
