import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Post } from '../../../src/model.ts';
import type { JsonObject } from '../../../src/sources/json-path.ts';
import { readValue } from '../../../src/sources/json-stream.ts';
import { isPinned, momentOf, readTumblrPost } from '../../../src/sources/tumblr/post.ts';

const folder = 'fixtures/tumblr-posts';
const cases = readdirSync(folder).sort();
const inputOf = (name: string) =>
  readValue(readFileSync(join(folder, name, 'input.json'), 'utf8')) as JsonObject;

const told = ({ raw: _raw, passing: _passing, dialect: _dialect, ...post }: Post) => post;

describe('a post as the API gives it', () => {
  it.each(cases)('is read: %s', (name) => {
    const warnings: string[] = [];
    const post = readTumblrPost(inputOf(name), (message) => warnings.push(message))!;
    const expected = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'));
    expect({ ...told(post), warnings }).toEqual({ warnings: [], ...expected });
  });

  it.each(cases)('stays as it is, and its items are sound: %s', (name) => {
    const raw = inputOf(name);
    const { raw: kept, items, id, date } = readTumblrPost(raw)!;
    expect(kept).toBe(raw);
    expect(raw).toEqual(inputOf(name));
    expect(new Set(items.map((item) => item.id)).size).toBe(items.length);
    for (const [index, item] of items.entries()) {
      expect([item.post, item.date, item.index]).toEqual([id, date, index]);
      for (const address of [item.url, ...item.alternates]) expect(new URL(address).href).toBe(address);
      expect(item.alternates).not.toContain(item.url);
    }
  });
});

const junk = [null, [], 1, {}, '', { url: 1 }];

/** Every place in a value; of lists the first and the last element stand for all. */
function* places(value: unknown, at: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  const keys = Object.keys(value);
  const some = Array.isArray(value) ? [...new Set([keys[0]!, keys.at(-1)!])] : keys;
  for (const key of some.slice(0, keys.length)) {
    yield [...at, key];
    yield* places((value as JsonObject)[key], [...at, key]);
  }
}

function changed(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as JsonObject) }) as Record<string, unknown>;
  copy[key] = changed(copy[key], rest, to);
  return copy;
}

describe('what is of the wrong type', () => {
  const idsOf = (raw: unknown) =>
    readTumblrPost(raw as JsonObject)!
      .items.map(({ id }) => id)
      .sort()
      .join(' ');
  const plain = /^(blog|id|id_string)(\.|$)|\.blog\./;
  /** What every post says, and what one of them is tried for. */
  const common =
    /^(object_type|blog_name|is_blocks.*|slug|state|format|reblog_key|short_url|summary|should_.*|recommended.*|note_count|can_.*|display_avatar)$/;

  it.each(cases)('is as if it were missing, and takes nothing else with it: %s', (name) => {
    const raw = inputOf(name);
    const wrong: unknown[] = [];
    let tried = 0;
    for (const place of places(raw)) {
      const path = place.join('.');
      if (plain.test(path) || (name !== 'chat' && common.test(path))) continue;
      const without = idsOf(changed(raw, place, undefined));
      for (const value of junk) {
        if (idsOf(changed(raw, place, value)) !== without) wrong.push([path, value]);
        tried++;
      }
    }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(50);
  });

  it('is no id', () => {
    for (const value of [...junk, 1.5, -1, 2 ** 60, '12a', '../1', ' 1', '1'.repeat(40)].filter(
      (one) => one !== 1,
    )) {
      expect(readTumblrPost({ id: value } as JsonObject)).toBeUndefined();
      expect(readTumblrPost({ id_string: value, id: 901 } as JsonObject)?.id).toBe('901');
    }
  });

  it('is no moment, no link and no tag', () => {
    for (const value of junk.filter((one) => one !== 1)) {
      const post = readTumblrPost({
        id: 1,
        timestamp: value,
        date: value,
        post_url: value,
        tags: value,
      } as JsonObject)!;
      expect([post.date, post.url]).toEqual([null, null]);
      expect(
        readTumblrPost({ id: 1, tags: [value, 'moss', ` ${'y'.repeat(2000)}`] } as JsonObject)!.tags,
      ).toContain('moss');
    }
  });

  it('as a key of all objects is a key like any other', () => {
    const raw = readValue(
      '{"id":1,"__proto__":{"photos":[{"original_size":{"url":"https://pond.example/a.jpg"}}]},"constructor":{"url":"x"},"type":"toString","content":[{"type":"__proto__"},{"type":"constructor","__proto__":{"url":1}}],"trail":[{"__proto__":[]}]}',
    ) as JsonObject;
    const post = readTumblrPost(raw)!;
    expect([post.items, post.unknown]).toEqual([[], ['block __proto__', 'block constructor']]);
    expect(({} as JsonObject).photos).toBeUndefined();
  });
});

describe('an id', () => {
  it('is exact beyond what a double holds', () => {
    const ids = ['712345678901234567', '712345678901234568'].map(
      (id) => readTumblrPost(readValue(`{"id":${id}}`) as JsonObject)!.id,
    );
    expect(ids).toEqual(['712345678901234567', '712345678901234568']);
  });
});

describe('a moment', () => {
  const second = 1_704_483_120;
  it.each([
    [{ timestamp: second }, second],
    [{ timestamp: String(second) }, second],
    [{ timestamp: second + 0.7 }, second],
    [{ timestamp: 86_400 }, 86_400],
    [{ timestamp: second, date: '1999-01-01 00:00:00 GMT' }, second],
    [{ timestamp: null, date: '2024-01-05 19:32:00 GMT' }, second],
    [{ timestamp: second * 1000 }, undefined],
    [{ timestamp: 0 }, undefined],
    [{ timestamp: -5 }, undefined],
    [{ timestamp: 1e15 }, undefined],
    [{ timestamp: Number.NaN }, undefined],
    [{ timestamp: 'yesterday' }, undefined],
    [{ date: '0000-00-00 00:00:00 GMT' }, undefined],
    [{ date: '2016-12-31 23:59:60 GMT' }, undefined],
    [{ date: 'yesterday' }, undefined],
    [{}, undefined],
  ])('of %j is %s', (raw, expected) => {
    expect(momentOf(raw)).toBe(expected);
    const date = expected === undefined ? null : new Date(expected * 1000).toISOString();
    expect(readTumblrPost({ id: 1, ...raw })!.date).toBe(date);
  });
});

it.each([
  [{ is_pinned: true }, true],
  [{ is_pinned: false }, false],
  [{ is_pinned: 'true' }, false],
  [{}, false],
])('whether %j is pinned: %s', (raw, expected) => expect(isPinned(raw)).toBe(expected));

describe('a reblog', () => {
  it.each([
    [{ reblogged_from_id: '7' }, true],
    [{ reblogged_root_id: 7 }, true],
    [{ reblogged_from_name: 'wren' }, true],
    [{ reblog: { comment: '', tree_html: '<p>words of others</p>' } }, true],
    [{ trail: [{ post: { id: '7' }, blog: {} }] }, true],
    [{ trail: [{ broken_blog_name: 'gone-bird', content: [] }] }, true],
    [{ trail: [{ post: { id: '901' } }] }, false],
    [{ trail: [{ post: { id: 901 }, is_current_item: true }] }, false],
    [{ trail: [{}, null, 1] }, false],
    [
      { reblog: { comment: '<p>own words</p>', tree_html: '' }, reblogged_from_id: '', reblogged_root_id: 0 },
      false,
    ],
    [{}, false],
  ])('is one that says so, or passes on the words of others: %j %s', (raw, expected) => {
    expect(readTumblrPost({ id: '901', ...raw } as JsonObject)!.isReblog).toBe(expected);
  });
});

describe('what changes by itself', () => {
  const { passing } = readTumblrPost({ id: 1 })!;

  it('are counts, what the reader may do, and the names and faces of blogs', () => {
    for (const path of [
      'note_count',
      'notes',
      'can_like',
      'liked',
      'blog',
      'trail.*.blog',
      'content.*.attribution.blog',
    ])
      expect(passing).toContain(path);
    expect(new Set(passing).size).toBe(passing!.length);
  });

  it('are none of the fields in which media, words or tags stand', () => {
    const tops = new Set(passing!.filter((path) => !path.includes('.')));
    for (const field of [
      'body',
      'photos',
      'content',
      'layout',
      'trail',
      'reblog',
      'caption',
      'tags',
      'timestamp',
      'type',
      'state',
      'id',
    ])
      expect(tops).not.toContain(field);
  });
});

describe('a list with holes', () => {
  it('comes as an object, and is a list all the same', () => {
    const picture = (name: string) => ({ url: `https://pond.example/${name}.jpg`, width: 9, height: 9 });
    const { items } = readTumblrPost({
      id: 1,
      trail: {
        '1': { content: { '0': { type: 'image', media: { '0': picture('a'), '3': picture('b') } } } },
      },
      photos: { '0': { alt_sizes: { '2': picture('c') } }, '2': { original_size: picture('d') } },
    })!;
    expect(items.map(({ url, alternates }) => [url, ...alternates])).toEqual([
      ['https://pond.example/a.jpg', 'https://pond.example/b.jpg'],
      ['https://pond.example/c.jpg'],
      ['https://pond.example/d.jpg'],
    ]);
  });
});

it('of a type that nobody knows is told of, and gives what media it has', () => {
  const raw = { id: 1, type: 'séance<b>', body: '<img src="https://pond.example/a.jpg">' };
  const { items, unknown } = readTumblrPost(raw)!;
  expect([items.length, unknown]).toEqual([1, ['post séanceb']]);
});

describe('a post of many parts', () => {
  const image = (nth: number) =>
    `https://64.media.tumblr.com/0a1b2c3d4e5f60718293a4b5c6d7e8f9/${nth.toString(16).padStart(16, '0')}-9a/s640x960/aa.jpg`;

  it('has the media of a trail of a thousand, the oldest first', () => {
    const trail = Array.from({ length: 1000 }, (_, nth) => ({
      post: { id: String(nth + 1) },
      content: [{ type: 'image', media: [{ url: image(nth), width: 640, height: 480 }] }],
    }));
    const content = [
      { type: 'image', media: [{ url: image(5000) }] },
      { type: 'image', media: { url: image(7) } },
    ];
    const { items } = readTumblrPost({ id: '901', trail, content })!;
    expect(items.map(({ url }) => url)).toEqual([...trail.keys(), 5000].map((nth) => image(nth)));
  });

  it('has the media of a thousand quotes within each other, each once', () => {
    const nest = (inner: string, nth: number) =>
      `<blockquote>${inner}<p><img src="${image(nth)}"></p></blockquote>`;
    const body = Array.from({ length: 1000 }, (_, nth) => nth).reduce(nest, '');
    const trail = [{ content_raw: body, content: `${body} ` }];
    const { items } = readTumblrPost({
      id: '901',
      type: 'text',
      body,
      trail,
      reblog: { comment: body, tree_html: body },
    })!;
    expect(items.map(({ url }) => url)).toEqual(Array.from({ length: 1000 }, (_, nth) => image(nth)));
  });

  it('has ten thousand at most, and says so', () => {
    const warnings: string[] = [];
    const photos = Array.from({ length: 10_003 }, (_, nth) => ({ original_size: { url: image(nth) } }));
    const content = Array.from({ length: 10_003 }, () => ({ type: 'image', media: [{ url: image(1) }] }));
    const post = readTumblrPost(
      { id: '901', photos, content, caption: `<img src="${image(20_000)}">` },
      (message) => warnings.push(message),
    )!;
    expect(post.items.length).toBe(10_000);
    expect(warnings).toEqual(['Post 901 has a medium more than a post may have (1 ×); left out.']);
  });
});
