import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import type { MediaRecord } from '../model.ts';
import { inside, names, staysInside } from './layout.ts';
import { parseLine, scanLines } from './lines.ts';
import { sumOfFile } from './place.ts';
import { scanRecords } from './records.ts';

/** What is about to be placed: the part that holds the bytes, and the record that will name them. */
export interface Intent {
  readonly part: string;
  readonly record: MediaRecord;
}

/**
 * Noted before a group is placed. A process that dies between placing and recording has then left all that its
 * successor needs to finish the work without asking the network again. Not synced: after a power cut the note may
 * be lost, and the file is set aside instead.
 */
export async function noteIntents(root: string, intents: readonly Intent[]): Promise<void> {
  await writeFile(join(root, names.intents), intents.map((intent) => `${JSON.stringify(intent)}\n`).join(''));
}

/** All that was intended is done. */
export async function forgetIntents(root: string): Promise<void> {
  await rm(join(root, names.intents), { force: true });
}

/** Records of files that were placed, whole, and whose records were never written. */
export async function unrecorded(
  root: string,
  find: (id: string) => Promise<MediaRecord | undefined>,
): Promise<MediaRecord[]> {
  const file = join(root, names.intents);
  if (!existsSync(file)) return [];
  const found: MediaRecord[] = [];
  for (const { text } of scanLines(file)) {
    const intent = parseLine<Intent>(text);
    if (typeof intent?.part !== 'string' || !intent.record?.path) continue;
    const path = await placeOf(root, intent.record);
    if (path === undefined) continue;
    const part = join(root, names.parts, basename(intent.part)); // the archive may have been moved since
    await rm(part, { force: true }); // its other name
    await rm(`${part}.json`, { force: true });
    const known = await find(intent.record.item);
    const isRecorded = known?.path === path && known.sha256 === intent.record.sha256; // kept, or taken back since
    if (!isRecorded) found.push({ ...intent.record, path });
  }
  return found;
}

/** A foreign file may have had the first name; the second one is asked only then, and so on. */
async function placeOf(root: string, record: MediaRecord): Promise<string | undefined> {
  const { dir, name, ext } = posix.parse(record.path!);
  for (let copy = 1; ; copy++) {
    const path = copy === 1 ? record.path! : `${dir}/${name}-${copy}${ext}`;
    if (await isPlaced(root, { ...record, path })) return path;
    if (!staysInside(path) || !existsSync(inside(root, path))) return undefined;
  }
}

/** Do these very bytes lie where a record says? */
export async function isPlaced(root: string, { path, bytes, sha256 }: MediaRecord): Promise<boolean> {
  if (!staysInside(path!)) return false;
  const file = inside(root, path!);
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() === true && found.size === bytes && (await sumOfFile(file)) === sha256;
}

/** Files among the media that no record names go to the work folder, where nothing mistakes them for kept ones. */
export async function setStraysAside(
  root: string,
  isKnown: (path: string) => Promise<boolean>,
): Promise<number> {
  const strays = new Set<string>();
  for await (const path of filesUnder(root, names.media)) if (!(await isKnown(path))) strays.add(path);
  if (strays.size > 0) for (const path of namedFiles(root)) strays.delete(path);
  for (const path of strays) await setAside(root, path);
  return strays.size;
}

/** Moved to the work folder under its own path, beside whatever was put there before. */
export async function setAside(root: string, path: string): Promise<void> {
  const aside = freeName(join(root, names.strays, path));
  await mkdir(dirname(aside), { recursive: true });
  await rename(inside(root, path), aside);
}

function freeName(path: string): string {
  let name = path;
  for (let copy = 2; existsSync(name); copy++) name = `${path}-${copy}`;
  return name;
}

/** The ledger's word is not enough to move a file: the lines are asked. */
function* namedFiles(root: string): Generator<string> {
  for (const line of scanRecords(join(root, names.manifest))) {
    if ('record' in line && line.record.path) yield line.record.path;
  }
}

/** Every file below a folder, as paths relative to the root. */
export async function* filesUnder(root: string, folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesUnder(root, path);
    else yield path;
  }
}
