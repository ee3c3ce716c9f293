import type { Measure, MediaItem } from '../model.ts';

/** A picture whose longer side is under so much of what was promised is another size of it. */
const MUCH = 3 / 4;

const longest = ({ width, height }: Measure): number => Math.max(width, height); // however it is turned

/** What the post said of its size; undefined where it did not. */
export const promised = ({ width, height }: MediaItem): Measure | undefined =>
  width && height ? { width, height } : undefined;

/** Much smaller than the post promises: it is the thing, but not the best that there is of it. */
export const isMuchSmaller = (got: Measure, promise: Measure): boolean =>
  longest(got) < longest(promise) * MUCH;
