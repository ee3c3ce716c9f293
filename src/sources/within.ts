import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, kindOfEntry } from './target.ts';

/**
 * What lies in a folder or in zips, by names alone, a name a line: a text for each of them; undefined of a zip without a
 * directory at its end, for that was cut. Of a folder also what lies in the folders that are named, and in its only one,
 * for an unpacked zip often lies in one folder more. Nothing of what is neither.
 */
export function namesWithin(target: string, below: readonly string[] = []): readonly (string | undefined)[] {
  if (kindOfEntry(target) === 'folder')
    return [target, ...onlyFolderIn(target)].map((folder) => namesBelow(folder, below));
  const files = filesOf(target);
  const isZips = files.length > 0 && files.every((file) => /\.zip$/i.test(file));
  return isZips ? files.map(directoryText) : [];
}

const mostNames = 2000;

function namesBelow(folder: string, below: readonly string[]): string {
  const within = namesIn(folder);
  const further = below
    .filter((name) => within.includes(name.split('/')[0]!))
    .flatMap((name) => namesIn(join(folder, name)).map((entry) => `${name}/${entry}`));
  return [...within, ...further].join('\n');
}

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
