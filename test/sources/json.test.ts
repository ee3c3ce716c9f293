import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { json } from '../../src/sources/json.ts';
import {
  openFiles,
  pagesOf,
  postsOf,
  type TestContext,
  testContext,
  testSource,
} from '../helpers/source-suite.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

testSource(json, 'fixtures/json');

type Given = string | Uint8Array;

/** Lists one file that holds `text`; the name of the file stands for it in what is thrown and warned of. */
async function listed(text: Given, name = 'export.json', settings: Record<string, string> = {}) {
  return withTempFolder(async (dir) => {
    const file = join(dir, name);
    await writeFile(file, text);
    const context = testContext({
      settings: Object.fromEntries(
        Object.entries(settings).map(([key, value]) => [`sources.json.${key}`, value]),
      ),
    });
    const posts: unknown[] = [];
    const error = await read(file, context, posts);
    const plain = (sentence: string) => sentence.replaceAll(file, name);
    return {
      ids: posts,
      error: error === undefined ? undefined : plain(error),
      warnings: context.warnings.map(plain),
    };
  });
}

async function read(file: string, context: TestContext, ids: unknown[]): Promise<string | undefined> {
  try {
    const listing = await json.open(file, context);
    for await (const { posts } of listing.pages(undefined)) ids.push(...posts.map(({ id }) => id));
    return undefined;
  } catch (error) {
    expect((error as { code: string }).code).toBe('ERR_SOURCE');
    return (error as Error).message;
  }
}

const some = (n: number) =>
  Array.from({ length: n }, (_, i) => ({ id: `p${i}`, image: `https://pics.example/${i}.jpg` }));
const idsOf = (n: number) => some(n).map(({ id }) => id);

it.each([
  ['a list', JSON.stringify(some(3))],
  ['an indented list', JSON.stringify(some(3), null, 2)],
  ['a list in an object', JSON.stringify({ title: 'x', results: some(3) })],
  ['a list in an object, after an empty one', JSON.stringify({ data: [], posts: some(3), items: [] })],
  [
    'lines',
    some(3)
      .map((post) => JSON.stringify(post))
      .join('\r\n'),
  ],
  [
    'lines with gaps, and no line end',
    `\n${some(3)
      .map((post) => JSON.stringify(post))
      .join('\n\n')}`,
  ],
  ['lists one after another', JSON.stringify(some(2)) + JSON.stringify([{ id: 'p2' }])],
  [
    'documents one after another',
    `${JSON.stringify({ posts: some(2) })}\n${JSON.stringify({ posts: [{ id: 'p2' }] })}`,
    { posts: 'posts' },
  ],
  [
    'posts one after another',
    some(3)
      .map((post) => JSON.stringify(post, null, 1))
      .join('\n'),
  ],
  [
    'posts one after another in a row',
    some(3)
      .map((post) => JSON.stringify(post))
      .join(' '),
  ],
  ['a list behind a mark', `\ufeff\n ${JSON.stringify(some(3))}`],
  ['a list of UTF-16', Buffer.from(`\ufeff${JSON.stringify(some(3))}`, 'utf16le')],
  [
    'lists at several places',
    JSON.stringify({ years: { a: { posts: some(2) }, b: { posts: [{ id: 'p2' }] } } }),
    { posts: 'years.*.posts' },
  ],
  ['a list of lists', JSON.stringify([some(2), [{ id: 'p2' }]]), { posts: '*' }],
  ['braces and quotes in texts', JSON.stringify(some(3).map((post) => ({ ...post, body: '}"{\\"[ }{' })))],
  ['gzip by any name', gzipSync(JSON.stringify(some(3)))],
] as [string, Given, Record<string, string>?][])('reads %s', async (_, text, settings) => {
  expect(await listed(text, 'export.json', settings)).toEqual({
    ids: idsOf(3),
    error: undefined,
    warnings: [],
  });
});

it.each([
  [
    'export.jsonl',
    some(3)
      .map((post) => JSON.stringify(post))
      .join('\n'),
  ],
  [
    'export.ndjson.gz',
    gzipSync(
      some(3)
        .map((post) => JSON.stringify(post))
        .join('\n'),
    ),
  ],
  ['export.json.gz', gzipSync(JSON.stringify({ posts: some(3) }))],
  [
    'pages.jsonl',
    `${JSON.stringify({ r: { posts: some(2) } })}\n${JSON.stringify({ r: { posts: [{ id: 'p2' }] } })}\n`,
    { posts: 'r.posts' },
  ],
] as [string, Given, Record<string, string>?][])('reads %s', async (name, text, settings) => {
  expect(await listed(text, name, settings)).toEqual({ ids: idsOf(3), error: undefined, warnings: [] });
});

it('warns where another list might have been meant', async () => {
  const { ids, warnings } = await listed(JSON.stringify({ items: some(1), statuses: [], posts: some(2) }));
  expect(ids).toEqual(['p0']);
  expect(warnings).toEqual([
    "The posts of 'export.json' were read from its list 'items', not from 'posts'; the setting sources.json.posts chooses.",
  ]);
});

it.each([
  [
    '{"id":1}',
    {},
    "'export.json' has no list of posts: it is not one itself, nor has it one called posts, items, entries, statuses, data, results, response.posts, feed.entry; the setting sources.json.posts says where it is.",
  ],
  [
    '{"error":{"code":500}}',
    { posts: 'a.b' },
    "'export.json' has no list of posts at 'a.b': there is nothing; the setting sources.json.posts says where it is.",
  ],
  [
    '{"a":{"b":{}}}',
    { posts: 'a.b' },
    "'export.json' has no list of posts at 'a.b': there is an object; the setting sources.json.posts says where it is.",
  ],
  [
    '{"a":{"b":7}}',
    { posts: 'a.b' },
    "'export.json' has no list of posts at 'a.b': there is a single value; the setting sources.json.posts says where it is.",
  ],
  ['', {}, "'export.json' is empty: there is not even an empty list in it."],
  [' \n\n ', {}, "'export.json' is empty: there is not even an empty list in it."],
  ['<!doctype html><p>gone', {}, "'export.json' is not JSON: it begins with '<!doctype ht…'."],
  ['[{"id":"p0"},{"id":"p1"}', {}, "'export.json' ends in the middle, after 2 whole posts."],
  ['[{"id":"p0"},{"id":"p', {}, "'export.json' ends in the middle, after 1 whole post."],
  ['[{"id":"p0"},{"id":"p1"},tru', {}, "'export.json' ends in the middle, after 2 whole posts."],
  ['[{"id":"p0"},{"id":NaN}]', {}, "'export.json' is not JSON (expected a value), after 1 whole post."],
  ['[{"id":"p0"} {"id":"p1"}]', {}, "'export.json' is not JSON (expected ','), after 1 whole post."],
  ['[{"id":"p0"}] and more', {}, "'export.json' is not JSON (expected a value), after 1 whole post."],
  ['[{"id":"p0"}}', {}, "'export.json' is not JSON (expected ']'), after 1 whole post."],
] as [string, Record<string, string>, string][])(
  'says what is wrong with %j',
  async (text, settings, sentence) => {
    const { error, ids } = await listed(text, 'export.json', settings);
    expect(error).toBe(sentence);
    expect(ids).toEqual(idsOf(ids.length));
  },
);

it.each([0.2, 0.5, 0.9999])(
  'gives every whole post of a file cut at %d of its length, then the error',
  async (part) => {
    const whole = JSON.stringify(some(2500));
    const text = whole.slice(0, Math.floor(whole.length * part));
    const { ids, error } = await listed(text);
    const expected = text.split('}').length - 1;
    expect(ids).toEqual(idsOf(expected));
    expect(error).toBe(
      `'export.json' ends in the middle, after ${expected.toLocaleString('en')} whole posts.`,
    );
  },
);

it('gives every whole post before a fault in the middle', async () => {
  const text = JSON.stringify(some(2500)).replace('"p1234"', 'p1234');
  expect((await listed(text)).ids).toEqual(idsOf(1234));
});

it('goes on after a bad line, but not if all are bad', async () => {
  const { ids, warnings } = await listed('{"id":"p0"}\n{"id":\n[1]\n{"id":"p1"}\n', 'export.jsonl');
  expect(ids).toEqual(['p0', 'p1']);
  expect(warnings).toEqual([
    "'export.jsonl' line 2 ends in the middle; it is skipped.",
    "In 'export.jsonl' post 2 is not an object; it is skipped.",
  ]);
  const page = await listed('<html>\n<p>Back soon\n', 'export.jsonl');
  expect(page.error).toBe("'export.jsonl' holds no posts: none of its 2 lines can be read.");
  const typo = await listed('{"posts":[]}', 'export.jsonl', { posts: 'post' });
  expect(typo.warnings).toEqual([
    "'export.jsonl' line 1 has no list of posts at 'post' (the setting sources.json.posts); it is skipped.",
  ]);
  expect(typo.error).toBe("'export.jsonl' holds no posts: none of its 1 line can be read.");
});

it('G17 is content with an export without a post', async () => {
  for (const [name, text] of [
    ['a.json', '[]'],
    ['a.json', '{"posts":[]}'],
    ['a.jsonl', ''],
    ['a.ndjson', '\n\n'],
  ] as const) {
    expect(await listed(text, name)).toEqual({ ids: [], error: undefined, warnings: [] });
  }
});

it('takes several exports as one, and is called by their folder', async () => {
  await withTempFolder(async (dir) => {
    await mkdir(join(dir, 'pages'));
    for (const page of [10, 9])
      await writeFile(join(dir, 'pages', `${page}.json`), JSON.stringify([{ id: page }]));
    const target = join(dir, 'pages/*.json');
    expect(json.claims(target)).toBe(true);
    expect(json.claims(join(dir, 'pages/*.xml'))).toBe(false);
    const listing = await json.open(`json:${target}`, testContext());
    expect(listing.name).toBe('pages');
    expect((await postsOf(listing)).map(({ id }) => id)).toEqual(['9', '10']);
  });
});

it('claims by ending, by content, and by the address', async () => {
  await withTempFolder(async (dir) => {
    await writeFile(join(dir, 'export'), '\n {"posts": []}');
    await writeFile(join(dir, 'notes'), 'hello');
    expect(json.claims(join(dir, 'export'))).toBe(true);
    expect(json.claims(join(dir, 'notes'))).toBe(false);
    expect(json.claims(dir)).toBe(false);
    expect(json.claims('https://blog.example/a/posts.json?page=2')).toBe(true);
    expect(json.claims('https://blog.example/posts.jsonl.gz')).toBe(true);
    expect(json.claims('https://blog.example/?file=posts.json')).toBe(false);
  });
});

it('gives pages of 100, and closes a packed file when told to stop', async () => {
  await withTempFolder(async (dir) => {
    const file = join(dir, 'a.json.gz');
    await writeFile(file, gzipSync(JSON.stringify(some(250))));
    const listing = await json.open(file, testContext());
    expect((await pagesOf(listing)).map(({ posts }) => posts.length)).toEqual([100, 100, 50]);
    for await (const _ of listing.pages(undefined)) break;
    expect(openFiles()).not.toContain(file);
  });
});

it.each([
  [
    { 'sources.json.ulr': 'x' },
    "The source 'json' has no setting 'sources.json.ulr'; did you mean 'sources.json.url'?",
  ],
  [
    { 'sources.json.media': 'a,,b' },
    "'' does not fit sources.json.media: it takes a path such as posts or response.posts or photos.*.url.",
  ],
  [
    { 'sources.json.id': 'a..b' },
    "'a..b' does not fit sources.json.id: it takes a path such as posts or response.posts or photos.*.url.",
  ],
])('refuses the settings %j', async (settings, sentence) => {
  await expect(json.open('export.json', testContext({ settings }))).rejects.toThrow(sentence);
});
