import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  type Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  validateFileName,
} from 'yauzl';
import { OxbowError, SourceError, sentence, systemCode } from '../errors.ts';
import { quoted } from '../shown.ts';
import { type Extent, unreadable } from './bytes.ts';

/** Where a zip lies: a file, or a part of one, for a zip may be stored within another. */
export interface ZipPlace extends Extent {
  readonly file: string;
  /** As it stands in sentences. */
  readonly name: string;
}

/** The entries of a zip, as its directory has them. Throws SourceError if there is none, or it makes no sense. */
export async function* directoryOf(place: ZipPlace): AsyncGenerator<Entry> {
  const handle = await open(place.file).catch((error) => Promise.reject(unreadable(place.file, error)));
  try {
    const reader = new Window(handle, place);
    const zip = await fromRandomAccessReaderPromise(reader, place.bytes, {
      autoClose: false,
      decodeStrings: false, // a name that makes no sense would end the reading
      validateEntrySizes: false, // so would a size
    });
    yield* zip.eachEntry();
  } catch (error) {
    if (error instanceof OxbowError) throw error;
    throw systemCode(error) ? unreadable(place.file, error) : incomplete(place, error);
  } finally {
    await handle.close();
  }
}

const incomplete = ({ name }: ZipPlace, error: unknown) =>
  new SourceError(
    `${name} is no whole zip file: the directory at its end is missing or makes no sense, as when a download was cut short (${quoted(sentence(error), 200)}).`,
    { cause: error },
  );

/** A path with forward slashes; undefined for folders, links, and whatever would lead out of the zip. */
export function nameOf(entry: Entry): string | undefined {
  const { generalPurposeBitFlag, fileName, extraFields } = entry;
  if (entry.fileNameLength > longestName || isLink(entry)) return undefined;
  const name = getFileNameLowLevel(generalPurposeBitFlag, fileName as unknown as Buffer, extraFields, false);
  return validateFileName(name) === null && isPlain(name) ? name : undefined;
}

const longestName = 1024;

/** No part of it is empty, or one that a system would take for something else than a name. */
export const isPlain = (path: string): boolean =>
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !unfit.test(path);

const unfit = /[\p{Cc}\p{Surrogate}]/u;

const unix = 3;
const isLink = ({ versionMadeBy, externalFileAttributes }: Entry): boolean =>
  versionMadeBy >> 8 === unix && ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;

const windowSize = 2 ** 20;

/** Reads a file by the window: a directory consists of many small things in a row. */
class Window extends RandomAccessReader {
  readonly #handle: FileHandle;
  readonly #place: Extent;
  #held = Buffer.alloc(0);
  #start = 0;

  constructor(handle: FileHandle, place: Extent) {
    super();
    this.#handle = handle;
    this.#place = place;
  }

  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const isHeld = position >= this.#start && position + length <= this.#start + this.#held.length;
    const ready = isHeld ? Promise.resolve() : this.#fill(position, length);
    ready
      .then(() => {
        const at = position - this.#start;
        return this.#held.copy(into, offset, at, at + length);
      })
      .then((copied) => done(null, copied), done);
  }

  async #fill(position: number, length: number): Promise<void> {
    const most = Math.min(Math.max(length, windowSize), this.#place.bytes - position);
    const buffer = Buffer.allocUnsafe(Math.max(0, most));
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#place.from + position);
    this.#held = buffer.subarray(0, bytesRead);
    this.#start = position;
  }

  /** The handle is closed by who opened it. */
  override close(done: (error: Error | null) => void): void {
    done(null);
  }

  override _readStreamForRange(): Readable {
    return Readable.from([]); // only the directory is read this way
  }
}
