import type { Reason } from '../model.ts';

/** The smallest picture that exists is a GIF of one point. */
const LEAST = 43;
const leastOf: readonly (readonly [RegExp, number])[] = [
  [/^image\/(gif|svg\+xml)$/, LEAST],
  [/^image\//, 100],
  [/^video\//, 1024],
];

/** Smaller than anything real of its kind: an empty answer or a stump. */
export function tooSmall(bytes: number, type: string | undefined): Reason | undefined {
  if (bytes === 0) return { code: 'empty', detail: 'no bytes at all' };
  const least = leastOf.find(([kind]) => kind.test(type ?? ''))?.[1] ?? LEAST;
  return bytes < least ? { code: 'too-small', detail: `${bytes} bytes, under ${least}` } : undefined;
}
