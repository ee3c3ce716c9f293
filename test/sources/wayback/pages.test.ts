import { expect, it } from 'vitest';
import type { PageCapture, WebArchive } from '../../../src/sources/source.ts';
import { readCursor, start } from '../../../src/sources/wayback/cursor.ts';
import { type Placed, type Position, pagesOf } from '../../../src/sources/wayback/pages.ts';
import { readPlace } from '../../../src/sources/wayback/place.ts';

/** Rows as `2015 /path digest`. */
const capture = (text: string): PageCapture => {
  const [timestamp = '', path = '', digest = text] = text.split(' ');
  const original = path.startsWith('/') ? `http://pond.example${path}` : path;
  return { timestamp, original, mimetype: 'text/html', statuscode: '200', digest };
};

function webOf(rows: readonly string[], asked: (string | null)[] = []): WebArchive {
  return {
    scope: 'rows',
    async *captures(_, { rows: most, from }) {
      for (let at = Number(from ?? 0); at < rows.length; at += most) {
        const key = at === 0 ? null : String(at);
        asked.push(key);
        yield { rows: rows.slice(at, at + most).map(capture), key };
      }
    },
    replay: () => Promise.reject(new Error('nothing is replayed here')),
  };
}

async function pagesIn(
  rows: readonly string[],
  most: number,
  { from = start, isEvery = false }: { from?: Position; isEvery?: boolean } = {},
): Promise<Placed[]> {
  const found: Placed[] = [];
  const walked = { place: readPlace('pond.example'), rows: most, from, isEvery };
  for await (const placed of pagesOf(webOf(rows), walked)) found.push(placed);
  return found;
}

const shown = (found: readonly Placed[]) =>
  found.map(
    ({ page }) => `${page.key.slice(12)}: ${page.captures.map(({ timestamp }) => timestamp).join(' ')}`,
  );

const rows = [
  '2011 / a',
  '2012 / b',
  '2013 http://www.pond.example/ c',
  '2011 /post/1 d',
  '2012 https://pond.example/post/1/ d',
  '2011 http://pond.example.org/post/1 e',
  '2014 /post/2 f',
  'none /post/3 g',
  '2015 /post/4 h',
];

it.each([1, 2, 3, 4, 100])(
  'gives each page with its captures, the newest first, by %i rows a part',
  async (most) => {
    expect(shown(await pagesIn(rows, most))).toEqual([
      '/: 2013 2012 2011',
      '/post/1: 2012',
      '/post/2: 2014',
      '/post/4: 2015',
    ]);
  },
);

it.each([1, 2, 3, 4, 100])('goes on after every page, by %i rows a part', async (most) => {
  const all = await pagesIn(rows, most);
  for (const [n, { next }] of all.entries())
    expect(shown(await pagesIn(rows, most, { from: next }))).toEqual(shown(all.slice(n + 1)));
});

it('gives pages again rather than not at all where the index has changed', async () => {
  const [first] = await pagesIn(rows, 100);
  expect(shown(await pagesIn(rows.slice(3), 100, { from: first!.next }))).toEqual([
    '/post/1: 2012',
    '/post/2: 2014',
    '/post/4: 2015',
  ]);
  expect(shown(await pagesIn(['2010 / z', ...rows], 100, { from: first!.next }))).toHaveLength(3);
});

it.each([1, 2, 100])(
  'gives every form of what is no post where that is wanted, by %i rows a part',
  async (most) => {
    const forms = [
      '2011 / a',
      '2012 / a',
      '2013 / b',
      '2014 / a',
      '2011 /post/1 c',
      '2012 /post/1 d',
      '2012 /rss e',
    ];
    const all = await pagesIn(forms, most, { isEvery: true });
    expect(shown(all)).toEqual(['/: 2012', '/: 2013', '/: 2014', '/post/1: 2012 2011', '/rss: 2012']);
    for (const [n, { next }] of all.entries())
      expect(shown(await pagesIn(forms, most, { from: next, isEvery: true }))).toEqual(
        shown(all.slice(n + 1)),
      );
  },
);

it('remembers the five newest captures', async () => {
  const many = Array.from({ length: 1000 }, (_, n) => `${2000 + n} /post/1 d${n}`);
  expect(shown(await pagesIn(many, 7))).toEqual(['/post/1: 2999 2998 2997 2996 2995']);
});

it('asks for no part that nobody reads', async () => {
  const asked: (string | null)[] = [];
  const walked = { place: readPlace('pond.example'), rows: 3, from: start, isEvery: false };
  for await (const _ of pagesOf(webOf(rows, asked), walked)) break;
  expect(asked).toEqual([null, '3']);
});

const page = { key: 'pond.example/post/1', role: 'post', captures: [capture('2011 /post/1')] };
const cursor = {
  scope: 'here',
  role: 'index',
  from: { key: 'k', after: ['2011', 'http://pond.example/'] },
  left: [page],
};

it('takes a cursor as it was written', () => {
  for (const given of [cursor, { ...cursor, from: start, left: [] }])
    expect(readCursor(JSON.parse(JSON.stringify(given)), 'here')).toEqual(given);
});

it.each([
  undefined,
  null,
  7,
  'k',
  [],
  { ...cursor, scope: 'elsewhere' },
  { ...cursor, role: 'constructor' },
  { ...cursor, from: null },
  { ...cursor, from: { key: 1, after: null } },
  { ...cursor, from: { key: 'k', after: [1] } },
  { ...cursor, left: [null] },
  { ...cursor, left: [{ ...page, captures: [{}] }] },
])('G07 begins anew where a cursor is none: %j', (given) => {
  expect(readCursor(given, 'here')).toEqual({ scope: 'here', role: 'post', from: start, left: [] });
});
