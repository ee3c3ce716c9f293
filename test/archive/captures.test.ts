import { describe, expect, test } from 'vitest';
import type { Ask } from '../../src/archive/ask.ts';
import { type Capture, WebArchiveError } from '../../src/archive/capture.ts';
import { type Answers, captures } from '../../src/archive/captures.ts';
import { mementoArchive } from '../../src/archive/memento.ts';
import { lanes, wayback } from '../../src/archive/wayback.ts';
import type { Found, WebArchive } from '../../src/archive/web-archive.ts';
import type { Location, MediaItem, Tried } from '../../src/model.ts';
import { lost, wanted } from '../helpers/parcels.ts';

const address = 'http://blog.example/1.jpg';
const base = 'http://archive.example';
const capture = (given: Partial<Capture> = {}): Capture => ({
  timestamp: '20190531000000',
  original: address,
  mimetype: 'image/jpeg',
  statuscode: '200',
  digest: 'ABC',
  ...given,
});

/** An index that has these captures of each address, or this trouble; and what it was asked. */
function place(
  held: Record<string, Found | Error>,

  { most = 5, answers = nowhere(), web = wayback(base), placeholders = new Set(['BAD']) } = {},
) {
  const asked: string[] = [];
  const find = async (url: string) => {
    asked.push(url);
    const found = held[url] ?? { captures: [] };
    if (found instanceof Error) throw found;
    return found;
  };
  const archive: WebArchive = { ...web, find, ...(web.below && { below: { ...web.below, find } }) };
  const ask = () => Promise.reject(new Error('asked itself'));
  const { locations } = captures(archive, { ask, answers, most, placeholders });
  const named = async (item: Partial<MediaItem> = {}) => {
    const all: (Location | Tried)[] = [];
    for await (const one of locations(lost(wanted({ url: address, ...item })))) all.push(one);
    return all;
  };
  return { asked, named };
}

function nowhere(): Answers & { readonly held: Map<string, unknown> } {
  const held = new Map<string, unknown>();
  return {
    held,
    recall: async (question) => held.get(question),
    remember: async (question, found) => void held.set(question, found),
  };
}

const urls = (found: readonly (Location | Tried)[]) => found.map(({ url }) => url);
const rawOf = (time: string, original = address) => `${base}/web/${time}id_/${original}`;

describe('captures as a place', () => {
  test('are named with where the raw bytes lie, what was captured and when', async () => {
    const url = rawOf('20190531000000');
    const { named } = place({ [address]: { captures: [capture()] } });
    expect(await named()).toEqual([
      {
        kind: 'snapshot',
        url,
        lane: lanes.replay,
        snapshot: {
          archive: 'wayback',
          time: '2019-05-31T00:00:00Z',
          url,
          original: address,
          digest: 'ABC',
        },
      },
    ]);
  });

  test('are named no more than are worth a request', async () => {
    const many = ['A', 'B', 'C'].map((digest) => capture({ digest }));
    const { named, asked } = place({ [address]: { captures: many } }, { most: 2 });
    expect(await named({ alternates: ['http://blog.example/small.jpg'] })).toHaveLength(2);
    expect(asked).toEqual([address]);
  });

  test('that do not exist are a definite no, for one question', async () => {
    const { named, asked } = place({});
    expect(await named()).toMatchObject([
      { where: 'wayback', url: wayback(base).question(address), outcome: 'no-capture' },
    ]);
    expect(asked).toEqual([address]);
  });

  test('that are of no use are a definite no, too', async () => {
    const { named } = place({ [address]: { captures: [capture({ digest: 'BAD' })] } });
    expect(await named()).toMatchObject([
      { outcome: 'no-capture', detail: 'none of its 1 captures is of use' },
    ]);
  });

  test('that are kept back on request are a definite no, and say so', async () => {
    const { named } = place({ [address]: { captures: [], excluded: 'Blocked Site Error' } });
    expect(await named()).toMatchObject([
      { outcome: 'forbidden', detail: 'left out of the archive: Blocked Site Error' },
    ]);
  });

  test('of an archive that cannot be asked are an open question, and it is asked no further', async () => {
    const { named, asked } = place({ [address]: new WebArchiveError('status 503') });
    expect(await named({ alternates: ['http://blog.example/small.jpg'] })).toMatchObject([
      { where: 'wayback', outcome: 'archive-unreachable', detail: 'status 503' },
    ]);
    expect(asked).toEqual([address]);
  });

  test('of which the index did not tell all are tried, and leave the question open; their twins are asked about', async () => {
    const small = 'http://blog.example/small.jpg';
    const partial = 'there are more';
    const { named } = place({
      [address]: { captures: [capture()], partial },
      [small]: { captures: [capture({ digest: 'S', original: small })] },
    });
    expect(await named({ alternates: [small] })).toMatchObject([
      { kind: 'snapshot', url: rawOf('20190531000000') },
      { where: 'wayback', outcome: 'archive-unreachable', detail: partial },
      { kind: 'snapshot', url: rawOf('20190531000000', small) },
    ]);
  });

  test('of which the index told none, though it has some, prove no absence', async () => {
    const { named } = place({ [address]: { captures: [], partial: 'not all' } });
    expect(await named()).toMatchObject([{ outcome: 'archive-unreachable', detail: 'not all' }]);
  });

  test.each([
    ['whose address is too long', wayback(base), capture({ original: `${address}?${'x'.repeat(9000)}` })],
    ['that lie too far', mementoArchive('m', base), capture({ uri: `${base}/${'x'.repeat(9000)}` })],
    ['that lie nowhere', mementoArchive('m', base), capture()],
    ['of no known day', mementoArchive('m', base), capture({ timestamp: '-', uri: `${base}/1` })],
  ])('%s prove no absence, though nobody can ask for them', async (_, web, unreachable) => {
    const { named } = place({ [address]: { captures: [unreachable] } }, { web });
    expect((await named())[0]).toMatchObject({
      where: web.name,
      outcome: 'archive-unreachable',
      detail: '1 of its captures cannot be asked for',
    });
  });

  test('do not hide an error of the run', async () => {
    await expect(place({ [address]: new Error('cut') }).named()).rejects.toThrow('cut');
  });
});

describe('where the address itself has none', () => {
  const [large, small] = ['http://blog.example/l.jpg', 'http://blog.example/s.jpg'];

  test('its twins are asked in the order of their size, whenever they were captured', async () => {
    const { named, asked } = place({
      [large]: { captures: [capture({ original: large, timestamp: '20240101000000' })] },
      [small]: { captures: [capture({ original: small, digest: 'S' })] },
    });
    const found = await named({ alternates: [large, small], date: '2019-05-31T00:00:00Z' });
    expect(asked).toEqual([address, large, small]);
    expect(urls(found).slice(1)).toEqual([rawOf('20240101000000', large), rawOf('20190531000000', small)]);
  });

  test('what lies in an export is asked about by its address in the web alone', async () => {
    const { named, asked } = place({ [small]: { captures: [capture({ original: small })] } });
    const inExport = { url: 'export:media/1_0.jpg' };
    expect(urls(await named({ ...inExport, alternates: [small] }))).toEqual([rawOf('20190531000000', small)]);
    expect(asked).toEqual([small]);
    expect(await named(inExport)).toEqual([]);
    expect(asked).toEqual([small]);
  });

  test('those that the archive cannot tell apart are asked about once', async () => {
    const same = [
      'https://www.blog.example/1.jpg',
      'http://BLOG.example:80/1.jpg',
      'https://blog.example/1.JPG',
    ];
    const { named, asked } = place({});
    expect(await named({ alternates: same })).toHaveLength(1);
    expect(asked).toEqual([address]);
  });

  test('the same bytes are not fetched again under another address', async () => {
    const { named } = place({
      [address]: { captures: [capture()] },
      [small]: { captures: [capture({ original: small }), capture({ original: small, digest: '-' })] },
    });
    expect(urls(await named({ alternates: [small] }))).toEqual([
      rawOf('20190531000000'),
      rawOf('20190531000000', small),
    ]);
  });

  test('a login that an address bears is told to nobody', async () => {
    const { named, asked } = place({});
    await named({ url: 'http://fern:secret@blog.example/1.jpg?w=1' });
    expect(asked).toEqual(['http://blog.example/1.jpg?w=1', 'http://blog.example/1.jpg']);
  });

  test('no more than six are asked', async () => {
    const { named, asked } = place({});
    await named({ alternates: Array.from({ length: 20 }, (_, n) => `http://blog.example/${n}.jpg`) });
    expect(asked).toHaveLength(7);
  });

  test('they are asked even when its captures turned out to be bad', async () => {
    const { named } = place({
      [address]: { captures: [capture()] },
      [small]: { captures: [capture({ original: small, digest: 'S' })] },
    });
    expect(urls(await named({ alternates: [small] }))).toEqual([
      rawOf('20190531000000'),
      rawOf('20190531000000', small),
    ]);
  });
});

describe('an answer', () => {
  test('is remembered, the lack of captures too, and not asked for again', async () => {
    const answers = nowhere();
    const first = place({ [address]: { captures: [capture()] } }, { answers });
    const before = [await first.named(), await first.named({ url: 'http://blog.example/2.jpg' })];
    const second = place({ [address]: new Error('asked again') }, { answers });
    expect([await second.named(), await second.named({ url: 'http://blog.example/2.jpg' })]).toEqual(before);
    expect([first.asked, second.asked]).toEqual([[address, 'http://blog.example/2.jpg'], []]);
  });

  test('of an archive that could not be asked is not remembered', async () => {
    const answers = nowhere();
    await place({ [address]: new WebArchiveError('status 503') }, { answers }).named();
    expect(answers.held.size).toBe(0);
  });

  test('of which the index did not tell all is not remembered', async () => {
    const answers = nowhere();
    await place({ [address]: { captures: [capture()], partial: 'not all' } }, { answers }).named();
    expect(answers.held.size).toBe(0);
  });

  test('of very many captures is not remembered', async () => {
    const answers = nowhere();
    const rows = Array.from({ length: 1001 }, (_, n) => capture({ digest: `D${n}` }));
    await place({ [address]: { captures: rows } }, { answers }).named();
    expect(answers.held.size).toBe(0);
    await place({ [address]: { captures: rows.slice(1) } }, { answers }).named();
    expect([...answers.held.values()]).toEqual([{ captures: rows.slice(1) }]);
  });

  test('is remembered for all who ask the same: of another kind, of another day, with other placeholders', async () => {
    const answers = nowhere();
    const held = [
      capture({ digest: 'P' }),
      capture({ digest: 'V', mimetype: 'video/mp4' }),
      capture({ digest: 'BAD', timestamp: '20240101000000' }),
    ];
    const first = place({ [address]: { captures: held } }, { answers });
    expect(urls(await first.named())).toEqual([rawOf('20190531000000')]);
    const again = place({ [address]: new Error('asked again') }, { answers });
    expect(await again.named({ kind: 'video' })).toMatchObject([{ snapshot: { digest: 'V' } }]);
    expect(await again.named({ kind: 'audio' })).toMatchObject([
      { outcome: 'no-capture', detail: 'none of its 3 captures is of use' },
    ]);
    const unspoilt = place({}, { answers, placeholders: new Set() });
    expect((await unspoilt.named({ date: '2024-01-01T00:00:00Z' }))[0]).toMatchObject({
      snapshot: { digest: 'BAD' },
    });
  });
});

describe('a picture whose sizes cannot be guessed', () => {
  const kin = 'https://64.media.tumblr.com/0a1b2c3d4e5f60718293a4b5c6d7e8f9/00112233445566aa-1f/';
  const other = kin.replace('0a1b', 'ffff');
  const [full, large, middle, square] = [
    `${kin}s2048x3072/ab.jpg`,
    `${kin}s1280x1920/cd.jpg`,
    `${kin}s640x960/ef.jpg`,
    `${kin}s75x75_c1/01.jpg`,
  ] as const;
  const still = `${kin}s2048x3072_f1/23.jpg`;
  const held = (...rows: [string, string][]): Found => ({
    captures: rows.map(([original, digest]) => capture({ original, digest })),
  });
  const item = { url: middle, alternates: [square] };
  /** Its other hosts aside, which twins.test.ts has. */
  const isAtHome = (url: string) => /https(:\/\/|%3A%2F%2F)64\./.test(url);
  const playing = (...given: Parameters<typeof place>) => {
    const { named, asked } = place(...given);
    return {
      named: async (item: Partial<MediaItem>) => (await named(item)).filter(({ url }) => isAtHome(url)),
      asked: () => asked.filter(isAtHome),
    };
  };
  const originals = (found: readonly (Location | Tried)[]) =>
    found.map((one) => ('snapshot' in one ? one.snapshot?.original : 'none'));

  test('is asked about in all its sizes at once; the largest are tried first', async () => {
    const { named, asked } = playing({
      [kin]: held([square, 'S'], [middle, 'M'], [full, 'F'], [still, 'T'], [large, 'L'], [large, 'BAD']),
    });
    const found = await named(item);
    expect(originals(found)).toEqual([full, large, middle, square]);
    expect(asked()).toEqual([kin]);
    expect(found.map((one) => 'isLesser' in one)).toEqual([false, false, false, true]);
  });

  test('is no still: that has captures of its own', async () => {
    const { named, asked } = playing({ [still]: held([still, 'T']) });
    expect(originals(await named({ url: still }))).toEqual([still]);
    expect(asked()).toEqual([still]);
  });

  test('is tried no more often than is worth it, and each content once', async () => {
    const { named } = playing({ [kin]: held([middle, 'M'], [full, 'F'], [large, 'F']) }, { most: 2 });
    expect(originals(await named(item))).toEqual([full, middle]);
  });

  test('is asked about by its addresses, too, as long as the index has not shown that it knows such questions', async () => {
    const { named, asked } = playing({
      [middle]: held([middle, 'M']),
      [kin.replace('0a1b', 'ffff')]: held([other, 'O']),
    });
    expect(originals(await named(item))).toEqual(['none', middle, 'none']);
    expect(asked()).toEqual([kin, middle, square]);
    await named({ url: `${other}s640x960/ef.jpg` });
    const third = kin.replace('0a1b', 'eeee');
    expect(await named({ url: `${third}s640x960/ef.jpg` })).toMatchObject([{ outcome: 'no-capture' }]);
    expect(asked().slice(3)).toEqual([other, third]);
  });

  test.each<[string, Found | Error]>([
    ['could not be told', new WebArchiveError('status 400')],
    ['were not all told', { captures: [], partial: 'only 0 of its captures were told' }],
  ])('whose sizes %s is asked about by its addresses, and the question stays open', async (_, answer) => {
    const { named, asked } = playing({ [kin]: answer });
    expect((await named(item)).map((one) => 'outcome' in one && one.outcome)).toEqual([
      'archive-unreachable',
      'no-capture',
      'no-capture',
    ]);
    expect(asked()).toEqual([kin, middle, square]);
  });

  test('is asked about by its addresses where an archive knows no such question', async () => {
    const { named, asked } = playing({}, { web: mementoArchive('m', base) });
    await named(item);
    expect(asked()).toEqual([middle, square]);
  });

  test('is asked about as its original, whose address its page has named', async () => {
    const { named, asked } = playing({}, { web: mementoArchive('m', base) });
    await named({ ...item, original: { url: full } });
    expect(asked()).toEqual([full, middle, square]);
  });

  test.each([
    [999, undefined],
    [1000, 'only 1000 of its captures were told'],
  ])('of %i rows: %s', async (count, partial) => {
    const head = Object.keys(capture());
    const rows = Array.from({ length: count }, (_, n) => Object.values(capture({ digest: `D${n}` })));
    const text = JSON.stringify([head, ...rows]);
    const ask: Ask = async (_, read) => read({ status: 200, headers: {}, url: base, text })!;
    const found = await wayback(base).below!.find(kin, ask);
    expect([found.captures.length, found.partial]).toEqual([count, partial]);
  });
});
