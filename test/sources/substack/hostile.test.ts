import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/sources/json-path.ts';
import { wrappers } from '../../../src/sources/substack/addresses.ts';
import { rowsOf } from '../../../src/sources/substack/export-rows.ts';
import { itemsIn } from '../../../src/sources/substack/media.ts';
import { readSubstackPost } from '../../../src/sources/substack/post.ts';
import { Recent } from '../../../src/sources/substack/recent.ts';
import { substack } from '../../../src/sources/substack/substack.ts';
import { busyTime } from '../../helpers/busy.ts';
import { postsOf, testContext } from '../../helpers/source-suite.ts';
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
  id: 7,
  slug: 'rain',
  post_date: '2025-01-01T00:00:00Z',
  audience: 'everyone',
  canonical_url: 'https://fern.example/p/rain',
  cover_image: 'https://pics.example/a.png',
  body_html: '<img src="https://pics.example/b.png" data-attrs="{}">',
  podcast_url: null,
  videoUpload: { id: '33333333-aaaa', src: null },
  video_upload_id: null,
  audio_items: [{ type: 'voiceover', audio_url: 'https://pics.example/a.mp3' }],
  postTags: [{ name: 'Rain' }],
  restacked_post_id: null,
};
const warnings = { warn: () => undefined, skip: () => undefined, close: () => undefined };

describe('a post with a field of a wrong type', () => {
  it.each(Object.keys(sound))('is read all the same where it is %s', (field) => {
    for (const value of wrong) {
      const raw = { ...sound, [field]: value } as JsonObject;
      const post = readSubstackPost(raw, { base: 'https://fern.example', name: 'it', warnings });
      expect(post === undefined).toBe(field === 'id' && ![5, -1, 'x', '\u0000'].includes(value as string));
      expect(() => JSON.stringify(post)).not.toThrow();
      for (const { url } of post?.items ?? []) expect(new URL(url).href).toBe(url);
      new Recent({ looks: value }).add('7', raw);
    }
  });
});

it.each([
  '<div data-attrs="{',
  '<img class="embedded-post-',
  '<a href="/api/v1/file/',
  '<p data-attrs=\'{"a":',
])('reads much of %s in good time', (bait) => {
  const busy = busyTime();
  itemsIn({ body_html: bait.repeat((100 * 1024) / bait.length) }, { base: null, post: '1', date: null });
  expect(busy()).toBeLessThan(2000);
});

it.each([
  [
    'https://substackcdn.com/image/fetch/w_9/https%3A%2F%2Fp.example%2Fa%20b.png',
    'https://p.example/a%20b.png',
  ],
  [
    'https://substackcdn.com/image/fetch/w_9/https%3A%2F%2Fsubstackcdn.com%2Fimage%2Ffetch%2Fw_1%2Fhttps%253A%252F%252Fp.example%252Fa.png',
    'https://p.example/a.png',
  ],
  ['https://cdn.substack.com/image/fetch/w_9/https:/p.example/a.png', 'https://p.example/a.png'],
])('finds the original in %s', (url, original) => {
  expect(wrappers.originalOf(url)).toBe(original);
});

it.each([
  'https://substackcdn.com/image/fetch/w_9/https%3A%2F%2F%ZZ',
  'https://substackcdn.com/image/fetch/w_9/https%3A%2F%2F',
  'https://substackcdn.com/image/youtube/w_728,c_limit/abc',
  'https://substackcdn.com.evil.example/image/fetch/w_9/https%3A%2F%2Fp.example%2Fa.png',
  'https://substackcdn.com/image/fetch/w_9/javascript%3Aalert(1)',
])('leaves %s as it is', (url) => {
  expect(wrappers.originalOf(url)).toBe(url);
});

async function rows(text: string) {
  const faults: string[] = [];
  const found: unknown[] = [];
  async function* bytes() {
    for (let at = 0; at < text.length; at += 65_536) yield Buffer.from(text.slice(at, at + 65_536));
  }
  for await (const row of rowsOf(bytes(), (fault) => void faults.push(fault))) found.push(row);
  return { found, faults };
}

describe('a table', () => {
  it('gives its lines by the names of its columns, whatever they are called', async () => {
    const { found, faults } = await rows(
      '\ufeffpost_id,__proto__,title\r\n1,x,"a\n""b"""\r\n\r\n2\r\n3,y,z,more\r\n',
    );
    expect(JSON.stringify(found)).toBe(
      '[{"post_id":"1","__proto__":"x","title":"a\\n\\"b\\""},{"post_id":"2","__proto__":"","title":""},{"post_id":"3","__proto__":"y","title":"z"}]',
    );
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(faults).toEqual([]);
  });

  it('says where a quotation mark is never closed, and holds no more than a line', async () => {
    const { found, faults } = await rows(`post_id,title\n1,a\n2,"${'never closed\n'.repeat(200_000)}`);
    expect(found).toHaveLength(1);
    expect(faults).toEqual([expect.stringMatching(/longer than 1 MiB/)]);
    expect((await rows('post_id,title\n1,"open')).faults).toEqual(['the end cannot be read']);
  });
});

it('never opens the lists of subscribers in an export', () =>
  withTempFolder(async (dir) => {
    mkdirSync(join(dir, 'posts'));
    writeFileSync(join(dir, 'posts.csv'), 'post_id,is_published\n5.x,true\n');
    writeFileSync(join(dir, 'posts', '5.x.html'), '<p>x</p>');
    for (const name of ['email_list.csv', 'posts/5.opens.csv'])
      writeFileSync(join(dir, name), 'canary@mail.example');
    expect(substack.claims(dir)).toBe(true);
    const posts = await postsOf(await substack.open(dir, testContext()));
    expect(posts).toHaveLength(1);
    expect(JSON.stringify(posts)).not.toContain('canary');
  }));
