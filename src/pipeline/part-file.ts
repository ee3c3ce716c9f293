import { createHash, type Hash } from 'node:crypto';
import { closeSync, fdatasync, mkdirSync, openSync, rmSync, truncateSync, writev, writevSync } from 'node:fs';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { StorageError, sentence, systemCode } from '../errors.ts';
import {
  discardPart,
  discardSidecar,
  HEAD,
  type Prefix,
  type Remains,
  type Sidecar,
  sumsOf,
  writeSidecar,
} from './remains.ts';

/** What a sidecar will say besides the bytes; of the address only its sums. */
export interface SidecarFacts extends Pick<Sidecar, 'validator' | 'total' | 'type'> {
  readonly url: string;
}

export interface PartOptions {
  /** What is gone on from; undefined starts anew. */
  readonly from?: Remains | undefined;
  /** Without one the bytes cannot be continued later, and are dropped if the body is cut. */
  readonly sidecar: SidecarFacts | undefined;
  readonly maxBytes: number;
}

/** Bodies up to this size are written at once when they are whole. */
const HOLD = 256 * 1024;
/** So little is written at once: to hand it to another thread would take longer. */
const AT_ONCE = 64 * 1024;
/** Synced as often as what is there doubles, but not more often than the first, nor less often than the second. */
const LEAST_STEP = 2 ** 20;
const MOST_STEP = 16 * 2 ** 20;

/** The body is larger than the options allow. */
export class TooLarge extends Error {
  readonly code = 'ETOOLARGE';
}

/**
 * Takes a body in: hashes it on the way and writes it to the part file. What is held when the body is cut is
 * still written and synced, so that the next attempt goes on from there.
 */
export class PartWriter extends Writable {
  readonly #part: string;
  readonly #options: PartOptions;
  readonly #hash: Hash;
  #head: Buffer;
  #sum: string | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Its descriptor: opened and closed at once, for a handle of promises costs more than either. */
  #file: number | undefined;
  #flushed: Promise<void> = Promise.resolve();
  #synced: Promise<void> = Promise.resolve();
  #syncedBytes: number;
  #isSyncing = false;
  bytes: number;
  hasSidecar: boolean;

  constructor(part: string, options: PartOptions) {
    super();
    this.#part = part;
    this.#options = options;
    const { from } = options;
    this.bytes = from?.size ?? 0;
    this.hasSidecar = from !== undefined;
    this.#syncedBytes = this.bytes;
    this.#hash = from ? from.hash.copy() : createHash('sha256');
    this.#head = from?.head ?? Buffer.alloc(0);
  }

  /** Of all bytes, once the last is there. */
  get sha256(): string {
    this.#sum ??= this.#hash.digest('hex');
    return this.#sum;
  }

  get head(): Buffer {
    return this.#head;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.bytes += chunk.length;
    if (this.bytes > this.#options.maxBytes) {
      done(new TooLarge(`more than ${this.#options.maxBytes} bytes`));
      return;
    }
    this.#hash.update(chunk);
    if (this.#head.length < HEAD)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD - this.#head.length)]);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < HOLD) done();
    else this.#flush(false).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#finish().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const own = error instanceof StorageError ? error : undefined; // tidying up fails for the same cause
    this.#leave(error).then(
      () => done(error),
      (worse: Error) => done(own ?? worse),
    );
  }

  /** Synced while the file is open: to open it once more costs more than the sync of one that is refused. */
  async #finish(): Promise<void> {
    await this.#flush(true);
    await this.#synced; // a sync that failed is told but once: the next one would succeed
    const { from, sidecar } = this.#options;
    const isPiece = from && sidecar && this.bytes < (sidecar.total ?? 0); // which will be gone on from
    await this.#storing(() => (isPiece ? this.#syncAll() : datasync(this.#file!)));
  }

  /** One after another: a body that is cut may end while its last chunks are still being written. */
  #flush(last: boolean): Promise<void> {
    this.#flushed = this.#flushed.then(() => this.#storing(() => this.#write(last)));
    return this.#flushed;
  }

  async #write(last: boolean): Promise<void> {
    const [held, prefix] = [this.#held, last ? undefined : this.#prefixIfDue()];
    this.#held = [];
    this.#heldBytes = 0;
    this.#file ??= await this.#open(last);
    if (held.length > 0) await writeAll(this.#file, held);
    if (prefix) this.#synced = this.#storing(() => this.#sync(prefix)); // beside the writing, which need not wait
    this.#synced.catch(() => undefined); // heard at the end of the body
  }

  #prefixIfDue(): Prefix | undefined {
    const step = Math.min(MOST_STEP, Math.max(LEAST_STEP, this.#syncedBytes));
    const isDue = this.#options.sidecar && !this.#isSyncing && this.bytes - this.#syncedBytes >= step;
    return isDue ? this.#prefix() : undefined;
  }

  async #syncAll(): Promise<void> {
    await this.#synced;
    await this.#sync(this.#prefix());
  }

  #prefix(): Prefix {
    return { bytes: this.bytes, sha256: this.#hash.copy().digest('hex') };
  }

  /** First the bytes, then the word about them. */
  async #sync(prefix: Prefix): Promise<void> {
    this.#isSyncing = true;
    await datasync(this.#file!);
    await this.#note(prefix);
    this.#syncedBytes = prefix.bytes;
    this.#isSyncing = false;
  }

  #note(prefix: Prefix): Promise<void> {
    const { url, ...facts } = this.#options.sidecar!;
    this.hasSidecar = true;
    return writeSidecar(this.#part, { ...sumsOf(url), ...facts, prefix });
  }

  /** Old sidecar away, part emptied, new sidecar: whatever dies in between, no sidecar speaks for other bytes. */
  async #open(last: boolean): Promise<number> {
    const { from, sidecar } = this.#options;
    if (from) return openAt(this.#part, from.size);
    await discardSidecar(this.#part);
    const file = openNew(this.#part);
    if (sidecar && !last) await this.#note(nothingYet);
    return file;
  }

  async #leave(error: Error | null): Promise<void> {
    const broken = error instanceof TooLarge || error instanceof StorageError;
    const worthKeeping = this.#options.sidecar !== undefined && !broken;
    try {
      if (error && worthKeeping) await this.#keepWhatCame();
    } finally {
      await Promise.allSettled([this.#flushed, this.#synced]); // of a whole body both are done, else it was told
      if (this.#file !== undefined) closeSync(this.#file);
    }
    if (error && !worthKeeping) await discardPart(this.#part);
  }

  async #keepWhatCame(): Promise<void> {
    if (this.#heldBytes > 0) await this.#flush(false);
    await this.#flushed;
    if (this.#file !== undefined) await this.#storing(() => this.#syncAll());
  }

  async #storing<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof StorageError) throw error;
      throw new StorageError(`Cannot write ${this.#part}: ${sentence(error)}.`, { cause: error });
    }
  }
}

const nothingYet: Prefix = { bytes: 0, sha256: createHash('sha256').digest('hex') };

/** Behind what is proven; whatever else lies there is cut off. */
function openAt(path: string, size: number): number {
  truncateSync(path, size); // by its name: Windows lets nobody cut a file that was opened to append
  return openSync(path, 'a');
}

/** A new file, never an old one emptied: the old one may have a second name. */
function openNew(path: string): number {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') mkdirSync(dirname(path), { recursive: true });
    else if (code === 'EEXIST') rmSync(path);
    else throw error;
    return openSync(path, 'wx');
  }
}

const datasync = promisify(fdatasync);

/** The system may take less than it was given. */
async function writeAll(file: number, pieces: readonly Buffer[]): Promise<void> {
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  const bytesWritten =
    bytes <= AT_ONCE ? writevSync(file, pieces) : (await writePieces(file, pieces)).bytesWritten;
  if (bytesWritten < bytes) await writeAll(file, [Buffer.concat(pieces).subarray(bytesWritten)]);
}

const writePieces = promisify(writev);
