import { UsageError } from '../errors.ts';
import type { Backoff, OwnBackoff } from '../model.ts';

export interface BackoffOptions {
  readonly backoff: Backoff | OwnBackoff;
  readonly backoffBase: number;
  readonly backoffMax: number;
}

const growth: Record<Backoff, (attempt: number) => number> = {
  exponential: (attempt) => 2 ** (attempt - 1),
  linear: (attempt) => attempt,
  constant: () => 1,
};

/**
 * Milliseconds before the next try, after so many. Full jitter: anything from nothing up to the grown wait, so
 * that many clients do not come back at the same moment. A function of one's own says the wait itself.
 */
export function delayBefore(
  attempt: number,
  { backoff, backoffBase, backoffMax }: BackoffOptions,
  random: () => number,
): number {
  if (typeof backoff === 'function') return ownWait(backoff(attempt), backoffMax);
  return Math.round(random() * Math.min(backoffMax, backoffBase * growth[backoff](attempt)));
}

function ownWait(wait: unknown, most: number): number {
  if (typeof wait === 'number' && wait >= 0) return Math.round(Math.min(most, wait));
  throw new UsageError('The backoff function has to give a number of milliseconds.');
}

/** A hundred years: longer ones could not be told as a date. */
const LONGEST = 100 * 365 * 86_400_000;

/** Retry-After: seconds or a date; null, garbage and the past are no request. In milliseconds. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const isDate = /[a-z]{3}/i.test(text);
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : isDate ? Date.parse(text) - now : Number.NaN;
  return ms > 0 ? Math.min(ms, LONGEST) : undefined;
}
