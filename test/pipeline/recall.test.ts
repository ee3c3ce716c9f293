import { describe, expect, test } from 'vitest';
import type { In, MediaRecord, Reason, Tried } from '../../src/model.ts';
import { recall } from '../../src/pipeline/recall.ts';
import { wanted } from '../helpers/parcels.ts';

const parcel = wanted({ id: 'demo:1' });
const unwanted: Reason = { code: 'refused-filter', detail: 'kind image' };
const tried: Tried[] = [{ where: 'live', url: 'u', outcome: 'gone', detail: '' }];
const record = (given: Partial<MediaRecord>): MediaRecord => ({
  v: 1,
  run: 'r',
  item: 'demo:1',
  status: 'kept',
  kind: 'image',
  post: null,
  index: 0,
  url: parcel.item.url,
  at: new Date().toISOString(),
  ...given,
});

interface Given {
  readonly held?: boolean;
  readonly archives?: readonly string[];
  readonly reason?: Reason | undefined;
  readonly isFalse?: boolean;
}

const stateOf = async (
  found: MediaRecord | undefined,
  { held = true, archives = [], reason, isFalse = false }: Given = {},
) => {
  const work = recall(
    { find: async () => found, holds: () => held },
    { archives, unwanted: () => reason, isFalse: async () => isFalse },
  );
  return (await work(parcel)).state;
};

describe('an item', () => {
  test.each<[string, MediaRecord | undefined, Given, string]>([
    ['that nobody knows', undefined, {}, 'wanted'],
    ['that nobody knows, and that is not wanted', undefined, { reason: unwanted }, 'filtered'],
    ['that is kept', record({}), {}, 'settled'],
    ['that is kept, but its file is not there', record({}), { held: false }, 'wanted'],
    ['that is kept, though it would not be wanted now', record({}), { reason: unwanted }, 'settled'],
    ['that is kept, and known to be a placeholder by now', record({}), { isFalse: true }, 'wanted'],
    ['that failed', record({ status: 'failed', tried }), {}, 'wanted'],
    [
      'that failed, and is not wanted now',
      record({ status: 'failed', tried }),
      { reason: unwanted },
      'filtered',
    ],
    ['that is missing since today', record({ status: 'missing', tried }), {}, 'settled'],
    [
      'that is missing since long ago',
      record({ status: 'missing', tried, at: '2001-01-01T00:00:00Z' }),
      {},
      'wanted',
    ],
    [
      'that is missing, but there is an archive now',
      record({ status: 'missing', tried }),
      { archives: ['wayback'] },
      'wanted',
    ],
    ['that was filtered, and still is', record({ status: 'filtered' }), { reason: unwanted }, 'settled'],
    ['that was filtered, and is wanted now', record({ status: 'filtered' }), {}, 'wanted'],
  ])('%s', async (_, found, given, state) => {
    expect(await stateOf(found, given)).toBe(state);
  });

  test.each<[string, Partial<MediaRecord>, Partial<In<'wanted'>> | undefined]>([
    ['that is kept', {}, { location: { kind: 'live', url: parcel.item.url } }],
    [
      'got at an alternate',
      { got: { url: 'http://b.example/s' } },
      { location: { kind: 'alternate', url: 'http://b.example/s' } },
    ],
    ['got from a web archive', { snapshot: { archive: 'a', time: 't', url: 'u', digest: null } }, undefined],
    ['that was filtered', { status: 'filtered' }, undefined],
  ])('%s, where what is kept is asked about', async (_, given, asked) => {
    const found = record(given);
    const memory = { find: async () => found, holds: () => true };
    const reason = found.status === 'filtered' ? unwanted : undefined;
    const work = recall(memory, {
      archives: [],
      unwanted: () => reason,
      isFalse: async () => false,
      refresh: true,
    });
    const settled = { ...parcel, state: 'settled', record: found };
    expect(await work(parcel)).toEqual(asked ? { ...parcel, ...asked, held: found } : settled);
  });

  test.each<[string, boolean, Partial<In<'wanted'>>]>([
    ['', false, {}],
    [', and about itself by a refresh', true, { held: expect.anything() }],
  ])(
    'that is kept and may exist larger is asked for%s, as one that was wanted before',
    async (_, refresh, more) => {
      const found = record({ bestKnown: { url: 'http://b.example/page' } });
      const reduced = wanted({ id: 'demo:1', larger: 'http://b.example/page' });
      const work = recall(
        { find: async () => found, holds: () => true },
        { archives: [], unwanted: () => undefined, isFalse: async () => false, refresh },
      );
      const item = { ...reduced.item, of: { isWanted: true } };
      expect(await work(reduced)).toEqual({ ...reduced, ...more, item, reduced: { record: found } });
    },
  );

  test('that is kept and not wanted now is not asked about', async () => {
    const memory = { find: async () => record({}), holds: () => true };
    const work = recall(memory, {
      archives: [],
      unwanted: () => unwanted,
      isFalse: async () => false,
      refresh: true,
    });
    expect(await work(parcel)).toMatchObject({ state: 'settled' });
  });

  test('is judged by the size that is known of it', async () => {
    const sizes: unknown[] = [];
    const options = {
      archives: [],
      unwanted: (_item: unknown, bytes?: number) => void sizes.push(bytes),
      isFalse: async () => false,
    };
    await recall(
      { find: async () => record({ status: 'filtered', bytes: 5 }), holds: () => true },
      options,
    )(parcel);
    expect(sizes).toEqual([5]);
  });

  test('travels on as it came', async () => {
    const work = recall(
      { find: async () => undefined, holds: () => true },
      { archives: [], unwanted: () => undefined, isFalse: async () => false },
    );
    expect(await work(parcel)).toBe(parcel);
  });

  test.each<[string, Partial<MediaRecord>]>([
    [
      'of which only a suspect came',
      { status: 'failed', bytes: 30, sha256: 'grey', reason: { code: 'suspect', detail: '' } },
    ],
    ['whose bytes are known for a placeholder by now', { status: 'kept', bytes: 30, sha256: 'placeholder' }],
  ])('%s is not judged by those bytes', async (_, given) => {
    const work = recall(
      { find: async () => record(given), holds: () => true },
      {
        archives: [],
        unwanted: (_item, bytes) => (bytes === undefined ? undefined : unwanted),
        isFalse: async ({ sha256 }) => sha256 === 'placeholder',
      },
    );
    expect(await work(parcel)).toMatchObject({ state: 'wanted' });
  });
});

test('what its site forbids is failed without being asked for, and what is kept of it is not asked about', async () => {
  const forbidden = wanted({ id: 'demo:1', forbidden: 'the robots.txt of pond.example forbids it' });
  const options = { archives: [], unwanted: () => undefined, isFalse: async () => false, refresh: true };
  const over = (found?: MediaRecord) => recall({ find: async () => found, holds: () => true }, options);
  expect(await over()(forbidden)).toMatchObject({
    state: 'failed',
    reason: { code: 'refused-robots', detail: 'the robots.txt of pond.example forbids it' },
  });
  expect((await over(record({}))(forbidden)).state).toBe('settled');
});
