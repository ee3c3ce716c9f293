import { describe, expect, test } from 'vitest';
import { sniff } from '../../src/verify/content-type.ts';
import { gif, jpeg, mp3, mp4, ogg, photo, png, webp } from '../helpers/media.ts';

const head = (...parts: (string | number[])[]) =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    ),
  );
const ftyp = (brand: string) => head([0, 0, 0, 24], `ftyp${brand}`, [0, 0, 0, 0], 'isom');

/** The start of an Ogg file: one page with the mark of its codec. */
const page = (codec: string) => head('OggS', [0, 2, ...Array(20).fill(0), 1, 30], codec, Array(22).fill(0));

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
    ['WAV beyond 4 GiB', head('RF64', [255, 255, 255, 255], 'WAVEds64'), 'audio/wav', 'wav'],
    ['WAV', head('RIFF', [0, 0, 0, 0], 'WAVEfmt '), 'audio/wav', 'wav'],
    ['FLAC', head('fLaC', [0, 0, 0, 34]), 'audio/flac', 'flac'],
    ['Opus, of which there is only the first page', page('OpusHead'), 'audio/ogg', 'opus'],
    ['Vorbis, of which there is only the first page', page('\x01vorbis'), 'audio/ogg', 'ogg'],
    ['FLAC in Ogg', page('\x7fFLAC'), 'audio/ogg', 'oga'],
    ['Theora', page('\x80theora'), 'video/ogg', 'ogv'],
    ['RealAudio', head([0x2e, 0x72, 0x61, 0xfd], 'x'), 'audio/x-realaudio', 'ra'],
    ['Sun audio', head('.snd', [0, 0, 0, 24]), 'audio/basic', 'au'],
    ['PCX', head([0x0a, 5, 1, 8, 0, 0, 0, 0]), 'image/x-pcx', 'pcx'],
    ['TGA, which looks like a cursor', head([0, 0, 2, ...Array(30).fill(0)]), 'image/x-tga', 'tga'],
    [
      'a cursor',
      head([0, 0, 2, 0, 1, 0, 32, 32, 0, 0, 0, 0, 0, 0, 48, 1, 0, 0, 22, 0]),
      'image/x-icon',
      'cur',
    ],
    [
      'Windows Media when it is cut',
      head([0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11], 'x'),
      'video/x-ms-asf',
      'wmv',
    ],
    ['a film of before 2001', head([0, 0, 1, 0], 'moov', [0, 0, 0, 108], 'mvhd'), 'video/quicktime', 'mov'],
    [
      'TIFF whose index lies far behind',
      head('II*\0', [8, 0, 1, 0], Array(100).fill(1)),
      'image/tiff',
      'tif',
    ],
    ['TIFF of the other order', head('MM\0*', [0, 1, 0, 8], Array(100).fill(1)), 'image/tiff', 'tif'],
    ['PDF after lines', head('\r\n\r\n%PDF-1.4\n'), 'application/pdf', 'pdf'],
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
    [
      'SVG of a drawing program, with names of its own in the document type',
      head(
        `<?xml version="1.0"?><!DOCTYPE svg PUBLIC "x" "y" [\n${'<!ENTITY ns "http://ns.example/">'.repeat(200)}`,
      ),
      'image/svg+xml',
      'svg',
    ],
    ['SVG under a prefix', head('<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>'), 'image/svg+xml', 'svg'],
    ['a page after an instruction', head('<?php?><!-- x --><html>'), 'text/html', 'html'],
    ['XML that has but begun', head('<?xml version="1.0"'), 'application/xml', 'xml'],
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
    ['nothing but ones, which are no sound', new Uint8Array(4100).fill(0xff), 'text/plain', 'txt'],
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

test.each(['utf-16le', 'utf-16be'])('a page in %s is a page', async (coding) => {
  const bytes = Buffer.from('\ufeff<!DOCTYPE html><html><body>gone</body></html>', 'utf16le');
  expect((await sniff(coding === 'utf-16le' ? bytes : bytes.swap16()))?.type).toBe('text/html');
});
