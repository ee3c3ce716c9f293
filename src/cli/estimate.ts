/** A few of many, each as likely as any other, without knowing beforehand how many there will be. */
export class Sample<T> {
  readonly #most: number;
  readonly #random: () => number;
  readonly #chosen: T[] = [];
  #seen = 0;

  constructor(most: number, random: () => number) {
    this.#most = most;
    this.#random = random;
  }

  see(one: T): void {
    this.#seen++;
    if (this.#chosen.length < this.#most) {
      this.#chosen.push(one);
      return;
    }
    const at = Math.floor(this.#random() * this.#seen);
    if (at < this.#most) this.#chosen[at] = one;
  }

  get chosen(): readonly T[] {
    return this.#chosen;
  }

  get seen(): number {
    return this.#seen;
  }
}

/** A sum that is not known, and between what it lies in 95 of 100 cases. */
export interface Estimate {
  readonly sum: number;
  readonly least: number;
  /** null where a single value tells nothing about how they differ. */
  readonly most: number | null;
}

/**
 * The sum of all values, from a random few of them: their mean times their number, give or take Student's t times
 * the error of that mean, which is the smaller the more of all are known. Undefined where none is known.
 */
export function estimate(values: readonly number[], all: number): Estimate | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  const known = values.reduce((sum, value) => sum + value, 0);
  if (n >= all) return { sum: known, least: known, most: known };
  const mean = known / n;
  const sum = Math.round(mean * all);
  if (n === 1) return { sum, least: known, most: null };
  const variance = values.reduce((squares, value) => squares + (value - mean) ** 2, 0) / (n - 1);
  const error = all * Math.sqrt((variance / n) * (1 - n / all));
  const bar = student95(n - 1) * error;
  return { sum, least: Math.max(known, Math.round(sum - bar)), most: Math.round(sum + bar) };
}

/** Student's t for 95 %, two-sided, by degrees of freedom from 1. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Beyond the table its distance from the normal distribution falls with the degrees; good to two digits. */
const student95 = (degrees: number): number => quantiles[degrees - 1] ?? 1.96 + 2.4 / degrees;
