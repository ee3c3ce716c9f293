import { closeSync, openSync, readSync } from 'node:fs';
import { aviStructure } from './structure/avi.ts';
import { bmpStructure } from './structure/bmp.ts';
import { ebmlStructure } from './structure/ebml.ts';
import { flacStructure } from './structure/flac.ts';
import { gifStructure } from './structure/gif.ts';
import { isoStructure } from './structure/iso.ts';
import { jpegStructure } from './structure/jpeg.ts';
import { mpegStructure } from './structure/mpeg-audio.ts';
import { oggStructure } from './structure/ogg.ts';
import { pngStructure } from './structure/png.ts';
import { wavStructure, webpStructure } from './structure/riff.ts';
import { type Bytes, cut, type Structure, unverified } from './structure/structure.ts';
import { svgStructure } from './structure/svg.ts';
import { EndOfBytes, TooManyParts, View } from './structure/view.ts';

export type { Bytes, Structure } from './structure/structure.ts';

type Read = (view: View, bytes: Bytes) => Structure;

interface Kind {
  readonly types: readonly string[];
  /** Its first letters, one way or the other; none where they are not so simple. */
  readonly heads: readonly string[];
  readonly read: Read;
}

const iso = [
  ...['image/avif', 'image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence', 'video/mp4'],
  ...['video/x-m4v', 'video/quicktime', 'video/3gpp', 'video/3gpp2', 'audio/mp4', 'audio/x-m4a'],
];
const matroska = ['video/webm', 'video/matroska', 'video/x-matroska', 'audio/webm', 'audio/matroska'];
const ogg = ['audio/ogg', 'video/ogg', 'application/ogg'];

const kinds: readonly Kind[] = [
  { types: ['image/jpeg'], heads: ['\xff\xd8\xff'], read: jpegStructure },
  { types: ['image/png', 'image/apng'], heads: ['\x89PNG\r\n\x1a\n'], read: pngStructure },
  { types: ['image/gif'], heads: ['GIF87a', 'GIF89a'], read: gifStructure },
  { types: ['image/webp'], heads: ['RIFF'], read: webpStructure },
  { types: ['image/bmp'], heads: ['BM'], read: bmpStructure },
  { types: ['image/svg+xml'], heads: [], read: svgStructure },
  { types: iso, heads: [], read: isoStructure },
  { types: matroska, heads: ['\x1a\x45\xdf\xa3'], read: ebmlStructure },
  { types: ['video/vnd.avi'], heads: ['RIFF'], read: aviStructure },
  { types: ['audio/wav'], heads: ['RIFF', 'RF64', 'BW64'], read: wavStructure },
  { types: ['audio/flac'], heads: ['fLaC', 'ID3'], read: (view) => flacStructure(view) },
  { types: ['audio/mpeg'], heads: [], read: mpegStructure },
  { types: ogg, heads: ['OggS'], read: oggStructure },
];
const kindOf = new Map(kinds.flatMap((kind) => kind.types.map((type) => [type, kind])));

/**
 * The kinds that have an end mark, as this project tells it. A single file may lack it still: recorded live, or by a
 * writer that does not say how much there is; then the answer says so.
 */
export const typesWithEnd: ReadonlySet<string> = new Set(kindOf.keys());

/**
 * Whether the file has the end that its kind has, by heads and lengths; no part of it is decoded. Throws only what
 * reading throws.
 */
export function structureOf(type: string, bytes: Bytes): Structure {
  const kind = kindOf.get(type.split(';')[0]!);
  if (!kind) return unverified('this kind of file has no end mark that is known here');
  try {
    const view = new View(bytes);
    return (kind.heads.length > 0 && strangeHead(view, kind.heads)) || kind.read(view, bytes);
  } catch (error) {
    if (error instanceof EndOfBytes)
      return cut(`the file ends at ${bytes.size}, inside a part of its head or of its index`);
    if (error instanceof TooManyParts) return unverified('it has more parts than are followed');
    throw error;
  }
}

/** The type may be what a server declared of bytes that nobody knows; they are not judged by the rules of another. */
function strangeHead(view: View, heads: readonly string[]): Structure | undefined {
  const head = heads.find((one) => view.says(0, one.slice(0, view.size)));
  if (head === undefined) return unverified('its first bytes are not those of its kind');
  return view.size < head.length ? cut(`the file ends at ${view.size}, inside its head`) : undefined;
}

/** From the disk, opened when asked; the head, which is in memory already, costs no call at all. */
export function openBytes(
  path: string,
  { size, head }: { readonly size: number; readonly head: Uint8Array },
): Bytes & { close(): void } {
  let file: number | undefined;
  return {
    size,
    read(at, length) {
      if (at + length <= head.length) return head.subarray(at, at + length);
      file ??= openSync(path, 'r');
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, at));
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}
