import { Transform, type TransformCallback } from 'node:stream';
import zlib from 'node:zlib';

/** What undoes the codings of a body, from the wire inwards; or the name of one that nothing here undoes. */
export type Decoding = 'identity' | { readonly unknown: string } | { readonly streams: readonly Transform[] };

/** How much may come out of a body without a question, and how many times what came in it may be after that. */
export interface SwellLimits {
  readonly free: number;
  readonly ratio: number;
}

/** A coded body that is cut, damaged, followed by something else, or not coded as it says. */
export class Undecodable extends Error {
  readonly code = 'EDECODE';

  constructor(coding: string, what: string, options?: { cause: unknown }) {
    super(`as ${coding}, the body ${what}`, options);
  }
}

/** A body that opens to so much more than came that it is meant to do harm. */
export class Bomb extends Error {
  readonly code = 'EBOMB';
}

const mostCodings = 3;

/** The codings that were applied, in that order; none for a body that is as it is. */
export const codingsOf = (header: string | undefined): string[] =>
  (header ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');

/** What a Content-Encoding asks for; its codings stand in the order in which they were applied. */
export function decoderFor(
  header: string | undefined,
  limits: SwellLimits = { free: 1_048_576, ratio: 200 },
): Decoding {
  const names = codingsOf(header);
  if (names.length === 0) return 'identity';
  if (names.length > mostCodings) return { unknown: names.join(', ').slice(0, 80) };
  const streams: Undoing[] = [];
  for (const name of names.reverse()) {
    const open = name === 'zstd' ? zstdOpener() : openers.get(name);
    if (!open) return { unknown: name.slice(0, 80) };
    streams.push(new Undoing({ name, open, limits, outermost: streams[0] }));
  }
  return { streams };
}

type Engine = Transform & { readonly bytesWritten: number };
/** Makes the engine for a body that begins with this byte. */
type Opener = (first: number) => Engine;

const options = { chunkSize: 65_536 };

const openers: ReadonlyMap<string, Opener> = new Map<string, Opener>([
  ['gzip', () => zlib.createGunzip(options)],
  ['x-gzip', () => zlib.createGunzip(options)],
  ['deflate', (first) => (beginsZlib(first) ? zlib.createInflate(options) : zlib.createInflateRaw(options))],
  ['br', () => zlib.createBrotliDecompress(options)],
]);

/** Half the world's deflate lacks its wrapper; without it, no encoder begins with the bits that say 8. */
const beginsZlib = (first: number) => (first & 0x0f) === 8;

interface Zstd {
  createZstdDecompress(options: object): Engine;
  zstdDecompressSync(bytes: Uint8Array): Uint8Array;
}

/** Some versions of Node have no zstd, and some take a cut body for a whole one: theirs is left alone. */
function zstdOpener(): Opener | undefined {
  const { createZstdDecompress, zstdDecompressSync } = zlib as unknown as Partial<Zstd>;
  if (!createZstdDecompress || !zstdDecompressSync) return undefined;
  try {
    zstdDecompressSync(Buffer.from('28b52ffd2000', 'hex')); // an empty frame without its last three bytes
    return undefined;
  } catch {
    // The window that HTTP allows (RFC 9659); by default 128 MiB could be asked of us.
    return () => createZstdDecompress({ ...options, params: { [windowLogMax]: 23 } });
  }
}

const windowLogMax = 100; // ZSTD_d_windowLogMax, which the types of older versions do not name

interface Coding {
  readonly name: string;
  readonly open: Opener;
  readonly limits: SwellLimits;
  readonly outermost: Undoing | undefined;
}

/**
 * Undoes one coding. An engine of Node within, because by itself it falls silent about bytes after its end, and can
 * only be chosen when the first byte is there.
 */
class Undoing extends Transform {
  readonly #coding: Coding;
  readonly #outermost: Undoing;
  #engine: Engine | undefined;
  #given = 0;
  #made = 0;
  #whenEnded: (() => void) | undefined;

  constructor(coding: Coding) {
    super();
    this.#coding = coding;
    this.#outermost = coding.outermost ?? this;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const [first] = chunk;
    if (first === undefined) {
      done();
      return;
    }
    this.#given += chunk.length;
    this.#engine ??= this.#started(first);
    this.#engine.write(chunk, (error) => {
      if (!error) done(); // an error is told by its own event
    });
  }

  override _flush(done: TransformCallback): void {
    this.#whenEnded = done;
    if (this.#engine) this.#engine.end();
    else done(new Undecodable(this.#coding.name, 'is empty'));
  }

  override _read(size: number): void {
    this.#engine?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#engine?.destroy();
    done(error);
  }

  #started(first: number): Engine {
    const engine = this.#coding.open(first);
    engine.on('data', (chunk: Buffer) => this.#pass(chunk));
    engine.on('error', (cause: Error) => this.destroy(this.#wrong(cause)));
    engine.on('end', () => {
      const left = this.#given - engine.bytesWritten;
      if (left > 0) this.destroy(new Undecodable(this.#coding.name, 'goes on after its end'));
      else this.#whenEnded?.();
    });
    return engine;
  }

  #pass(chunk: Buffer): void {
    const { free, ratio } = this.#coding.limits;
    const wire = this.#outermost.#given;
    this.#made += chunk.length;
    if (this.#made > free && this.#made > ratio * wire) {
      this.destroy(new Bomb(`${wire} bytes opened to ${this.#made} and more, over ${ratio} times as many`));
    } else if (!this.push(chunk)) this.#engine?.pause();
  }

  #wrong(cause: Error): Undecodable {
    const isCut = (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    return new Undecodable(this.#coding.name, isCut ? 'is cut short' : 'makes no sense', { cause });
  }
}
