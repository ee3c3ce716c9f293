import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/sources/json-path.ts';
import { readV1Json } from '../../../src/sources/tumblr/v1-json.ts';
import { giveMedia, momentOf, readV1Post } from '../../../src/sources/tumblr/v1-post.ts';
import { readV1Xml } from '../../../src/sources/tumblr/v1-xml.ts';

const folder = 'fixtures/tumblr-v1';
const forms = ['json', 'xml'] as const;
const text = (name: string, file: string) => readFileSync(join(folder, name, file), 'utf8');
const pageOf = (name: string, form: (typeof forms)[number]) =>
  (form === 'json' ? readV1Json : readV1Xml)(text(name, `input.${form}`));
const rawOf = (name: string, form: (typeof forms)[number]) => pageOf(name, form).posts[0] as JsonObject;

/** What is handed on as the media of a post. */
function given(raw: JsonObject): readonly unknown[] {
  const found: unknown[] = [];
  giveMedia(raw, {
    add: (kind, sizes) => void found.push({ kind, sizes }),
    addHtml: (html) => void found.push({ html }),
  });
  return found;
}

function essence(raw: JsonObject): unknown {
  const { raw: kept, items, dialect, ...post } = readV1Post(raw)!;
  expect(kept).toBe(raw);
  expect(dialect).toBe('v1');
  return { ...post, media: given(raw) };
}

describe.each(readdirSync(folder).sort())('a post of type %s', (name) => {
  it.each(forms)('reads as expected in %s', (form) => {
    const { blog, total, posts } = pageOf(name, form);
    expect([blog.name, blog.title, total, posts.length]).toEqual(['fernhollow', 'Fern Hollow', 1, 1]);
    expect(essence(rawOf(name, form))).toEqual(JSON.parse(text(name, 'expected.json')));
  });
  it('is the same post, with the same keys, in either form', () => {
    const [json, xml] = forms.map((form) => rawOf(name, form)) as [JsonObject, JsonObject];
    const { raw: _, ...post } = readV1Post(json)!;
    expect({ ...readV1Post(xml), raw: _ }).toEqual({ ...post, raw: _ });
    const filled = Object.keys(json).filter((key) => json[key] !== null && `${json[key]}` !== '');
    expect(Object.keys(xml)).toEqual(expect.arrayContaining(filled));
  });
  it('can be written out', () => {
    for (const form of forms) {
      const post = readV1Post(rawOf(name, form));
      expect(JSON.parse(JSON.stringify(post))).toEqual(post);
    }
  });
});

const wrong = [null, [null], { toString: 1 }, -1.5, true, '', '<', 'a'.repeat(20_000)];
const names = readdirSync(folder).sort();

it.each(names)(
  'G07 survives a wrong type in every field of %s, one at a time, and keeps the other media',
  (name) => {
    const raw = rawOf(name, 'json');
    const whole = given(raw).length;
    for (const key of Object.keys(raw)) {
      for (const value of wrong) {
        const changed = { ...raw, [key]: value };
        const post = readV1Post(changed);
        if (key !== 'id') expect(post?.id).toBe(String(raw.id));
        if (!/photos|conversation/.test(key)) expect(given(changed).length).toBeGreaterThanOrEqual(whole - 1);
        for (const { url } of post?.items ?? []) expect(new URL(url).protocol).toMatch(/^https?:$/);
        for (const tag of post?.tags ?? []) expect(typeof tag).toBe('string');
      }
    }
  },
);

it('G07 survives a wrong type in every field of a photo of a set', () => {
  const raw = rawOf('photoset', 'json');
  const photos = raw.photos as JsonObject[];
  for (const key of Object.keys(photos[1]!)) {
    for (const value of wrong) {
      const changed = { ...raw, photos: [photos[0], { ...photos[1], [key]: value }, photos[2]] };
      expect(
        given(changed).filter((one) => (one as JsonObject).kind === 'image').length,
      ).toBeGreaterThanOrEqual(3);
    }
  }
});

it.each([null, [], [1], {}, 'x', '', -1, 1.5, true, '1e3'])('G07 takes %o for no total', (total) => {
  expect(readV1Json(JSON.stringify({ posts: [], 'posts-total': total })).total).toBeUndefined();
});

it.each([null, [], 1, 'x', true, undefined])(
  'G07 takes a blog that is %o for one without a name, not for none',
  (blog) => {
    const page = readV1Json(JSON.stringify({ tumblelog: blog, posts: [{ id: 1 }] }));
    expect(page).toMatchObject({ blog: { name: null }, posts: [{ id: 1 }] });
    expect(() => readV1Json(JSON.stringify({ tumblelog: blog }))).toThrow('has no list of posts');
  },
);

it('G08 keeps two ids apart that differ beyond what a number holds', () => {
  const { posts } = readV1Json('{"posts":[{"id":712345678901234567},{"id":712345678901234568}]}');
  expect(posts.map((raw) => readV1Post(raw as JsonObject)?.id)).toEqual([
    '712345678901234567',
    '712345678901234568',
  ]);
});

it.each([
  [{ 'unix-timestamp': 1577934245 }, 1577934245],
  [{ 'unix-timestamp': '1577934245' }, 1577934245],
  [{ 'unix-timestamp': 86_400 }, 86_400],
  [{ 'date-gmt': '2020-01-02 03:04:05 GMT' }, 1577934245],
  [{ 'unix-timestamp': 'yesterday', 'date-gmt': '2020-01-02 03:04:05 GMT' }, 1577934245],
  [{ 'unix-timestamp': 1e15 }, undefined],
  [{ 'unix-timestamp': 0, 'date-gmt': '0000-00-00 00:00:00 GMT' }, undefined],
  [{ 'unix-timestamp': 1577934245.5 }, undefined],
  [{ 'date-gmt': '2016-12-31 23:59:60 GMT' }, undefined],
  [{ date: 'Thu, 02 Jan 2020 04:04:05' }, undefined],
])('G11 reads the moment of %o as %o', (fields, moment) => {
  expect(momentOf(fields)).toBe(moment);
  const date = moment === undefined ? null : new Date(moment * 1000).toISOString();
  expect(readV1Post({ id: 1, ...fields })).toMatchObject({ id: '1', date });
});

it('G06 takes keys that look like machinery for plain data', () => {
  const json = readV1Json(
    '{"posts":[{"id":1,"__proto__":{"polluted":1},"constructor":"<p>","toString":"x"}]}',
  );
  const xml = readV1Xml(
    '<tumblr><posts><post id="1" constructor="a"><__proto__>b</__proto__><toString>c</toString></post></posts></tumblr>',
  );
  for (const raw of [json.posts[0], xml.posts[0]] as JsonObject[]) {
    expect(readV1Post(raw)?.id).toBe('1');
    expect(Object.hasOwn(raw, '__proto__') && Object.hasOwn(raw, 'toString')).toBe(true);
  }
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

it('G14 takes no address but those of the web', () => {
  const raw = {
    id: 1,
    'photo-url-1280': 'javascript:alert(1)',
    'photo-url-500': 'https://media.example/a_500.jpg',
  };
  expect(given(raw)).toEqual([{ kind: 'image', sizes: [{ url: 'https://media.example/a_500.jpg' }] }]);
  const long = `https://media.example/${'a'.repeat(1e6)}.jpg`;
  expect(given({ id: 1, 'photo-url-1280': long, 'photo-link-url': 'file:///etc/a.png' })).toEqual([]);
});

it.each([
  ['https%3A%2F%2Fa.tumblr.com%2Ftumblr_x9o1.mp3', ['https://a.tumblr.com/tumblr_x9o1.mp3']],
  [
    'https://a.tumblr.com/tumblr_x9o1?play_key=1',
    ['https://a.tumblr.com/tumblr_x9o1.mp3?play_key=1', 'https://a.tumblr.com/tumblr_x9o1?play_key=1'],
  ],
  [
    'https%3A%2F%2Fwww.tumblr.com%2Faudio_file%2Ffern%2F9%2Ftumblr_x9',
    [
      'https://www.tumblr.com/audio_file/fern/9/tumblr_x9',
      'https://www.tumblr.com/audio_file/fern/9/tumblr_x9.mp3',
    ],
  ],
  ['%E0%A4%A', []],
])('finds the sound that a player is told to play by %s', (coded, urls) => {
  const raw = {
    id: 1,
    'audio-embed': `<embed src="https://assets.tumblr.com/p.swf?audio_file=${coded}&amp;c=1">`,
  };
  const sizes = given(raw).flatMap((one) => (one as { sizes?: { url: string }[] }).sizes ?? []);
  expect(sizes.map(({ url }) => url)).toEqual(urls);
});

it('has a case for each form of each type', () => {
  for (const name of names)
    for (const form of forms) expect(existsSync(join(folder, name, `input.${form}`))).toBe(true);
});
