import { lstat, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { SourceError, systemCode } from '../errors.ts';
import { quoted } from '../shown.ts';
import { fileBytes, unreadable } from './bytes.ts';
import { DamagedFile, type HandedFile } from './source.ts';
import { Tar } from './tar.ts';
import { kindOfEntry, readableFiles } from './target.ts';
import { Unpacked } from './unpacked.ts';
import { Zip } from './zip.ts';
import { isPlain, type ZipPlace } from './zip-directory.ts';

/** Files by their paths, whether they lie in a folder, in a zip or in a tar. */
export interface Part {
  /** Where in the export they lie: what stands before each of their paths. */
  readonly under: string;
  names(): Iterable<string>;
  /** Undefined where there is no such file; throws DamagedFile where it is none any more. */
  open(name: string): Promise<HandedFile | undefined>;
  /** Where a file lies that can be read in its place; the others can only be opened. */
  extent?(name: string): Promise<Omit<ZipPlace, 'name'> | undefined>;
  /** Links, and names that would lead out of it. */
  readonly refused: number;
}

/** All that an export consists of: a folder, a zip or a tar or several, and the zips within them. */
export interface Parts {
  readonly all: readonly Part[];
  /** Takes away what had to be unpacked on the way. */
  close(): Promise<void>;
}

export async function openParts(target: string, signal: AbortSignal): Promise<Parts> {
  const unpacked = new Unpacked();
  try {
    const all: Part[] = [];
    for (const part of await outerParts(target, { unpacked, signal })) {
      all.push(part);
      for (const name of part.names())
        if (innerZip.test(name)) all.push(await innerPart(part, name, { unpacked, signal }));
    }
    return { all, close: () => unpacked.close() };
  } catch (error) {
    await unpacked.close();
    throw error;
  }
}

/** Posts can sit in a zip of their own. */
const innerZip = /(?:^|\/)(?:posts|media|images)[^/]{0,80}\.zip$/i;

interface Opening {
  readonly unpacked: Unpacked;
  readonly signal: AbortSignal;
}

async function outerParts(target: string, { unpacked, signal }: Opening): Promise<Part[]> {
  if (kindOfEntry(target) === 'folder') return [await Folder.open(target, signal)];
  const parts: Part[] = [];
  for (const file of await readableFiles(target)) {
    const { size } = await stat(file).catch((error) => Promise.reject(unreadable(file, error)));
    const place = { file, from: 0, bytes: size, name: quoted(file) };
    const packing = await packingOf(file);
    if (packing === 'zip') parts.push(await zipPart(place, '', signal));
    else if (packing === 'tar') parts.push(await tarPart(place, signal));
    else parts.push(await tarPart({ ...(await unpacked.gunzip(place, signal)), name: place.name }, signal));
  }
  return parts;
}

/** By how it begins; what begins like none of them is opened as a zip, which says what is wrong. */
async function packingOf(file: string): Promise<'zip' | 'tar' | 'gzip'> {
  const start = Buffer.alloc(512);
  try {
    const handle = await open(file);
    await handle.read(start, 0, start.length, 0).finally(() => handle.close());
  } catch (error) {
    throw unreadable(file, error);
  }
  if (start.readUInt16BE(0) === 0x1f8b) return 'gzip';
  return start.toString('latin1', 257, 262) === 'ustar' ? 'tar' : 'zip';
}

async function tarPart(place: ZipPlace, signal: AbortSignal): Promise<Part> {
  const tar = await Tar.open(place, signal);
  const { refused } = tar;
  return {
    under: '',
    refused,
    names: () => tar.names(),
    open: (name) => tar.open(name),
    extent: (name) => tar.extent(name),
  };
}

async function zipPart(place: ZipPlace, under: string, signal: AbortSignal): Promise<Part> {
  const zip = await Zip.open(place, signal);
  const { refused } = zip;
  return {
    under,
    refused,
    names: () => zip.names(),
    open: (name) => zip.open(name),
    extent: (name) => zip.extent(name),
  };
}

/** Read where it lies if it is stored as it is; else it has to be unpacked first. */
async function innerPart(outer: Part, name: string, { unpacked, signal }: Opening): Promise<Part> {
  const shown = quoted(name);
  const under = name.replace(/\.zip$/i, '/');
  try {
    const extent = (await outer.extent?.(name)) ?? (await unpacked.take(await outer.open(name), shown));
    return await zipPart({ ...extent, name: shown }, under, signal);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    throw new SourceError(`${shown} within the export is damaged: ${error.message}.`, { cause: error });
  }
}

const deepest = 16;
const mostFiles = 1_000_000;

/** A folder as far as plain files and folders go: a link may lead anywhere. */
class Folder implements Part {
  readonly under = '';
  refused = 0;
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #names = new Set<string>();

  private constructor(root: string, signal: AbortSignal) {
    this.#root = root;
    this.#signal = signal;
  }

  static async open(root: string, signal: AbortSignal): Promise<Folder> {
    const folder = new Folder(root, signal);
    await folder.#walk('', 0);
    return folder;
  }

  names(): Iterable<string> {
    return this.#names;
  }

  async open(name: string): Promise<HandedFile | undefined> {
    const path = join(this.#root, name);
    const entry = this.#names.has(name) ? await statOf(path) : undefined;
    if (!entry?.isFile()) return undefined;
    const bytes = Readable.from(fileBytes(path, this.#signal), { objectMode: false });
    return { bytes: entry.size, body: bytes };
  }

  async #walk(under: string, depth: number): Promise<void> {
    this.#signal.throwIfAborted();
    const folder = join(this.#root, under);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error) =>
      Promise.reject(unreadable(folder, error)),
    );
    for (const entry of entries) {
      const name = `${under}${entry.name}`;
      const isTaken = isPlain(name) && (entry.isFile() || (entry.isDirectory() && depth < deepest));
      if (!isTaken) this.refused++;
      else if (entry.isDirectory()) await this.#walk(`${name}/`, depth + 1);
      else this.#names.add(name);
      if (this.#names.size > mostFiles)
        throw new SourceError(`${quoted(this.#root)} has more than ${mostFiles.toLocaleString('en')} files.`);
    }
  }
}

/** Undefined if it was taken away meanwhile. */
async function statOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}
