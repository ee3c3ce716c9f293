import type { MediaItem } from '../model.ts';
import type { Capture } from './capture.ts';
import { type Choice, choose } from './choose.ts';

export const isTumblr = ({ hostname }: URL): boolean => /^([\d]+\.)?media\.tumblr\.com$/.test(hostname);

/** Pictures whose address has a token for each size: one cannot guess them, but they all begin alike. */
const sized = /^(\/[\da-f]{32}\/[\da-f]{16}-[\da-f]{2}\/)s(\d{1,5})x(\d{1,5})(u?(?:_[a-z]\d)*)\//i;
const legacy = /\/tumblr_[^/]*_(\d{2,4})(?:sq)?\.[a-z]+$/i;

/** How the addresses of all sizes of a picture begin; undefined where sizes have nothing in common that can be asked. */
export function familyOf(address: string): string | undefined {
  const url = tumblrUrl(address);
  const [, path, , , cut] = (url && sized.exec(url.pathname)) ?? [];
  return path && !isStill(cut) ? `${url!.origin}${path}` : undefined;
}

/** A still of a picture that moves is not that picture. */
const isStill = (cut: string | undefined): boolean => /_f\d/i.test(cut ?? '');

/** How large a picture may be by its address; undefined where that says nothing. What was cut to a square is least. */
export function sizeIn(address: string): number | undefined {
  const path = tumblrUrl(address)?.pathname ?? '';
  const [, , width, height, cut] = sized.exec(path) ?? [];
  if (width !== undefined) return cut === '' ? Number(width) * Number(height) : 0;
  const side = legacy.exec(path)?.[1];
  return side === undefined ? undefined : Number(side) ** 2;
}

const LONGEST = 4096;

function tumblrUrl(address: string): URL | undefined {
  const url = address.length <= LONGEST && URL.canParse(address) ? new URL(address) : undefined;
  return url && isTumblr(url) ? url : undefined;
}

/** By their addresses: is the one a smaller size than the other? Of two kinds of address nobody can tell. */
export function isSmaller(one: string, other: string): boolean {
  const [size, otherSize] = [sizeIn(one), sizeIn(other)];
  const isOfOneKind = (familyOf(one) === undefined) === (familyOf(other) === undefined);
  return isOfOneKind && size !== undefined && otherSize !== undefined && size < otherSize;
}

/** Which captures of a picture in all its sizes are worth fetching: of the largest first, within a size as ever. Pure. */
export function chooseLargest(
  captures: readonly Capture[],
  item: Pick<MediaItem, 'kind' | 'date' | 'seen'>,
  { placeholders, most }: Choice,
): Capture[] {
  const met = new Set(placeholders);
  const chosen: Capture[] = [];
  for (const some of bySize(captures)) {
    const found = choose(some, item, { placeholders: met, most: most - chosen.length });
    for (const { digest } of found) met.add(digest);
    chosen.push(...found);
  }
  return chosen;
}

function bySize(captures: readonly Capture[]): Capture[][] {
  const groups = new Map<number, Capture[]>();
  for (const capture of captures) {
    if (familyOf(capture.original) === undefined) continue;
    const size = sizeIn(capture.original) ?? 0;
    groups.set(size, [...(groups.get(size) ?? []), capture]);
  }
  return [...groups].sort(([a], [b]) => b - a).map(([, group]) => group);
}
