import type { MediaItem } from '../model.ts';
import { type Capture, isTimestamp, LONGEST, plainDigest, timeOf } from './capture.ts';

/** Base32 SHA-1 of nothing: a capture of an empty answer. */
const EMPTY = '3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ';

export interface Choice {
  /** Digests of pictures that stand for others: base32 SHA-1. */
  readonly placeholders: ReadonlySet<string>;
  readonly most: number;
}

/**
 * Which captures are worth fetching, the likeliest first: of the right kind, not empty, no placeholder, each content
 * once, nearest to the day of the post, or to when a page was seen to show it; where no day is known the newest first,
 * the last before it vanished. Pure.
 */
export function choose(
  captures: readonly Capture[],
  { kind, date, seen }: Pick<MediaItem, 'kind' | 'date' | 'seen'>,
  { placeholders, most }: Choice,
): Capture[] {
  const sound = captures.filter(
    ({ timestamp, original }) => isTimestamp(timestamp) && original.length <= LONGEST,
  );
  const originals = sound.filter((capture) => !isRevisit(capture));
  const described = new Set(originals.map(digestOf));
  // What a revisit holds is told by the row whose bytes it met again; without one, only its replay can tell.
  const orphans = sound.filter((capture) => isRevisit(capture) && !described.has(digestOf(capture)));
  const day = date ?? seen ?? null;
  const ranked = [...nearest(originals.filter(isOfKind(kind)), day), ...nearest(orphans, day)];
  const met = new Set([EMPTY, ...placeholders]);
  const distinct = ranked.filter((capture) => {
    const digest = digestOf(capture);
    return digest === '-' || (!met.has(digest) && met.add(digest));
  });
  return distinct.slice(0, most);
}

const digestOf = ({ digest }: Capture): string => plainDigest(digest);

const isRevisit = ({ mimetype }: Capture): boolean => mimetype.startsWith('warc/revisit');

/** A page in place of a file is an error told with status 200; a type that says nothing rules nothing out. */
const isOfKind =
  (kind: MediaItem['kind']) =>
  ({ statuscode, mimetype }: Capture): boolean => {
    const isPage = /^(text\/html|application\/xhtml)/.test(mimetype);
    const isKind =
      kind === 'file' || mimetype.startsWith(`${kind}/`) || !/^(image|video|audio|text)\//.test(mimetype);
    return (statuscode === '200' || statuscode === '-') && !isPage && isKind;
  };

function nearest(captures: readonly Capture[], date: string | null): Capture[] {
  const distance = (capture: Capture) =>
    date === null ? -Date.parse(timeOf(capture)) : Math.abs(Date.parse(timeOf(capture)) - Date.parse(date));
  return captures
    .map((capture) => ({ capture, far: distance(capture) }))
    .sort((a, b) => a.far - b.far)
    .map(({ capture }) => capture);
}
