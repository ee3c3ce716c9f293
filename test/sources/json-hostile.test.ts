import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Post } from '../../src/model.ts';
import { json } from '../../src/sources/json.ts';
import { postsOf, testContext } from '../helpers/source-suite.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

async function read(text: string | Uint8Array, name = 'a.json', context = testContext()): Promise<Post[]> {
  return withTempFolder(async (dir) => {
    await writeFile(join(dir, name), text);
    return postsOf(await json.open(join(dir, name), context));
  });
}

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

it('G04 refuses what is nested too deeply to be written out again', async () => {
  await expect(read(`[{"id":1},{"id":2,"a":${nested(100_000)}}]`)).rejects.toThrow(
    /a\.json' is nested deeper than 200 levels, after 1 whole post\.$/,
  );
  await expect(read(nested(100_000))).rejects.toThrow('nested deeper than 200 levels');
  await expect(read(`{"x":${nested(100_000)},"posts":[]}`)).rejects.toThrow('nested deeper than 200 levels');
  const [post] = await read(`[{"id":1,"a":${nested(198)}}]`);
  expect(JSON.stringify(post!.raw)).toBe(`{"id":1,"a":${nested(198)}}`);
});

it('G04 skips a line that is nested too deeply', async () => {
  const context = testContext();
  const posts = await read(`{"id":"a"}\n{"id":"b","x":${nested(100_000)}}\n{"id":"c"}\n`, 'a.jsonl', context);
  expect(posts.map(({ id }) => id)).toEqual(['a', 'c']);
  expect(context.warnings).toEqual([
    expect.stringMatching(/line 2 is nested deeper than 200 levels; it is skipped\.$/),
  ]);
});

it('G05 refuses a post, and a text before the posts, larger than 32 MiB', async () => {
  const long = Buffer.alloc(33 * 2 ** 20, 'x').toString();
  const sentence = 'has a post, or a single value, larger than 32 MiB';
  await expect(read(`[{"id":1},{"id":2,"body":"${long}"}]`)).rejects.toThrow(
    `${sentence}, after 1 whole post.`,
  );
  await expect(read(`{"title":"${long}","posts":[]}`)).rejects.toThrow(sentence);
  const context = testContext();
  expect(await read(`{"id":"a"}\n{"id":"${long}"}\n{"id":"c"}`, 'a.jsonl', context)).toHaveLength(2);
  expect(context.warnings).toEqual([expect.stringMatching(/line 2 is longer than 32 MiB; it is skipped\.$/)]);
});

it('G06 takes keys that look like machinery for plain data', async () => {
  const text =
    '{"id":"a","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"hasOwnProperty":3}';
  for (const [name, given] of [
    ['a.json', `[${text}]`],
    ['a.jsonl', text],
  ]) {
    const [post] = await read(given!, name);
    expect(JSON.stringify(post!.raw)).toBe(text);
    expect(post!.items).toEqual([]);
  }
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  const settings = {
    'sources.json.id': '__proto__.polluted',
    'sources.json.media': 'constructor.name, toString, __proto__',
  };
  const [post] = await read('[{"a":1}]', 'a.json', testContext({ settings }));
  expect(post).toMatchObject({ id: expect.stringMatching(/^sha256:/), items: [] });
});

const fields =
  'id id_string guid uri url date created_at timestamp link media images video attachments'.split(' ');
const inner = 'url src original_size file sizes kind type key alternates sha256 width'.split(' ');
const wrong: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e300,
  '',
  ' ',
  'x',
  '\0',
  [],
  [[]],
  [null],
  {},
  { a: 1 },
  { url: null },
  { url: { url: { url: {} } } },
];

it('G07 lives with any type in any field', async () => {
  const good = { id: 'a', media: [{ url: 'https://a.example/1.jpg' }], url: 'https://a.example/p' };
  const posts = fields.flatMap((field) => wrong.map((value) => ({ ...good, [field]: value })));
  const media = inner.flatMap((field) =>
    wrong.map((value) => ({ ...good, media: [{ ...good.media[0], [field]: value }, value] })),
  );
  const read1 = await read(JSON.stringify([...posts, ...media]));
  expect(read1).toHaveLength(posts.length + media.length);
  for (const { id, date, url, items } of read1) {
    expect(typeof id === 'string' && id !== '').toBe(true);
    for (const text of [date, url]) expect(text === null || typeof text === 'string').toBe(true);
    for (const item of items) expect(new URL(item.url).href).toBe(item.url);
  }
});

it('G07 lives with any type in any mapped field', async () => {
  const settings = Object.fromEntries(
    ['id', 'date', 'link', 'media', 'url', 'kind', 'key', 'alternates', 'sha256'].map((key) => [
      `sources.json.${key}`,
      'x',
    ]),
  );
  const posts = await read(
    JSON.stringify(wrong.map((x) => ({ x, y: { x } }))),
    'a.json',
    testContext({ settings }),
  );
  expect(posts).toHaveLength(wrong.length);
});

it('G08 keeps every digit of long numbers', async () => {
  const text =
    '{"id":9007199254740993,"n":[-9007199254740993,9007199254740991,1e400,0.12345678901234567890,12345678901234567890]}';
  for (const [name, given] of [
    ['a.json', `[${text}]`],
    ['a.jsonl', text],
  ]) {
    const [post] = await read(given!, name);
    expect(post!.id).toBe('9007199254740993');
    expect(post!.raw).toEqual({
      id: '9007199254740993',
      n: [
        '-9007199254740993',
        9007199254740991,
        Number.POSITIVE_INFINITY,
        0.12345678901234568,
        '12345678901234567890',
      ],
    });
  }
});

it('G11 keeps the text of an impossible date and knows none', async () => {
  const dates = ['0000-00-00', 1e15, 'yesterday', '2016-12-31T23:59:60Z', '2019-02-30'];
  const posts = await read(JSON.stringify(dates.map((date) => ({ date }))));
  expect(posts.map(({ date }) => date)).toEqual(dates.map(() => null));
  expect(posts.map(({ raw }) => raw)).toEqual(dates.map((date) => ({ date })));
});

it('G12 takes time in proportion to the length of a text, whatever is in it', async () => {
  const baits = [
    `https://a.example/${'a.'.repeat(50_000)}`,
    '..'.repeat(50_000),
    ' '.repeat(100_000),
    '<'.repeat(100_000),
    '{'.repeat(100_000),
    '\\"'.repeat(50_000),
    '1'.repeat(100_000),
  ];
  const context = testContext();
  const posts = await read(
    JSON.stringify(
      baits.map((bait) => ({
        id: bait,
        date: bait,
        link: bait,
        media: [bait, { url: bait, type: bait, key: bait }],
      })),
    ),
    'a.json',
    context,
  );
  expect(posts).toHaveLength(baits.length);
});

it('G13 says that a text is no UTF-8, and goes on', async () => {
  const context = testContext();
  const [post] = await read(
    Buffer.from('[{"id":"caf\xe9","image":"https://a.example/1.jpg"}]', 'latin1'),
    'a.json',
    context,
  );
  expect(post!.id).toBe('caf\ufffd');
  expect(context.warnings).toEqual([
    expect.stringMatching(/is not all UTF-8: what is not was replaced by U\+FFFD\.$/),
  ]);
});

it('G14 takes a hundred thousand media of one post, and leaves out endless addresses', async () => {
  const context = testContext();
  const media = Array.from({ length: 100_000 }, (_, i) => `https://a.example/${i}.jpg`);
  const endless = `https://a.example/${'x'.repeat(2 ** 20)}.jpg`;
  const data = `data:image/png;base64,${'A'.repeat(2 ** 20)}`;
  const [post] = await read(
    JSON.stringify([{ id: 1, media: [endless, data, ...media, data] }]),
    'a.json',
    context,
  );
  expect(post!.items.map(({ url }) => url)).toEqual(media);
  expect(context.warnings).toEqual([
    expect.stringMatching(
      /post '1' has an address that makes no sense or is endless \(1 ×\), an address that is not http \(2 ×\); left out\.$/,
    ),
  ]);
});

it('G14 refuses a data address of 50 MiB without holding it', async () => {
  const text = `[{"id":1,"media":"data:image/png;base64,${Buffer.alloc(50 * 2 ** 20, 'A').toString()}"}]`;
  await expect(read(text)).rejects.toThrow('larger than 32 MiB');
});

it('G15 names the same media by one id in every post, and once in each', async () => {
  const spellings = [
    'https://A.example/x.jpg',
    'https://a.example:443/x.jpg',
    'https://a.example/y/../x.jpg',
    'https://a.example/x.jpg#1',
  ];
  const posts = await read(
    JSON.stringify(
      Array.from({ length: 1000 }, (_, id) => ({ id, media: [spellings[id % 4], ...spellings] })),
    ),
  );
  expect(new Set(posts.flatMap(({ items }) => items.map(({ id }) => id)))).toEqual(
    new Set(['https://a.example/x.jpg']),
  );
  expect(posts.every(({ items }) => items.length === 1)).toBe(true);
});
