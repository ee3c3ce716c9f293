import { describe, expect, test } from 'vitest';
import { joined, le32, sample, structure, u32 } from './samples.ts';

const box = (name: string, ...data: (Buffer | string | number[])[]) => {
  const all = joined(...data);
  return joined(u32(8 + all.length), name, all);
};

/** Where a box of this name begins. */
const placeOf = (file: Buffer, name: string) => file.indexOf(name, 0, 'latin1') - 4;

function changed(file: Buffer, at: number, bytes: Buffer | number[]): Buffer {
  const copy = Buffer.from(file);
  copy.set(bytes, at);
  return copy;
}

describe('MP4', () => {
  const film = sample('mp4-faststart.mp4');
  const size = { width: 96, height: 64 };

  describe('with its index in front and data that reaches "to the end"', () => {
    const open = changed(film, placeOf(film, 'mdat'), u32(0));

    test('is whole if all that the index names is there', () => {
      expect(structure('video/mp4', open)).toEqual({ end: 'structure', ...size });
    });

    test.each([1, 100, 5000])('is refused when %i bytes are lacking', (lacking) => {
      expect(structure('video/mp4', open.subarray(0, -lacking))).toEqual({
        end: 'cut',
        detail: `its index names bytes up to ${film.length} of ${film.length - lacking}`,
      });
    });
  });

  test('is refused where its index is nothing but zeros', () => {
    const [from, to] = [placeOf(film, 'moov') + 8, placeOf(film, 'mdat')];
    const end = from - 8 + film.readUInt32BE(from - 8);
    expect(end).toBeLessThanOrEqual(to);
    const blank = changed(film, from, Buffer.alloc(end - from));
    expect(structure('video/mp4', blank)).toEqual({
      end: 'cut',
      detail: 'there is nothing in its index (moov)',
    });
  });

  test('is refused where it ends between its index and its data', () => {
    const mdat = placeOf(film, 'mdat');
    expect(structure('video/mp4', film.subarray(0, mdat)).end).toBe('cut');
  });

  test('is refused where it ends between its data and its index', () => {
    const file = sample('mp4-moov-behind.mp4');
    expect(structure('video/mp4', file.subarray(0, placeOf(file, 'moov')))).toEqual({
      end: 'cut',
      detail: 'the index (moov) is not there',
    });
  });

  test.each(['\0\0\0', '\0'.repeat(400), '\r\n', 'a note that somebody appended', '\x7f\0\0\0junk...'])(
    'what follows is counted, whatever it is (%j)',
    (rest) => {
      const found = structure('video/mp4', film, rest);
      expect(found).toEqual({ end: 'structure', ...size, surplus: rest.length });
    },
  );

  test('a box that nobody knows is stepped over', () => {
    const file = sample('mp4-moov-behind.mp4');
    const at = placeOf(file, 'moov');
    const odd = joined(file.subarray(0, at), box('Q9xy', [1, 2, 3]), file.subarray(at));
    expect(structure('video/mp4', odd)).toEqual({ end: 'structure', ...size });
  });

  test('data in another file does not count', () => {
    const at = film.indexOf('url ', 0, 'latin1');
    const elsewhere = changed(changed(film, at + 4, u32(0)), placeOf(film, 'mdat'), u32(0));
    const other = elsewhere.indexOf('url ', at + 4, 'latin1'); // the other track
    const both = changed(elsewhere, other + 4, u32(0));
    expect(structure('video/mp4', both.subarray(0, -5000)).end).toBe('unverified length');
  });

  test('an index that is packed says nothing, and nothing is held against the file', () => {
    const packed = joined(
      box('ftyp', 'qt  ', u32(0)),
      box('moov', box('cmov', u32(0))),
      u32(0),
      'mdat',
      'film',
    );
    expect(structure('video/quicktime', packed).end).toBe('unverified length');
  });

  test('sounds that old programs counted in samples are not held against the file', () => {
    const track = (handler: string) =>
      box(
        'trak',
        box(
          'mdia',
          box('hdlr', u32(0, 0), handler, u32(0, 0, 0)),
          box(
            'minf',
            box(
              'stbl',
              box('stco', u32(0, 1, 20)),
              box('stsc', u32(0, 1, 1, 9000, 1)),
              box('stsz', u32(0, 1, 9000)),
            ),
          ),
        ),
      );
    const file = (handler: string) =>
      structure(
        'video/quicktime',
        box('ftyp', 'qt  ', u32(0)),
        box('moov', track(handler)),
        box('mdat', 'sound'),
      );
    expect(file('soun').end).toBe('structure');
    expect(file('vide').end).toBe('cut'); // the very same table, so that it is seen to be read
  });

  test('nothing but the heads of fragments is a cut', () => {
    const file = sample('mp4-fragmented.mp4');
    const moof = placeOf(file, 'moof');
    const mdat = placeOf(file, 'mdat');
    expect(structure('video/mp4', file.subarray(0, moof))).toMatchObject({
      detail: /not one of its fragments/,
    });
    expect(structure('video/mp4', file.subarray(0, mdat))).toMatchObject({
      detail: /the data of the fragment/,
    });
  });

  test('a film that is all in its index may be followed by fragments or not', () => {
    const film = sample('mp4-moov-behind.mp4');
    const at = placeOf(film, 'moov');
    const end = at + film.readUInt32BE(at);
    const extended = joined(u32(end - at + 8), 'moov', film.subarray(at + 8, end), box('mvex'));
    const file = joined(film.subarray(0, at), extended);
    expect(structure('video/mp4', file)).toMatchObject({ end: 'unverified length', why: /may follow/ });
    expect(structure('video/mp4', file, box('mfra'))).toMatchObject({ end: 'structure' });
    expect(structure('video/mp4', file.subarray(0, -1)).end).toBe('cut');
  });

  test('an index before the fragments tells when one is lacking', () => {
    const file = sample('mp4-fragmented-indexed.mp4');
    const last = file.lastIndexOf('moof', undefined, 'latin1') - 4;
    expect(structure('video/mp4', file.subarray(0, last))).toEqual({
      end: 'cut',
      detail: `its index names fragments up to ${file.length} of ${last}`,
    });
  });
});

describe('AVIF and HEIC', () => {
  test.each(['avif-still.avif', 'heic-thumbnail.heic'])(
    '%s: parts named by the index have to be there',
    (name) => {
      const file = sample(name);
      const open = changed(file, placeOf(file, 'mdat'), u32(0));
      expect(structure('image/avif', open)).toEqual({ end: 'structure', width: 64, height: 48 });
      expect(structure('image/avif', open.subarray(0, -1))).toMatchObject({
        end: 'cut',
        detail: /its index names/,
      });
    },
  );

  test('the measure is that of the picture, not of its thumbnail', () => {
    expect(structure('image/heic', sample('heic-thumbnail.heic'))).toMatchObject({ width: 64, height: 48 });
  });
});

describe('WebM and Matroska', () => {
  const live = sample('webm-live.webm');
  const cluster = live.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]));

  test('a cluster that does not say how long it is, is followed block by block', () => {
    const block = joined([0xa3, 0x85], 'video');
    const open = joined(
      live.subarray(0, cluster),
      [0x1f, 0x43, 0xb6, 0x75, 0xff],
      [0xe7, 0x81, 0],
      block,
      block,
    );
    expect(structure('video/webm', open)).toMatchObject({ end: 'unverified length', width: 96 });
    expect(structure('video/webm', open.subarray(0, -1))).toMatchObject({
      end: 'cut',
      detail: /the element a3 at \d+ has 4 of 5 bytes/,
    });
    expect(structure('video/webm', open, live.subarray(cluster)).end).toBe('unverified length');
    expect(structure('video/webm', open, live.subarray(cluster, -1)).end).toBe('cut');
  });

  test('what is no part of it is not held against it', () => {
    expect(structure('video/webm', live, 'noise that came down the line')).toMatchObject({
      end: 'unverified length',
      why: /no part of it/,
    });
  });

  test('what follows the segment is counted', () => {
    expect(structure('video/webm', sample('webm-vp9.webm'), 'more')).toEqual({
      ...{ end: 'structure', width: 96, height: 64, surplus: 4 },
    });
  });

  test('a length beyond all numbers is read as none', () => {
    const at = live.indexOf(Buffer.from([0x18, 0x53, 0x80, 0x67]));
    const long = joined(live.subarray(0, at + 4), [0x01, ...Array(7).fill(0xff)], live.subarray(cluster));
    expect(structure('video/webm', long).end).toBe('unverified length');
  });
});

describe('AVI', () => {
  const film = sample('avi-mjpeg.avi');
  const saying = (length: number) => changed(film, 4, [...u32(length)].reverse());

  test('a size that counts the eight bytes before it is a mistake that harms nobody', () => {
    expect(structure('video/vnd.avi', saying(film.length))).toMatchObject({ end: 'structure', width: 96 });
    expect(structure('video/vnd.avi', saying(film.length).subarray(0, -1)).end).toBe('cut');
  });

  test.each([0, 0xffffffff])('a size left open (%i) proves nothing', (length) => {
    expect(structure('video/vnd.avi', saying(length)).end).toBe('unverified length');
  });

  test('an index of indices names RIFFs that have to be there', () => {
    const film = (offset: number) => {
      const indices = joined(
        'indx',
        le32(24 + 16),
        [4, 0, 0, 0],
        le32(1),
        '00dc',
        le32(0, 0, 0),
        le32(offset, 0, 12, 1),
      );
      const stream = joined('LIST', le32(4 + indices.length), 'strl', indices);
      const head = joined('LIST', le32(4 + stream.length), 'hdrl', stream);
      return joined('RIFF', le32(4 + head.length), 'AVI ', head);
    };
    const first = film(0).length;
    const more = joined('RIFF', [12, 0, 0, 0], 'AVIXmovi', [0, 0, 0, 0]);
    expect(structure('video/vnd.avi', film(first), more)).toEqual({ end: 'structure' });
    expect(structure('video/vnd.avi', film(first))).toEqual({
      end: 'cut',
      detail: `its index names bytes up to ${first + 12} of ${first}`,
    });
  });

  test('goes on in a second RIFF, which has to be whole as well', () => {
    const more = joined('RIFF', [12, 0, 0, 0], 'AVIXmovi', [0, 0, 0, 0]);
    expect(structure('video/vnd.avi', film, more).end).toBe('structure');
    for (const length of [2, 9, more.length - 1])
      expect(structure('video/vnd.avi', film, more.subarray(0, length)).end, `${length}`).toBe('cut');
  });
});
