import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { SourceError } from '../../src/errors.ts';
import { DamagedFile } from '../../src/sources/source.ts';
import { Zip } from '../../src/sources/zip.ts';
import { openFiles } from '../helpers/source-suite.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { type ZipEntry, zipOf } from '../helpers/zip-file.ts';

const never = new AbortController().signal;

async function withZip<T>(bytes: Buffer, work: (zip: Zip, file: string) => Promise<T>, from = 0): Promise<T> {
  return withTempFolder(async (dir) => {
    const file = join(dir, 'a.zip');
    await writeFile(file, Buffer.concat([Buffer.alloc(from, 'x'), bytes, Buffer.alloc(from, 'x')]));
    return work(await Zip.open({ file, name: 'the zip', from, bytes: bytes.length }, never), file);
  });
}

async function read(zip: Zip, name: string): Promise<string | undefined> {
  const opened = await zip.open(name);
  if (!opened) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.body) chunks.push(chunk as Uint8Array);
  const whole = Buffer.concat(chunks);
  expect(whole.length).toBe(opened.bytes);
  return whole.toString();
}

const long = 'moss and fern '.repeat(20_000);
const sound: readonly ZipEntry[] = [
  { name: 'media/', body: '' },
  { name: 'media/1_0.jpg', body: 'one' },
  { name: 'posts/html/1.html', body: long, packed: true },
  { name: 'posts/größe.html', body: '', packed: true },
  { name: 'posts\\html\\2.html', body: 'two' },
];

describe('a zip', () => {
  it.each([
    ['as it is', {}, 0],
    ['as one of more than 4 GiB is written', { large: true }, 0],
    ['stored within another file', {}, 1000],
  ])('%s gives its files back, and holds none of them open', async (_, options, from) => {
    await withZip(
      zipOf(sound, options),
      async (zip, file) => {
        expect([...zip.names()]).toEqual([
          'media/1_0.jpg',
          'posts/html/1.html',
          'posts/größe.html',
          'posts/html/2.html',
        ]);
        expect(zip.refused).toBe(0);
        expect(await read(zip, 'media/1_0.jpg')).toBe('one');
        expect(await read(zip, 'posts/html/1.html')).toBe(long);
        expect(await read(zip, 'posts/größe.html')).toBe('');
        expect(await read(zip, 'posts/html/3.html')).toBeUndefined();
        const untouched = await zip.open('media/1_0.jpg');
        untouched!.body.destroy();
        expect(openFiles()).not.toContain(file);
      },
      from,
    );
  });

  it('tells where an entry lies that is stored as it is', async () => {
    const inner = zipOf([{ name: 'deep.txt', body: 'down here' }]);
    const outer = zipOf([
      { name: 'first.txt', body: 'x' },
      { name: 'inner.zip', body: inner },
      { name: 'packed.zip', body: inner, packed: true },
    ]);
    await withZip(outer, async (zip) => {
      const extent = await zip.extent('inner.zip');
      const deep = await Zip.open({ ...extent!, name: 'the inner zip' }, never);
      expect(await read(deep, 'deep.txt')).toBe('down here');
      expect(await zip.extent('packed.zip')).toBeUndefined();
    });
  });

  test('F11 leaves out names that would lead out of it, links, and what is there already', async () => {
    const hostile = [
      '../up.jpg',
      'a/../../up.jpg',
      '/etc/passwd',
      'C:\\a.jpg',
      '..\\up.jpg',
      'a\0.jpg',
      'a//b',
      './c',
    ];
    const entries: ZipEntry[] = [
      ...hostile.map((name) => ({ name, body: 'x' })),
      { name: 'link.jpg', body: '/etc/passwd', mode: 0o120777 },
      { name: `${'n'.repeat(2000)}.jpg`, body: 'x' },
      { name: 'good.jpg', body: 'good' },
      { name: 'good.jpg', body: 'another' },
    ];
    await withZip(zipOf(entries), async (zip) => {
      expect([...zip.names()]).toEqual(['good.jpg']);
      expect(zip.refused).toBe(entries.length - 1);
      expect(await read(zip, 'good.jpg')).toBe('good');
    });
  });

  const bomb = Buffer.alloc(2 ** 20);
  test.each<[string, Partial<ZipEntry>, RegExp]>([
    ['has another checksum', { crc: 1 }, /checksum/],
    ['has another checksum, packed', { crc: 1, packed: true }, /checksum/],
    ['opens to more than it says', { size: 10, packed: true }, /more than the 10 bytes/],
    ['opens to less than it says', { size: 2 ** 20 + 1, packed: true }, /1048576 bytes instead of 1048577/],
    ['says that it is larger than it can be', { size: 2 ** 32 - 2, packed: true }, /cannot be/],
    ['is stored in another length than it has', { size: 5 }, /cannot be/],
    ['is encrypted', { flags: 0x801 }, /encrypted/],
    ['is packed in another way', { method: 12 }, /method 12/],
    ['is said to be packed and is not', { method: 8, body: 'fern'.repeat(100) }, /makes no sense/],
  ])('F11 an entry that %s is no whole file, and the next one is', async (_, wrong, message) => {
    const entries = [
      { name: 'wrong', body: bomb, ...wrong },
      { name: 'right', body: 'right' },
    ];
    await withZip(zipOf(entries), async (zip) => {
      const reading = read(zip, 'wrong');
      await expect(reading).rejects.toThrow(DamagedFile);
      await expect(reading).rejects.toThrow(message);
      expect(await read(zip, 'right')).toBe('right');
    });
  });

  test('F11 entries that lie in the same place are not opened', async () => {
    const entries = [
      { name: 'a', body: 'aaaa' },
      { name: 'b', body: 'aaaa', at: 0 },
      { name: 'c', body: 'c' },
    ];
    await withZip(zipOf(entries), async (zip) => {
      await expect(read(zip, 'a')).rejects.toThrow(/same place/);
      await expect(read(zip, 'b')).rejects.toThrow(/same place/);
      expect(await read(zip, 'c')).toBe('c');
    });
  });

  test.each([
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 30)],
    ['is no zip at all', () => Buffer.from('moss')],
    ['is empty', () => Buffer.alloc(0)],
    ['has a directory that is none', (bytes: Buffer) => spoilt(bytes, 0x02014b50)],
    ['has its directory elsewhere', (bytes: Buffer) => bytes.subarray(10)],
  ])('one that %s is told of in a sentence', async (_, spoil) => {
    const opening = withZip(spoil(zipOf(sound)), async () => undefined);
    await expect(opening).rejects.toThrow(SourceError);
    await expect(opening).rejects.toThrow(
      /^the zip is no whole zip file: the directory at its end is missing/,
    );
  });

  test('an entry whose bytes are elsewhere is no whole file', async () => {
    await withZip(spoilt(zipOf([{ name: 'a', body: 'a' }]), 0x04034b50), async (zip) => {
      await expect(read(zip, 'a')).rejects.toThrow(/does not lie where the zip says/);
    });
  });

  function spoilt(bytes: Buffer, signature: number): Buffer {
    const mark = Buffer.alloc(4);
    mark.writeUInt32LE(signature);
    const copy = Buffer.from(bytes);
    copy.fill(0, copy.indexOf(mark), copy.indexOf(mark) + 4);
    return copy;
  }

  it('of more entries than one window shows is read by windows, and any of them is found', async () => {
    const entries = Array.from({ length: 15_000 }, (_, n) => ({ name: `media/${n}_0.jpg`, body: String(n) }));
    await withZip(zipOf(entries, { large: true }), async (zip) => {
      expect([...zip.names()]).toHaveLength(15_000);
      expect(await read(zip, 'media/14999_0.jpg')).toBe('14999');
      expect(await read(zip, 'media/0_0.jpg')).toBe('0');
    });
  });
});
