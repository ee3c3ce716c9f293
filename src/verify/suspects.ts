import type { Sharing } from '../model.ts';
import { base32 } from '../sums.ts';

/** A blog that repeats a divider does so by one address, or by a few uploads of it. */
const ENOUGH = 5;

/** Of what is known about the same bytes, what makes them look like a placeholder; undefined if nothing does. */
export function suspectOf(sharings: readonly Sharing[]): Sharing | undefined {
  const enough = sharings.filter(({ unrelated }) => unrelated.length >= ENOUGH);
  return enough.sort((a, b) => b.items - a.items)[0];
}

/** The evidence for a person. */
export const evidenceOf = ({ sha256, path, host, items, unrelated, examples }: Sharing) => ({
  sha256,
  path,
  host,
  items,
  posts: unrelated.filter(({ post }) => post !== null).length,
  examples,
});

/** In one sentence. */
export function evidenceInWords(suspect: Sharing): string {
  const { host, items, posts } = evidenceOf(suspect);
  const inPosts = posts > 0 ? ` in at least ${posts} posts` : '';
  return `${host}, which gave the same bytes for ${items} items${inPosts} since ${suspect.first.slice(0, 10)}`;
}

/** As `--placeholders` reads it; its SHA-1 is not in the records. */
export function placeholderEntry(suspect: Sharing, sha1: Uint8Array | undefined) {
  const { sha256, path, ...evidence } = evidenceOf(suspect);
  const { bytes, first } = suspect;
  const seen = evidenceInWords(suspect);
  return { sha256, ...(sha1 && { sha1: base32(sha1) }), bytes, seen, ...evidence, first, path };
}
