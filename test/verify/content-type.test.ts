import { describe, expect, test } from 'vitest';
import type { Kind } from '../../src/model.ts';
import { fits, kindOf, sniff } from '../../src/verify/content-type.ts';
import { gif, jpeg, mp3, mp4, ogg, photo, png, webp } from '../helpers/media.ts';

const head = (...parts: (string | number[])[]) =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    ),
  );
const ftyp = (brand: string) => head([0, 0, 0, 24], `ftyp${brand}`, [0, 0, 0, 0], 'isom');

describe('what the first bytes say', () => {
  test.each([
    ['a real JPEG', jpeg, 'image/jpeg', 'jpg'],
    ['a photo of these tests', photo(), 'image/jpeg', 'jpg'],
    ['a real PNG', png, 'image/png', 'png'],
    ['a real GIF', gif, 'image/gif', 'gif'],
    ['a real WebP', webp, 'image/webp', 'webp'],
    ['a real MP4', mp4, 'video/mp4', 'mp4'],
    ['a real MP3', mp3, 'audio/mpeg', 'mp3'],
    ['a real Ogg', ogg, 'audio/ogg', 'ogg'],
    ['GIF of 1987', head('GIF87a', [1, 0, 1, 0]), 'image/gif', 'gif'],
    ['AVIF', ftyp('avif'), 'image/avif', 'avif'],
    ['HEIC', ftyp('heic'), 'image/heic', 'heic'],
    ['QuickTime', ftyp('qt  '), 'video/quicktime', 'mov'],
    ['M4A', ftyp('M4A '), 'audio/mp4', 'm4a'],
    ['3GP', ftyp('3gp4'), 'video/3gpp', '3gp'],
    ['any other brand', ftyp('isom'), 'video/mp4', 'mp4'],
    [
      'WebM',
      head([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 0x01, 0x42, 0x82, 0x84], 'webm'),
      'video/webm',
      'webm',
    ],
    ['WAV', head('RIFF', [0, 0, 0, 0], 'WAVEfmt '), 'audio/wav', 'wav'],
    ['FLAC', head('fLaC', [0, 0, 0, 34]), 'audio/flac', 'flac'],
    ['PDF, by file-type', head('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'), 'application/pdf', 'pdf'],
    ['a page', head('<!DOCTYPE html>\n<html>'), 'text/html', 'html'],
    [
      'a page after blank lines and a byte-order mark',
      head([0xef, 0xbb, 0xbf], ' \r\n <HTML lang=en>'),
      'text/html',
      'html',
    ],
    ['XHTML', head('<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">\n<html>'), 'text/html', 'html'],
    ['a script', head('<script>location="/"</script>'), 'text/html', 'html'],
    ['SVG', head('<svg xmlns="http://www.w3.org/2000/svg">'), 'image/svg+xml', 'svg'],
    [
      'SVG after prolog and comment',
      head('<?xml version="1.0"?>\n<!-- by hand -->\n<svg>'),
      'image/svg+xml',
      'svg',
    ],
    ['XML', head('<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'), 'application/xml', 'xml'],
    ['JSON', head('{"error":"not found"}'), 'application/json', 'json'],
    ['an empty list', head('[]'), 'application/json', 'json'],
    [
      'words in Cyrillic',
      new Uint8Array(Buffer.from('Страница не найдена. '.repeat(20))),
      'text/plain',
      'txt',
    ],
    ['words in an old table', head('Seite f\xfcr immer gel\xf6scht'), 'text/plain', 'txt'],
    ['plain words', head('Not found\n'), 'text/plain', 'txt'],
  ])('%s', async (_, bytes, type, ext) => {
    expect(await sniff(bytes.subarray(0, 4100))).toEqual({ type, ext });
  });

  test.each([
    ['no bytes at all', new Uint8Array()],
    ['no bytes at all, of a Buffer', Buffer.alloc(0)],
    ['a single zero', new Uint8Array(1)],
    ['noise', head([0x00, 0x01, 0x9c, 0xfe, 0x13, 0x07, 0x80, 0x02])],
  ])('%s: unknown', async (_, bytes) => {
    expect(await sniff(bytes)).toBeUndefined();
  });

  test('any start of any file is taken without an error', async () => {
    for (const whole of [jpeg, png, gif, webp, mp4, mp3, ogg]) {
      for (let n = 0; n < 64; n++) await sniff(new Uint8Array(whole.subarray(0, n)));
    }
  });

  test('hostile text does not cost more than a moment', async () => {
    const began = process.cpuUsage().user;
    for (const text of ['<!--'.repeat(1000), '<!-- -->'.repeat(500), `<?xml ${' '.repeat(4000)}`])
      await sniff(head(text));
    expect(process.cpuUsage(undefined).user - began).toBeLessThan(2_000_000);
  });
});

describe('whether it fits what was expected', () => {
  const html = { type: 'text/html', ext: 'html' };
  test.each<[string, string | undefined, Kind, string]>([
    ['JPEG for an image', 'image/jpeg', 'image', 'image/jpeg'],
    ['SVG for an image', 'image/svg+xml', 'image', 'image/svg+xml'],
    ['a page for an image', 'text/html', 'image', 'text/html in place of an image'],
    ['JSON for an image', 'application/json', 'image', 'application/json in place of an image'],
    ['text for a video', 'text/plain', 'video', 'text/plain in place of a video'],
    ['a video for an image', 'video/mp4', 'image', 'video/mp4 in place of an image'],
    ['an image for a video', 'image/gif', 'video', 'image/gif in place of a video'],
    ['Ogg for a video', 'application/ogg', 'video', 'application/ogg'],
    ['Ogg for an audio', 'application/ogg', 'audio', 'application/ogg'],
    ['a page for an audio', 'text/html', 'audio', 'text/html in place of an audio'],
    ['a page for a file', 'text/html', 'file', 'text/html in place of a file'],
    ['PDF for a file', 'application/pdf', 'file', 'application/pdf'],
    ['text for a file', 'text/plain', 'file', 'text/plain'],
  ])('%s', (_, type, kind, expected) => {
    const fit = fits(type ? { type, ext: 'x' } : undefined, kind, undefined);
    expect('type' in fit ? fit.type.type : fit.reason.detail).toBe(expected);
    if ('reason' in fit) expect(fit.reason.code).toBe('wrong-type');
  });

  test.each<[Kind, string | undefined, string, string]>([
    ['image', undefined, 'application/octet-stream', 'img'],
    ['image', 'image/x-strange', 'image/x-strange', 'img'],
    ['image', 'IMAGE/X-Strange; q="', 'image/x-strange', 'img'],
    ['image', 'text/html', 'application/octet-stream', 'img'],
    ['video', 'video/x-strange', 'video/x-strange', 'vid'],
    ['audio', '', 'application/octet-stream', 'aud'],
    ['file', 'application/x-thing', 'application/x-thing', 'bin'],
    ['file', 'no type', 'application/octet-stream', 'bin'],
  ])('bytes nobody knows for %s, declared as %s, are taken for %s', (kind, declared, type, ext) => {
    expect(fits(undefined, kind, declared)).toEqual({ type: { type, ext } });
  });

  test('the bytes decide, not the label', () => {
    expect('reason' in fits(html, 'image', 'image/jpeg')).toBe(true);
    expect(fits({ type: 'image/jpeg', ext: 'jpg' }, 'image', 'text/html')).toEqual({
      type: { type: 'image/jpeg', ext: 'jpg' },
    });
  });
});

test.each([
  ['image/jpeg', 'image'],
  ['video/mp4', 'video'],
  ['audio/ogg', 'audio'],
  ['application/pdf', 'file'],
  ['text/plain', 'file'],
])('%s is %s', (type, kind) => {
  expect(kindOf(type)).toBe(kind);
});

test.each(['utf-16le', 'utf-16be'])('a page in %s is a page', async (coding) => {
  const bytes = Buffer.from('\ufeff<!DOCTYPE html><html><body>gone</body></html>', 'utf16le');
  expect((await sniff(coding === 'utf-16le' ? bytes : bytes.swap16()))?.type).toBe('text/html');
});
