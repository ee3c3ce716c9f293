import { lstatSync } from 'node:fs';
import type { Sharing } from '../model.ts';
import { sumsOfFile } from '../sums.ts';
import { rootOf } from '../vault/holdings.ts';
import { inside } from '../vault/layout.ts';
import { readSharings } from '../vault/sharers.ts';
import { placeholderEntry, suspectOf } from '../verify/suspects.ts';

/** What looks like a placeholder in an archive, as a file for `--placeholders`, the commonest first. */
export async function suspectList(archive: string, warn: (message: string) => void) {
  const root = await rootOf(archive);
  const placeholders = [];
  for (const suspect of suspectsOf(root)) {
    const sums = await sumsOf(root, suspect);
    if (!sums) warn(`${suspect.path} has not the bytes that its record names: its SHA-1 is left out`);
    placeholders.push(placeholderEntry(suspect, sums?.sha1));
  }
  return { version: 2, placeholders };
}

/** One for each content, be it on several hosts. */
function suspectsOf(root: string): Sharing[] {
  const byContent = new Map<string, Sharing[]>();
  for (const sharing of readSharings(root)) {
    const { sha256 } = sharing;
    byContent.set(sha256, [...(byContent.get(sha256) ?? []), sharing]);
  }
  return [...byContent.values()].flatMap((sharings) => suspectOf(sharings) ?? []);
}

/** The sums of the very bytes; undefined if they are not those of the record. */
async function sumsOf(root: string, { path, bytes, sha256: expected }: Sharing) {
  const file = inside(root, path);
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size !== bytes) return undefined;
  const [sha256, sha1] = await sumsOfFile(file, ['sha256', 'sha1']);
  return sha256!.toString('hex') === expected ? { sha1: sha1! } : undefined;
}
