import { describe, expect, test } from 'vitest';
import type { In, Location, MediaRecord, Parcel, ReasonCode, Tried } from '../../src/model.ts';
import { alternates } from '../../src/pipeline/alternates.ts';
import { failedHere, lostHere } from '../../src/pipeline/asked.ts';
import { Hearsay } from '../../src/pipeline/hearsay.ts';
import type { Place } from '../../src/pipeline/recover.ts';
import {
  answerAbout,
  askAgain,
  atTheDoor,
  isNews,
  putOff,
  questionAbout,
  stillThere,
  whereabouts,
} from '../../src/pipeline/refresh.ts';
import { secondLook } from '../../src/pipeline/second-look.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import { wanted } from '../helpers/parcels.ts';

const url = 'http://blog.example/1.jpg';
const held: MediaRecord = {
  v: 1,
  run: '2026-01-01T00:00:00.000Z',
  item: 'demo:1',
  status: 'kept',
  kind: 'image',
  post: 'p1',
  index: 0,
  url,
  path: 'data/media/1.jpg',
  bytes: 20_000,
  at: '2026-01-01T00:00:01.000Z',
};
const parcel: In<'wanted'> = { ...wanted({ id: 'demo:1', url }), held };
const lostFor = (code: ReasonCode, given: Partial<MediaRecord> = {}) =>
  lostHere({ ...parcel, held: { ...held, ...given } }, { code, detail: 'played' });
const never = new AbortController().signal;

describe('what is asked about a file', () => {
  test.each<[string, Partial<MediaRecord>, string, object]>([
    ['by its tag', { response: { etag: '"x"', lastModified: 'then' } }, url, { 'if-none-match': '"x"' }],
    ['by a weak one, too', { response: { etag: 'W/"x"' } }, url, { 'if-none-match': 'W/"x"' }],
    ['by its date', { response: { lastModified: 'then' } }, url, { 'if-modified-since': 'then' }],
    [
      'by its length where there is neither',
      { response: { contentType: 'a/b' } },
      url,
      { range: 'bytes=0-0' },
    ],
    ['or nothing was noted', {}, url, { range: 'bytes=0-0' }],
    ['or the address is another now', { response: { etag: '"x"' } }, `${url}?new`, { range: 'bytes=0-0' }],
    [
      'but at the alternate that it was got at',
      { got: { url: 'http://b.example/s', width: 9, height: 9 }, response: { etag: '"x"' } },
      'http://b.example/s',
      { 'if-none-match': '"x"' },
    ],
  ])('%s', (_, given, at, expected) => {
    expect(questionAbout({ ...held, ...given }, at)).toEqual(expected);
  });

  const byTag = { 'if-none-match': '"x"' };
  const byLength = { range: 'bytes=0-0' };
  test.each<[string, Record<string, string>, number, Record<string, string>, string | undefined]>([
    ['304', byTag, 304, {}, 'unchanged'],
    ['200 of the same length', byTag, 200, { 'content-length': '20000' }, undefined],
    ['404', byTag, 404, {}, undefined],
    ['304 that nobody asked for', byLength, 304, {}, undefined],
    ['206 of the same length', byLength, 206, { 'content-range': 'bytes 0-0/20000' }, 'unchanged'],
    ['206 of another one', byLength, 206, { 'content-range': 'bytes 0-0/20001' }, 'changed'],
    ['206 of an unknown one', byLength, 206, { 'content-range': 'bytes 0-0/*' }, 'changed'],
    ['206 of other bytes', byLength, 206, { 'content-range': 'bytes 0-9/20000' }, 'changed'],
    ['206 of nothing', byLength, 206, {}, 'changed'],
    ['416', byLength, 416, { 'content-range': 'bytes */0' }, 'changed'],
    ['200 of the same length', byLength, 200, { 'content-length': '20000' }, 'unchanged'],
    ['200 of another one', byLength, 200, { 'content-length': '5' }, undefined],
    ['200 of an unknown one', byLength, 200, {}, undefined],
    ['200 coded', byLength, 200, { 'content-length': '20000', 'content-encoding': 'gzip' }, undefined],
    ['403', byLength, 403, { 'content-length': '20000' }, undefined],
  ])('and answered by %s (%j)', (_, asked, status, headers, expected) => {
    expect(answerAbout(held, { status, headers } as never, asked)?.fact).toBe(expected);
  });
});

const archiveOf = (name: string, ...found: (Location | Tried)[]): Place => ({ name, locations: () => found });
const none = (name: string, outcome: ReasonCode = 'no-capture') =>
  archiveOf(name, { where: name, url: 'q', outcome, detail: 'played' });
const capture = (name: string) =>
  archiveOf(name, {
    kind: 'snapshot',
    url: `http://${name}.example/raw`,
    snapshot: { archive: name, time: 't', url: `http://${name}.example/raw`, digest: null },
  });

/** What becomes of a lost one, and who was asked. */
async function find(lost: In<'lost'>, places: readonly Place[], { second, stop = never }: Finding = {}) {
  const told: string[] = [];
  const again = async (one: Parcel): Promise<Parcel> => {
    told.push(one.location.url);
    return second ? second(one) : lostHere(one, lost.reason);
  };
  const report = (event: { event: string; place?: string }) => void told.push(event.place!);
  const all = [secondLook, alternates, ...places];
  const end = await whereabouts(all, again, { stop, report: report as never })(lost, lost.held!);
  return { end, told };
}
interface Finding {
  readonly second?: (parcel: Parcel) => Parcel;
  readonly stop?: AbortSignal;
}
const markOf = (end: Parcel) => (end.state === 'settled' ? end.record.gone : end.state);

describe('what is held and lost out there', () => {
  test('is looked for in one web archive after another, until one names a capture', async () => {
    const { end, told } = await find(lostFor('gone'), [none('a'), capture('b'), capture('c')]);
    expect(told).toEqual(['a', 'b']);
    expect(markOf(end)).toMatchObject({ code: 'gone', elsewhere: 'http://b.example/raw' });
  });

  test.each<[string, readonly Place[], unknown]>([
    ['all say that they have none', [none('a'), none('b')], null],
    ['one could not be asked', [none('a'), none('b', 'archive-unreachable')], undefined],
    ['there are none', [], undefined],
  ])('is marked, and of a copy is said what is known, where %s', async (_, places, elsewhere) => {
    const { end } = await find(lostFor('gone'), places);
    expect(markOf(end)).toEqual({
      code: 'gone',
      detail: 'played',
      at: expect.any(String),
      ...(elsewhere === null && { elsewhere }),
    });
    expect(isNews(end)).toBe(true);
  });

  test('is no news where that is known, and the web archives are not asked again', async () => {
    const gone = { code: 'gone', detail: 'then', at: '2026-01-02', elsewhere: null } as const;
    const { end, told } = await find(lostFor('forbidden', { gone }), [capture('a')]);
    expect(told).toEqual([]);
    expect([markOf(end), isNews(end)]).toEqual([gone, false]);
  });

  test('is gone since it was found gone, whatever is learnt later', async () => {
    const gone = { code: 'gone', detail: 'then', at: '2026-01-02' } as const;
    const { end } = await find(lostFor('forbidden', { gone }), [capture('a')]);
    expect([markOf(end), isNews(end)]).toEqual([{ ...gone, elsewhere: 'http://a.example/raw' }, true]);
  });

  test.each<ReasonCode>(['timeout', 'server-error', 'throttled', 'dns', 'connect', 'unexpected-status'])(
    'for %s is lost as it came, and no web archive is asked',
    async (code) => {
      const { end, told } = await find(lostFor(code), [capture('a')]);
      expect([end.state, told]).toEqual(['lost', []]);
    },
  );

  test('is nothing that a run concludes which is asked to stop', async () => {
    const { end, told } = await find(lostFor('gone'), [capture('a')], { stop: AbortSignal.abort() });
    expect([end.state, told]).toEqual(['lost', []]);
  });

  test.each<[string, (one: Parcel) => Parcel, unknown]>([
    ['and is there', (one) => stillThere(one, held), undefined],
    ['and the server is in trouble', (one) => lostHere(one, { code: 'server-error', detail: '' }), 'lost'],
    [
      'and its host refuses everything',
      (one) => failedHere(one, { code: 'throttled', detail: '' }),
      'failed',
    ],
  ])('for something in its place is asked for once more, %s', async (_, second, expected) => {
    const { end, told } = await find(lostFor('wrong-type'), [capture('a')], { second });
    expect(told).toEqual([url]);
    expect(markOf(end)).toBe(expected);
  });
});

describe('without room to be looked for', () => {
  test('it is marked at once, and counted', () => {
    const tally = new Tally();
    const end = putOff({ tally, stop: never })(lostFor('gone'));
    expect(markOf(end)).toEqual({ code: 'gone', detail: 'played', at: expect.any(String) });
    expect(tally.unsought).toBe(1);
  });

  test('it stays lost if that is not certain, or the run is asked to stop', () => {
    const tally = new Tally();
    expect(putOff({ tally, stop: never })(lostFor('timeout')).state).toBe('lost');
    expect(putOff({ tally, stop: AbortSignal.abort() })(lostFor('gone')).state).toBe('lost');
    expect(tally.unsought).toBe(0);
  });

  test('what is not held is put off as ever', () => {
    const { held: _, ...lost } = lostFor('gone');
    const end = putOff({ tally: new Tally(), stop: never })(lost);
    expect(end).toMatchObject({ state: 'failed', reason: { code: 'recovery-pending' } });
  });
});

const stamp = { v: 1, run: '2026-05-01T00:00:00.000Z', at: '2026-05-01T00:00:09.000Z' } as const;

function enter(one: Parcel, doubted = new Set<string>()) {
  const tally = new Tally();
  return { end: atTheDoor(one, { stamp, doubted, tally, hearsay: new Hearsay() }), tally, doubted };
}

describe('at the door of the manifest', () => {
  const filtered: Parcel = { ...parcel, state: 'filtered', reason: { code: 'refused-filter', detail: '' } };
  test.each<[string, Parcel, number]>([
    ['lost', lostFor('timeout'), 1],
    ['lost for good', lostFor('gone'), 1],
    ['failed', failedHere(parcel, { code: 'throttled', detail: '' }), 1],
    ['filtered', filtered, 0],
  ])('what is held and %s is as it was', (_, one, unasked) => {
    const { end, tally } = enter(one);
    expect(end).toMatchObject({ state: 'settled', record: held });
    expect(isNews(end)).toBe(false);
    expect(tally.unasked).toBe(unasked);
  });

  test('what is not held is let through', () => {
    const { held: _, ...lost } = lostFor('timeout');
    expect(enter(lost).end).toBe(lost);
  });

  test('news is dated, and nothing else of the record is touched', async () => {
    const { end } = await find(lostFor('gone'), [none('a')]);
    const entered = enter(end);
    expect(entered.end).toMatchObject({ record: { ...held, ...stamp, gone: { elsewhere: null } } });
    expect(entered.tally).toMatchObject({ gone: 1, unasked: 0 });
  });

  test('a mark that is doubted is not set', async () => {
    const { end } = await find(lostFor('forbidden'), []);
    const entered = enter(end, new Set([held.item, 'demo:2']));
    expect(entered.end).toMatchObject({ record: held });
    expect([...entered.doubted]).toEqual(['demo:2']);
    expect(entered.tally).toMatchObject({ gone: 0, unasked: 1 });
  });
});

test('what was got from the web is asked about there, though an export shows it, too', () => {
  const item = { ...parcel.item, url: 'export:media/400000001_0.jpg' };
  expect(askAgain({ ...parcel, item }, held)?.location).toEqual({ kind: 'live', url: held.url });
});
