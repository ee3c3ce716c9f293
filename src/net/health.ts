/** What an answer, or the lack of one, says about the host that was asked. */
export type Sign = 'well' | 'busy' | 'sick' | 'silent' | 'other';

/** What is to be done about a host, and why, in words for whoever watches. */
export type Remedy =
  | { readonly do: 'slow' | 'recover'; readonly why: string }
  | { readonly do: 'probe'; readonly after: number }
  | { readonly do: 'give up' };

/** Answers that are remembered. */
const WINDOW = 20;
/** Answers without a complaint, most of them good, before a host is asked faster again. */
const STEP = 10;
/** A request costs at most so many tokens. */
const MOST_WEIGHT = 16;
/** A single 503 may be about one address; so many of the last answers are about the host. */
const SICK = 3;
/** So many questions without any answer, and the host is asked by one at a time. */
const SUSPECT_AFTER = 5;

export interface HealthOptions {
  /** How often one at a time may still ask in vain before nobody asks any more. */
  readonly probes: number;
  /** Milliseconds before the first of them; they double. */
  readonly probeAfter: number;
  /** The longest of these rests. */
  readonly probeMax: number;
}

/** How a host is doing, by its last answers. Holds no clock and does nothing itself: it says what is to be done. */
export class Health {
  /** Tokens that a request costs: 1 for a host that is well, doubled whenever it says that it is too much. */
  weight = 1;
  readonly #options: HealthOptions;
  #signs: Sign[] = [];
  /** Answers to requests that were under way when the speed was changed: they say nothing about the new one. */
  #stale = 0;
  #silences = 0;
  /** Requests that were under way when the host became suspect: they were no probes. */
  #stragglers = 0;
  #probes = 0;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  get isSuspect(): boolean {
    return this.#silences >= SUSPECT_AFTER;
  }

  get isWell(): boolean {
    return this.weight === 1 && this.#silences === 0;
  }

  /** `what` names it in words; `underWay` is how many requests to the host are not answered yet. */
  hear(sign: Sign, what: string, underWay: number): Remedy | undefined {
    if (sign === 'silent') return this.#hearNothing(underWay);
    [this.#silences, this.#probes] = [0, 0];
    this.#signs = [...this.#signs.slice(1 - WINDOW), sign];
    if (this.#stale > 0) {
      this.#stale--;
      return undefined;
    }
    const complaints = this.#count('busy') + this.#count('sick');
    const isComplaint = sign === 'busy' || (sign === 'sick' && complaints >= SICK);
    if (isComplaint)
      return this.slow(`${complaints} of ${this.#signs.length} answers were ${what}`, underWay);
    const isAtEase = this.#signs.length >= STEP && complaints < SICK && this.#count('well') * 2 > STEP;
    if (this.weight === 1 || !isAtEase) return undefined;
    const why = `${this.#signs.length} answers without a complaint`;
    this.#signs = [];
    this.weight /= 2;
    return { do: 'recover', why };
  }

  slow(why: string, underWay: number): Remedy | undefined {
    if (this.weight >= MOST_WEIGHT) return undefined;
    this.weight *= 2;
    this.#stale = underWay;
    this.#signs = [];
    return { do: 'slow', why };
  }

  #count(sign: Sign): number {
    return this.#signs.filter((one) => one === sign).length;
  }

  /** The first ones go on trying side by side; then one at a time, with growing rests; then nobody. */
  #hearNothing(underWay: number): Remedy | undefined {
    this.#silences++;
    if (this.#silences < SUSPECT_AFTER) return undefined;
    if (this.#silences === SUSPECT_AFTER) this.#stragglers = underWay;
    else if (this.#stragglers > 0) {
      this.#stragglers--;
      return undefined;
    } else this.#probes++;
    if (this.#probes >= this.#options.probes) return { do: 'give up' };
    const { probeAfter, probeMax } = this.#options;
    return { do: 'probe', after: Math.min(probeMax, probeAfter * 2 ** this.#probes) };
  }
}

/** What a status says about the host; `after` is the wait that it asked for. */
export function signOf(
  status: number,
  after: number | undefined,
): { readonly sign: Sign; readonly what: string } {
  const asksForLess = status === 429 || status === 420 || (status === 503 && after !== undefined);
  const others = status === 503 ? 'sick' : status >= 200 && status < 300 ? 'well' : 'other';
  return { sign: asksForLess ? 'busy' : others, what: String(status) };
}
