import { describe, expect, it } from 'vitest';
import { schemeOf } from '../../../src/sources/mastodon/ids.ts';
import { isNewer } from '../../../src/sources/mastodon/listing.ts';

const date = '2024-05-06T07:08:09.000Z';
const time = Date.parse(date);

const ids = [
  ['Mastodon', '112392882683904123'],
  ['Pixelfed', '692993346502656007'],
  ['ULID', '01HX6BPDX877777777777777AB'],
  ['aid', '9sy6p9rca7'],
  ['aidx', '9sy6p9rcabcd0001'],
  ['meid', '818f4cbb37a89c1d2e3f4a5b'],
  ['meidg', 'g18f4cbb37a89c1d2e3f4a5b'],
  ['object id', '663881d99c1d2e3f4a5b6c7d'],
  ['flake', 'AhbgtqTWfFwRLSNiMD'],
] as const;

describe.each(ids)('ids of the kind %s', (name, id) => {
  it('are known by the time that they hold, and are put together again around it', () => {
    const scheme = schemeOf([{ id, date }])!;
    expect(scheme?.name).toBe(name);
    const moment = scheme.momentOf(id)!;
    expect(Math.abs(scheme.timeOf(moment) - time)).toBeLessThan(1000);
    for (const at of [moment, moment + 1, scheme.momentAt(time), scheme.momentAt(time) + 100_000]) {
      const [before, behind] = [scheme.before(at), scheme.behind(at)];
      expect(scheme.momentOf(before)!).toBe(at - 1);
      expect(scheme.momentOf(behind)!).toBe(at + 1);
      expect(isNewer(behind, before)).toBe(true);
      expect(isNewer(scheme.before(at + 1), before)).toBe(true);
      expect(isNewer(behind, scheme.before(at + 1))).toBe(true);
    }
    expect(isNewer(id, scheme.before(moment))).toBe(true);
    expect(isNewer(scheme.behind(moment), id)).toBe(true);
    expect(isNewer(id, scheme.before(0))).toBe(true);
    expect(scheme.momentAt(-1e15)).toBe(0);
    expect(Number.isSafeInteger(scheme.momentAt(Date.parse('9999-12-31T00:00:00Z')))).toBe(true);
  });
});

describe('a scheme', () => {
  it.each([
    ['of no posts', []],
    ['of posts without dates', [{ id: '112393048383488123', date: null }]],
    ['of running numbers', [{ id: '9001', date }]],
    ['where the time is another', [{ id: '112393048383488123', date: '2019-01-01T00:00:00.000Z' }]],
    [
      'where one id is of another kind',
      [
        { id: '112392882683904123', date },
        { id: 'x1', date },
      ],
    ],
    [
      'of texts that are none',
      [
        { id: '../../etc/passwd', date },
        { id: '', date },
      ],
    ],
    [
      'of numbers beyond all time',
      [
        { id: '9'.repeat(19), date },
        { id: '9'.repeat(60), date },
      ],
    ],
  ])('is not guessed %s', (_, posts) => expect(schemeOf(posts)).toBeUndefined());

  it('stands though a few posts bear another date, as when they were imported', () => {
    const old = { id: '112392882683904200', date: '2011-01-01T00:00:00.000Z' };
    const good = { id: '112392882683904123', date };
    expect(schemeOf([good, good, old])?.name).toBe('Mastodon');
  });
});
