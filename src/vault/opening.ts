import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError, sentence } from '../errors.ts';
import { checkBag } from './bag.ts';
import { names } from './layout.ts';
import { Ledger } from './ledger.ts';
import { looksDamaged } from './ledger-store.ts';
import { LineFile, mendTail } from './lines.ts';
import { isOfThese } from './marks.ts';

/** Not by `recursive`: where a file system refuses folders by ENOENT (as /proc does), that tries for ever. */
async function makeWithParents(folder: string): Promise<void> {
  if (dirname(folder) !== folder && !existsSync(dirname(folder))) await makeWithParents(dirname(folder));
  await mkdir(folder);
}

/** An empty or lacking folder becomes an archive; one that holds something else is left alone. */
export async function prepareFolder(root: string): Promise<void> {
  try {
    const found = await stat(root).catch(() => undefined);
    if (found && !found.isDirectory())
      throw new StorageError(`${root} is a file; an archive needs a folder.`);
    if (!found) await makeWithParents(root);
    const entries = (await readdir(root)).filter((name) => name !== names.work);
    if (entries.length > 0) await checkBag(root);
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(`Cannot make an archive at ${root}: ${sentence(error)}.`, { cause: error });
  }
}

export async function openManifest(root: string, warn: (message: string) => void): Promise<LineFile> {
  const path = `${root}/${names.manifest}`;
  const torn = existsSync(path) ? await mendTail(path, `${root}/${names.torn}`) : 0;
  if (torn > 0) warn(`${torn} bytes of a torn record were set aside in ${names.torn}`);
  return LineFile.open(path);
}

/** A damaged ledger is an index lost, no more: it is set aside, and a new one is filled from the lines. */
export async function openLedger(root: string, warn: (message: string) => void): Promise<Ledger> {
  const path = `${root}/${names.ledger}`;
  try {
    if (!looksDamaged(path)) return await matching(Ledger.at(path), root);
  } catch (error) {
    warn(`the ledger cannot be read: ${sentence(error)}`);
  }
  warn(`the ledger is damaged; it was set aside as ${names.ledger}-damaged and is made anew`);
  await rm(`${path}-damaged`, { recursive: true, force: true });
  await rename(path, `${path}-damaged`);
  return Ledger.at(path);
}

/** A ledger that speaks of other lines than those that are there is emptied, and filled again from them. */
async function matching(ledger: Ledger, root: string): Promise<Ledger> {
  try {
    if (!(await isOfThese(ledger, root))) await ledger.clear();
    return ledger;
  } catch (error) {
    await ledger.close();
    throw error;
  }
}
