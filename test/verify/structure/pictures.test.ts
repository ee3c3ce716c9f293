import { describe, expect, test } from 'vitest';
import { joined, le32, sample, structure, u32 } from './samples.ts';

const u16 = (number: number) => [number >> 8, number & 255];

describe('JPEG', () => {
  const jpeg = sample('jpeg-baseline.jpg');
  const thumbnail = sample('jpeg-gray.jpg');
  const size = { width: 120, height: 80 };

  /** A picture with an index (MPF) of itself and of one behind it; it may name another length for itself. */
  function indexed({ isLittle, named }: { isLittle: boolean; named?: number }): Buffer {
    const ordered = (bytes: Iterable<number>) => (isLittle ? [...bytes].reverse() : [...bytes]);
    const [long, short] = [(n: number) => ordered(u32(n)), (n: number) => ordered(u16(n))];
    const length = jpeg.length + 66;
    const offset = length - 10; // counted from behind the name of the index
    const list = [short(1), short(0xb002), short(7), long(32), long(26), long(0)].flat();
    const first = [long(0x30000), long(named ?? length), long(0), long(0)].flat();
    const second = [long(0), long(thumbnail.length), long(offset), long(0)].flat();
    const head = [...(isLittle ? 'II' : 'MM')].map((c) => c.charCodeAt(0));
    const index = joined('MPF\0', head, short(42), long(8), list, first, second);
    return joined(jpeg.subarray(0, 2), [0xff, 0xe2], u16(2 + index.length), index, jpeg.subarray(2));
  }

  /** With an index, so that the end is looked for from the scan on. */
  const indexedBy = (file: Buffer) => {
    const index = indexed({ isLittle: false, named: 99_999 });
    return joined(index.subarray(0, 68), file.subarray(2));
  };

  test.each([true, false])(
    'a second picture that its index names has to be whole (low byte first: %s)',
    (isLittle) => {
      const first = indexed({ isLittle });
      const file = joined(first, thumbnail);
      expect(structure('image/jpeg', file)).toEqual({ end: 'structure', ...size, surplus: thumbnail.length });
      for (const length of [file.length - 1, first.length + 600, first.length])
        expect(structure('image/jpeg', file.subarray(0, length)), `${length}`).toMatchObject({
          end: 'cut',
          detail: /a picture behind the first/,
        });
    },
  );

  test('an index that was kept when the picture was rewritten proves nothing', () => {
    const file = indexed({ isLittle: false, named: 99_999 });
    expect(structure('image/jpeg', file)).toEqual({ end: 'structure', ...size });
  });

  test('the end of a thumbnail is not the end of the picture', () => {
    const file = sample('jpeg-thumbnail.jpg');
    const inside = file.indexOf(Buffer.from([0xff, 0xd9])) + 2;
    expect(inside).toBeLessThan(file.length - 1000);
    expect(structure('image/jpeg', file.subarray(0, inside)).end).toBe('cut');
  });

  test.each(['\r\n', '\0'.repeat(5000), '\xff\xd8\xff', '\xff\xd9 and more', 'xxxxftyp'])(
    'what follows its end is counted, whatever it is (%j)',
    (rest) => {
      const found = structure('image/jpeg', jpeg, rest);
      expect(found).toEqual({ end: 'structure', ...size, surplus: rest.length });
    },
  );

  test('a film behind it has to be whole, with zeros between or not', () => {
    const film = sample('mp4-faststart.mp4');
    for (const gap of [0, 1, 500]) {
      expect(structure('image/jpeg', jpeg, Buffer.alloc(gap), film).end).toBe('structure');
      expect(structure('image/jpeg', jpeg, Buffer.alloc(gap), film.subarray(0, -1))).toMatchObject({
        end: 'cut',
        detail: /^the film behind the picture: the box mdat at/,
      });
    }
  });

  test('marks without a length and filling bytes between segments are stepped over', () => {
    const file = joined(jpeg.subarray(0, 2), [0xff, 0xff, 0xff, 0x01, 0xff, 0xd0], jpeg.subarray(2));
    expect(structure('image/jpeg', file)).toEqual({ end: 'structure', ...size });
  });

  test('a scan that is damaged does not hide the end', () => {
    const damaged = joined(jpeg.subarray(0, -200), [0xff, 0xe1, 0xff, 0xff], jpeg.subarray(-196));
    const twice = indexedBy(damaged);
    expect(structure('image/jpeg', twice)).toEqual({ end: 'structure', ...size });
    expect(structure('image/jpeg', twice.subarray(0, -1)).end).toBe('cut');
  });

  test('bytes between segments that are none are not taken for a cut', () => {
    expect(structure('image/jpeg', jpeg.subarray(0, 20), 'junk', jpeg.subarray(20)).end).toBe(
      'unverified length',
    );
  });

  test('in the words of the report it says which segment lacks how much', () => {
    expect(structure('image/jpeg', jpeg.subarray(0, 40))).toEqual({
      end: 'cut',
      detail: 'the segment db at 20 has 18 of 67 bytes',
    });
  });
});

describe('PNG', () => {
  const png = sample('png-plain.png');

  test('tells which chunk lacks how much', () => {
    const at = png.indexOf('IDAT') - 4;
    expect(structure('image/png', png.subarray(0, at + 8 + 100))).toEqual({
      end: 'cut',
      detail: `the chunk IDAT at ${at} has 100 of ${png.readUInt32BE(at) + 4} bytes`,
    });
  });

  test('counts what follows the last chunk', () => {
    expect(structure('image/png', png, png)).toMatchObject({ end: 'structure', surplus: png.length });
  });

  test('is refused for what is no chunk before its end, such as the zeros of a file that was never filled', () => {
    expect(structure('image/png', png.subarray(0, 33), Buffer.alloc(5000)).end).toBe('cut');
    expect(structure('image/png', png.subarray(0, 33), '1234 5678 and no chunk').end).toBe('cut');
    expect(structure('image/png', png.subarray(0, 33), u32(0xffffffff), 'IDAT ...').end).toBe('cut');
  });
});

describe('GIF', () => {
  const gif = sample('gif-animated.gif');

  test('an end mark inside the data of a picture is not the end', () => {
    const places = [...gif.keys()].filter((at) => gif[at] === 0x3b && at < gif.length - 1);
    expect(places.length).toBeGreaterThan(0);
    for (const at of places) expect(structure('image/gif', gif.subarray(0, at + 1)).end, `${at}`).toBe('cut');
  });

  test('zeros between blocks are stepped over, and what follows the end is counted', () => {
    expect(structure('image/gif', gif.subarray(0, -1), [0, 0, 0x3b], 'more')).toMatchObject({
      end: 'structure',
      surplus: 4,
    });
  });

  test('is not refused for what is no block', () => {
    expect(structure('image/gif', gif.subarray(0, -1), 'x').end).toBe('unverified length');
  });
});

describe('WebP', () => {
  const webp = sample('webp-lossy.webp');

  test('a chunk that is longer than its file says is no proof of a cut', () => {
    const file = Buffer.from(webp);
    file.writeUInt32LE(webp.length + 100, 16);
    expect(structure('image/webp', file).end).toBe('unverified length');
  });

  test('what follows is counted', () => {
    expect(structure('image/webp', webp, 'xyz')).toMatchObject({ end: 'structure', surplus: 3 });
  });

  test.each(['webp-lossy.webp', 'webp-lossless.webp', 'webp-animated.webp'])(
    '%s tells its measure',
    (name) => {
      const [width, height] = name === 'webp-lossy.webp' ? [120, 80] : [64, 48];
      expect(structure('image/webp', sample(name))).toEqual({ end: 'structure', width, height });
    },
  );
});

describe('BMP', () => {
  const bmp = sample('bmp-24.bmp');
  const saying = (length: number, file = bmp) => joined(file.subarray(0, 2), le32(length), file.subarray(6));

  test.each([0, 14, 0xffffffff])(
    'what its head says of the whole file (%i) does not matter if the rows are there',
    (length) => {
      expect(structure('image/bmp', saying(length))).toEqual({ end: 'structure', width: 64, height: 48 });
      expect(structure('image/bmp', saying(length).subarray(0, -1))).toMatchObject({
        end: 'cut',
        detail: 'the picture at 54 has 9215 of 9216 bytes',
      });
    },
  );

  test('a picture from the top down has as many rows', () => {
    const file = joined(bmp.subarray(0, 22), le32(-48 >>> 0), bmp.subarray(26));
    expect(structure('image/bmp', file)).toEqual({ end: 'structure', width: 64, height: 48 });
  });

  test('packed rows whose length nobody says are not judged', () => {
    const rle = sample('bmp-rle.bmp');
    const silent = joined(saying(0, rle).subarray(0, 34), le32(0), rle.subarray(38));
    expect(structure('image/bmp', silent)).toMatchObject({ end: 'unverified length', width: 64 });
  });

  test('a colour profile behind the rows belongs to it', () => {
    const head = joined('BM', le32(0, 0, 138), le32(124, 2, 1), [1, 0, 24, 0], le32(0, 0, 0, 0, 0, 0));
    const rest = Buffer.alloc(138 - head.length);
    rest.write('DEBM', 70 - head.length);
    rest.writeUInt32LE(124 + 8, 126 - head.length);
    rest.writeUInt32LE(30, 130 - head.length);
    const file = joined(head, rest, Buffer.alloc(8 + 30));
    expect(structure('image/bmp', file)).toEqual({ end: 'structure', width: 2, height: 1 });
    expect(structure('image/bmp', file.subarray(0, -1))).toMatchObject({
      end: 'cut',
      detail: /colour profile/,
    });
  });
});

describe('SVG', () => {
  const cases: [string, string, object][] = [
    ['closed at once', '<svg width="3" height="4"/>', { end: 'structure', width: 3, height: 4 }],
    ['with a measure in other units', '<svg width="3cm" height="100%"></svg>', { end: 'structure' }],
    ['with ">" in quotes', `<svg a=">" b='/>'><g c="</svg>"></g></svg>`, { end: 'structure' }],
    ['with elements left open', '<svg><g><path></svg>', { end: 'structure' }],
    ['with a closed comment behind', '<svg></svg><!-- > -->\n', { end: 'structure' }],
    ['with text behind', '<svg></svg>\nmore', { end: 'structure', surplus: 4 }],
    ['one in another', '<svg><svg></svg></svg>', { end: 'structure' }],
    ['names that begin alike', '<svg><svgs></svgs></svg>', { end: 'structure' }],
    ['the inner one closed', '<svg><svg></svg>', { end: 'cut' }],
    ['a comment left open behind', '<svg></svg><!-- ', { end: 'cut' }],
    ['closed only in a comment', '<svg><!-- </svg> -->', { end: 'cut' }],
    ['closed only in a section of letters', '<svg><![CDATA[ </svg> ]]>', { end: 'cut' }],
    ['a quote left open', '<svg a="></svg>', { end: 'cut' }],
    ['nothing but a declaration', '<?xml version="1.0"?>', { end: 'cut' }],
  ];
  test.each(cases)('%s', (_what, text, expected) => {
    expect(structure('image/svg+xml', text)).toMatchObject(expected);
    if (!('surplus' in expected)) expect(structure('image/svg+xml', text)).not.toHaveProperty('surplus');
  });

  test('in two bytes a letter, the high one first', () => {
    const wide = Buffer.from('\ufeff<svg width="3" height="4"><a/></svg>', 'utf16le').swap16();
    expect(structure('image/svg+xml', wide)).toEqual({ end: 'structure', width: 3, height: 4 });
    expect(structure('image/svg+xml', wide.subarray(0, -2)).end).toBe('cut');
  });
});
