import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { htmlOfCards } from '../../../src/sources/ghost/cards.ts';
import { ghost } from '../../../src/sources/ghost/ghost.ts';
import { mediaOf } from '../../../src/sources/ghost/media.ts';
import { readGhostPost } from '../../../src/sources/ghost/post.ts';
import { originalOf } from '../../../src/sources/ghost/sizes.ts';
import type { JsonObject } from '../../../src/sources/json-path.ts';
import { busyTime } from '../../helpers/busy.ts';
import { pagesOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';

const wrong = [
  null,
  [],
  {},
  [[]],
  5,
  -1,
  true,
  '',
  'x',
  '\u0000',
  { toString: 1 },
  JSON.parse('{"__proto__":{"a":1}}'),
];
const sound = {
  id: '65a000000000000000000003',
  html: '<img src="/content/images/a.jpg">',
  url: 'https://fern.example/moss/',
  feature_image: 'https://fern.example/content/images/b.jpg',
  og_image: null,
  published_at: '2024-05-02T10:00:00.000+02:00',
  updated_at: '2024-05-02T10:00:00.000+02:00',
  tags: [{ name: 'Moss' }],
  authors: [],
  access: true,
};

const told: string[] = [];
const warnings = {
  warn: (text: string) => void told.push(text),
  skip: () => undefined,
  close: () => undefined,
};

describe('a post with a field of a wrong type', () => {
  it.each(Object.keys(sound))('is read all the same where it is %s', (field) => {
    for (const value of wrong) {
      const raw = { ...sound, [field]: value } as JsonObject;
      const post = readGhostPost(raw, { site: 'https://fern.example/', originals: true, warnings });
      expect(post === undefined).toBe(field === 'id' && ![5, -1, 'x', '\u0000'].includes(value as string));
      expect(() => JSON.stringify(post)).not.toThrow();
      for (const { url } of post?.items ?? []) expect(new URL(url).href).toBe(url);
    }
  });
});

const long = 100 * 1024;
const baits = [
  '![',
  '![](a ',
  '![](![](',
  '/content/images/',
  '<img src=',
  'size/w1/',
  '](',
  '<a href="/content/files/x',
];

it.each(baits)('reads much of %s in good time', (bait) => {
  const text = bait.repeat(long / bait.length);
  const busy = busyTime();
  htmlOfCards({ markdown: text });
  mediaOf({ html: text, feature_image: text }, { base: null, originals: true });
  originalOf(`https://fern.example/content/images/2024/05/${text}`);
  expect(busy()).toBeLessThan(2000);
});

it.each([
  '[]',
  '{"root":5}',
  '{"root":{"children":{"a":1}},"cards":"x"}',
  '{"cards":[["image"],["image",null],[5,{}],null,{"a":1}]}',
  `${'['.repeat(500)}`,
  '{"root":{"type":"root","children":[{"type":7,"src":{}},{"images":[null,5],"metadata":[]}]}}',
])('reads a document such as %s', (lexical) => {
  expect(htmlOfCards({ lexical }).html).toBe('');
});

async function exported(text: string) {
  return withTempFolder(async (dir) => {
    const file = join(dir, 'fern.ghost.json');
    writeFileSync(file, text);
    const warnings: string[] = [];
    const context = testContext({
      report: (event) => void (event.event === 'warning' && warnings.push(event.message)),
    });
    expect(ghost.claims(file)).toBe(true);
    const listing = await ghost.open(file, context);
    let error: unknown;
    const pages = await pagesOf(listing).catch((thrown) => {
      error = thrown;
      return [];
    });
    return { posts: pages.flatMap(({ posts }) => posts), warnings, error };
  });
}

const post = (n: number, html = 'x') => ({
  id: `p${n}`,
  html,
  status: 'published',
  published_at: '2024-01-01T00:00:00Z',
});
const wrapped = (data: unknown) => JSON.stringify({ db: [{ meta: { exported_on: 1 }, data }] });

describe('an export', () => {
  it('says that it was cut', async () => {
    const text = wrapped({ posts: Array.from({ length: 90 }, (_, n) => post(n)) });
    const { error } = await exported(text.slice(0, -2000));
    expect(String(error)).toMatch(/ends in the middle/);
  });

  it('without tables is no empty blog, and without posts says so', async () => {
    expect(String((await exported('{"db":[{"data":{}}]}')).error)).toMatch(/no tables/);
    expect((await exported(wrapped({ posts: [], tags: [] }))).error).toBeUndefined();
    expect((await exported(wrapped({ tags: [{ id: 1 }] }))).warnings).toEqual([
      expect.stringMatching(/no posts/),
    ]);
  });

  it('has its tags wherever their tables stand', async () => {
    const [tags, links] = [[{ id: 't', name: 'Moss' }], [{ post_id: 'p1', tag_id: 't' }]];
    for (const data of [
      { posts: [post(1)], posts_tags: links, tags },
      { tags, posts_tags: links, posts: [post(1)] },
    ])
      expect((await exported(wrapped(data))).posts.map((one) => one.tags)).toEqual([['Moss']]);
  });

  it('counts the cards that nobody knows', async () => {
    const lexical = JSON.stringify({ root: { type: 'root', children: [{ type: 'hologram' }] } });
    const { posts } = await exported(wrapped({ posts: [{ ...post(1), html: null, lexical }] }));
    expect(posts[0]!.unknown).toEqual(['card hologram']);
  });

  it('of many posts is handed over by few at a time', async () => {
    const html = `<p>${'moss '.repeat(2000)}</p>`;
    const text = wrapped({ posts: Array.from({ length: 300 }, (_, n) => post(n, html)) });
    let most = 0;
    await withTempFolder(async (dir) => {
      const file = join(dir, 'large.json');
      writeFileSync(file, text);
      const listing = await ghost.open(file, testContext());
      let count = 0;
      for await (const { posts } of listing.pages(undefined)) {
        count += posts.length;
        most = Math.max(most, posts.length);
      }
      expect(count).toBe(300);
    });
    expect(most).toBeLessThanOrEqual(50);
  });
});
