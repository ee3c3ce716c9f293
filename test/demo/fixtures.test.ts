import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { expect, test } from 'vitest';
import { placeholder } from '../../src/demo/behaviours.ts';

interface Item {
  readonly key: string;
  readonly url: string;
  readonly kind: string;
  readonly width?: number;
  readonly height?: number;
  readonly alternates: readonly string[];
}
interface Post {
  readonly id: string;
  readonly date: string;
  readonly url: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly body: string;
  readonly media: readonly Item[];
}

const folder = new URL('../../fixtures/demo/', import.meta.url);
const { blog, posts } = JSON.parse(readFileSync(new URL('posts.json', folder), 'utf8')) as {
  blog: Record<string, string>;
  posts: readonly Post[];
};
const items = posts.flatMap(({ media }) => media);
const files = readdirSync(new URL('media/', folder));
const read = (name: string) => readFileSync(new URL(`media/${name}`, folder));

test('the blog has some forty posts and sixty items, each id and key once', () => {
  expect([posts.length, items.length]).toEqual([40, 60]);
  expect(new Set(posts.map(({ id }) => id)).size).toBe(40);
  expect(new Set(items.map(({ key }) => key)).size).toBe(60);
  expect(blog).toMatchObject({ title: 'Fern & Feather', url: '{blog}/' });
});

test('posts are whole, the newest first, and spread over the years', () => {
  for (const { id, date, url, title, tags, body } of posts) {
    expect(id).toMatch(/^\d{12}$/);
    expect(new Date(date).toISOString().replace('.000', '')).toBe(date);
    expect(url.startsWith(`{blog}/post/${id}/`)).toBe(true);
    expect([title.length > 3, tags.length > 0, /^<p>.*<\/p>$/.test(body)]).toEqual([true, true, true]);
  }
  const dates = posts.map(({ date }) => date);
  expect(dates).toEqual(dates.toSorted().toReversed());
  expect(new Set(dates.map((date) => date.slice(0, 4)))).toEqual(
    new Set(['2021', '2020', '2019', '2018', '2017', '2016']),
  );
  expect(new Set(dates.map((date) => date.slice(5, 7))).size).toBe(12);
});

test('every address in the posts has its file, and every file an address', () => {
  const named = items.flatMap(({ url, alternates }) => [url, ...alternates]);
  expect(named.every((url) => url.startsWith('{blog}/media/'))).toBe(true);
  expect(named.map((url) => basename(url)).toSorted()).toEqual(files.toSorted());
});

test('every file is of the kind that its name and its post say', async () => {
  for (const { url, alternates, kind } of items) {
    for (const name of [url, ...alternates].map((address) => basename(address))) {
      const found = await fileTypeFromBuffer(read(name));
      expect([name, found?.ext]).toEqual([name, name.split('.')[1]]);
      expect([name, found?.mime.split('/')[0]]).toEqual([name, kind]);
    }
  }
});

test.each(['jpg', 'png', 'gif', 'webp', 'mp4', 'mp3', 'ogg'])(
  'there are %s files among them, each with its proper end',
  (ext) => {
    const ends: Record<string, (bytes: Buffer) => boolean> = {
      jpg: (bytes) => bytes.subarray(-2).equals(Buffer.from('ffd9', 'hex')),
      png: (bytes) => bytes.toString('latin1', bytes.length - 8, bytes.length - 4) === 'IEND',
      gif: (bytes) => bytes.at(-1) === 0x3b,
      webp: (bytes) => bytes.readUInt32LE(4) === bytes.length - 8,
      mp4: (bytes) => boxes(bytes) === bytes.length,
    };
    const bodies = files.filter((name) => name.endsWith(`.${ext}`)).map(read);
    expect(bodies.length).toBeGreaterThan(0);
    expect(bodies.every(ends[ext] ?? (() => true))).toBe(true);
  },
);

const boxes = (bytes: Buffer): number => {
  let at = 0;
  while (at < bytes.length) at += bytes.readUInt32BE(at) || bytes.length;
  return at;
};

test('pictures have the size that the posts give', () => {
  for (const { url, width, height } of items) {
    const size = sizeOf(basename(url));
    if (size) expect([url, ...size]).toEqual([url, width, height]);
  }
});

/** Of JPEG, PNG and GIF, by their own heads. */
function sizeOf(name: string): readonly [number, number] | undefined {
  const bytes = read(name);
  if (name.endsWith('.png')) return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (name.endsWith('.gif')) return [bytes.readUInt16LE(6), bytes.readUInt16LE(8)];
  if (!name.endsWith('.jpg')) return undefined;
  let at = 2;
  while (bytes[at + 1] !== 0xc0) at += 2 + bytes.readUInt16BE(at + 2);
  return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
}

test('one GIF moves', () => {
  const frames = (name: string) => read(name).toString('latin1').split('\x21\xf9\x04').length - 1;
  expect(
    files
      .filter((name) => name.endsWith('.gif'))
      .map(frames)
      .toSorted(),
  ).toEqual([1, 8]);
});

test('no two files are the same but those that were meant to be, and all are small enough to carry', () => {
  const sums = new Map<string, string[]>();
  for (const name of files) {
    const sum = createHash('sha256').update(read(name)).digest('hex');
    sums.set(sum, [...(sums.get(sum) ?? []), name]);
  }
  expect([...sums.values()].filter(({ length }) => length > 1)).toEqual([['fern-0007.jpg', 'fern-0045.jpg']]);
  expect(sums.has(placeholder.sha256)).toBe(false);
  expect(files.reduce((sum, name) => sum + read(name).length, 0)).toBeLessThan(2_500_000);
});
