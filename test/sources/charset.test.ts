import { describe, expect, it } from 'vitest';
import { pageText } from '../../src/sources/charset.ts';

async function read(bytes: Uint8Array, declared?: string, length = bytes.length) {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
  }
  let damages = 0;
  let text = '';
  for await (const chunk of pageText(chunks(), declared, () => damages++)) text += chunk;
  return { text, damages };
}

const latin = (text: string) => Buffer.from(text, 'latin1');
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const sjis = Buffer.concat([latin('<meta charset=shift_jis>'), Buffer.from('8ee9', 'hex')]);

describe('G13 the encoding of a page', () => {
  it.each([
    [
      'is UTF-8 where nothing is said',
      Buffer.from('caf\u00e9 \ud83d\udc38'),
      undefined,
      'caf\u00e9 \ud83d\udc38',
    ],
    [
      'is windows-1252 where it cannot be UTF-8',
      latin('caf\u00e9 \u0093x\u0094'),
      undefined,
      'caf\u00e9 \u201cx\u201d',
    ],
    ['is what its server says', latin('caf\u00e9'), 'text/html; charset="ISO-8859-1"', 'caf\u00e9'],
    [
      'is what the page says',
      latin('<meta charset="iso-8859-2">\u00b1'),
      'text/html',
      '<meta charset="iso-8859-2">\u0105',
    ],
    [
      'is what the page says in the old way',
      latin('<meta http-equiv=Content-Type content="text/html; charset=koi8-r">\u00c1'),
      undefined,
      '<meta http-equiv=Content-Type content="text/html; charset=koi8-r">\u0430',
    ],
    [
      'is what the XML says',
      latin('<?xml version="1.0" encoding="windows-1251"?>\u00e0'),
      'text/xml',
      '<?xml version="1.0" encoding="windows-1251"?>\u0430',
    ],
    ['is of many bytes a letter', sjis, undefined, '<meta charset=shift_jis>\u6731'],
    [
      'is what its mark says, whatever else is said',
      utf16('caf\u00e9'),
      'text/html; charset=utf-8',
      'caf\u00e9',
    ],
    [
      'is what the server says rather than the page',
      latin('<meta charset=utf-8>\u00e9'),
      'text/html; charset=latin1',
      '<meta charset=utf-8>\u00e9',
    ],
    [
      'is not one that nobody knows',
      latin('<meta charset=utf-8>x'),
      'text/html; charset=klingon',
      '<meta charset=utf-8>x',
    ],
    [
      'is not UTF-16 in bytes that can be read',
      latin('<meta charset=utf-16>x'),
      undefined,
      '<meta charset=utf-16>x',
    ],
  ])('%s', async (_, bytes, declared, text) => {
    expect(await read(bytes, declared)).toEqual({ text, damages: 0 });
    expect(await read(bytes, declared, 1)).toEqual({ text, damages: 0 });
  });

  it.each([
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from('a'), Buffer.from('ff', 'hex'), Buffer.from('b')]),
      'a\ufffdb',
    ],
    ['a letter that is cut at the end', Buffer.from('ab\u00e9').subarray(0, 3), 'ab\ufffd'],
    ['a wrong declaration', latin('caf\u00e9 au lait'), 'caf\ufffd au lait'],
  ])('is damaged by %s, which is told once', async (_, bytes, text) => {
    expect(await read(bytes, 'text/html; charset=utf-8')).toEqual({ text, damages: 1 });
  });

  it('is not damaged by what a text says of itself, nor by NUL', async () => {
    expect(await read(Buffer.from('a\ufffdb\0c'))).toEqual({ text: 'a\ufffdb\0c', damages: 0 });
  });

  it('is nothing where there is nothing', async () => {
    expect(await read(Buffer.alloc(0))).toEqual({ text: '', damages: 0 });
  });
});
