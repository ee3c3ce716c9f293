import { closeSync, fsync as fsyncOnceDone, linkSync, openSync, unlinkSync } from 'node:fs';
import { access, lstat, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { StorageError, systemCode } from '../errors.ts';
import { sumsOfFile } from '../sums.ts';
import { inside } from './layout.ts';
import { storing } from './storing.ts';

/** Puts a synced file under its name, unless something lies there; false then, and nothing has changed. */
async function linkInto(from: string, to: string, root: string): Promise<boolean> {
  try {
    await linkMakingFolder(from, to, root); // rename would replace what is there
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code ?? '')) throw error;
    return renameInto(from, to); // a file system without links; the lock keeps others away meanwhile
  }
  unlinkSync(from);
  return true;
}

/** The folder is nearly always there. */
async function linkMakingFolder(from: string, to: string, root: string): Promise<void> {
  try {
    linkSync(from, to);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await makeFolder(root, dirname(to));
    linkSync(from, to);
  }
}

async function renameInto(from: string, to: string): Promise<boolean> {
  const taken = await access(to).then(
    () => true,
    () => false,
  );
  if (!taken) await rename(from, to);
  return !taken;
}

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** A name is durable once its folder is. Windows has no such thing. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r'); // at once: only the sync itself takes its time
  try {
    await fsync(folder);
  } finally {
    closeSync(folder);
  }
}

const fsync = promisify(fsyncOnceDone);

/** Makes a folder and everything above it, within the root, durable. */
async function makeFolder(root: string, folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (!made) return;
  for (let above = dirname(folder); above.length >= root.length; above = dirname(above))
    await syncFolder(above);
}

/** One file to its place, replacing nothing but itself; both paths relative to the root. */
export async function placeFile(root: string, from: string, to: string): Promise<void> {
  const part = inside(root, from);
  const placing = { part, bytes: (await stat(part)).size, sha256: await sumOfFile(part), path: () => to };
  await placeAll(root, [placing]);
}

export interface Placing {
  readonly part: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The path to try first, second …: a foreign file under the name is left alone. */
  readonly path: (copy: number) => string;
  /** Whoever wrote it has synced it. */
  readonly isSynced?: boolean;
}

/** Is what lies under a name a file of ours that was damaged? It makes way then, and must be gone afterwards. */
export type MakeWay = (path: string) => Promise<boolean>;

/**
 * Places files side by side: sync each, link each to its name, sync each folder once. A file of the same bytes
 * that lies there already, left by a run that died before its record, is taken for ours.
 */
export function placeAll(root: string, placings: readonly Placing[], makeWay?: MakeWay): Promise<string[]> {
  return storing(`Cannot store in ${root}`, async () => {
    await allDone(placings.filter(({ isSynced }) => !isSynced).map(({ part }) => syncFile(part)));
    const names = { claimed: new Set<string>(), makeWay };
    const paths = await allDone(placings.map((placing) => placeOne(root, placing, names)));
    const folders = new Set(paths.map((path) => dirname(inside(root, path))));
    await allDone([...folders].map(syncFolder));
    return paths;
  });
}

/** Nothing is still at work when this fails. */
async function allDone<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(works);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Whoever asks for a name first may clear it: to the others it is taken, be it by bytes just placed. */
interface Names {
  readonly claimed: Set<string>;
  readonly makeWay: MakeWay | undefined;
}

async function placeOne(root: string, placing: Placing, { claimed, makeWay }: Names): Promise<string> {
  let path: string | undefined;
  for (let copy = 1; path !== placing.path(copy); copy++) {
    path = placing.path(copy);
    const target = inside(root, path);
    const isFirst = !claimed.has(path);
    claimed.add(path);
    if (await linkInto(placing.part, target, root)) return path;
    if (await sameBytes(target, placing)) {
      await unlink(placing.part);
      return path;
    }
    if (isFirst && (await makeWay?.(path)) && (await linkInto(placing.part, target, root))) return path;
  }
  throw new StorageError(`There is another file at ${inside(root, path)} already.`);
}

async function sameBytes(file: string, { bytes, sha256 }: Placing): Promise<boolean> {
  const found = await lstat(file);
  return found.isFile() && found.size === bytes && (await sumOfFile(file)) === sha256;
}

export async function sumOfFile(file: string): Promise<string> {
  const [sum] = await sumsOfFile(file, ['sha256']);
  return sum!.toString('hex');
}
