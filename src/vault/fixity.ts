import { existsSync, lstatSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StorageError, sentence } from '../errors.ts';
import { bagFiles, checkBag, isClosed } from './bag.ts';
import { inside, names, staysInside } from './layout.ts';
import { scanLines } from './lines.ts';
import { sumOfFile } from './place.ts';
import { scanRecords } from './records.ts';
import { isFiled } from './sharing.ts';
import { filesUnder } from './unfinished.ts';

export interface Damage {
  readonly path: string;
  readonly problem: 'missing' | 'size' | 'checksum' | 'stray' | 'line' | 'unlisted' | 'unreadable';
  readonly detail: string;
}

/** What a look at every byte of an archive came to. */
export interface Audit {
  readonly path: string;
  readonly at: string;
  readonly files: number;
  readonly bytes: number;
  /** False while a run is under way, or after one that did not end in order: then the bag is not judged. */
  readonly closed: boolean;
  readonly sound: boolean;
  readonly damage: readonly Damage[];
}

export interface AuditOptions {
  readonly signal?: AbortSignal;
  /** Called as bytes are read. */
  readonly progress?: (seen: { files: number; bytes: number; of: number }) => void;
}

interface Expected {
  readonly sha256: string;
  /** Unknown for what only the bag lists. */
  readonly bytes: number | undefined;
}

const AT_ONCE = 4;

/** Reads every file and compares it with its record and with the bag; believes no sum without making it anew. */
export async function verifyArchive(
  archive: string,
  { signal, progress }: AuditOptions = {},
): Promise<Audit> {
  const root = resolve(archive);
  if (!existsSync(root)) throw new StorageError(`There is no archive at ${archive}.`);
  await checkBag(root);
  const damage: Damage[] = [];
  const closed = isClosed(root);
  const expected = readManifest(root, damage);
  if (closed) compareListing(root, expected, damage);
  const seen = { files: 0, bytes: 0, of: expected.size };
  const queue = [...expected];
  const work = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      signal?.throwIfAborted();
      const found = await lookAt(root, ...next).catch((error): Damage => unreadable(next[0], error));
      seen.files++;
      if (typeof found === 'number') seen.bytes += found;
      else damage.push(found);
      progress?.({ ...seen });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (closed) damage.push(...(await strays(root, expected)));
  damage.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { files, bytes } = seen;
  return {
    path: root,
    at: new Date().toISOString(),
    files,
    bytes,
    closed,
    sound: damage.length === 0,
    damage,
  };
}

/** The history of audits is part of the archive. */
export async function recordAudit(audit: Audit): Promise<void> {
  const { path: _, ...line } = audit;
  await appendFile(join(audit.path, names.audits), `${JSON.stringify({ v: 1, ...line })}\n`);
}

/** Every file that a record names, with what the last such record says of it. */
function readManifest(root: string, damage: Damage[]): Map<string, Expected> {
  const expected = new Map<string, Expected>();
  const manifest = join(root, names.manifest);
  if (!existsSync(manifest)) return expected;
  for (const line of scanRecords(manifest)) {
    if ('damage' in line) damage.push({ path: names.manifest, problem: 'line', detail: line.damage });
    else if (isFiled(line.record)) {
      expected.set(line.record.path, { sha256: line.record.sha256, bytes: line.record.bytes });
    }
  }
  return expected;
}

/** The bag must list what the records name with the same sums; what it lists besides is looked at as well. */
function compareListing(root: string, expected: Map<string, Expected>, damage: Damage[]): void {
  const listed = readSums(root, bagFiles.manifest, damage);
  for (const [path, { sha256 }] of expected) {
    const sum = listed.get(path);
    if (sum === undefined) damage.push({ path, problem: 'unlisted', detail: `not in ${bagFiles.manifest}` });
    else if (sum !== sha256)
      damage.push({
        path,
        problem: 'checksum',
        detail: `${bagFiles.manifest} says ${sum}, the record ${sha256}`,
      });
  }
  for (const [path, sha256] of [...listed, ...readSums(root, bagFiles.tags, damage)]) {
    if (!expected.has(path)) expected.set(path, { sha256, bytes: undefined });
  }
}

function readSums(root: string, name: string, damage: Damage[]): Map<string, string> {
  const sums = new Map<string, string>();
  for (const { text, offset } of scanLines(join(root, name))) {
    const parts = /^([0-9a-f]{64})\s+\*?(.+)$/.exec(text);
    if (parts && staysInside(parts[2]!)) sums.set(decodePath(parts[2]!), parts[1]!);
    else damage.push({ path: name, problem: 'line', detail: `no sum at byte ${offset}` });
  }
  return sums;
}

const decodePath = (path: string) => path.replace(/%0D/gi, '\r').replace(/%0A/gi, '\n').replace(/%25/g, '%');

/** One file that the disk does not give back must not hide what became of the others. */
const unreadable = (path: string, error: unknown): Damage => ({
  path,
  problem: 'unreadable',
  detail: sentence(error),
});

/** How many bytes were sound, or what is wrong with them. */
async function lookAt(root: string, path: string, { sha256, bytes }: Expected): Promise<number | Damage> {
  const file = inside(root, path);
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found?.isFile())
    return { path, problem: 'missing', detail: found ? 'not a regular file' : 'there is no such file' };
  if (bytes !== undefined && found.size !== bytes)
    return { path, problem: 'size', detail: `${found.size} bytes instead of ${bytes}` };
  const sum = await sumOfFile(file);
  return sum === sha256
    ? found.size
    : { path, problem: 'checksum', detail: `sha256 ${sum} instead of ${sha256}` };
}

/** Files in the payload that nobody knows. */
async function strays(root: string, expected: ReadonlyMap<string, Expected>): Promise<Damage[]> {
  const found: Damage[] = [];
  for await (const path of filesUnder(root, 'data')) {
    if (!expected.has(path)) found.push({ path, problem: 'stray', detail: 'no record names it' });
  }
  return found;
}
