import { isoStructure } from './iso.ts';
import { type Bytes, cutAt, type Measure, type Structure, whole } from './structure.ts';
import { bytesFrom, View } from './view.ts';

/** The pictures that an index (MPF) names: the first is the one that is seen, the others lie behind it. */
export interface Pictures {
  readonly first: number;
  readonly others: readonly { readonly at: number; readonly length: number }[];
}

interface After {
  readonly bytes: Bytes;
  readonly at: number;
  readonly measure: Measure;
  readonly pictures: Pictures | undefined;
}

/** A film or more pictures may follow the picture; if they are of it they have to be whole as well. */
export function afterPicture(view: View, { bytes, at, measure, pictures }: After): Structure {
  if (pictures?.first === at) {
    const lost = pictures.others.find((picture) => picture.at + picture.length > view.size);
    if (lost)
      return cutAt('a picture behind the first', lost.at, { has: view.size - lost.at, of: lost.length });
  }
  const film = view.pastZeros(at) - 3; // of the four bytes of its first length only the last is not zero
  if (film >= at && view.says(film + 4, 'ftyp')) {
    const found = isoStructure(new View(bytesFrom(bytes, film)));
    if (found.end === 'cut') return { end: 'cut', detail: `the film behind the picture: ${found.detail}` };
  }
  return whole(view.size - at, measure);
}

const [ENTRIES, IMAGES] = [64, 64];
const MP_ENTRY = 0xb002;

/**
 * Who rewrites a picture often keeps the index and drops what it names. So it is believed only if it names the
 * length that the first picture has.
 */
export function picturesOf(view: View, at: number, end: number): Pictures | undefined {
  if (!view.says(at, 'MPF\0') || at + 12 > end) return undefined;
  const base = at + 4;
  const isLittle = view.says(base, 'II');
  const u16 = (from: number) => (isLittle ? view.le16(from) : view.u16(from));
  const u32 = (from: number) => (isLittle ? view.le32(from) : view.u32(from));
  const index = base + u32(base + 4);
  if (index + 2 > end) return undefined;
  const count = Math.min(u16(index), ENTRIES);
  for (let entry = index + 2; entry < index + 2 + count * 12 && entry + 12 <= end; entry += 12) {
    if (u16(entry) !== MP_ENTRY) continue;
    const [length, list] = [Math.min(u32(entry + 4), IMAGES * 16), base + u32(entry + 8)];
    if (length < 16 || list + length > end) return undefined;
    const images = Array.from({ length: Math.floor(length / 16) }, (_, i) => ({
      at: base + u32(list + i * 16 + 8),
      length: u32(list + i * 16 + 4),
    }));
    return { first: images[0]!.length, others: images.slice(1) };
  }
  return undefined;
}
