import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, kindOfEntry } from '../target.ts';

/** Does it look like an export? Asks the names alone: of a folder, or in the directory of a zip. */
export function claimsExport(target: string): boolean {
  if (kindOfEntry(target) === 'folder') return [target, ...onlyFolderIn(target)].some(isExportFolder);
  const files = filesOf(target);
  const isZips = files.length > 0 && files.every((file) => /\.zip$/i.test(file));
  return isZips && files.some((file) => looksLikeExport(directoryText(file)));
}

/** Also where nothing of an export can be seen in it, and opening it will say why. */
export const isExportPath = (path: string): boolean =>
  claimsExport(path) || (isPath(path) && kindOfEntry(path) !== undefined);

/** Plainly a path, and not the host of a blog. */
export const isPath = (text: string): boolean => /^[./~]/.test(text) || /^[^:]*\.zip$/i.test(text);

const pagesBelowHtml = /(?:^|\/)posts\/html\/\d{1,20}\.html?/im;
const pages = /(?:^|\/)posts\/\d{1,20}\.html?/im;
const packedPosts = /(?:^|\/)posts[^/\n]{0,80}\.zip$/im;
const media = /(?:^|\/)(?:media|images)\/\d{1,20}(?:_\d{1,6})?\.[a-z0-9]/im;

/** Of names, one a line. */
const isExport = (text: string): boolean =>
  pagesBelowHtml.test(text) || (media.test(text) && (pages.test(text) || packedPosts.test(text)));

/** One without a directory at its end was cut: opening it says so. */
const looksLikeExport = (names: string | undefined): boolean => names === undefined || isExport(names);

const mostNames = 2000;

function isExportFolder(folder: string): boolean {
  const within = namesIn(folder);
  const below = ['posts', 'posts/html', 'media', 'images']
    .filter((name) => within.includes(name.split('/')[0]!))
    .flatMap((name) => namesIn(join(folder, name)).map((entry) => `${name}/${entry}`));
  return isExport([...within, ...below].join('\n'));
}

/** An unpacked zip often lies in one folder more. */
function onlyFolderIn(folder: string): readonly string[] {
  const within = namesIn(folder).filter((name) => !name.startsWith('.'));
  const [only] = within;
  return within.length === 1 && kindOfEntry(join(folder, only!)) === 'folder' ? [join(folder, only!)] : [];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, mostNames);
  } catch {
    return []; // no folder, or a closed one: then this is none of ours
  }
}

/** The directory of a zip lies at its end; of one that is larger than this, the end will do. */
const mostDirectory = 2 ** 24;

function directoryText(file: string): string | undefined {
  try {
    const handle = openSync(file, 'r');
    const begin = Buffer.alloc(4);
    try {
      const { size } = fstatSync(handle);
      const bytes = Buffer.alloc(Math.min(size, mostDirectory));
      const length = readSync(handle, bytes, 0, bytes.length, size - bytes.length);
      const isZip = readSync(handle, begin, 0, 4, 0) === 4 && begin.equals(fileMark);
      return directoryIn(bytes.subarray(0, length)) ?? (isZip ? undefined : '');
    } finally {
      closeSync(handle);
    }
  } catch {
    return ''; // what cannot be read is told of when somebody says that it is an export
  }
}

const [fileMark, endMark, entryMark] = ['504b0304', '504b0506', '504b0102'].map((hex) =>
  Buffer.from(hex, 'hex'),
) as [Buffer, Buffer, Buffer];

/** Its names, one a line; of a directory that is not there to its beginning those from the first whole entry on. */
function directoryIn(bytes: Buffer): string | undefined {
  const end = bytes.lastIndexOf(endMark);
  if (end < 0 || end + 16 > bytes.length) return undefined;
  const length = bytes.readUInt32LE(end + 12); // beyond 4 GiB it says that it is larger than all there is
  const names: string[] = [];
  let at = bytes.indexOf(entryMark, Math.max(0, end - length));
  while (at >= 0 && at + 46 < end && bytes.compare(entryMark, 0, 4, at, at + 4) === 0) {
    const name = bytes.readUInt16LE(at + 28);
    names.push(bytes.toString('latin1', at + 46, Math.min(end, at + 46 + name)));
    at += 46 + name + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return names.join('\n').replaceAll('\\', '/');
}
