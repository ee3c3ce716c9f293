import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { unzipped } from '../../src/sources/bytes.ts';
import { decoded, detached, lines } from '../../src/sources/text.ts';

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function textOf(bytes: Uint8Array, size: number): Promise<{ text: string; isDamaged: boolean }> {
  let text = '';
  let isDamaged = false;
  for await (const part of decoded(chunks(bytes, size), () => (isDamaged = true))) text += part;
  return { text, isDamaged };
}

const bigEndian = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16();

it.each([1, 2, 3, 5, 1000])(
  'G13 decodes UTF-8 and UTF-16, with mark and without, in chunks of %i',
  async (size) => {
    const given = 'héron 🪶 ﬁn\n';
    for (const bytes of [
      Buffer.from(given),
      Buffer.from(`\ufeff${given}`),
      Buffer.from(`\ufeff${given}`, 'utf16le'),
      bigEndian(given),
    ]) {
      expect(await textOf(bytes, size)).toEqual({ text: given, isDamaged: false });
    }
  },
);

it('G13 replaces what is no UTF-8, and says so', async () => {
  expect(await textOf(Buffer.from([0x61, 0xe9, 0x62]), 2)).toEqual({ text: 'a\ufffdb', isDamaged: true });
  expect(await textOf(Buffer.from([0x61, 0x62, 0x63, 0xc3]), 9)).toEqual({
    text: 'abc\ufffd',
    isDamaged: true,
  });
  expect(await textOf(Buffer.from('a\ufffdb\0'), 9)).toEqual({ text: 'a\ufffdb\0', isDamaged: false });
});

async function* pieces(text: string, size: number) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function linesOf(text: string, size: number, longest = 100) {
  const all: (string | undefined)[] = [];
  for await (const some of lines(pieces(text, size), longest)) {
    for (const { number, text } of some) {
      all.push(text);
      expect(number).toBe(all.length);
    }
  }
  return all;
}

it.each([1, 2, 7, 1000])('cuts lines, whatever ends them, in pieces of %i', async (size) => {
  expect(await linesOf('one\r\n\ntwo \nthree', size)).toEqual(['one', '', 'two ', 'three']);
  expect(await linesOf('one\n', size)).toEqual(['one']);
  expect(await linesOf('', size)).toEqual([]);
});

it.each([1, 9, 1000])('G14 does not hold a line that is too long, in pieces of %i', async (size) => {
  expect(await linesOf(`a\n${'x'.repeat(50)}\nb\n${'y'.repeat(11)}`, size, 10)).toEqual([
    'a',
    undefined,
    'b',
    undefined,
  ]);
  expect(await linesOf(`${'z'.repeat(10)}\nb`, size, 10)).toEqual(['z'.repeat(10), 'b']);
});

it('unpacks what begins as gzip does, however small the chunks', async () => {
  const given = Buffer.from('{"posts":[]}');
  for (const bytes of [given, gzipSync(given)]) {
    const parts: Uint8Array[] = [];
    for await (const part of unzipped(chunks(bytes, 1), 'it')) parts.push(part);
    expect(Buffer.concat(parts)).toEqual(given);
  }
});

it.each([
  ['cut', gzipSync('{"posts":[]}').subarray(0, 20), 'it ends in the middle: its compression is cut short.'],
  [
    'damaged',
    Buffer.concat([gzipSync('{}').subarray(0, 10), Buffer.alloc(30, 0xff)]),
    'it is damaged: its compression makes no sense.',
  ],
])('says of gzip that is %s what is wrong', async (_, bytes, sentence) => {
  const read = async () => {
    for await (const _ of unzipped(chunks(bytes, 5), 'it'));
  };
  await expect(read()).rejects.toThrow(sentence);
});

it('copies text as it is', () => {
  for (const text of ['', 'abc', 'é🪶"\\\n', '\ud800 alone']) expect(detached(text)).toBe(text);
});
