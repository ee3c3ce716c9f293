import { cut, measured, type Structure, unverified, whole } from './structure.ts';
import type { View } from './view.ts';

const [IMAGE, EXTENSION, TRAILER] = [0x2c, 0x21, 0x3b];

/** From block to block until the trailer; a picture says how long it is only piece by piece. */
export function gifStructure(view: View): Structure {
  const measure = measured(view.le16(6), view.le16(8));
  let at = 13 + colours(view.u8(10));
  let frames = 0;
  while (at < view.size) {
    view.step();
    const block = view.u8(at);
    if (block === TRAILER) return whole(view.size - at - 1, measure);
    if (block === EXTENSION) at = pastPieces(view, at + 2);
    else if (block === IMAGE) {
      at = pastPieces(view, at + 11 + colours(view.u8(at + 9)));
      frames++;
    } else if (block === 0) at++;
    else if (frames === 0) return cut(`what stands at ${at} is no block, and there is no frame before it`);
    else return unverified(`what stands at ${at}, after ${frames} frames, is no block`, measure);
  }
  // Some writers leave the trailer out, and all readers do without it.
  if (frames > 0 && at === view.size)
    return unverified(`there is no trailer after ${frames} frames`, measure);
  return cut(`there is no trailer; the last whole block ends at ${at}`);
}

/** The bytes of a table of colours, if the flags say that there is one. */
const colours = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);

/** Data comes in pieces of up to 255 bytes, each with its length before it; one of none is the last. */
function pastPieces(view: View, from: number): number {
  for (let at = from; ; ) {
    view.step();
    const length = view.u8(at);
    at += length + 1;
    if (length === 0) return at;
  }
}
