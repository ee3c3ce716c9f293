import type { Location, Measure, MediaItem, MediaRecord, Rendition } from '../model.ts';
import { isMuchSmaller, promised } from '../verify/measure.ts';

/** A smaller size than is known of is kept, and marked, so that a later run can ask for the better one alone. */
export function renditions(
  item: MediaItem,
  location: Location,
  measure: Measure | undefined,
): Pick<MediaRecord, 'got' | 'bestKnown'> {
  const got = { url: location.url, ...measure };
  const better = betterThan(item, location, measure);
  if (better) return { got, bestKnown: better };
  // Where it was got from is asked by a refresh; a capture does not change.
  return location.kind !== 'snapshot' && location.url !== item.url ? { got } : {};
}

function betterThan(
  item: MediaItem,
  location: Location,
  measure: Measure | undefined,
): Rendition | undefined {
  const { original, larger, url } = item;
  if (original) return isLess(measure, original, location) ? original : undefined;
  if (larger !== undefined) return isOwn(item, location) ? { url: larger } : undefined; // its page did not say
  const promise = promised(item);
  const isSmaller = measure && promise && isMuchSmaller(measure, promise);
  const isSame = measure && promise && !isSmaller;
  const isOther = location.kind === 'alternate' || location.isLesser;
  return isSmaller || (isOther && !isSame) ? { url, ...promise } : undefined;
}

/** By their sizes; where one of them is not known, by their addresses. */
function isLess(
  measure: Measure | undefined,
  { url, width, height }: Rendition,
  location: Location,
): boolean {
  if (measure && width && height) return measure.width * measure.height < width * height;
  return url !== (location.snapshot?.original ?? location.url);
}

/** Not at an address that only a page can have named, in an earlier run. */
const isOwn = ({ url, alternates, lesser = [] }: MediaItem, location: Location): boolean =>
  location.kind === 'snapshot' || [url, ...alternates, ...lesser].includes(location.url);
