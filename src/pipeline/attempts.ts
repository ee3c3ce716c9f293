import type { Fact, Judgement } from './outcome.ts';

/** Attempts that brought something are not counted as failures; this many are the end all the same. */
const MOST_ATTEMPTS = 20;
/** A part that does not fit the answer is started over without blame, so many times. */
const MOST_RESTARTS = 3;

/** The waits for the network grow no further than after so many tries. */
const SHORT_OF_NETWORK = 3;

/** How often one address was asked, and what that came to so far. */
export class Attempts {
  readonly #began = performance.now();
  #attempts = 0;
  #pieces = 0;
  #reached = 0;
  #furthest = 0;
  /** Tries in a row that brought nothing. */
  failures = 0;
  /** Has it changed since it was kept? */
  hasChanged = false;
  /** Was the last one started over without blame? */
  restarted = false;
  readonly #retries: number;
  #restarts = 0;
  #counted = 0;
  /** Tries in a row that were the network's fault. */
  #free = 0;

  constructor(retries: number) {
    this.#retries = retries;
  }

  /** How often it was asked, how many answers the bytes are joined from, and how long that took. */
  get sums() {
    return {
      attempts: this.#attempts,
      pieces: this.#pieces,
      ms: Math.round(performance.now() - this.#began),
    };
  }

  /** How patient to be before the next one: not very, where only the network has to come back. */
  get patience(): number {
    return Math.max(1, this.#free > 0 ? Math.min(this.#free, SHORT_OF_NETWORK) : this.failures);
  }

  /** What comes is another thing each time: it is asked for from its first byte, and not gone on with. */
  get afresh(): boolean {
    return this.#restarts >= MOST_RESTARTS;
  }

  /** Is there nothing left to try, for this kind of trouble? */
  isSpent(judgement: Judgement): boolean {
    const tries = ('tries' in judgement && judgement.tries) || Number.POSITIVE_INFINITY;
    const most = Math.max(MOST_ATTEMPTS, this.#retries + 1);
    return this.failures >= Math.min(tries, this.#retries + 1) || this.#counted >= most;
  }

  /** The same first bytes over and over are no progress. */
  #isFurther(gained: number, resumed: boolean): boolean {
    if (gained === 0) return false;
    this.#reached = gained + (resumed ? this.#reached : 0);
    const isFurther = this.#reached > this.#furthest;
    this.#furthest = Math.max(this.#furthest, this.#reached);
    return isFurther;
  }

  /** `isFree`: nothing that this address could help. */
  count(fact: Fact, { outcome, ...rest }: Judgement, isFree: boolean): void {
    this.#attempts++;
    if (isFree) {
      this.#free++;
      return;
    }
    this.#free = 0;
    this.#counted++;
    this.hasChanged ||= fact.fact === 'changed';
    const isAnew = fact.fact === 'restart' || fact.fact === 'changed';
    this.restarted = isAnew && this.#restarts++ < MOST_RESTARTS;
    if (fact.fact === 'restart' || fact.fact === 'digest') this.#pieces = 0;
    const gained = 'gained' in fact ? fact.gained : 0;
    const resumed = 'resumed' in fact && fact.resumed;
    if (gained > 0 || fact.fact === 'whole') this.#pieces = resumed ? Math.max(1, this.#pieces) + 1 : 1;
    const isSlow = 'reason' in rest && rest.reason.code === 'too-slow'; // a drip is no progress
    if (this.#isFurther(gained, resumed) && !isSlow) this.failures = 0;
    else if (outcome !== 'ok' && !this.restarted) this.failures++;
  }
}
