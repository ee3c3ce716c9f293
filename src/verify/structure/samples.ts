import { type Box, boxesIn, within } from './boxes.ts';
import { type Measure, measured } from './structure.ts';
import type { View } from './view.ts';

export interface Samples extends Measure {
  /** Where the last byte ends that the tables name; none named, zero. */
  readonly end: number;
  /** The tables name little or nothing; what is shown comes in fragments. */
  readonly isFragmented: boolean;
}

/** What the index of a film (moov) says of where its pictures and sounds lie. */
export function samplesOf(view: View, moov: Box): Samples {
  let [end, isFragmented, measure]: [number, boolean, Measure] = [0, false, {}];
  for (const box of boxesIn(view, moov.data, moov.end)) {
    if (box.name === 'mvex') isFragmented = true;
    if (box.name !== 'trak') continue;
    end = Math.max(end, endOfTrack(view, box));
    const found = measureOf(view, box);
    if ((found.width ?? 0) > (measure.width ?? 0)) measure = found;
  }
  return { end, isFragmented, ...measure };
}

/** Whole numbers with a fraction behind them that nobody uses. */
function measureOf(view: View, track: Box): Measure {
  const header = within(view, track, 'tkhd');
  if (!header) return {};
  const at = header.data + (view.u8(header.data) === 1 ? 88 : 76);
  return at + 8 <= header.end ? measured(view.u16(at), view.u16(at + 4)) : {};
}

function endOfTrack(view: View, track: Box): number {
  const media = within(view, track, 'mdia');
  const tables = media && within(view, media, 'minf', 'stbl');
  if (!tables || liesElsewhere(view, media)) return 0;
  const last = lastChunk(view, tables);
  if (!last) return 0;
  return (
    last.offset + bytesOf(view, tables, { ...samplesIn(view, tables, last), isSound: isSound(view, media) })
  );
}

/** A film may refer to data in another file; the lowest flag says that it does not. */
function liesElsewhere(view: View, media: Box): boolean {
  const references = within(view, media, 'minf', 'dinf', 'dref');
  if (!references) return false;
  for (const box of boxesIn(view, references.data + 8, references.end))
    if (box.data + 4 <= box.end && (view.u8(box.data + 3) & 1) === 0) return true;
  return false;
}

function isSound(view: View, media: Box): boolean {
  const handler = within(view, media, 'hdlr');
  return handler !== undefined && view.says(handler.data + 8, 'soun');
}

interface Chunk {
  readonly number: number;
  readonly offset: number;
  readonly count: number;
}

/** The chunk that lies farthest back, which is not always the last of the list. */
function lastChunk(view: View, tables: Box): Chunk | undefined {
  const [short, long] = [within(view, tables, 'stco'), within(view, tables, 'co64')];
  const table = short ?? long;
  if (!table) return undefined;
  const width = short ? 4 : 8;
  const count = entries(view, table, { at: 4, width });
  let [number, offset] = [0, -1];
  for (let i = 0; i < count; i++) {
    view.step();
    const at = table.data + 8 + i * width;
    const found = short ? view.u32(at) : view.u64(at);
    if (found > offset) [number, offset] = [i, found];
  }
  return count > 0 ? { number, offset, count } : undefined;
}

/** As many as the table says it has, and never more than fit into it. */
function entries(view: View, { data, end }: Box, { at, width }: { at: number; width: number }): number {
  if (data + at + 4 > end) return 0;
  return Math.min(view.u32(data + at), Math.max(0, Math.floor((end - data - at - 4) / width)));
}

/** Which samples lie in the chunk: the table tells it in runs of chunks that hold equally many. */
function samplesIn(view: View, tables: Box, chunk: Chunk): { from: number; count: number } {
  const table = within(view, tables, 'stsc');
  const runs = table ? entries(view, table, { at: 4, width: 12 }) : 0;
  let from = 0;
  for (let run = 0; table && run < runs; run++) {
    view.step();
    const at = table.data + 8 + run * 12;
    const [first, each] = [view.u32(at) - 1, view.u32(at + 4)];
    const next = run + 1 < runs ? view.u32(at + 12) - 1 : chunk.count;
    if (chunk.number < next) return { from: from + Math.max(0, chunk.number - first) * each, count: each };
    from += Math.max(0, next - first) * each;
  }
  return { from: 0, count: 0 };
}

/** Sounds of one size for all are counted otherwise by old programs, and are left out. */
function bytesOf(
  view: View,
  tables: Box,
  { from, count, isSound }: { from: number; count: number; isSound: boolean },
): number {
  const table = within(view, tables, 'stsz');
  if (!table || table.data + 12 > table.end) return 0;
  const each = view.u32(table.data + 4);
  if (each > 0) return isSound ? 0 : each * count;
  const last = Math.min(from + count, entries(view, table, { at: 8, width: 4 }));
  let sum = 0;
  for (let i = from; i < last; i++) {
    view.step();
    sum += view.u32(table.data + 12 + i * 4);
  }
  return sum;
}
