import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import type { Entry } from 'yauzl';
import { SourceError, systemCode } from '../errors.ts';
import { crc32 } from '../net/crc32.ts';
import { fileBytes, unpacked, unreadable } from './bytes.ts';
import { DamagedFile, type HandedFile } from './source.ts';
import { directoryOf, nameOf, type ZipPlace } from './zip-directory.ts';

const mostEntries = 1_000_000;
const headerSize = 30;
/** Nothing that deflate has packed opens to more than so many times its size. */
const mostSwelling = 1032;

const stored = 0;
const deflated = 8;

/** Where an entry lies, and what its directory says of it. */
interface Place {
  readonly offset: number;
  readonly packed: number;
  readonly bytes: number;
  readonly crc: number;
  /** Of a kind that nobody here reads where it is neither of the two. */
  readonly method: number;
  readonly isEncrypted: boolean;
}

/** Numbers of a place in a row: objects for a hundred thousand entries would take ten times the room. */
const width = 5;

/** A zip of any size, of which only names and places are held. Nothing is written, and no file stays open. */
export class Zip {
  readonly #zip: ZipPlace;
  readonly #signal: AbortSignal;
  readonly #rows = new Map<string, number>();
  readonly #numbers: number[] = [];
  readonly #overlapping = new Set<number>();
  /** Entries left out: links, names that would lead out of it, and those of which there is one of that name already. */
  refused = 0;

  private constructor(zip: ZipPlace, signal: AbortSignal) {
    this.#zip = zip;
    this.#signal = signal;
  }

  static async open(place: ZipPlace, signal: AbortSignal): Promise<Zip> {
    const zip = new Zip(place, signal);
    let entries = 0;
    for await (const entry of directoryOf(place)) {
      signal.throwIfAborted();
      if (++entries > mostEntries)
        throw new SourceError(`${place.name} has more than ${mostEntries.toLocaleString('en')} entries.`);
      zip.#add(entry);
    }
    zip.#findOverlaps();
    return zip;
  }

  names(): IterableIterator<string> {
    return this.#rows.keys();
  }

  /** Where an entry lies that is stored as it is; undefined for all others. */
  async extent(name: string): Promise<Omit<ZipPlace, 'name'> | undefined> {
    const place = this.#sound(name);
    if (place?.method !== stored) return undefined;
    return { file: this.#zip.file, from: await this.#start(place), bytes: place.bytes };
  }

  /** Undefined where there is no such entry. Throws DamagedFile, as its body does, where it is not what was put in. */
  async open(name: string): Promise<HandedFile | undefined> {
    const place = this.#sound(name);
    if (!place) return undefined;
    const from = await this.#start(place);
    return { bytes: place.bytes, body: Readable.from(this.#contents(place, from), { objectMode: false }) };
  }

  #add(entry: Entry): void {
    const isFolder = /[/\\]$/.test(entry.fileName.toString());
    const name = isFolder ? undefined : nameOf(entry);
    if (name === undefined || this.#rows.has(name)) {
      if (!isFolder) this.refused++;
      return;
    }
    this.#rows.set(name, this.#rows.size);
    const kind = entry.compressionMethod * 2 + (entry.isEncrypted() ? 1 : 0);
    const { relativeOffsetOfLocalHeader, compressedSize, uncompressedSize } = entry;
    this.#numbers.push(relativeOffsetOfLocalHeader, compressedSize, uncompressedSize, entry.crc32, kind);
  }

  #at(row: number): Place {
    const [offset, packed, bytes, crc, kind] = this.#numbers.slice(row * width, (row + 1) * width);
    return {
      offset: offset!,
      packed: packed!,
      bytes: bytes!,
      crc: crc!,
      method: kind! >> 1,
      isEncrypted: kind! % 2 === 1,
    };
  }

  /** Entries that share bytes are made to open to more than any disk holds. */
  #findOverlaps(): void {
    const start = (row: number) => this.#numbers[row * width]!;
    const rows = Uint32Array.from({ length: this.#rows.size }, (_, row) => row).sort(
      (a, b) => start(a) - start(b),
    );
    let furthest = { row: 0, end: -1 };
    for (const row of rows) {
      const end = start(row) + headerSize + this.#numbers[row * width + 1]!;
      if (start(row) < furthest.end) this.#overlapping.add(row).add(furthest.row);
      if (end > furthest.end) furthest = { row, end };
    }
  }

  #sound(name: string): Place | undefined {
    const row = this.#rows.get(name);
    if (row === undefined) return undefined;
    const place = this.#at(row);
    const { method, packed, bytes, isEncrypted } = place;
    if (isEncrypted) throw new DamagedFile('it is encrypted');
    if (method !== stored && method !== deflated)
      throw new DamagedFile(`it is packed in a way that is not read here (method ${method})`);
    const isPossible = method === stored ? packed === bytes : bytes <= (packed + 1) * mostSwelling;
    if (!isPossible) throw new DamagedFile(`it cannot be ${bytes} bytes, packed into ${packed}`);
    if (this.#overlapping.has(row)) throw new DamagedFile('it lies in the same place as another entry');
    return place;
  }

  /** Where its bytes begin: names and the like stand before them, which may be longer than in the directory. */
  async #start({ offset, packed }: Place): Promise<number> {
    const { file, from, bytes } = this.#zip;
    const header = await readAt(file, from + offset, headerSize);
    const isHeader = header.length === headerSize && header.readUInt32LE(0) === 0x04034b50;
    const start = isHeader ? offset + headerSize + header.readUInt16LE(26) + header.readUInt16LE(28) : bytes;
    if (!isHeader || start + packed > bytes) throw new DamagedFile('it does not lie where the zip says');
    return from + start;
  }

  async *#contents({ packed, bytes, crc, method }: Place, from: number): AsyncGenerator<Uint8Array> {
    const raw = fileBytes(this.#zip.file, this.#signal, { from, bytes: packed });
    let [size, sum] = [0, 0];
    try {
      for await (const chunk of method === stored ? raw : unpacked(raw, createInflateRaw())) {
        size += chunk.length;
        if (size > bytes)
          throw new DamagedFile(`it opens to more than the ${bytes} bytes that it should have`);
        sum = crc32(chunk, sum);
        yield chunk;
      }
    } catch (error) {
      if (systemCode(error)?.startsWith('Z_') !== true) throw error;
      throw new DamagedFile('its compression makes no sense', { cause: error });
    }
    if (size < bytes) throw new DamagedFile(`it has ${size} bytes instead of ${bytes}`);
    if (sum !== crc) throw new DamagedFile('its checksum (CRC-32) is not the one that was put in');
  }
}

async function readAt(file: string, position: number, length: number): Promise<Buffer> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}
