import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import type { Backoff } from '../../src/model.ts';
import { delayBefore, retryAfter } from '../../src/net/backoff.ts';

const options = (backoff: Backoff) => ({ backoff, backoffBase: 1000, backoffMax: 60_000 });

describe('the wait before the next try', () => {
  test.each<[Backoff, number[]]>([
    ['exponential', [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]],
    ['linear', [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000]],
    ['constant', Array(8).fill(1000)],
  ])('grows %s, up to the most', (backoff, waits) => {
    expect(waits.map((_, n) => delayBefore(n + 1, options(backoff), () => 1))).toEqual(waits);
  });

  test('is anything from nothing to that, by chance', () => {
    expect(
      [0, 0.25, 0.5, 0.9999].map((chance) => delayBefore(3, options('exponential'), () => chance)),
    ).toEqual([0, 1000, 2000, 4000]);
  });

  test('is finite however often it was tried', () => {
    expect(delayBefore(5000, options('exponential'), () => 1)).toBe(60_000);
  });
});

test.each([
  ['5', 5000],
  ['Fri, 20 Nov 2026 12:00:05 GMT', 5000],
  ['0', undefined],
  [undefined, undefined],
  ['soon', undefined],
])('Retry-After: %s asks for %s ms', (header, ms) => {
  expect(retryAfter(header, Date.parse('2026-11-20T12:00:00Z'))).toBe(ms);
});

test.each([[() => Number.NaN], [() => -1], [() => undefined], [async () => 5]])(
  'a function that gives no wait is told so: %s',
  (backoff) => {
    const options = { backoff: backoff as () => number, backoffBase: 1, backoffMax: 1000 };
    expect(() => delayBefore(1, options, () => 1)).toThrow(UsageError);
  },
);
