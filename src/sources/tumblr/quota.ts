import { retryAfter } from '../../net/backoff.ts';
import type { Answer } from '../../net/http.ts';

/** How many calls are left until when, as the headers of an answer say it. Times are in milliseconds. */
export interface Bucket {
  readonly name: 'hour' | 'day';
  readonly limit: number;
  readonly left: number;
  /** When it is full again. */
  readonly resets: number;
  readonly span: number;
}

const spans = { hour: 3_600_000, day: 86_400_000 } as const;
/** What a key is given, where the headers do not say. */
const usual = { hour: 1000, day: 5000 } as const;

export function bucketsIn({ headers }: Pick<Answer, 'headers'>, now: number): readonly Bucket[] {
  return (['hour', 'day'] as const).flatMap((name) => {
    const read = (what: string) => amountIn(headers[`x-ratelimit-per${name}-${what}`]);
    const left = read('remaining');
    if (left === undefined) return [];
    const span = spans[name];
    const reset = read('reset');
    const wait = reset === undefined ? span : Math.min(Math.max(1000, Math.ceil(reset * 1000)), span);
    return [{ name, left, span, limit: read('limit') || usual[name], resets: now + wait }];
  });
}

function amountIn(header: string | string[] | undefined): number | undefined {
  const text = String(header ?? '').trim();
  return /^\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

/** When calls are answered again: as the buckets say that are empty, of two the later; undefined if none is. */
export function refillOf(buckets: readonly Bucket[]): number | undefined {
  const empty = buckets.filter(({ left }) => left < 1).map(({ resets }) => resets);
  return empty.length === 0 ? undefined : Math.max(...empty);
}

/** The same of a refusal, which may say it otherwise, or not at all. */
export const resumptionOf = (answer: Pick<Answer, 'headers'>, now: number): number =>
  refillOf(bucketsIn(answer, now)) ?? now + (retryAfter(answer.headers['retry-after'], now) ?? spans.hour);

/** When so many more calls are through if all that is given is used at once; undefined if there are enough left. */
export function endOf(calls: number, buckets: readonly Bucket[]): number | undefined {
  const short = buckets.filter(({ left }) => left < calls);
  if (short.length === 0) return undefined;
  return Math.max(
    ...short.map(({ left, limit, resets, span }) => resets + (Math.ceil((calls - left) / limit) - 1) * span),
  );
}
