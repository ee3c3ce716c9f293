import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import { StorageError, sentence, systemCode } from '../errors.ts';

/** What lies beside a part file: enough to tell whether the rest of the same bytes can still be asked for. */
export interface Sidecar {
  /** SHA-256 of the address: signed addresses do not stay on disk. */
  readonly address: string;
  /** A strong ETag, or a Last-Modified old enough to count as one. */
  readonly validator: string;
  readonly total: number | null;
}

/** What an earlier attempt left: the offset is the size on disk, never a remembered number. */
export interface Remains {
  readonly size: number;
  readonly sidecar: Sidecar | undefined;
}

const sidecarOf = (part: string) => `${part}.json`;

export const addressSum = (url: string): string => createHash('sha256').update(url).digest('hex');

/**
 * What may be continued of a part file for this address. A part that is whole already gives its last byte up, so
 * that the server still has to say that nothing changed.
 */
export async function readRemains(part: string, url: string): Promise<Remains> {
  const nothing = { size: 0, sidecar: undefined };
  const { size, nlink } = await stat(part).catch(() => ({ size: 0, nlink: 0 }));
  if (nlink > 1) await discardPart(part); // a run died while placing it: the other name is a file of the archive
  if (size === 0 || nlink > 1) return nothing;
  const sidecar = await readFile(sidecarOf(part), 'utf8').then(parseSidecar, () => undefined);
  if (!sidecar || sidecar.address !== addressSum(url)) return nothing;
  if (sidecar.total === null || size < sidecar.total) return { size, sidecar };
  if (sidecar.total < 2) return nothing;
  await truncate(part, sidecar.total - 1);
  return { size: sidecar.total - 1, sidecar };
}

function parseSidecar(text: string): Sidecar | undefined {
  try {
    const { address, validator, total } = JSON.parse(text) as Partial<Sidecar>;
    const sound =
      typeof address === 'string' &&
      typeof validator === 'string' &&
      (total === null || Number.isSafeInteger(total));
    return sound ? { address: address!, validator: validator!, total: total! } : undefined;
  } catch {
    return undefined; // a torn sidecar: the part is started over
  }
}

export async function discardPart(part: string): Promise<void> {
  try {
    await rm(sidecarOf(part), { force: true });
    await rm(part, { force: true });
  } catch (error) {
    throw new StorageError(`Cannot remove ${part}: ${sentence(error)}.`, { cause: error });
  }
}

export interface PartOptions {
  /** Where to go on; 0 starts anew. */
  readonly offset: number;
  /** Without one the bytes cannot be continued later, and are dropped if the body is cut. */
  readonly sidecar: Sidecar | undefined;
  readonly maxBytes: number;
}

/** Bodies up to this size are written at once when they are whole. */
const HOLD = 256 * 1024;
const HEAD = 4100;

/** The body is larger than the options allow. */
export class TooLarge extends Error {}

/**
 * Takes a body in: hashes it on the way and writes it to the part file. What is held when the body is cut is
 * still written, so that the next attempt goes on from there.
 */
export class PartWriter extends Writable {
  readonly #part: string;
  readonly #options: PartOptions;
  #hash: Hash = createHash('sha256');
  #head: Buffer = Buffer.alloc(0);
  #held: Buffer[] = [];
  #heldBytes = 0;
  #file: FileHandle | undefined;
  #flushed: Promise<void> = Promise.resolve();
  bytes: number;

  constructor(part: string, options: PartOptions) {
    super();
    this.#part = part;
    this.#options = options;
    this.bytes = options.offset;
  }

  get sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  get head(): Buffer {
    return this.#head;
  }

  override _construct(done: (error?: Error | null) => void): void {
    this.#seed().then(() => done(), done);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.bytes += chunk.length;
    if (this.bytes > this.#options.maxBytes) {
      done(new TooLarge(`more than ${this.#options.maxBytes} bytes`));
      return;
    }
    this.#hash.update(chunk);
    this.#see(chunk);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < HOLD) done();
    else this.#flush(false).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#flush(true).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const own = error instanceof StorageError ? error : undefined; // tidying up fails for the same cause
    this.#leave(error).then(
      () => done(error),
      (worse: Error) => done(own ?? worse),
    );
  }

  /** The hash of what is there already is made from the disk. */
  async #seed(): Promise<void> {
    if (this.#options.offset === 0) return;
    const there = createReadStream(this.#part, { end: this.#options.offset - 1, highWaterMark: 2 ** 20 });
    try {
      for await (const chunk of there) {
        this.#hash.update(chunk as Buffer);
        this.#see(chunk as Buffer);
      }
    } catch (error) {
      throw new StorageError(`Cannot read ${this.#part}: ${sentence(error)}.`, { cause: error });
    }
  }

  #see(chunk: Buffer): void {
    if (this.#head.length < HEAD)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD - this.#head.length)]);
  }

  /** One after another: a body that is cut may end while its last chunks are still being written. */
  #flush(last: boolean): Promise<void> {
    this.#flushed = this.#flushed.then(() => this.#write(last));
    return this.#flushed;
  }

  async #write(last: boolean): Promise<void> {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    try {
      this.#file ??= await this.#open(last);
      if (held.length > 0) await this.#file.writev(held);
    } catch (error) {
      throw new StorageError(`Cannot write ${this.#part}: ${sentence(error)}.`, { cause: error });
    }
  }

  /** Old sidecar away, part emptied, new sidecar: whatever dies in between, no sidecar speaks for other bytes. */
  async #open(last: boolean): Promise<FileHandle> {
    const { offset, sidecar } = this.#options;
    if (offset > 0) return open(this.#part, 'a');
    await mkdir(dirname(this.#part), { recursive: true });
    await rm(sidecarOf(this.#part), { force: true });
    const file = await openNew(this.#part);
    if (!sidecar || last) return file;
    const draft = `${sidecarOf(this.#part)}~`;
    await writeFile(draft, JSON.stringify(sidecar));
    await rename(draft, sidecarOf(this.#part));
    return file;
  }

  async #leave(error: Error | null): Promise<void> {
    const broken = error instanceof TooLarge || error instanceof StorageError;
    const worthKeeping = this.#options.sidecar !== undefined && !broken;
    if (error && worthKeeping) await (this.#heldBytes > 0 ? this.#flush(false) : this.#flushed);
    else await Promise.allSettled([this.#flushed]);
    await this.#file?.close();
    if (error && !worthKeeping) await discardPart(this.#part);
  }
}

/** A new file, never an old one emptied: the old one may have a second name. */
async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    await rm(path);
    return open(path, 'wx');
  }
}
