import { describe, expect, test } from 'vitest';
import { type Bytes, structureOf } from '../../../src/verify/wholeness.ts';
import { Counted, joined, sample, structure, u32 } from './samples.ts';

/** A head, then the same bytes over and over, then an end; never more of it in memory than is asked for. */
function endless(
  size: number,
  { head, again, end = [] }: Record<'head' | 'again', Buffer> & { end?: Buffer | number[] },
) {
  const block = joined(...Array(Math.ceil(65_536 / again.length) + 1).fill(again));
  const pieceAt = (at: number): Uint8Array => {
    if (at >= size - end.length) return Buffer.from(end).subarray(at - size + end.length);
    if (at < head.length) return head.subarray(at);
    return block.subarray((at - head.length) % again.length).subarray(0, size - end.length - at);
  };
  return new Counted({
    size,
    read(at, length) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
      for (let done = 0; done < bytes.length; ) {
        const piece = pieceAt(at + done);
        bytes.set(piece.subarray(0, bytes.length - done), done);
        done += piece.length;
      }
      return bytes;
    },
  });
}

describe('a file that was made to keep a reader busy', () => {
  const png = sample('png-plain.png');
  const hostile: [string, string, Buffer, Buffer][] = [
    ['a PNG of empty chunks', 'image/png', png.subarray(0, 33), joined(u32(0), 'teXt', u32(0))],
    [
      'a GIF in pieces of one byte',
      'image/gif',
      joined(sample('gif-still.gif').subarray(0, 10), [0, 0, 0]), // without colours
      joined([0x21, 0xfe, 1, 1, 1, 1, 0]),
    ],
    [
      'a JPEG of nothing but marks',
      'image/jpeg',
      sample('jpeg-baseline.jpg').subarray(0, 1300),
      joined([0xff, 0]),
    ],
    [
      'an MP4 of empty boxes',
      'video/mp4',
      sample('mp4-faststart.mp4').subarray(0, 32),
      joined(u32(8), 'free'),
    ],
    [
      'a WebM of empty elements',
      'video/webm',
      sample('webm-live.webm').subarray(0, 48),
      joined([0xec, 0x80]),
    ],
    ['a WAV of empty chunks', 'audio/wav', joined('RIFF', [0, 0, 0, 0], 'WAVE'), joined('note', u32(0))],
    [
      'an Ogg of empty pages',
      'audio/ogg',
      sample('ogg-opus.opus').subarray(0, 47),
      joined('OggS', Buffer.alloc(23)),
    ],
    ['an SVG of empty elements', 'image/svg+xml', joined('<svg>'), joined('<a/>')],
    ['a FLAC of empty blocks', 'audio/flac', sample('flac.flac').subarray(0, 42), joined([1, 0, 0, 0])],
    [
      'an MP3 of empty tags',
      'audio/mpeg',
      joined('ID3', [3, 0, 0, 0, 0, 0, 0]),
      joined('ID3', [3, 0, 0, 0, 0, 0, 0]),
    ],
    [
      'a HEIC of items without parts',
      'image/heic',
      joined(
        u32(16),
        'ftyp',
        'heic',
        u32(0),
        u32(2 ** 30 - 16),
        'meta',
        u32(0),
        u32(2 ** 30 - 28),
        'iloc',
        u32(0x02000000),
        [0, 0],
        u32(2 ** 31 - 1),
      ),
      Buffer.alloc(8),
    ],
  ];

  test.each(hostile)('%s is given up after so many parts', (_what, type, head, again) => {
    const bytes = endless(2 ** 30, { head, again });
    expect(structureOf(type, bytes)).toMatchObject({ end: 'unverified length', why: /more parts/ });
    expect(bytes.total).toBeLessThan(128 * 2 ** 20);
    expect(bytes.largest).toBeLessThanOrEqual(65_536);
  });

  test('heads of frames without frames are not all summed up', () => {
    const flac = sample('flac.flac');
    const frame = flac.indexOf(Buffer.from([0xff, 0xf8]));
    const file = joined(
      flac.subarray(0, frame),
      ...Array.from({ length: 50_000 }, () => flac.subarray(frame, frame + 6)),
    );
    const found = structure('audio/flac', file, [1]);
    expect(found).toMatchObject({ end: 'unverified length', why: /more parts/ });
  });
});

describe('a large file', () => {
  const box = (name: string, ...data: Buffer[]) => {
    const all = joined(...data);
    return joined(u32(8 + all.length), name, all);
  };
  const size = 2 ** 31;
  const ftyp = box('ftyp', joined('isom', u32(0)));
  const chunks = Array.from({ length: 4000 }, (_, i) => 64 + i * 500_000);
  const tables = box(
    'stbl',
    box('stco', u32(0, chunks.length, ...chunks)),
    box('stsc', u32(0, 1, 1, 5, 1)),
    box('stsz', u32(0, 0, 5 * chunks.length, ...Array(5 * chunks.length).fill(100_000))),
  );
  const moov = box('moov', box('trak', box('mdia', box('minf', tables))));
  const mdat = joined(u32(1), 'mdat', u32(0, size - ftyp.length - moov.length));
  const film = (length: number) =>
    endless(length, {
      head: joined(ftyp, mdat),
      again: Buffer.from('noise'),
      end: length === size ? moov : [],
    });

  test('a film of 2 GiB costs its heads and a piece of its index', () => {
    const bytes = film(size);
    expect(structureOf('video/mp4', bytes)).toEqual({ end: 'structure' });
    expect(bytes.largest).toBeLessThanOrEqual(65_536);
    expect(bytes.total).toBeLessThan(moov.length + 3 * 65_536);
    expect(structureOf('video/mp4', film(size - moov.length - 1))).toMatchObject({
      end: 'cut',
      detail: /mdat at 20 has/,
    });
  });

  test('a picture of 64 MiB with something behind it is read once, a block at a time', () => {
    const jpeg = sample('jpeg-baseline.jpg');
    const end = joined([0xff, 0xd9], 'a maker wrote this');
    const bytes = endless(2 ** 26, { head: jpeg.subarray(0, -2), again: Buffer.from('scan'), end });
    expect(structureOf('image/jpeg', bytes)).toEqual({
      end: 'structure',
      width: 120,
      height: 80,
      surplus: 18,
    });
    expect(bytes.largest).toBeLessThanOrEqual(65_536);
    expect(bytes.total).toBeLessThan(2 ** 26 + 4 * 65_536);
  });

  test('a picture of 64 MiB with nothing behind it is read at its two ends', () => {
    const head = sample('jpeg-baseline.jpg').subarray(0, -2);
    const bytes = endless(2 ** 26, { head, again: Buffer.from('scan'), end: [0xff, 0xd9] });
    expect(structureOf('image/jpeg', bytes)).toEqual({ end: 'structure', width: 120, height: 80 });
    expect(bytes.total).toBeLessThan(65_536);
  });
});

test('a flood of tags behind a sound is not read again and again', () => {
  const frame = Buffer.alloc(417);
  frame.writeUInt32BE(0xfffb9064, 0);
  const tag = Buffer.alloc(40);
  tag.write('APETAGEX', 8);
  tag.writeUInt32LE(40, 20);
  const file = Buffer.concat([frame, frame, frame, frame, Buffer.alloc(40 * 50_000, tag)]);
  let read = 0;
  const bytes: Bytes = {
    size: file.length,
    read: (at, length) => {
      read += length;
      return file.subarray(at, at + length);
    },
  };
  structureOf('audio/mpeg', bytes);
  expect(read / file.length).toBeLessThan(10);
});
