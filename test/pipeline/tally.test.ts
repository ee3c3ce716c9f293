import { describe, expect, test } from 'vitest';
import type { MediaRecord } from '../../src/model.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import { numberedItem, recordOf } from '../helpers/vaults.ts';

const record = (given: Partial<MediaRecord>): MediaRecord => ({
  v: 1,
  run: 'r',
  item: 'demo:1',
  status: 'kept',
  kind: 'image',
  post: null,
  index: 0,
  url: 'http://blog.example/1.jpg',
  at: '2026-11-20T12:00:00.000Z',
  ...given,
});
const pending = record({ status: 'failed', reason: { code: 'recovery-pending', detail: 'gone' } });

describe('a record of this run', () => {
  test.each([
    ['kept', { origin: 'live' }, 'kept'],
    ['kept', { origin: 'alternate' }, 'kept'],
    ['kept', { origin: 'adopted' }, 'kept'],
    ['kept', { origin: 'snapshot' }, 'recovered'],
    ['kept', { origin: 'duplicate' }, 'duplicate'],
    ['missing', {}, 'missing'],
    ['failed', {}, 'failed'],
    ['filtered', {}, 'filtered'],
  ] as const)('that is %s %o counts as %s', (status, given, count) => {
    const tally = new Tally();
    tally.listed++;
    tally.settle(record({ status, ...given }));
    expect([tally[count], tally.balanced]).toEqual([1, true]);
  });

  test('brings its bytes, a duplicate none', () => {
    const tally = new Tally();
    tally.settle(record({ origin: 'live', bytes: 100 }));
    tally.settle(record({ origin: 'snapshot', bytes: 20 }));
    tally.settle(record({ origin: 'duplicate', bytes: 100 }));
    tally.settle(record({ status: 'filtered', bytes: 3 }));
    expect(tally.bytes).toBe(120);
  });
});

test.each([
  ['kept', 'recalled'],
  ['missing', 'missing'],
  ['failed', 'failed'],
  ['filtered', 'filtered'],
] as const)('a recalled record that is %s counts as %s', (status, count) => {
  const tally = new Tally();
  tally.listed++;
  tally.recall(record({ status, bytes: 100 }));
  expect([tally[count], tally.bytes, tally.balanced]).toEqual([1, 0, true]);
});

test('what was put off is counted once, where it ends at last', () => {
  const tally = new Tally();
  tally.listed = 2;
  tally.settle(pending);
  tally.settle(pending);
  expect([tally.failed, tally.pending, tally.balanced]).toEqual([2, 2, true]);
  tally.takeUp(pending);
  expect([tally.failed, tally.pending, tally.balanced]).toEqual([1, 1, false]);
  tally.settle(record({ origin: 'snapshot' }));
  expect([tally.recovered, tally.failed, tally.pending, tally.balanced]).toEqual([1, 1, 1, true]);
});

test('does not balance with an item too few or too many; what is in hand counts', () => {
  const tally = new Tally();
  expect(tally.balanced).toBe(true);
  tally.listed++;
  expect(tally.balanced).toBe(false);
  tally.open++;
  expect(tally.balanced).toBe(true);
  tally.settle(record({}));
  expect(tally.balanced).toBe(false);
});

test('what may exist larger is counted once, as the last line of each says', () => {
  const reduced = record({ origin: 'live', bestKnown: { url: 'http://blog.example/page' } });
  const tally = new Tally();
  tally.settle(reduced);
  tally.recall(reduced);
  tally.recall(record({}));
  expect(tally.sums().reduced).toBe(2);
  tally.takeUp(reduced);
  tally.takeBack(reduced);
  tally.takeBack(record({}));
  expect(tally.sums()).toMatchObject({ reduced: 0, kept: 0, recalled: 0 });
});

/** Marked as gone; asked again at the end, where other bytes came; which a strict run took back at once. */
test('what was rewritten and then got anew is taken up from where it is counted', () => {
  const tally = new Tally();
  const held = recordOf(numberedItem(1), { status: 'kept', origin: 'live', bytes: 9 });
  tally.listed = 1;
  tally.rewrite(held.item);
  tally.recall(held); // put off: the mark alone is written
  tally.takeUp(held); // its turn at the end
  const anew = { ...held, origin: 'duplicate' } as const;
  tally.settle(anew);
  tally.takeUp(anew); // superseded: suspect
  tally.settle({ ...anew, status: 'failed', reason: { code: 'suspect', detail: '' } });
  expect(tally.sums()).toMatchObject({ recalled: 0, duplicate: 0, failed: 1 });
});
