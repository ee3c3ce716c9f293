import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openBytes, structureOf, typesWithEnd } from '../../src/verify/wholeness.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import {
  Counted,
  inMemory,
  numbersFrom,
  sample,
  sampleNames,
  structure,
  typeOf,
} from './structure/samples.ts';

/** Files of which nobody can say whether they are whole, and why. All others have to be known as whole. */
const withoutEnd: Readonly<Record<string, RegExp>> = {
  'flac-streamed.flac': /how many samples/,
  'mkv-live.mkv': /recorded live/,
  'mp3-bare-tags.mp3': /no frame says how many/,
  'mp3-bare.mp3': /no frame says how many/,
  'mp4-fragmented-open.mp4': /fragments/,
  'wav-streamed.wav': /left open/,
  'webm-live.webm': /recorded live/,
};
/** Made of pieces that are each whole: cut between two of them, there is nothing to prove that more were to come. */
const inPieces = new Set([
  ...[
    'flac-streamed.flac',
    'mkv-live.mkv',
    'mp4-fragmented-open.mp4',
    'mp4-fragmented.mp4',
    'webm-live.webm',
  ],
  ...['webp-lossless.webp'], // its filling byte
  ...['gif-animated.gif', 'gif-interlaced.gif', 'gif-still.gif'],
  ...['mp3-ape.mp3', 'mp3-bare-tags.mp3', 'mp3-bare.mp3', 'mp3-lame.mp3', 'mp3-vbr-tags.mp3'],
  ...['ogg-chained.ogg', 'ogg-flac.oga', 'ogg-opus.opus', 'ogg-theora.ogv', 'ogg-vorbis.ogg'],
]);
/** Cut here, what is left is a whole file: the picture without its film, the sound without its tag or the next sound. */
const wholeAgain: Readonly<Record<string, readonly number[]>> = {
  'jpeg-motion.jpg': [2124, 2125, 2126, 2127, 2128, 2129, 2130, 2131], // up to the name of the film's first part
  'mp3-vbr-tags.mp3': [2890],
  'ogg-chained.ogg': [6629],
  'svg-nested.svg': [536],
  'svg-plain.svg': [269, 270, 286],
  'svg-utf16.svg': [260, 261],
};
/** What stands behind the end belongs to the file. */
const withMore = new Set(['jpeg-motion.jpg']);

const cutTo = (type: string, file: Uint8Array, length: number) =>
  structure(type, file.subarray(0, length)).end;

/** Undefined if all is well with the file cut to this length. */
function complaint(name: string, type: string, { file, length }: { file: Buffer; length: number }) {
  const end = cutTo(type, file, length);
  if (end === 'cut') return undefined;
  if (end === 'structure' && wholeAgain[name]?.includes(length)) return undefined;
  if (end === 'unverified length' && name === 'wav-streamed.wav') return undefined;
  const isCut = (...lengths: number[]) => lengths.some((other) => cutTo(type, file, other) === 'cut');
  const isLast = length + 1 === file.length; // nothing but the end mark is lacking
  const isBetween = isCut(length - 1, length - 2) && (isLast || isCut(length + 1, length + 2));
  if (end === 'unverified length' && inPieces.has(name) && isBetween) return undefined;
  return `${name}, cut to ${length} of ${file.length} bytes, is taken for "${end}"`;
}

/** Where the file itself ends; what stands behind that may be cut without harm to it. */
async function ownEnd(name: string): Promise<number> {
  const [found, { length }] = [structure(await typeOf(name), sample(name)), sample(name)];
  return found.end === 'structure' && !withMore.has(name) ? length - (found.surplus ?? 0) : length;
}

/** With these each kind begins its parts. */
const parts = [
  ...['IHDR', 'IDAT', 'IEND', 'fcTL', 'moov', 'mdat', 'moof', 'mfra', 'meta', 'free', 'LIST', 'idx1', 'data'],
  ...[
    'VP8 ',
    'ALPH',
    'ANMF',
    'EXIF',
    'OggS',
    'TAG',
    '\xff\xda',
    '\xff\xc4',
    '\xff\xd9',
    '\xff\xf8',
    '\xff\xfb',
  ],
  ...['\x21\xf9\x04', '\x1f\x43\xb6\x75', '\x1c\x53\xbb\x6b', '<', '>'],
];

function lengthsBesideParts(file: Buffer, end: number): number[] {
  const found = new Set<number>();
  for (const part of parts)
    for (let at = file.indexOf(part, 1, 'latin1'); at !== -1; at = file.indexOf(part, at + 1, 'latin1'))
      for (let length = at - 5; length <= at + 9; length++) if (length > 0 && length < end) found.add(length);
  return [...found];
}

describe.each(sampleNames)('%s', (name) => {
  test('is whole, or one of those of which nobody can say', async () => {
    const found = structure(await typeOf(name), sample(name));
    if (withoutEnd[name]) expect(found).toMatchObject({ end: 'unverified length', why: withoutEnd[name] });
    else expect(found.end).toBe('structure');
    expect(typesWithEnd).toContain((await typeOf(name)).split(';')[0]);
  });

  test('is refused wherever it is cut', async () => {
    const [type, file, end] = [await typeOf(name), sample(name), await ownEnd(name)];
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = numbersFrom(seed);
    const lengths = Array.from({ length: 50 }, () => 1 + Math.floor(random() * (end - 1)));
    const complaints = [...lengths, 1, 2, 3, 8, 12, end - 1].map((length) =>
      complaint(name, type, { file, length }),
    );
    expect(complaints.filter(Boolean), `seed ${seed}`).toEqual([]);
  });

  test('is refused where it is cut just before, after and in the head of a part', async () => {
    const [type, file, end] = [await typeOf(name), sample(name), await ownEnd(name)];
    const lengths = lengthsBesideParts(file, end);
    const complaints = lengths.map((length) => complaint(name, type, { file, length }));
    expect(complaints.filter(Boolean)).toEqual([]);
  });

  test('never throws and reads little when its bytes are damaged', async () => {
    const [type, seed] = [await typeOf(name), Math.floor(Math.random() * 2 ** 32)];
    const random = numbersFrom(seed);
    for (let round = 0; round < 60; round++) {
      const file = Buffer.from(sample(name));
      const reach = round % 3 === 0 ? file.length : Math.min(file.length, 600);
      const from = round % 3 === 1 ? file.length - reach : 0;
      for (let flips = 1 + (round % 8); flips > 0; flips--)
        file[from + Math.floor(random() * reach)] = Math.floor(random() * 256);
      if (round % 10 === 9)
        for (let at = 12 + round; at < file.length; at++) file[at] = Math.floor(random() * 256);
      const counted = new Counted(inMemory(file));
      structureOf(type, counted);
      expect(counted.total, `seed ${seed}, round ${round}`).toBeLessThan(100 * file.length + 2_000_000);
    }
  });
});

describe('the bytes of a file on disk', () => {
  test('come from the head as far as that goes, then from the disk, and fewer only at the end', () =>
    withTempFolder(async (dir) => {
      const path = join(dir, 'a.png');
      const file = sample('png-plain.png');
      writeFileSync(path, file);
      const head = Buffer.alloc(100, 'h'); // unlike the file, so that it shows who answered
      const bytes = openBytes(path, { size: file.length, head });
      try {
        expect(bytes.size).toBe(file.length);
        expect(bytes.read(10, 5)).toEqual(head.subarray(10, 15));
        expect(Buffer.from(bytes.read(98, 6))).toEqual(file.subarray(98, 104));
        expect(bytes.read(file.length - 4, 100)).toHaveLength(4);
        expect(bytes.read(file.length, 1)).toHaveLength(0);
      } finally {
        bytes.close();
      }
    }));

  test.each(['jpeg-thumbnail.jpg', 'mov.mov', 'ogg-theora.ogv'])(
    'tell the same of %s as those in memory',
    (name) =>
      withTempFolder(async (dir) => {
        const path = join(dir, name);
        writeFileSync(path, sample(name));
        const bytes = openBytes(path, {
          size: sample(name).length,
          head: sample(name).subarray(0, 512),
        });
        const found = structureOf(await typeOf(name), bytes);
        bytes.close();
        expect(found).toEqual(structure(await typeOf(name), sample(name)));
      }),
  );
});

describe('a type', () => {
  test('that has no end mark known here is never refused', () => {
    expect(structure('image/x-icon', [0, 0, 1, 0])).toMatchObject({ end: 'unverified length' });
    expect(structure('application/octet-stream', 'anything')).toMatchObject({ end: 'unverified length' });
  });

  test('that a server declared of other bytes proves nothing against them', () => {
    for (const type of typesWithEnd) {
      if (type === 'image/svg+xml') continue; // text is known for what it is, or it is refused before
      expect(structure(type, 'bytes of a kind that nobody has heard of').end, type).toBe('unverified length');
    }
  });
});
