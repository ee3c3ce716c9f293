import type { Box } from './boxes.ts';
import { cut, type Measure, type Structure, unverified, whole } from './structure.ts';
import type { View } from './view.ts';

/**
 * A film in fragments goes on as long as it goes on. What proves its end is the list of fragments behind the last
 * (mfra), or an index before the first (sidx).
 */
export function fragmentsEnd(
  view: View,
  { boxes, measure, hasSamples }: { boxes: readonly Box[]; measure: Measure; hasSamples: boolean },
): Structure {
  const positions = (name: string) => boxes.map((box) => box.name).lastIndexOf(name);
  const [fragment, data, list] = [positions('moof'), positions('mdat'), positions('mfra')];
  const last = boxes.at(-1)!;
  const rest = view.size - last.end;
  if (list > fragment) return whole(rest, measure);
  if (fragment === -1)
    return hasSamples
      ? unverified('fragments may follow what its index names', measure)
      : cut('not one of its fragments is there');
  if (data < fragment) return cut(`the data of the fragment at ${boxes[fragment]!.at} is not there`);
  const promised = indexedEnd(view, boxes);
  if (promised !== undefined && promised > view.size)
    return cut(`its index names fragments up to ${promised} of ${view.size}`);
  if (promised === last.end) return whole(rest, measure);
  return rest > 0 && rest < 8 && view.u8(last.end) === 0
    ? cut(`the box at ${last.end} has ${rest} bytes`)
    : unverified('fragments of a film have no end mark', measure);
}

/** An index of one fragment may be one of many indices, each before its own; so it proves nothing. */
function indexedEnd(view: View, boxes: readonly Box[]): number | undefined {
  const fragment = boxes.findIndex(({ name }) => name === 'moof');
  const index = boxes.slice(0, fragment).find(({ name }) => name === 'sidx');
  if (!index || index.data + 32 > index.end) return undefined;
  const isLong = view.u8(index.data) > 0;
  const skipped = isLong ? view.u64(index.data + 20) : view.u32(index.data + 16);
  const list = index.data + (isLong ? 28 : 20);
  const count = Math.min(view.u16(list + 2), Math.floor((index.end - list - 4) / 12));
  if (count < 2) return undefined;
  let end = index.end + skipped;
  for (let i = 0; i < count; i++) {
    view.step();
    end += view.u32(list + 4 + i * 12) & 0x7fffffff;
  }
  return end;
}
