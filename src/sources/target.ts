import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import type FastGlob from 'fast-glob';
import { UsageError } from '../errors.ts';
import { suggestion } from '../nearest.ts';
import { quoted } from '../shown.ts';
import { stemOf } from './address.ts';
import { unreadable } from './bytes.ts';
import { decodedHead } from './text.ts';

const require = createRequire(import.meta.url);
/** Loaded for patterns alone: it takes longer than everything else about a target. */
const glob = (): typeof FastGlob => require('fast-glob');

/** `json:export.json` without the prefix, where a source is told of by name. */
export const withoutPrefix = (source: string, target: string): string =>
  target.startsWith(`${source}:`) ? target.slice(source.length + 1) : target;

/** A file of this name is meant by it even if it looks like a pattern. */
export const isPattern = (target: string): boolean =>
  /[*?[{(]/.test(target) &&
  !target.includes('://') &&
  kindOfEntry(target) === undefined &&
  glob().isDynamicPattern(target);

/** All files that a target names: one, or all that a pattern matches; page 2 comes before page 10. */
export function filesOf(target: string): readonly string[] {
  if (!isPattern(target)) return ['file', 'other'].includes(kindOfEntry(target) ?? '') ? [target] : [];
  const byNumber = new Intl.Collator('en', { numeric: true });
  return glob().sync(target).sort(byNumber.compare);
}

/** Are there files of this target, and is each of them of one kind? */
export function everyFile(target: string, isOurs: (file: string) => boolean): boolean {
  const files = filesOf(target);
  return files.length > 0 && files.every(isOurs);
}

/** The files of a target that a source was told to take; each can be opened. */
export async function readableFiles(target: string): Promise<readonly string[]> {
  if (kindOfEntry(target) === 'folder') throw noFolders(target);
  const files = filesOf(target);
  if (files.length === 0) throw nothingAt(target);
  for (const file of files) {
    await access(file, constants.R_OK).catch((error) => Promise.reject(unreadable(file, error)));
  }
  return files;
}

/** What an archive of these files is called: by the file, or by the folder that a pattern starts from. */
export function nameOfFiles(target: string): string | null {
  if (kindOfEntry(target) === 'other') return null; // /dev/fd/63 is no name
  const path = isPattern(target) ? glob().generateTasks(target)[0]!.base : target;
  const name = stemOf(basename(resolve(path))).replace(/^\.+/, '');
  return name === '' ? null : name;
}

export const noFolders = (target: string): UsageError =>
  new UsageError(
    `${quoted(target)} is a folder, and no export of a kind that is known; name the files in it.`,
  );

export function nothingAt(target: string): UsageError {
  if (isPattern(target)) return new UsageError(`No file matches ${quoted(target)}.`);
  return new UsageError(
    `There is nothing at ${quoted(target)}${suggestion(basename(target), neighbours(target)) || orAddress(target)}`,
  );
}

/** A host as people say it could as well be the name of a file. */
const orAddress = (target: string): string =>
  /^(?:[a-z\d-]{1,63}\.){1,8}[a-z-]{2,63}(?::\d{1,5})?(?:\/|$)/i.test(target) && !ofFile.test(target)
    ? '; if it is an address, write https:// before it.'
    : '.';

const ofFile =
  /^[^/]*\.(?:jsonl?|ndjson|xml|zip|tar|t?gz|txt|csv|html?|car|atom|rss|rdf|jpe?g|png|gif|mp[34])$/i;

/** What stands in the folder in which a path was looked for. */
export function neighbours(path: string): readonly string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return []; // no such folder either: then there is nothing to suggest
  }
}

/** `other` is a pipe, a socket, a device: can be read, but not looked at beforehand. */
export function kindOfEntry(path: string): 'file' | 'folder' | 'other' | undefined {
  try {
    const entry = statSync(path, { throwIfNoEntry: false });
    return entry && (entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other');
  } catch {
    return undefined; // not a path at all, or one behind a closed folder: nothing there for us
  }
}

/** The first 64 KiB of a file as text; nothing of a pipe, nor of what cannot be read, which opening it will say. */
export function firstText(file: string): string {
  if (kindOfEntry(file) !== 'file') return '';
  try {
    const handle = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(65_536);
      return decodedHead(bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0)));
    } finally {
      closeSync(handle);
    }
  } catch {
    return '';
  }
}

/** What the archive of a target is called, if it is one: else opening it will say why not. */
export function nameIfAny(read: () => string | null): string | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}
