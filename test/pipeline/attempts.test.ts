import { describe, expect, test } from 'vitest';
import { Attempts } from '../../src/pipeline/attempts.ts';
import { classify, type Fact } from '../../src/pipeline/outcome.ts';
import { downloadOf } from '../helpers/parcels.ts';

const cut = (gained: number, resumed: boolean, code = 'ECONNRESET'): Fact => ({
  fact: 'error',
  during: 'body',
  error: Object.assign(new Error(code), { code }),
  gained,
  resumed,
});
const busy: Fact = { fact: 'status', status: 503, retryAfter: undefined };
const restart: Fact = { fact: 'restart', why: 'status 416 to a range' };
const whole = (resumed: boolean): Fact => ({ fact: 'whole', download: downloadOf(), resumed });

/** How many of these come until nothing is left to try; the last of them is repeated. */
function most(retries: number, facts: readonly Fact[]): number {
  const attempts = new Attempts(retries);
  for (let n = 0; n < 100; n++) {
    const fact = facts[n] ?? facts.at(-1)!;
    const judgement = classify(fact, 0);
    attempts.count(fact, judgement, false);
    if (attempts.isSpent(judgement)) return n + 1;
  }
  return Number.POSITIVE_INFINITY;
}

const ofPieces = (facts: readonly Fact[]) => {
  const attempts = new Attempts(4);
  for (const fact of facts) attempts.count(fact, classify(fact, 0), false);
  return attempts.sums;
};

describe('attempts end', () => {
  test.each<[string, number, readonly Fact[], number]>([
    ['after all that the options allow', 4, [busy], 5],
    ['at once where nothing is tried again', 0, [busy], 1],
    ['after two where more would not help', 4, [{ fact: 'undecodable', coding: 'x-frob' }], 2],
    ['after twenty that each bring something', 4, [cut(1000, false), cut(1000, true)], 20],
    ['soon when the same first bytes come over and over', 4, [cut(1000, false)], 6],
    ['soon when they come slower than allowed', 4, [cut(1000, true, 'ETOOSLOW')], 5],
    ['anew after progress, with trouble between', 2, [cut(9, false), busy, busy, cut(9, true), busy], 7],
    ['after three that are started over without blame, and the rest', 1, [restart], 5],
  ])('%s', (_, retries, facts, expected) => {
    expect(most(retries, facts)).toBe(expected);
  });

  test('never by what the network is to blame for', () => {
    const attempts = new Attempts(0);
    for (let n = 0; n < 50; n++) attempts.count(busy, classify(busy, 0), true);
    expect([attempts.failures, attempts.isSpent(classify(busy, 0)), attempts.sums.attempts]).toEqual([
      0,
      false,
      50,
    ]);
  });
});

describe('the pieces of what comes', () => {
  test.each<[string, readonly Fact[], number]>([
    ['one', [whole(false)], 1],
    ['of an earlier run, and the rest', [whole(true)], 2],
    ['three', [cut(9, false), cut(9, true), whole(true)], 3],
    ['one after a start from zero', [cut(9, false), restart, whole(false)], 1],
  ])('%s', (_, facts, pieces) => {
    expect(ofPieces(facts)).toMatchObject({ attempts: facts.length, pieces });
  });
});

test('what has changed since it was kept is asked for once more without blame, and then as a whole', () => {
  const attempts = new Attempts(0);
  const changed: Fact = { fact: 'changed', why: 'it has another length by now' };
  expect(attempts.hasChanged).toBe(false);
  attempts.count(changed, classify(changed, 0), false);
  expect([attempts.hasChanged, attempts.restarted, attempts.isSpent(classify(changed, 0))]).toEqual([
    true,
    true,
    false,
  ]);
});

test('after three starts from zero what comes is asked for from its first byte', () => {
  const attempts = new Attempts(4);
  const asked = Array.from({ length: 5 }, () => {
    const { afresh } = attempts;
    attempts.count(restart, classify(restart, 0), false);
    return afresh;
  });
  expect(asked).toEqual([false, false, false, true, true]);
});
