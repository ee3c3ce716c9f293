import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import type { Download } from '../../src/model.ts';
import { base32 } from '../../src/sums.ts';
import {
  isPlaceholder,
  type Placeholder,
  Placeholders,
  readPlaceholders,
} from '../../src/verify/placeholders.ts';
import { downloadOf } from '../helpers/parcels.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const sum = 'b'.repeat(64);
const imgur = '9b5936f4006146e4e1e9025b474c02863c0b5614132ad40db4b925a10e8bfbb9';
const sha1 = base32(createHash('sha1').update('a picture of nothing').digest());

async function read(content: string) {
  return withTempFolder(async (dir) => {
    const file = join(dir, 'more.json');
    await writeFile(file, content);
    return readPlaceholders(file);
  });
}

const readEntries = (...placeholders: object[]) => read(JSON.stringify({ version: 2, placeholders }));

/** Whether a download is one of these, and how often it had to be summed for that. */
async function ask(entries: readonly Placeholder[], download: Partial<Download>, itsSha1 = sha1) {
  let sums = 0;
  const reason = await isPlaceholder(new Placeholders(entries), downloadOf(download), async () => {
    sums++;
    return itsSha1;
  });
  return { isOne: reason?.code === 'placeholder', sums };
}

const answeredBy = async (address: string, from: string, memento: string | null = null) =>
  (await ask([{ address, seen: 'here' }], { from, memento })).isOne;

describe('the built-in list', () => {
  const known = readPlaceholders(null);
  test.each<[string, Partial<Download>]>([
    ['a sum', { sha256: imgur }],
    ['the address that answered', { from: 'https://i.imgur.com/removed.png' }],
    ['any address of a folder', { from: 'https://assets.tumblr.com/images/media_violation/x_v2_500.png' }],
    [
      'an address at the end of a capture',
      {
        from: 'https://web.archive.org/web/20190102030405id_/http://assets.tumblr.com/images/inline_placeholder.png',
        memento: 'Wed, 02 Jan 2019 03:04:05 GMT',
      },
    ],
  ])('knows a placeholder by %s, and says where it was seen', async (_, download) => {
    const reason = await isPlaceholder(known, downloadOf(download));
    expect(reason).toEqual({
      code: 'placeholder',
      detail: expect.stringMatching(/^sha256 [0-9a-f]{64}.* seen at (i\.imgur|tumblr)\.com/),
    });
  });

  test('knows no other', async () => {
    expect(await isPlaceholder(known, downloadOf())).toBeUndefined();
    expect(known.ofSha256(imgur)).toMatchObject({ seen: expect.stringContaining('161 × 81') });
    expect(known.ofSha256(sum)).toBeUndefined();
  });
});

describe('an address', () => {
  test.each([
    ['http://a.example/gone.png', 'http://a.example/gone.png', true],
    ['http://a.example/gone.png', 'https://a.example/gone.png', true],
    ['http://A.example:80/x/../gone.png', 'https://a.example/gone.png#top', true],
    ['http://a.example/gone.png', 'http://a.example/gone.png?v=2', false],
    ['http://a.example/gone.png', 'http://a.example/', false],
    ['http://a.example/gone*', 'http://a.example/gone.png?v=2', true],
    ['http://a.example/gone*', 'http://a.example/here', false],
    ['http://a.example/*/gone.png', 'http://a.example/x/y/gone.png', true],
    ['http://a.example/*/gone.png', 'http://a.example/gone.png', false],
    ['http://a.example/*gone*_v*.png', 'http://a.example/is/gone_v1_v.png', true],
    ['http://a.example/*gone*_v*.png', 'http://a.example/is/_v1gone.png', false],
    ['http://a.example/a*a', 'http://a.example/a', false],
    ['http://a.example/a.png', 'http://a.example/aXpng', false],
  ])('%s is answered by %s: %s', async (address, from, expected) => {
    const known = await readEntries({ address, seen: 'here' });
    expect((await isPlaceholder(known, downloadOf({ from }))) !== undefined).toBe(expected);
  });

  test('with many asterisks is compared in steps, not in all ways there are', async () => {
    const address = `http://a.example/${'*a'.repeat(5000)}*b`;
    expect(await answeredBy(address, `http://a.example/${'a'.repeat(16_000)}`)).toBe(false);
    expect(await answeredBy(address, `http://a.example/${'a'.repeat(5000)}b`)).toBe(true);
  });

  test('that only embeds another one is not that other one, unless it is a capture', async () => {
    const from = 'http://a.example/look/http://b.example/gone.png';
    expect(await answeredBy('http://b.example/gone.png', from)).toBe(false);
    expect(await answeredBy('http://b.example/gone.png', from, 'Wed, 02 Jan 2019 03:04:05 GMT')).toBe(true);
  });
});

describe('a SHA-1', () => {
  const only = (given: Partial<Placeholder> = {}): Placeholder => ({ sha1, seen: 'an index', ...given });

  test.each<[string, Placeholder[], Partial<Download>, { isOne: boolean; sums: number }]>([
    ['decides', [only()], {}, { isOne: true, sums: 1 }],
    ['with the right size decides', [only({ bytes: 20_000 })], {}, { isOne: true, sums: 1 }],
    ['of another size is not even summed', [only({ bytes: 5 })], {}, { isOne: false, sums: 0 }],
    [
      'without a size is not summed of what is large',
      [only()],
      { bytes: 2 ** 20 + 1 },
      { isOne: false, sums: 0 },
    ],
    [
      'with the size of what is large is',
      [only({ bytes: 2 ** 21 })],
      { bytes: 2 ** 21 },
      { isOne: true, sums: 1 },
    ],
    [
      'of the right sum and another size does not',
      [only({ bytes: 5 }), { sha1: 'A'.repeat(32), seen: 'x' }],
      {},
      { isOne: false, sums: 1 },
    ],
    ['beside a SHA-256 is not needed', [only({ sha256: sum })], {}, { isOne: false, sums: 0 }],
    [
      'is not needed where the SHA-256 tells',
      [only(), { sha256: sum, seen: 'x' }],
      { sha256: sum },
      { isOne: true, sums: 0 },
    ],
  ])('%s', async (_, entries, download, expected) => {
    expect(await ask(entries, download)).toEqual(expected);
  });

  test('is made of the part file itself', () =>
    withTempFolder(async (dir) => {
      const part = join(dir, 'part');
      await writeFile(part, 'a picture of nothing');
      expect(await isPlaceholder(new Placeholders([only()]), downloadOf({ part, bytes: 20 }))).toEqual({
        code: 'placeholder',
        detail: `sha256 ${'a'.repeat(64)}, sha1 ${sha1}, seen at an index`,
      });
      await writeFile(part, 'a picture of something');
      expect(
        await isPlaceholder(new Placeholders([only()]), downloadOf({ part, bytes: 20 })),
      ).toBeUndefined();
    }));

  test('is handed on for the choosing of captures, of entries with a SHA-256 too', () => {
    expect(new Placeholders([only({ sha256: sum }), { address: 'http://a/b', seen: 'x' }]).digests).toEqual(
      new Set([sha1]),
    );
  });
});

describe("the user's list", () => {
  test('is added to the built-in one; letter case does not matter', async () => {
    const known = await readEntries(
      { sha256: sum.toUpperCase(), seen: 'at home' },
      { sha1: sha1.toLowerCase(), seen: 'at home' },
    );
    expect(await isPlaceholder(known, downloadOf({ sha256: sum }))).toEqual({
      code: 'placeholder',
      detail: `sha256 ${sum}, seen at at home`,
    });
    expect(await isPlaceholder(known, downloadOf({ sha256: imgur }))).toBeDefined();
    expect(known.digests).toEqual(new Set([sha1]));
  });

  test.each([
    ['of version 1', { version: 1, placeholders: [{ sha256: sum, seen: 'at home' }] }],
    ['of no version', { placeholders: [{ sha256: sum, seen: 'at home' }] }],
    [
      'with keys that nobody knows',
      { version: 2, note: 'x', placeholders: [{ sha256: sum, seen: 'at home', colour: 'grey', host: 5 }] },
    ],
  ])('%s is read', async (_, content) => {
    expect((await read(JSON.stringify(content))).ofSha256(sum)).toEqual({ sha256: sum, seen: 'at home' });
  });

  test.each([
    ['no JSON', 'sha256 of things', /Cannot read the placeholders of .*more\.json/],
    ['no list', '{}', /has no list of 'placeholders'/],
    ['null', 'null', /more\.json has no list/],
    [
      'of a version to come',
      '{"version":3,"placeholders":[]}',
      /of version 3; this version of Oxbow reads 2/,
    ],
  ])('that is %s is refused with the name of the file', async (_, content, message) => {
    const outcome = await read(content).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(UsageError);
    expect((outcome as Error).message).toMatch(message);
  });

  test.each<[unknown, RegExp]>([
    [null, /is no object/],
    ['x', /is no object/],
    [{ seen: 'y' }, /has neither sha256 nor sha1 nor address/],
    [{ sha256: 5, seen: 'y' }, /has for its sha256 what is not 64 hexadecimal digits/],
    [{ sha256: 'x', seen: 'y' }, /has for its sha256 what is not 64/],
    [{ sha1: 'b'.repeat(40), seen: 'y' }, /has for its sha1 what is not 32 letters of base32/],
    [{ address: '*', seen: 'y' }, /has for its address what is not an http/],
    [{ address: 'https://*.example/x', seen: 'y' }, /whose host has no \*/],
    [{ address: 'ftp://a.example/x', seen: 'y' }, /address what is not an http address/],
    [{ sha256: sum }, /does not say where it was 'seen'/],
    [{ sha256: sum, seen: ' ' }, /does not say where/],
    [{ sha256: sum, seen: 'y', bytes: '5' }, /has bytes that are no whole number/],
    [{ sha256: sum, seen: 'y', bytes: -1 }, /has bytes/],
  ])('with the entry %j is refused, and the entry is named', async (entry, message) => {
    const outcome = await readEntries({ sha256: sum, seen: 'fine' }, entry as object).catch(
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(UsageError);
    expect((outcome as Error).message).toMatch(/^Entry 2 of .*more\.json /);
    expect((outcome as Error).message).toMatch(message);
  });

  test('that is not there is refused', () => {
    expect(() => readPlaceholders('/nowhere/more.json')).toThrow(UsageError);
  });
});
