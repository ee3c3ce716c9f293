import { resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import { inside, mediaPath, names, partPath, segmentName, staysInside } from '../../src/vault/layout.ts';
import { itemOf } from '../helpers/parcels.ts';

/** F01, F03, F05, F06, E08: each is tried as post id, as end of an address, and as date. */
const hostile = [
  '../../x',
  '..',
  '.',
  '',
  '/etc/passwd',
  '\\\\server\\share\\x',
  'C:\\x',
  'C:x',
  '%2e%2e%2f%2e%2e%2fx',
  '%252e%252e%252fx',
  '..\\..\\x',
  '%5c..%5cx',
  '%00',
  'a\0b',
  'CON',
  'NUL',
  'COM1.txt',
  'a.',
  'a ',
  'a.jpg:x',
  ' ',
  'a\nb',
  'a\r\nb',
  '\t',
  '\x1b[31mred',
  '\x07',
  '\u202Egpj.exe',
  '.git',
  '-rf',
  '~',
  '...',
  '-',
  '100%',
  '\ud800',
  'e\u0301',
  '\u1112\u1161\u11ab',
  'x'.repeat(300),
  '😀'.repeat(120),
  '語'.repeat(200),
  'é'.repeat(150),
  `${'x'.repeat(79)}é`,
];

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** What must hold of every name, checked by rule: it can be copied to any system and stays where it belongs. */
function isSafe(path: string): void {
  expect(path.startsWith('data/media/')).toBe(true);
  expect(path).not.toMatch(/[%\\:*?"<>|~ ]|\p{Cc}|\p{Cf}|\p{Cs}/u);
  expect(path.normalize('NFC')).toBe(path);
  expect(resolve('/archive', path).startsWith('/archive/data/media/'), path).toBe(true);
  for (const part of path.split('/')) {
    expect(part, path).not.toMatch(/^$|^[.-]|[. ]$/);
    expect(part).not.toMatch(reserved);
    expect(Buffer.byteLength(part)).toBeLessThanOrEqual(200);
  }
}

describe('the path of a media item', () => {
  it('is made of the month, the post, the place in it, the hash of the id, and what the bytes are', () => {
    const item = itemOf({
      id: 'tumblr:0a1b:2c3d',
      post: '712345678901',
      index: 2,
      date: '2019-05-31T23:59:59Z',
    });
    expect(mediaPath(item, 'jpg')).toMatch(/^data\/media\/2019\/05\/712345678901_2_[0-9a-f]{8}\.jpg$/);
    expect(mediaPath(item, 'jpg', 2)).toMatch(/^data\/media\/2019\/05\/712345678901_2_[0-9a-f]{8}-2\.jpg$/);
  });

  it('goes by the first two digits of the hash where no date is known', () => {
    const [, folder, hash] = /^data\/media\/undated\/(..)\/p1_0_([0-9a-f]{8})\.png$/.exec(
      mediaPath(itemOf(), 'png'),
    )!;
    expect(hash!.slice(0, 2)).toBe(folder);
  });

  it('bears the end of the address, decoded, where there is no post', () => {
    const item = itemOf({ post: null, url: 'http://blog.example/a/Gr%C3%BC%C3%9Fe.jpeg?x=1' });
    expect(mediaPath(item, 'jpg')).toMatch(/\/Grüße_0_[0-9a-f]{8}\.jpg$/);
  });

  it('stays in data/media under a plain name, whatever the id of the post is', () => {
    for (const text of hostile) isSafe(mediaPath(itemOf({ post: text }), 'jpg'));
  });

  it('stays in data/media under a plain name, whatever the address ends in', () => {
    for (const text of hostile) {
      isSafe(mediaPath(itemOf({ post: null, url: `http://blog.example/${text}` }), 'jpg'));
      isSafe(mediaPath(itemOf({ post: null, url: text }), 'jpg'));
    }
  });

  it('stays in data/media, whatever the date is', () => {
    const dates = [...hostile, '../../../x', '../../.', '+012345-01-01', '-000001-01'];
    for (const date of dates) isSafe(mediaPath(itemOf({ date }), 'jpg'));
  });

  it.each(['../x', 'jpg/../..', '', 'jp g', '%', 'html\n'])(
    'takes nothing but letters and digits for an extension: %j',
    (ext) => {
      isSafe(mediaPath(itemOf(), ext));
      expect(mediaPath(itemOf(), ext)).toMatch(/\.[a-z0-9]+$/);
    },
  );

  it('cuts long names on the border of a character and keeps them apart by the hash', () => {
    const [one, two] = ['a', 'b'].map((id) =>
      mediaPath(itemOf({ id, post: `${'語'.repeat(200)}${id}` }), 'jpg'),
    );
    expect(one).toMatch(/\/語{26}_0_[0-9a-f]{8}\.jpg$/);
    expect(one).not.toBe(two);
  });

  it('keeps apart what differs only by case or by normal form (E10, E11)', () => {
    const ids = ['A', 'a', 'é', 'e\u0301'];
    const paths = ids.map((id) =>
      mediaPath(itemOf({ id, post: id }), 'jpg')
        .normalize('NFC')
        .toLowerCase(),
    );
    expect(new Set(paths).size).toBe(ids.length);
  });
});

describe('a path inside the archive', () => {
  it.each([
    '..',
    '../x',
    'data/../../x',
    '/etc/passwd',
    'C:\\x',
    'c:x',
    'a\0b',
    '',
    '../archive-of-another/x',
  ])('is refused where it would leave it: %j', (path) => {
    expect(staysInside(path)).toBe(false);
    expect(() => inside('/archive', path)).toThrow(StorageError);
  });

  it.each(['data/media/x.jpg', 'data/./media//x', 'data/media/../x'])(
    'is one of this system otherwise: %j',
    (path) => {
      expect(inside('/archive', path).startsWith(`${sep}archive${sep}data${sep}`)).toBe(true);
    },
  );

  it('gives an item one part file for the living web, and one for each other address', () => {
    const [a, b] = ['http://x/a', 'http://x/b'];
    expect(partPath('i', 'live', a)).toBe(partPath('i', 'live', b));
    const paths = [
      partPath('i', 'live', a),
      partPath('i', 'alternate', a),
      partPath('i', 'snapshot', b),
      partPath('j', 'live', a),
    ];
    expect(new Set(paths).size).toBe(4);
    for (const path of paths) expect(path).toMatch(/^\.oxbow\/parts\/[0-9a-f]{32}\.part$/);
  });

  it('numbers segments so that their names sort for a long time', () => {
    expect([1, 23, 9999, 10_000].map(segmentName)).toEqual([
      '0001.jsonl',
      '0023.jsonl',
      '9999.jsonl',
      '10000.jsonl',
    ]);
    expect(names.openPosts.startsWith(names.work)).toBe(true);
  });
});
