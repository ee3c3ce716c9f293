import { describe, expect, test } from 'vitest';
import { estimate, Sample } from '../../src/cli/estimate.ts';

/** The same numbers each time, evenly spread: a linear congruence (Numerical Recipes). */
function evenly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('a sample', () => {
  test('holds everything as long as there is room, and then no more than that', () => {
    const sample = new Sample<number>(3, () => 0.999);
    for (const n of [0, 1, 2]) sample.see(n);
    expect(sample.chosen).toEqual([0, 1, 2]);
    for (const n of upTo(100)) sample.see(n);
    expect([sample.chosen, sample.seen]).toEqual([[0, 1, 2], 103]); // the last place is nearly never drawn
  });

  test('of nothing stays empty', () => {
    const sample = new Sample<number>(0, () => 0);
    sample.see(1);
    expect([sample.chosen, sample.seen]).toEqual([[], 1]);
  });

  test('chooses early and late ones alike', () => {
    const random = evenly(7);
    const often = upTo(20).map(() => 0);
    for (const _ of upTo(4000)) {
      const sample = new Sample<number>(5, random);
      for (const n of upTo(20)) sample.see(n);
      for (const n of sample.chosen) often[n]!++;
    }
    for (const n of often) expect(Math.abs(n - 1000)).toBeLessThan(150); // 27 is one standard deviation
  });
});

describe('an estimate', () => {
  test.each([
    ['of nothing is none', [], 10, undefined],
    ['of all there is has no error', [1, 2, 6], 3, { sum: 9, least: 9, most: 9 }],
    ['from a single one of many has no upper end', [5], 10, { sum: 50, least: 5, most: null }],
    ['of equal values has no width', [7, 7], 10, { sum: 70, least: 70, most: 70 }],
    // mean 3, deviation 1, error of the sum 10 · √(1/3 · 0.7), times 4.303 for two degrees of freedom
    ['is the mean times the number, give or take t errors', [2, 3, 4], 10, { sum: 30, least: 9, most: 51 }],
    ['is never less than what is known', [0, 0, 90], 1000, { sum: 30_000, least: 90, most: 158_896 }],
  ])('%s', (_what, values, all, expected) => {
    expect(estimate(values, all)).toEqual(expected);
  });

  test('holds the true sum in about 95 of 100 cases', () => {
    const random = evenly(11);
    const sizes = upTo(500).map(() => 50_000 + 100_000 * random());
    const truth = sizes.reduce((sum, n) => sum + n, 0);
    let held = 0;
    for (const _ of upTo(1000)) {
      const sample = new Sample<number>(40, random); // more degrees of freedom than the table has
      for (const n of sizes) sample.see(n);
      const { least, most } = estimate(sample.chosen, 500)!;
      if (least <= truth && truth <= most!) held++;
    }
    expect(held).toBeGreaterThan(920);
    expect(held).toBeLessThan(980);
  });
});
