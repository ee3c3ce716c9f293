import { describe, expect, test } from 'vitest';
import type { In, MediaItem, MediaRecord, Parcel, Rendition, Snapshot } from '../../src/model.ts';
import { failedHere, lostHere } from '../../src/pipeline/asked.ts';
import { asReduced, isSmallerThanKept, largerWanted } from '../../src/pipeline/reduced.ts';
import { isNews } from '../../src/pipeline/refresh.ts';
import { downloadOf, live, wanted } from '../helpers/parcels.ts';
import { recordOf } from '../helpers/vaults.ts';

const url = 'http://blog.example/s2048/1.jpg';
const larger = 'http://blog.example/s99999/1.jpg';
const original: Rendition = { url: 'http://blog.example/s4000/1.jpg', width: 40, height: 30 };
const parcel = wanted({ id: 'demo:1', url, larger });
const kept = recordOf(parcel.item, {
  status: 'kept',
  origin: 'live',
  sha256: 'a'.repeat(64),
  measure: { width: 20, height: 15 },
  got: { url, width: 20, height: 15 },
  bestKnown: { url: larger },
});
const stamp = { v: 1, run: '2026-05-05T00:00:00.000Z', at: '2026-05-05T00:00:01.000Z' } as const;

const atOriginal: In<'wanted'> = {
  ...parcel,
  item: { ...parcel.item, original },
  location: live(original.url),
  reduced: { record: kept },
};
const settledAs = (record: MediaRecord, page?: 'names nothing larger' | 'did not say'): Parcel => ({
  ...parcel,
  state: 'settled',
  record,
  reduced: { record, ...(page && { page }) },
});
const recordAtTheDoor = (given: Parcel, doubted: readonly string[] = []): MediaRecord | undefined => {
  const end = asReduced(given, { stamp, doubted: new Set(doubted) });
  if (end.state !== 'settled') throw new Error(`${end.state} where what is kept is kept`);
  return isNews(end) ? end.record : undefined;
};

describe('a larger one is wanted', () => {
  test.each<[string, Partial<MediaItem>, Partial<MediaRecord>, boolean]>([
    ['of what may be reduced', {}, {}, true],
    ['of nothing whose post names no page', { larger: undefined as never }, {}, false],
    ['of nothing that is known to be the largest', {}, { bestKnown: undefined as never }, false],
    ['of nothing that is lost', {}, { status: 'missing' }, false],
    ['not before its time', {}, { at: new Date().toISOString(), losses: 3 }, false],
  ])('%s', (_, item, record, isWanted) => {
    const given = [
      { ...parcel.item, ...item },
      { ...kept, ...record },
    ] as const;
    expect(largerWanted(...given, { refresh: false })).toBe(isWanted);
  });

  test('before its time, too, by a refresh', () => {
    const record = { ...kept, at: new Date().toISOString(), losses: 3 };
    expect(largerWanted(parcel.item, record, { refresh: true })).toBe(true);
  });
});

describe('what is kept reduced', () => {
  test('gives way to its original', () => {
    const verdict = { accepted: true, type: 'image/jpeg', ext: 'jpg', kind: 'image' } as const;
    const came: Parcel = {
      ...atOriginal,
      state: 'kept',
      download: downloadOf(),
      verdict: { ...verdict, whole: 'structure' },
    };
    expect(asReduced(came, { stamp, doubted: new Set() })).toBe(came);
  });

  test.each<[string, Parcel]>([
    ['whose page was not asked', settledAs(kept)],
    ['whose original was not asked for before the run was stopped', atOriginal],
    ['that is none of these', { ...parcel, state: 'settled', record: kept }],
  ])('%s is as it was', (_, given) => {
    expect(recordAtTheDoor(given.reduced ? given : { ...given, reduced: { record: kept } })).toBeUndefined();
  });

  test('whose page did not say once more is counted', () => {
    const second = recordAtTheDoor(settledAs(kept, 'did not say'));
    expect(second).toEqual({ ...kept, ...stamp, losses: 2 });
    expect(recordAtTheDoor(settledAs(second!, 'did not say'))).toEqual({ ...second, losses: 3 });
  });

  test('whose page says that there is nothing larger is marked no more', () => {
    const { got: _, bestKnown: _best, ...rest } = kept;
    const said = settledAs({ ...kept, losses: 4 }, 'names nothing larger');
    expect(recordAtTheDoor(said)).toEqual({ ...rest, ...stamp });
  });

  const snapshot = (original: string): Snapshot => ({
    archive: 'wayback',
    time: '2020-01-01T00:00:00Z',
    url: 'http://a.example/raw',
    original,
    digest: null,
  });
  test.each<[string, Partial<MediaRecord>, Rendition | undefined]>([
    [
      'got at another address',
      { got: { url: 'http://blog.example/s640/1.jpg' }, origin: 'alternate' },
      { url },
    ],
    ['recovered in a smaller size', { snapshot: snapshot('http://blog.example/s640/1.jpg') }, { url }],
    ['recovered in its size', { snapshot: snapshot('https://blog.example/s2048/1.jpg') }, undefined],
  ])('and %s may be less than what its post names all the same', (_, given, bestKnown) => {
    const record = recordAtTheDoor(settledAs({ ...kept, ...given }, 'names nothing larger'));
    expect(record?.bestKnown).toEqual(bestKnown);
  });

  test.each<[string, Parcel, string]>([
    ['lost', lostHere(atOriginal, { code: 'gone', detail: 'status 404' }), 'gone'],
    ['refused', failedHere(atOriginal, { code: 'throttled', detail: 'status 403' }), 'throttled'],
  ])('and whose original is %s tells of it, and stays', (_, given, outcome) => {
    const before = { ...kept, tried: [{ where: 'live', url: original.url, outcome: 'cut', detail: '' }] };
    const again = { ...given, reduced: { record: before as MediaRecord } };
    expect(recordAtTheDoor(again)).toEqual({
      ...kept,
      ...stamp,
      bestKnown: original,
      losses: 2,
      tried: [expect.objectContaining({ where: 'live', url: original.url, outcome })],
    });
  });

  test('and whose original is refused by a host that refuses all is as it was', () => {
    const given = lostHere(atOriginal, { code: 'forbidden', detail: 'status 403' });
    expect(recordAtTheDoor(given, ['demo:1'])).toBeUndefined();
  });

  test.each<[string, number | undefined, boolean]>([
    ['smaller', 14, true],
    ['as large', 15, false],
    ['of unknown size', undefined, false],
  ])('against one that is %s', (_, height, isSmaller) => {
    const verdict = { accepted: true, type: 'image/jpeg', ext: 'jpg', kind: 'image' } as const;
    const measure = height ? { measure: { width: 20, height } } : {};
    const came = { ...verdict, whole: 'structure', ...measure } as const;
    expect(isSmallerThanKept(atOriginal, came)).toBe(isSmaller);
    expect(isSmallerThanKept(parcel, came)).toBe(false);
  });
});
