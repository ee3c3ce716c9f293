import { describe, expect, test } from 'vitest';
import type { MediaRecord, ReasonCode, Tried } from '../src/model.ts';
import {
  conclude,
  dueFrom,
  inWords,
  isDefinite,
  isDue,
  largerDueFrom,
  lossesAfter,
  mayBeLarger,
} from '../src/reasons.ts';

const DAY = 86_400_000;
const at = '2026-11-20T12:00:00.000Z';
const tried = (outcome: ReasonCode, where = 'live'): Tried => ({
  where,
  url: 'http://x.example/',
  outcome,
  detail: `${where} ${outcome}`,
});
const record = (answers: readonly Tried[], status: MediaRecord['status'] = 'missing'): MediaRecord => ({
  v: 1,
  run: 'r',
  item: 'demo:1',
  status,
  kind: 'image',
  post: null,
  index: 0,
  url: 'http://x.example/',
  tried: answers,
  at,
});

const definite: ReasonCode[] = [
  'gone',
  'forbidden',
  'empty',
  'too-small',
  'wrong-type',
  'placeholder',
  'checksum',
  'redirects',
  'no-capture',
  'not-a-capture',
];
const unsettled: ReasonCode[] = [
  'truncated',
  'timeout',
  'stalled',
  'connect',
  'dns',
  'tls',
  'protocol',
  'decode',
  'server-error',
  'rate-limited',
  'unexpected-status',
  'archive-unreachable',
  'recovery-pending',
  'suspect',
  'refused-scheme',
  'refused-private-address',
  'refused-too-large',
  'refused-robots',
  'refused-filter',
];

describe('what counts as a definite no', () => {
  test.each(definite)('%s does', (code) => {
    expect(isDefinite(code)).toBe(true);
    expect(conclude([tried(code)])).toEqual({ status: 'missing', reason: { code, detail: `live ${code}` } });
  });

  test.each(unsettled)('%s does not', (code) => {
    expect(isDefinite(code)).toBe(false);
    expect(conclude([tried(code)]).status).toBe('failed');
  });

  test.each([...definite, ...unsettled])('%s has words for a person', (code) => {
    expect(inWords(code)).toMatch(/ /);
    expect(inWords(code)).not.toBe(code);
  });
});

describe('the conclusion from all answers', () => {
  test('is missing, with the first answer for a reason, if every place gave a definite no', () => {
    expect(
      conclude([tried('gone'), tried('forbidden', 'alternate'), tried('no-capture', 'wayback')]),
    ).toEqual({
      status: 'missing',
      reason: { code: 'gone', detail: 'live gone' },
    });
  });

  test('is failed, with the open question for a reason, if a single place gave none', () => {
    expect(conclude([tried('gone'), tried('timeout', 'alternate'), tried('no-capture', 'wayback')])).toEqual({
      status: 'failed',
      reason: { code: 'timeout', detail: 'alternate timeout' },
    });
  });
});

describe('a later run asks again', () => {
  const after = (days: number, answers: readonly Tried[], places: readonly string[] = []) =>
    isDue(record(answers), { url: record(answers).url, places }, Date.parse(at) + days * DAY);

  test('at once for what failed', () => {
    const failed = record([tried('timeout')], 'failed');
    expect(isDue(failed, { url: failed.url, places: [] }, Date.parse(at))).toBe(true);
  });

  test.each<[ReasonCode, number]>([
    ['gone', 30],
    ['placeholder', 30],
    ['forbidden', 7],
    ['empty', 7],
    ['wrong-type', 7],
  ])('for what is missing as %s after %i days', (code, days) => {
    expect([after(days - 0.01, [tried(code)]), after(days, [tried(code)])]).toEqual([false, true]);
  });

  test('after the shortest of the waiting times of all answers', () => {
    expect(after(6, [tried('forbidden'), tried('no-capture', 'wayback')])).toBe(false);
    expect(after(7, [tried('forbidden'), tried('no-capture', 'wayback')])).toBe(true);
  });

  test('at once if the source names another address now', () => {
    const missing = record([tried('gone')]);
    expect(isDue(missing, { url: `${missing.url}?signed=anew`, places: [] }, Date.parse(at))).toBe(true);
  });

  test('at once if there is a place now that was not asked then', () => {
    expect(after(0, [tried('gone')], ['wayback'])).toBe(true);
    expect(after(0, [tried('gone'), tried('no-capture', 'wayback')], ['wayback'])).toBe(false);
  });

  test.each([
    [1, 30],
    [2, 60],
    [3, 120],
    [4, 180],
    [5000, 180],
  ])('after %i runs that found the same: in %i days', (losses, days) => {
    const due = dueFrom({ ...record([tried('gone'), tried('no-capture', 'wayback')]), losses });
    expect((due - Date.parse(at)) / DAY).toBe(days);
  });

  test('at once where nobody can read when it was lost', () => {
    expect(dueFrom({ ...record([tried('gone')]), at: 'yesterday' })).toBe(0);
  });

  test('at once where a record names no answers, or reasons that nobody knows', () => {
    expect(after(0, [])).toBe(true);
    expect(after(0, [{ ...tried('gone'), outcome: 'from-the-future' as ReasonCode }])).toBe(true);
  });
});

describe('what is kept and may exist larger', () => {
  const page = 'http://x.example/page';
  const original = 'http://x.example/original';
  const kept = (given: Partial<MediaRecord> = {}): MediaRecord => ({
    ...record([], 'kept'),
    bestKnown: { url: page },
    ...given,
  });

  test.each<[string, MediaRecord, boolean]>([
    ['its page did not say', kept(), true],
    ['its original could not be had', kept({ bestKnown: { url: original, width: 9, height: 9 } }), true],
    ['not where nothing better is known', { ...record([], 'kept') }, false],
    [
      'not where the better one lies at its own address',
      kept({ bestKnown: { url: 'http://x.example/' } }),
      false,
    ],
    [
      'not where the original came, less than was said',
      kept({ got: { url: original }, bestKnown: { url: original } }),
      false,
    ],
    ['not where it is lost', kept({ status: 'missing' }), false],
  ])('%s', (_, given, isOne) => {
    expect(mayBeLarger(given)).toBe(isOne);
  });

  const days = (given: Partial<MediaRecord>) => (largerDueFrom(kept(given)) - Date.parse(at)) / DAY;
  const lost = (outcome: ReasonCode) => ({
    bestKnown: { url: original },
    tried: [{ ...tried('gone'), url: original }, tried('timeout'), { ...tried(outcome), url: original }],
  });

  test.each<[string, Partial<MediaRecord>]>([
    ['nobody counted', {}],
    ['two runs asked in vain', { losses: 2 }],
    ['its original came to trouble that passes', lost('server-error')],
    ['nobody can read when that was', { losses: 9, at: 'yesterday' }],
    ['its original was lost for a reason that nobody knows', lost('from-the-future' as ReasonCode)],
  ])('is asked for at once where %s', (_, given) => {
    expect(largerDueFrom(kept(given))).toBe(0);
  });

  test.each<[number, Partial<MediaRecord>]>([
    [7, { losses: 3 }],
    [14, { losses: 4 }],
    [180, { losses: 5000 }],
    [7, { ...lost('timeout'), losses: 3 }],
    [30, lost('gone')],
    [60, { ...lost('gone'), losses: 2 }],
    [7, lost('cut')],
    [7, { losses: 3, tried: [tried('gone')] }], // of another address
  ])('is asked for after %i days: %o', (wait, given) => {
    expect(days(given)).toBe(wait);
  });
});

test('losses are counted from run to run, and not twice in one', () => {
  const lost = record([tried('gone')]);
  expect(lossesAfter(undefined, 'now')).toBe(1);
  expect(lossesAfter(record([tried('timeout')], 'failed'), 'now')).toBe(1);
  expect(lossesAfter(lost, 'now')).toBe(2);
  expect(lossesAfter({ ...lost, losses: 4 }, 'now')).toBe(5);
  expect(lossesAfter({ ...lost, losses: 4 }, lost.run)).toBe(4);
});

test('a reason of a later version is told by its code', () => {
  expect(inWords('from-the-future' as ReasonCode)).toBe('from-the-future');
});
