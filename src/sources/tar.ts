import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { OxbowError, SourceError } from '../errors.ts';
import { type Extent, fileBytes, unreadable } from './bytes.ts';
import { DamagedFile, type HandedFile } from './source.ts';
import { isPlain, type ZipPlace } from './zip-directory.ts';

const mostEntries = 1_000_000;
const block = 512;
/** Names and the like that stand before an entry. */
const longestWords = 65_536;

/** A tar of any size, of which only names and places are held: it is gone through once, from header to header. */
export class Tar {
  readonly #tar: ZipPlace;
  readonly #signal: AbortSignal;
  readonly #rows = new Map<string, number>();
  /** Two a row: where it begins, and how long it is. */
  readonly #numbers: number[] = [];
  /** Entries left out: links, names that would lead out of it, and those of which there is one of that name already. */
  refused = 0;

  private constructor(tar: ZipPlace, signal: AbortSignal) {
    this.#tar = tar;
    this.#signal = signal;
  }

  static async open(place: ZipPlace, signal: AbortSignal): Promise<Tar> {
    const tar = new Tar(place, signal);
    let entries = 0;
    for await (const entry of entriesOf(place)) {
      signal.throwIfAborted();
      if (++entries > mostEntries)
        throw new SourceError(`${place.name} has more than ${mostEntries.toLocaleString('en')} entries.`);
      tar.#add(entry);
    }
    return tar;
  }

  names(): IterableIterator<string> {
    return this.#rows.keys();
  }

  async extent(name: string): Promise<Omit<ZipPlace, 'name'> | undefined> {
    const row = this.#rows.get(name);
    if (row === undefined) return undefined;
    return { file: this.#tar.file, from: this.#numbers[row * 2]!, bytes: this.#numbers[row * 2 + 1]! };
  }

  /** Undefined where there is no such entry. Its body ends with DamagedFile where the file was cut meanwhile. */
  async open(name: string): Promise<HandedFile | undefined> {
    const extent = await this.extent(name);
    if (!extent) return undefined;
    return { bytes: extent.bytes, body: Readable.from(this.#contents(extent), { objectMode: false }) };
  }

  #add({ name, kind, from, bytes }: TarEntry): void {
    if (kind === 'folder') return;
    const path = name.replace(/^(?:\.\/)+/, '');
    if (kind === 'other' || path.length > 1024 || !isPlain(path) || this.#rows.has(path)) {
      this.refused++;
      return;
    }
    this.#rows.set(path, this.#rows.size);
    this.#numbers.push(from, bytes);
  }

  async *#contents({ file, from, bytes }: Omit<ZipPlace, 'name'>): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of fileBytes(file, this.#signal, { from, bytes })) {
      size += chunk.length;
      yield chunk;
    }
    if (size < bytes) throw new DamagedFile(`it has ${size} bytes instead of ${bytes}`);
  }
}

interface TarEntry extends Extent {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

async function* entriesOf(place: ZipPlace): AsyncGenerator<TarEntry> {
  const handle = await open(place.file).catch((error) => Promise.reject(unreadable(place.file, error)));
  try {
    yield* walked(handle, place);
  } catch (error) {
    throw error instanceof OxbowError ? error : unreadable(place.file, error);
  } finally {
    await handle.close();
  }
}

/** What is said of the next entry before its own header. */
interface Words {
  name?: string | undefined;
  size?: number | undefined;
}

async function* walked(handle: FileHandle, place: ZipPlace): AsyncGenerator<TarEntry> {
  let words: Words = {};
  for (let at = place.from; ; ) {
    const header = await read(handle, at, block);
    if (header.length === block && header.every((byte) => byte === 0)) return;
    const { type, bytes } = factsOf(header, words, { place, at });
    const from = at + block;
    if (aside.has(type)) words = { ...words, ...wordsIn(type, await read(handle, from, bytes)) };
    else {
      yield { name: words.name ?? nameIn(header), kind: kindOf(type, header), from, bytes };
      words = {};
    }
    at = from + Math.ceil(bytes / block) * block;
  }
}

interface Where {
  readonly place: ZipPlace;
  readonly at: number;
}

/** What a header says; throws where it says nothing that can be. */
function factsOf(header: Buffer, words: Words, { place, at }: Where) {
  if (header.length < block) throw broken(place, 'it ends in the middle');
  if (!isSound(header)) throw broken(place, `what stands at byte ${at - place.from} is no header`);
  const type = String.fromCharCode(header[156]!);
  const size = (aside.has(type) ? undefined : words.size) ?? numberAt(header, 124, 12);
  if (size === undefined) throw broken(place, 'an entry has a size that makes no sense');
  const bytes = bodyless.has(type) ? 0 : size;
  if (at + block + bytes > place.from + place.bytes) throw broken(place, 'it ends in the middle');
  if (aside.has(type) && bytes > longestWords) throw broken(place, 'a name in it is endless');
  return { type, bytes };
}

/** Links, devices, folders: whatever they say, nothing follows them. */
const bodyless: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '6']);
/** Not entries, but words about the next one: of the newer kind, of all that follow, and of GNU's. */
const aside: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);

function kindOf(type: string, header: Buffer): TarEntry['kind'] {
  if (type === '5') return 'folder';
  if (type !== '0' && type !== '\0' && type !== '7') return 'other';
  return nameIn(header).endsWith('/') ? 'folder' : 'file';
}

const broken = ({ name }: ZipPlace, why: string) =>
  new SourceError(`${name} is no whole tar file: ${why}, as when a download was cut short.`);

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** The sum of all its bytes, those of the sum itself counting as blanks; of old, bytes had signs. */
function isSound(header: Buffer): boolean {
  const said = numberAt(header, 148, 8);
  let [plain, signed] = [0, 0];
  for (const [at, byte] of header.entries()) {
    const value = at >= 148 && at < 156 ? 32 : byte;
    plain += value;
    signed += value > 127 ? value - 256 : value;
  }
  return said === plain || said === signed;
}

/** Octal digits; or, where the first bit is set, a number as it is. */
function numberAt(header: Buffer, from: number, length: number): number | undefined {
  const field = header.subarray(from, from + length);
  if (field[0]! & 0x80) {
    let value = field[0]! & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const text = textIn(field).trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : undefined;
}

function nameIn(header: Buffer): string {
  const name = textIn(header.subarray(0, 100));
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? textIn(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textIn(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function wordsIn(type: string, body: Buffer): Words {
  if (type === 'L') return { name: textIn(body) };
  return type === 'x' ? recordsIn(body) : {};
}

/** `<length> <key>=<value>` line by line, the length being that of the whole line. */
function recordsIn(body: Buffer): Words {
  const words: Words = {};
  for (let at = 0; at < body.length; ) {
    const blank = body.indexOf(0x20, at);
    const length = blank < 0 || blank - at > 10 ? 0 : Number(body.toString('latin1', at, blank));
    if (!Number.isInteger(length) || length < 5) break;
    const line = body.toString('utf8', blank + 1, at + length - 1);
    const value = line.slice(line.indexOf('=') + 1);
    if (line.startsWith('path=')) words.name = value;
    if (line.startsWith('size=') && /^\d{1,15}$/.test(value)) words.size = Number(value);
    at += length;
  }
  return words;
}
