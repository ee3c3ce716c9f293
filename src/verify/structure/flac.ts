import { crc8, crc16 } from './crc.ts';
import { cut, cutAt, type Structure, unverified, whole } from './structure.ts';
import { beforeTailTags, pastHeadTags } from './tags.ts';
import { TooManyParts, type View } from './view.ts';

interface Info {
  readonly blockSize: number;
  /** All samples of one channel; 0 where the writer did not come back to say. */
  readonly total: number;
  readonly longestFrame: number;
}

interface Frame {
  /** The first sample after it. */
  readonly next: number;
}

/** Frames are seldom longer; without a promise of the writer no more than this is searched for the last. */
const SEARCHED = 262_144;
/** What looks like the head of a frame by chance is rare; so many bytes are summed up only if somebody made them. */
const SUMMED = 8_388_608;

/** Its frames have no end mark; but the last says by its number whether all samples that were promised are there. */
export function flacStructure(view: View, from = 0): Structure {
  const start = pastHeadTags(view, from);
  const info = infoOf(view, start + 4);
  if (!info) return unverified('its first block does not tell what it holds');
  const frames = pastBlocks(view, start + 4);
  if (typeof frames !== 'number') return frames;
  const end = beforeTailTags(view);
  const last = lastFrame(view, info, { from: frames, to: end });
  if (info.total === 0)
    return last ? unverified('it does not say how many samples it has') : cut('its last frame is not whole');
  if (!last) return cut(`its last frame is not whole; ${info.total} samples are promised`);
  return last.next < info.total ? cut(`it has ${last.next} of ${info.total} samples`) : whole(0);
}

function infoOf(view: View, at: number): Info | undefined {
  if ((view.u8(at) & 0x7f) !== 0 || view.u24(at + 1) < 34) return undefined;
  const total = (view.u8(at + 17) & 15) * 2 ** 32 + view.u32(at + 18);
  return { blockSize: view.u16(at + 4), longestFrame: view.u24(at + 11), total };
}

function pastBlocks(view: View, start: number): number | Structure {
  for (let at = start; ; ) {
    view.step();
    const [kind, length] = [view.u8(at), view.u24(at + 1)];
    const end = at + 4 + length;
    if (end > view.size) return cutAt('the block', at, { has: view.size - at - 4, of: length });
    if (kind & 0x80) return end;
    at = end;
  }
}

/** The frame whose sum agrees from its head to the end of the file; zeros behind it do not change the sum. */
function lastFrame(view: View, info: Info, { from, to }: { from: number; to: number }): Frame | undefined {
  const reach = Math.min(Math.max(info.longestFrame, SEARCHED), 1_048_576);
  const start = Math.max(from, to - reach);
  const tail = view.slice(start, Math.max(0, to - start));
  let left = SUMMED;
  for (let at = tail.lastIndexOf(0xff); at !== -1; at = at > 0 ? tail.lastIndexOf(0xff, at - 1) : -1) {
    view.step();
    const next = afterFrame(tail.subarray(at, at + 16), info);
    if (next === undefined) continue;
    left -= tail.length - at;
    if (left < 0) throw new TooManyParts();
    if (crc16(tail.subarray(at)) === 0) return { next };
  }
  return undefined;
}

const sizes = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768];

/** The sample after the frame that begins here, if one does: its head has a sum of its own. */
function afterFrame(head: Buffer, info: Info): number | undefined {
  if (head.length < 6 || head[0] !== 0xff || (head[1]! & 0xfc) !== 0xf8 || head[1]! & 2) return undefined;
  const number = numberAt(head, 4);
  const code = head[2]! >> 4;
  if (!number || code === 0) return undefined;
  const sizeWidth = code === 6 ? 1 : code === 7 ? 2 : 0;
  const rateWidth = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 0][head[2]! & 15]!;
  const sumAt = number.end + sizeWidth + rateWidth;
  if (sumAt >= head.length || crc8(head.subarray(0, sumAt)) !== head[sumAt]) return undefined;
  const size = sizeWidth === 0 ? sizes[code]! : head.readUIntBE(number.end, sizeWidth) + 1;
  const isCountedInSamples = head[1]! & 1;
  return (isCountedInSamples ? number.value : number.value * info.blockSize) + size;
}

/** As in UTF-8, but up to 36 bits. */
function numberAt(head: Buffer, at: number): { value: number; end: number } | undefined {
  const first = head[at]!;
  const width = first < 0x80 ? 1 : Math.clz32(~(first << 24));
  if (width === 1 && first >= 0x80) return undefined;
  if (width > 7 || at + width > head.length) return undefined;
  let value = width === 1 ? first : first & (0x7f >> width);
  for (let i = 1; i < width; i++) value = value * 64 + (head[at + i]! & 0x3f);
  return { value, end: at + width };
}
