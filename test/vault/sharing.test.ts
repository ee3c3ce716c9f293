import { describe, expect, test } from 'vitest';
import type { Sharing } from '../../src/model.ts';
import { type Filed, isFiled, mediumOf, share } from '../../src/vault/sharing.ts';
import { numberedItem, recordOf } from '../helpers/vaults.ts';

const sha256 = 'd'.repeat(64);
const path = 'data/media/undated/00/grey_0_00000000.jpg';
let n = 0;

/** A record of a new item that has the bytes in question. */
function sharer(url: string, post: string | null = `p${n}`): Filed {
  const item = numberedItem(n++, { url, post });
  return recordOf(item, { status: 'kept', path, bytes: 5, sha256 }) as Filed;
}

const among = (records: readonly Filed[]) =>
  records.reduce<readonly Sharing[]>((known, record) => share(known, record), []);

describe('one medium', () => {
  test.each([
    ['scheme', 'http://a.example/heron.jpg', 'https://a.example/heron.jpg'],
    ['query', 'http://a.example/heron.jpg?v=1', 'http://a.example/heron.jpg'],
    ['ending', 'http://a.example/heron.pnj', 'http://a.example/heron.png'],
    ['no ending', 'http://a.example/heron', 'http://a.example/heron.png'],
    ['the size of a legacy Tumblr name', 'http://a.example/heron_500.jpg', 'http://a.example/heron_1280.jpg'],
    ['the size of a WordPress name', 'http://a.example/heron-300x200.jpg', 'http://a.example/heron.jpg'],
    ['a scaled WordPress name', 'http://a.example/heron-scaled.jpg', 'http://a.example/heron.jpg'],
    ['a folder of sizes', 'http://a.example/600x400/heron.jpg', 'http://a.example/heron.jpg'],
    [
      'a Tumblr size and its token',
      'http://a.example/1f/2e-3d/s640x960/aa.jpg',
      'http://a.example/1f/2e-3d/s75x75_c1/bb.png',
    ],
    ['double density', 'http://a.example/heron@2x.png', 'http://a.example/heron.png'],
  ])('has addresses that differ in %s', (_, one, other) => {
    expect(mediumOf(one)).toBe(mediumOf(other));
  });

  test.each([
    ['http://a.example/heron-1.jpg', 'http://a.example/heron-2.jpg'],
    ['http://a.example/heron_1.jpg', 'http://a.example/heron_2.jpg'],
    ['http://a.example/1f/2e-3d/s640x960/aa.jpg', 'http://a.example/1f/2e-4c/s640x960/aa.jpg'],
    ['http://a.example/x/heron.jpg', 'http://a.example/y/heron.jpg'],
  ])('has not both %s and %s', (one, other) => {
    expect(mediumOf(one)).not.toBe(mediumOf(other));
  });

  test('is told from a long hostile address in a moment', () => {
    for (const bait of ['/s10x10/', '_500', '-10x10', '.jpg', '/10x10'])
      expect(mediumOf(`http://a.example/${bait.repeat(2000)}!`).length).toBeGreaterThan(0);
  });
});

describe('addresses with the same bytes', () => {
  test('are unrelated if posts and media differ', () => {
    const [found] = among([
      sharer('http://a.example/1.jpg', 'p1'),
      sharer('http://a.example/2.jpg', 'p1'), // the same post
      sharer('http://a.example/1_500.jpg', 'p2'), // the same medium
      sharer('http://a.example/3.jpg', 'p3'),
      sharer('http://a.example/4.jpg', null), // who knows
      sharer('http://a.example/5.jpg', null),
    ]);
    expect(found).toMatchObject({ host: 'a.example', items: 6, sha256, path, bytes: 5 });
    expect(found!.examples).toEqual([1, 3, 4, 5].map((i) => `http://a.example/${i}.jpg`));
    expect(found!.unrelated).toHaveLength(4);
  });

  test('count for each host, and for numbered hosts of a service together', () => {
    const found = among([
      sharer('http://64.media.tumblr.example/a.jpg'),
      sharer('http://78.media.tumblr.example/b.jpg'),
      sharer('http://i0.wp.example/c.jpg'),
      sharer('http://i2.wp.example/d.jpg'),
      sharer('http://127.0.0.1:8080/e.jpg'),
      sharer('http://128.0.0.1:8080/f.jpg'),
      sharer('no address'),
    ]);
    expect(found.map(({ host, items }) => `${host} ${items}`).sort()).toEqual([
      '127.0.0.1:8080 1',
      '128.0.0.1:8080 1',
      'media.tumblr.example 2',
      'nowhere 1',
      'wp.example 2',
    ]);
  });

  test('however many they are, and however long, are remembered in a few kilobytes', () => {
    const long = (host: number) => `http://h${host}x.example/${n}${'x'.repeat(900)}`;
    const found = among(Array.from({ length: 3000 }, (_, i) => sharer(long(i % 100))));
    expect(found).toHaveLength(8);
    expect(found.map(({ items }) => items)).toEqual(Array.from({ length: 8 }, () => 30));
    const one = among(Array.from({ length: 3000 }, () => sharer(`http://h.example/${n}${'x'.repeat(900)}`)));
    expect(one[0]).toMatchObject({ items: 3000 });
    expect(one[0]!.unrelated).toHaveLength(32);
    expect(JSON.stringify(one).length).toBeLessThan(10_000);
    const endless = among([sharer(`http://h.example/${'x'.repeat(16_000)}`)]);
    expect(endless[0]).toMatchObject({ items: 1, examples: [] });
  });
});

test('a record is filed if it names a file, whatever it says of it', () => {
  const item = numberedItem(1);
  expect([
    isFiled(recordOf(item, { status: 'kept', path, sha256 })),
    isFiled(recordOf(item, { status: 'failed', path, sha256 })),
    isFiled(recordOf(item, { status: 'failed', sha256 })),
    isFiled(recordOf(item, { status: 'missing' })),
  ]).toEqual([true, true, false, false]);
});

test('what an export repeats is no placeholder, and says nothing of a host', () => {
  const handed = Array.from({ length: 9 }, (_, i) => sharer(`export:media/${i}_0.jpg`));
  expect(among(handed)).toEqual([]);
  const web = Array.from({ length: 5 }, (_, i) => sharer(`http://a.example/${i}.jpg`));
  expect(among([...handed, ...web])).toMatchObject([{ host: 'a.example', items: 5 }]);
});
