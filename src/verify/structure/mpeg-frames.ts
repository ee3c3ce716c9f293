import type { View } from './view.ts';

export interface Frame {
  readonly at: number;
  readonly end: number;
  /** What all frames of a sound have in common: version, layer, rate of samples. */
  readonly kind: number;
  /** Where the first may hold a note of the writer instead of sound. */
  readonly note: number;
}

const bitRates: readonly (readonly number[])[] = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448], // MPEG 1, layer I
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384], // layer II
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320], // layer III
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256], // MPEG 2, layer I
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160], // layers II and III
];
const sampleRates = [44_100, 48_000, 32_000];

/** Undefined where no frame stands, or one whose length its head does not tell. */
export function frameAt(view: View, at: number): Frame | undefined {
  if (at + 4 > view.size || view.u8(at) !== 0xff) return undefined;
  const [second, third, fourth] = [view.u8(at + 1), view.u8(at + 2), view.u8(at + 3)];
  const [version, layer] = [(second >> 3) & 3, 4 - ((second >> 1) & 3)]; // 3 is MPEG 1, 2 is 2, 0 is 2.5
  if (second < 0xe0 || version === 1 || layer === 4) return undefined;
  const length = lengthOf(version, layer, third);
  if (length === undefined) return undefined;
  const isMono = fourth >> 6 === 3;
  const note = at + 4 + (version === 3 ? (isMono ? 17 : 32) : isMono ? 9 : 17);
  return { at, end: at + length, kind: ((second & 0x1e) << 8) | (third & 0x0c), note };
}

function lengthOf(version: number, layer: number, rates: number): number | undefined {
  const isOne = version === 3;
  const rate = sampleRates[(rates >> 2) & 3];
  const kilobits = bitRates[isOne ? layer - 1 : layer === 1 ? 3 : 4]![rates >> 4];
  if (!rate || !kilobits) return undefined;
  const hertz = rate / (isOne ? 1 : version === 2 ? 2 : 4);
  const padding = (rates >> 1) & 1;
  if (layer === 1) return (Math.floor((12_000 * kilobits) / hertz) + padding) * 4;
  return Math.floor(((layer === 3 && !isOne ? 72_000 : 144_000) * kilobits) / hertz) + padding;
}
