import { afterPicture, type Pictures, picturesOf } from './jpeg-after.ts';
import { type Bytes, cut, cutAt, type Measure, measured, type Structure, unverified } from './structure.ts';
import type { View } from './view.ts';

const [SOI, EOI, SOS, TEM, INDEX] = [0xd8, 0xd9, 0xda, 0x01, 0xe2];
const isRestart = (code: number) => code >= 0xd0 && code <= 0xd7;
/** Tables of codes and the like have numbers among those of frames. */
const isFrame = (code: number) =>
  code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;

/** What is known by the first scan, and where that begins; or that there is none. */
interface Head {
  readonly bytes: Bytes;
  readonly at: number;
  readonly measure: Measure;
  readonly pictures: Pictures | undefined;
}

/**
 * Segments by their lengths up to the first scan. Within a scan no two bytes read as the mark of the end, so if they
 * are the last of the file it is there; else it is looked for from the first scan on, and what follows it as well.
 */
export function jpegStructure(view: View, bytes: Bytes): Structure {
  const head = { bytes, at: 2, measure: {} as Measure, pictures: undefined as Pictures | undefined };
  for (;;) {
    view.step();
    const { at } = head;
    if (view.u8(at) !== 0xff) return unverified(`what stands at ${at} is no segment`, head.measure);
    const code = view.u8(at + 1);
    head.at = code === 0xff ? at + 1 : at + 2;
    if (code === 0xff || code === SOI || code === TEM || isRestart(code)) continue;
    if (code === EOI) return afterPicture(view, head);
    const length = view.u16(at + 2);
    head.at += length;
    if (head.at > view.size)
      return cutAt(`the segment ${code.toString(16)}`, at, { has: view.size - at - 2, of: length });
    if (isFrame(code)) head.measure = measured(view.u16(at + 7), view.u16(at + 5));
    if (code === INDEX) head.pictures ??= picturesOf(view, at + 4, head.at);
    if (code === SOS) return scans(view, head);
  }
}

function scans(view: View, from: Head): Structure {
  const { size } = view;
  const endsThere = size - 2 >= from.at && view.u16(size - 2) === 0xff00 + EOI;
  if (endsThere && !from.pictures) return afterPicture(view, { ...from, at: size });
  const end = endNamed(view, from) ?? endOfScans(view, from.at) ?? (endsThere ? size : undefined);
  return end === undefined
    ? cut(`no mark of its end follows the scan that begins at ${from.at}`)
    : afterPicture(view, { ...from, at: end });
}

/** Where an index says that the first picture ends, if the mark of the end is there. */
function endNamed(view: View, { pictures, at }: Head): number | undefined {
  const end = pictures?.first;
  if (end === undefined || end - 2 < at || end > view.size) return undefined;
  return view.u16(end - 2) === 0xff00 + EOI ? end : undefined;
}

/** Segments may stand between scans; below C0 it is data, for another coding of scans fills up with other bytes. */
function endOfScans(view: View, from: number): number | undefined {
  for (let at = view.find(0xff, from); at + 1 < view.size; at = view.find(0xff, at)) {
    view.step();
    const code = view.u8(at + 1);
    if (code === EOI) return at + 2;
    if (code === 0xff) at++;
    else if (code < 0xc0 || code === SOI || isRestart(code)) at += 2;
    else if (at + 4 > view.size) return undefined;
    else at += 2 + view.u16(at + 2);
  }
  return undefined;
}
