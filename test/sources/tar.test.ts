import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SourceError } from '../../src/errors.ts';
import { openParts, type Part } from '../../src/sources/parts.ts';
import { openFiles } from '../helpers/source-suite.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const { signal } = new AbortController();
afterEach(() => vi.unstubAllEnvs());
const file = (name: string, body: string): TarEntry => ({ header: { name, size: body.length }, body });
const long = `${'folder/'.repeat(30)}${'n'.repeat(120)}.jpg`;

const entries: readonly TarEntry[] = [
  { header: { name: 'media/', size: 0, type: 'directory' } },
  file('./outbox.json', '{"a":1}'),
  file('media/moss.jpg', 'm'.repeat(1500)),
  file('media/größe.png', 'g'),
  file(long, 'far away'),
  file('empty', ''),
];

async function textOf(part: Part, name: string): Promise<string | undefined> {
  const opened = await part.open(name);
  if (!opened) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.body) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}

async function opened(bytes: Uint8Array, test: (part: Part, dir: string) => Promise<void>): Promise<void> {
  await withTempFolder(async (dir) => {
    vi.stubEnv('TMPDIR', dir);
    await writeFile(join(dir, 'some.file'), bytes);
    const parts = await openParts(join(dir, 'some.file'), signal).finally(() => vi.unstubAllEnvs());
    await test(parts.all[0]!, dir);
    await parts.close();
    expect((await readdir(dir)).filter((name) => name.startsWith('oxbow-export-'))).toEqual([]);
    expect(openFiles().filter((one) => one.startsWith(dir))).toEqual([]);
  });
}

describe('a tar', () => {
  it.each([
    ['as it is', (bytes: Uint8Array) => bytes],
    ['compressed', (bytes: Uint8Array) => gzipSync(bytes)],
  ])('is opened %s, whatever it is called', async (_, made) => {
    await opened(made(await packTar(entries)), async (part) => {
      const names = ['outbox.json', 'media/moss.jpg', 'media/größe.png', long, 'empty'];
      expect([...part.names()]).toEqual(names);
      expect(part.refused).toBe(0);
      expect(await Promise.all(names.map((name) => textOf(part, name)))).toEqual([
        '{"a":1}',
        'm'.repeat(1500),
        'g',
        'far away',
        '',
      ]);
      expect(await textOf(part, 'media/none.jpg')).toBeUndefined();
    });
  });

  it('leaves out links, doubles, and names that lead out of it', async () => {
    const bytes = await packTar([
      file('a', 'first'),
      file('a', 'second'),
      file('../b', 'out'),
      file('/etc/c', 'out'),
      { header: { name: 'd', size: 0, type: 'symlink', linkname: '/etc/passwd' } },
      { header: { name: 'e', size: 0, type: 'link', linkname: 'a' } },
      file('f', 'last'),
    ]);
    await opened(bytes, async (part) => {
      expect([...part.names()]).toEqual(['a', 'f']);
      expect(part.refused).toBe(5);
      expect(await textOf(part, 'a')).toBe('first');
    });
  });

  it('reads names of GNU that are too long for a header, and sizes that are no digits', async () => {
    const name = `${'x'.repeat(200)}.jpg`;
    const bytes = Buffer.from(
      await packTar([
        { header: { name: '././@LongLink', size: name.length, type: 'gnu-long-name' }, body: name },
        file('short', 'body'),
      ]),
    );
    const header = bytes.subarray(1024, 1536);
    header.fill(0, 124, 136);
    header[124] = 0x80;
    header[135] = 4;
    header.fill(32, 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0`,
      148,
    );
    await opened(bytes, async (part) => {
      expect([...part.names()]).toEqual([name]);
      expect(await textOf(part, name)).toBe('body');
    });
  });

  it.each([
    ['in a body', 1024 + 512 + 100, 'it ends in the middle'],
    ['between two entries', 1024, 'it ends in the middle'],
    ['in a header', 1024 + 512 + 1024 + 100, 'it ends in the middle'],
  ])('that is cut %s is refused, and nothing is left behind', async (_, length, why) => {
    const whole = await packTar([file('a', 'first'), file('b', 'b'.repeat(1000)), file('c', 'last')]);
    const cut = whole.subarray(0, length);
    await expect(opened(cut, async () => undefined)).rejects.toThrow(why);
    await expect(opened(gzipSync(cut), async () => undefined)).rejects.toThrow(SourceError);
  });

  it('that was changed, or whose compression is cut, is refused', async () => {
    const whole = Buffer.from(await packTar(entries));
    await expect(opened(gzipSync(whole).subarray(0, 100), async () => undefined)).rejects.toThrow(
      'its compression is cut short',
    );
    whole[520] = 7;
    await expect(opened(whole, async () => undefined)).rejects.toThrow('is no header');
  });

  it('of twenty gigabytes is gone through from header to header, not read', () =>
    withTempFolder(async (dir) => {
      const name = join(dir, 'huge.tar');
      const huge = 20 * 2 ** 30;
      const [head, rest] = [
        await packTar([file('media/huge.mp4', '')]),
        await packTar([file('outbox.json', '{}')]),
      ];
      const header = Buffer.from(head.subarray(0, 512));
      header.fill(0, 124, 136).writeBigUInt64BE(BigInt(huge), 128);
      header[124] = 0x80;
      header.fill(32, 148, 156);
      header.write(
        `${header
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, '0')}\0`,
        148,
      );
      const handle = await open(name, 'w');
      await handle.write(header, 0, 512, 0);
      await handle.write(rest, 0, rest.length, 512 + huge); // between them is nothing, and takes no room
      await handle.close();
      const { all, close } = await openParts(name, signal);
      expect([...all[0]!.names()]).toEqual(['media/huge.mp4', 'outbox.json']);
      expect(await textOf(all[0]!, 'outbox.json')).toBe('{}');
      const opened = await all[0]!.open('media/huge.mp4');
      expect(opened!.bytes).toBe(huge);
      opened!.body.destroy();
      await close();
    }));

  it('is not unpacked without end', async () => {
    await withTempFolder(async (dir) => {
      vi.stubEnv('TMPDIR', dir);
      const member = gzipSync(Buffer.alloc(2 ** 25)); // zeros, which shrink to a thousandth
      const file = join(dir, 'bomb.tar.gz');
      await writeFile(file, Buffer.concat(Array.from({ length: 3 }, () => member)));
      await expect(openParts(file, signal)).rejects.toThrow('far more than its size');
      expect(await readdir(dir)).toEqual(['bomb.tar.gz']);
    });
  });
});
