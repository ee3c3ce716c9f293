import type { MediaItem } from '../model.ts';
import type { Capture } from './wayback.ts';

/** Base32 SHA-1 of nothing: a capture of an empty answer. */
const EMPTY = '3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ';

/** Capture time as the rest of the world writes it. */
export const timeOf = ({ timestamp }: Capture): string =>
  (timestamp + '00000101000000'.slice(timestamp.length)).replace(
    /^(....)(..)(..)(..)(..)(..).*$/,
    '$1-$2-$3T$4:$5:$6Z',
  );

/**
 * Which captures are worth fetching, the likeliest first: of the right kind, not empty, each content once, nearest
 * to the day of the post; where no day is known the newest first. Pure.
 */
export function choose(
  captures: readonly Capture[],
  { kind, date }: Pick<MediaItem, 'kind' | 'date'>,
  most: number,
): Capture[] {
  const fitting = captures.filter(({ statuscode, mimetype, digest, timestamp }) => {
    const isMedia = !/^(text\/html|application\/xhtml|warc\/revisit)/.test(mimetype);
    const isKind =
      kind === 'file' || mimetype.startsWith(`${kind}/`) || !/^(image|video|audio|text)\//.test(mimetype);
    return statuscode === '200' && isMedia && isKind && digest !== EMPTY && /^\d{4,14}$/.test(timestamp);
  });
  const distance = (capture: Capture) =>
    date === null ? -Date.parse(timeOf(capture)) : Math.abs(Date.parse(timeOf(capture)) - Date.parse(date));
  const sorted = fitting
    .map((capture) => ({ capture, far: distance(capture) }))
    .sort((a, b) => a.far - b.far);
  const digests = new Set<string>();
  const distinct = sorted.filter(({ capture: { digest } }) => !digests.has(digest) && digests.add(digest));
  return distinct.slice(0, most).map(({ capture }) => capture);
}
