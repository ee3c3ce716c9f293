import { type Chunk, chunkAt, endOf, isOpen, lacking } from './riff.ts';
import { cut, type Measure, measured, type Structure, unverified, whole } from './structure.ts';
import type { View } from './view.ts';

/** One RIFF after another: the first up to a gigabyte, then as many as it takes. */
export function aviStructure(view: View): Structure {
  const measure = aviMeasure(view);
  let at = 0;
  while (view.says(at, 'RIFF') && at + 12 <= view.size) {
    view.step();
    const riff = chunkAt(view, at);
    if (isOpen(riff.length)) return unverified('recorded with its length left open', measure);
    if (riff.end > view.size) return aviShort(view, riff, measure);
    at = riff.end;
  }
  const rest = view.size - at;
  if (rest > 0 && rest < 12 && view.says(at, 'RIFF'.slice(0, rest)))
    return cut(`only ${rest} bytes of the next RIFF are there`);
  const promised = indexedEnd(view);
  return promised > view.size
    ? cut(`its index names bytes up to ${promised} of ${view.size}`)
    : whole(rest, measure);
}

/** The chunks in a part of the file, one level down. */
function* chunksIn(view: View, from: number, to: number): Generator<Chunk> {
  for (let at = from; at + 8 <= to; ) {
    view.step();
    const chunk = chunkAt(view, at);
    if (chunk.data + chunk.length > to) return;
    yield chunk;
    at = chunk.end;
  }
}

/** A long film has an index of indices with each stream; so a RIFF that is not there can be told. */
function indexedEnd(view: View): number {
  let end = 0;
  for (const list of chunksIn(view, 12, view.size)) {
    if (!view.says(list.data, 'hdrl')) break;
    for (const stream of chunksIn(view, list.data + 4, list.end))
      for (const chunk of view.says(stream.data, 'strl') ? chunksIn(view, stream.data + 4, stream.end) : [])
        if (chunk.name === 'indx') end = Math.max(end, endOfIndices(view, chunk));
  }
  return end;
}

function endOfIndices(view: View, { data, length }: Chunk): number {
  const isOfIndices = length >= 24 && view.u8(data + 3) === 0;
  const count = isOfIndices ? Math.min(view.le32(data + 4), Math.floor((length - 24) / 16)) : 0;
  let end = 0;
  for (let i = 0; i < count; i++) {
    view.step();
    const at = data + 24 + i * 16;
    end = Math.max(end, view.le64(at) + view.le32(at + 8));
  }
  return end;
}

/** The same mistakes as with sound; to tell them from a cut its chunks have to end with the file. */
function aviShort(view: View, riff: Chunk, measure: Measure): Structure {
  let at = riff.data + 4;
  while (at + 8 <= view.size) {
    view.step();
    const chunk = chunkAt(view, at);
    if (chunk.data + chunk.length > view.size) return lacking(view, chunk);
    at = chunk.end;
  }
  const found = endOf(view, riff.end, at);
  return found.end === 'cut' ? lacking(view, riff) : { ...found, ...measure };
}

/** The main header stands at the head of the first list. */
function aviMeasure(view: View): Measure {
  return view.says(24, 'avih') && view.size >= 72 ? measured(view.le32(64), view.le32(68)) : {};
}
