import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, link, lstat, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError, sentence, systemCode } from '../errors.ts';
import { inside } from './layout.ts';

/** Puts a synced file under its name, unless something lies there; false then, and nothing has changed. */
async function linkInto(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to); // rename would replace what is there
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code ?? '')) throw error;
    return renameInto(from, to); // a file system without links; the lock keeps others away meanwhile
  }
  await unlink(from);
  return true;
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
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

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
}

/**
 * Places files side by side: sync each, link each to its name, sync each folder once. A file of the same bytes
 * that lies there already, left by a run that died before its record, is taken for ours.
 */
export async function placeAll(root: string, placings: readonly Placing[]): Promise<string[]> {
  try {
    await Promise.all(placings.map(({ part }) => syncFile(part)));
    const paths = await Promise.all(placings.map((placing) => placeOne(root, placing)));
    const folders = new Set(paths.map((path) => dirname(inside(root, path))));
    await Promise.all([...folders].map(syncFolder));
    return paths;
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(`Cannot store in ${root}: ${sentence(error)}.`, { cause: error });
  }
}

async function placeOne(root: string, placing: Placing): Promise<string> {
  let path: string | undefined;
  for (let copy = 1; path !== placing.path(copy); copy++) {
    path = placing.path(copy);
    const target = inside(root, path);
    await makeFolder(root, dirname(target));
    if (await linkInto(placing.part, target)) return path;
    if (!(await sameBytes(target, placing))) continue;
    await unlink(placing.part);
    return path;
  }
  throw new StorageError(`There is another file at ${inside(root, path)} already.`);
}

async function sameBytes(file: string, { bytes, sha256 }: Placing): Promise<boolean> {
  const found = await lstat(file);
  return found.isFile() && found.size === bytes && (await sumOfFile(file)) === sha256;
}

export async function sumOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
