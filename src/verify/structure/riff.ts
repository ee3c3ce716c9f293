import { cutAt, type Measure, measured, type Structure, unverified, whole } from './structure.ts';
import type { View } from './view.ts';

export interface Chunk {
  readonly name: string;
  readonly at: number;
  readonly length: number;
  readonly data: number;
  readonly end: number;
}

export const chunkAt = (view: View, at: number): Chunk => {
  const length = view.le32(at + 4);
  return { name: view.text(at, 4), at, length, data: at + 8, end: at + 8 + length + (length % 2) };
};

export const lacking = (view: View, { name, at, data, length }: Chunk) =>
  cutAt(`the chunk ${name.trim()}`, at, { has: view.size - data, of: length });

/** Written while it was recorded: the writer never came back to fill in how long it became. */
export const isOpen = (length: number) => length === 0 || length === 0xffffffff;

/** The size at its head is the file's, less eight; decoders believe it too. */
export function webpStructure(view: View): Structure {
  const riff = chunkAt(view, 0);
  if (riff.end > view.size + 1) return lacking(view, riff);
  const measure = riff.length >= 22 ? webpMeasure(view) : {};
  let last = riff;
  for (let at = 12; at + 8 <= riff.end; at = last.end) {
    view.step();
    last = chunkAt(view, at);
    if (last.data + last.length > riff.end)
      return unverified(`the chunk at ${at} is longer than the file says it is`, measure);
  }
  if (riff.end <= view.size) return whole(view.size - riff.end, measure);
  return last.data + last.length === view.size
    ? unverified('the filling byte at the end is not there', measure)
    : lacking(view, riff);
}

function webpMeasure(view: View): Measure {
  const name = view.text(12, 4);
  if (name === 'VP8X') return measured(view.le24(24) + 1, view.le24(27) + 1);
  if (name === 'VP8 ') return measured(view.le16(26) & 0x3fff, view.le16(28) & 0x3fff);
  const bits = name === 'VP8L' ? view.le32(21) : undefined;
  return bits === undefined ? {} : measured((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
}

/** Beyond four gigabytes (RF64) the lengths stand in a chunk of their own. */
export function wavStructure(view: View): Structure {
  if (view.says(0, 'RIFF')) return soundChunks(view, { riff: view.le32(4), data: undefined });
  const [riff, data] = [view.le64(20), view.le64(28)];
  return view.says(12, 'ds64')
    ? soundChunks(view, { riff, data })
    : unverified('its lengths do not stand where they should');
}

/** Or with the most that programs of old dared to write, when the length was not known yet. */
const isOpenSound = (length: number) => isOpen(length) || (length >= 0x7ffff000 && length <= 0xffffffff);

function soundChunks(view: View, known: { riff: number; data: number | undefined }): Structure {
  const end = known.riff + 8;
  const isOpenFile = isOpenSound(known.riff) && (known.riff === 0 || end > view.size);
  let at = 12;
  while (at + 8 <= (isOpenFile ? view.size : Math.min(end, view.size))) {
    view.step();
    const found = chunkAt(view, at);
    const length = found.name === 'data' && known.data !== undefined ? known.data : found.length;
    const isLacking = found.data + length > view.size;
    if (found.name === 'data' && isOpenSound(length) && (isLacking || length === 0))
      return unverified('recorded with its length left open');
    if (isLacking) return lacking(view, { ...found, length });
    at = found.data + length + (length % 2);
  }
  return isOpenFile ? unverified('recorded with its length left open') : endOf(view, end, at);
}

/**
 * Two mistakes of writers are common and harm nobody: the size counts the eight bytes before it, or a filling byte at
 * the end that was not written. In neither is anything missing, for the chunks end where the file does.
 */
export function endOf(view: View, end: number, at: number): Structure {
  if (end <= view.size) return whole(view.size - end);
  if (at === view.size && end === view.size + 8) return whole(0);
  if (at > 12 && at === view.size + 1) return unverified('the filling byte at the end is not there');
  return cutAt('the file', 0, { has: view.size, of: end });
}
