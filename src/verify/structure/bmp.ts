import { cutAt, type Measure, measured, type Structure, unverified, whole } from './structure.ts';
import type { View } from './view.ts';

interface Header extends Measure {
  /** Bytes of the picture; undefined where only reading them all would tell. */
  readonly length: number | undefined;
  /** Where a colour profile ends, if the header names one. */
  readonly profileEnd: number;
}

const BITS = [1, 2, 4, 8, 16, 24, 32];
const [RGB, BITFIELDS, ALPHABITFIELDS] = [0, 3, 6];

/** The header tells where the picture begins and how long it is; what it says of the whole file is often wrong. */
export function bmpStructure(view: View): Structure {
  const [promised, start] = [view.le32(2), view.le32(10)];
  const { length, profileEnd, ...measure } = view.le32(14) === 12 ? oldHeader(view) : header(view);
  if (length === undefined) return byPromise(view.size, promised, measure);
  if (start + length > view.size) return cutAt('the picture', start, { has: view.size - start, of: length });
  if (profileEnd > view.size)
    return cutAt('the colour profile', start + length, {
      has: view.size - start - length,
      of: profileEnd - start - length,
    });
  return whole(view.size - Math.max(start + length, profileEnd, Math.min(promised, view.size)), measure);
}

function byPromise(size: number, promised: number, measure: Measure): Structure {
  if (promised < 26) return unverified('packed, and its header does not say how long it is', measure);
  return promised > size
    ? cutAt('the file', 0, { has: size, of: promised })
    : whole(size - promised, measure);
}

/** The header of OS/2 has small numbers and knows no packing. */
function oldHeader(view: View): Header {
  const [width, height, bits] = [view.le16(18), view.le16(20), view.le16(24)];
  return { ...measured(width, height), length: unpacked(width, height, bits), profileEnd: 0 };
}

function header(view: View): Header {
  const [width, height, bits] = [view.le32(18), Math.abs(view.le32(22) | 0), view.le16(28)];
  const [packing, packed, size] = [view.le32(30), view.le32(34), view.le32(14)];
  const isUnpacked = packing === RGB || packing === BITFIELDS || packing === ALPHABITFIELDS;
  const length = isUnpacked ? unpacked(width, height, bits) : packed || undefined;
  const profileEnd = size >= 124 && view.says(70, 'DEBM') ? 14 + view.le32(126) + view.le32(130) : 0;
  return { ...measured(width, height), length, profileEnd };
}

/** Rows are filled up to four bytes. */
function unpacked(width: number, height: number, bits: number): number | undefined {
  return BITS.includes(bits) ? Math.ceil((width * bits) / 32) * 4 * height : undefined;
}
