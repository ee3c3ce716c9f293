import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MediaRecord } from '../../src/model.ts';
import { recordsOf } from '../helpers/archives.ts';

export const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Every file below a folder, with forward slashes. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What must hold after any run whatever was done to it: records and files name each other, byte for byte. */
export function unsoundness(archive: string): string[] {
  const last = new Map<string, MediaRecord>(recordsOf(archive).map((record) => [record.item, record]));
  const kept = [...last.values()].filter(({ status }) => status === 'kept');
  const wrong = kept.flatMap(({ item, path, bytes, sha256 }) => {
    const file = join(archive, path!);
    if (!existsSync(file)) return [`${item}: no file`];
    const found = readFileSync(file);
    return found.length === bytes && sumOf(found) === sha256 ? [] : [`${item}: other bytes`];
  });
  const named = new Set(kept.map(({ path }) => join(archive, path!)));
  const strays = filesIn(join(archive, 'data', 'media')).filter((file) => !named.has(file));
  return [...wrong, ...strays.map((file) => `${file}: no record names it`)];
}

/** The files of an archive, its work folder included, that contain some bytes. */
export function filesWith(archive: string, bytes: string | Buffer): string[] {
  return filesIn(archive).filter((file) => readFileSync(file).includes(bytes));
}

export const sizeOf = (folder: string): number =>
  filesIn(folder).reduce((sum, file) => sum + statSync(file).size, 0);
