import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkBag } from './bag.ts';
import { names } from './layout.ts';
import { scanRecords } from './records.ts';

/** The ids of what an archive keeps, from its lines alone: no lock, no ledger. Nothing where there is no archive. */
export async function heldItems(root: string): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  const manifest = join(root, names.manifest);
  if (!existsSync(manifest)) return held;
  await checkBag(root);
  for (const line of scanRecords(manifest)) {
    if ('damage' in line) continue; // verify tells of it
    if (line.record.status === 'kept') held.add(line.record.item);
    else held.delete(line.record.item);
  }
  return held;
}
