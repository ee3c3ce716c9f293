import { existsSync, statSync } from 'node:fs';
import { names } from './layout.ts';
import type { Ledger, Mark } from './ledger.ts';
import { lineOf } from './lines.ts';
import { lineSum } from './records.ts';

/**
 * Does the ledger speak of the lines that are there? Each file of lines must still have the line up to which it
 * was indexed; a ledger without any such mark cannot show that it belongs here.
 */
export async function isOfThese(ledger: Ledger, root: string): Promise<boolean> {
  let marks = 0;
  for await (const [name, mark] of ledger.marks()) {
    if (!stands(root, name, mark)) return false;
    marks++;
  }
  return marks > 0;
}

function stands(root: string, name: string, { bytes, lastAt, sum }: Mark): boolean {
  const places = [name, `${names.posts}/${name}`, `${names.openPosts}/${name}`];
  const file = places.map((path) => `${root}/${path}`).find(existsSync);
  if (!file || statSync(file).size < bytes) return false;
  const text = lineOf(file, lastAt);
  return text !== undefined && lineSum(text) === sum;
}
