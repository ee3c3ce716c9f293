import type { Kind, MediaItem } from '../model.ts';
import { exclusionIn } from '../net/memento.ts';
import type { Ask } from './ask.ts';
import type { Capture } from './capture.ts';

/** Names of the two services of a web archive at the gate: they rest together. */
export interface Lanes {
  readonly index: string;
  readonly replay: string;
}

/** What the index of a web archive has of one address. */
export interface Found {
  readonly captures: readonly Capture[];
  /** Why it will not say: the owner of the site wanted it so. */
  readonly excluded?: string;
  /** Why there may be others, which it did not tell: then that none of these is of use proves nothing. */
  readonly partial?: string;
}

/** A web archive in its own dialect: which captures of an address there are, and where the raw bytes lie. */
export interface WebArchive {
  /** What records call it. */
  readonly name: string;
  /** Addresses that the user gave for it. */
  readonly bases: readonly string[];
  readonly lanes: Lanes;
  /** What it files an address under: of two with the same key only one is asked about. */
  keyOf(url: string): string;
  /** The question about an address, as a record names it. */
  question(url: string): string;
  /** Throws WebArchiveError if no sound answer comes. */
  find(url: string, item: Pick<MediaItem, 'date'>, ask: Ask): Promise<Found>;
  /** The same of all addresses that begin alike, where its index can be asked so. */
  readonly below?: {
    question(prefix: string): string;
    find(prefix: string, ask: Ask): Promise<Found>;
  };
  /** Where a capture lies as it was captured, the likeliest first. */
  rawAt(capture: Capture, kind: Kind): readonly string[];
}

export const lanesOf = (name: string): Lanes => ({ index: `${name} index`, replay: `${name} replay` });

/** An index says so of sites whose owners, or whose robots.txt, keep them out. */
export function foundExcluded(status: number, text: string): Found | undefined {
  const excluded = status === 403 ? exclusionIn(text) : undefined;
  return excluded === undefined ? undefined : { captures: [], excluded };
}
