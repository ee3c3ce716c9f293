import type { Backoff } from '../model.ts';

export interface BackoffOptions {
  readonly backoff: Backoff;
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
 * that many clients do not come back at the same moment.
 */
export function delayBefore(
  attempt: number,
  { backoff, backoffBase, backoffMax }: BackoffOptions,
  random: () => number,
): number {
  return Math.round(random() * Math.min(backoffMax, backoffBase * growth[backoff](attempt)));
}

/** Retry-After: seconds or a date; null, garbage and the past are no request. In milliseconds. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const isDate = /[a-z]{3}/i.test(text);
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : isDate ? Date.parse(text) - now : Number.NaN;
  return ms > 0 ? ms : undefined;
}
