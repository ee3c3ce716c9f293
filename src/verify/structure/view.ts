import type { Bytes } from './structure.ts';

/** The file ends before what had to be read; caught one call up, where it becomes "cut". */
export class EndOfBytes extends Error {}

/** More parts than any real file has; caught one call up, where it becomes "unverified length". */
export class TooManyParts extends Error {}

/** Twice what a GIF of 250 MB has in blocks, or seven hours of MP3 in frames. */
const PARTS = 2_000_000;
const JUMP = 4096; // what is read after a jump: a header, mostly
const STRIDE = 65_536; // what is read at most when reading on
/** No part that is taken whole into memory is longer. */
const LONGEST = 1_048_576;

/**
 * A file as numbers and letters by position, read in blocks: small ones after a jump, ever larger ones where the
 * reading goes on. Whoever reads beyond the end, or follows too many parts, is stopped.
 */
export class View {
  readonly size: number;
  readonly #bytes: Bytes;
  #block: Uint8Array = new Uint8Array(0);
  #start = 0;
  #stride = JUMP;
  #parts: number;

  constructor(bytes: Bytes, parts = PARTS) {
    this.#bytes = bytes;
    this.size = bytes.size;
    this.#parts = parts;
  }

  /** To be called in every loop whose length the file decides. */
  step(): void {
    if (--this.#parts < 0) throw new TooManyParts();
  }

  u8(at: number): number {
    let from = at - this.#start;
    if (!(from >= 0 && from < this.#block.length)) from = this.#reach(at, 1); // which may change the block
    return this.#block[from]!;
  }

  u16(at: number): number {
    return this.u8(at) * 0x100 + this.u8(at + 1);
  }

  u24(at: number): number {
    return this.u16(at) * 0x100 + this.u8(at + 2);
  }

  u32(at: number): number {
    return this.u16(at) * 0x10000 + this.u16(at + 2);
  }

  /** Beyond 2^53 it is rounded, which no file comes near. */
  u64(at: number): number {
    return this.u32(at) * 0x100000000 + this.u32(at + 4);
  }

  /** The same with the low byte first. */
  le16(at: number): number {
    return this.u8(at) + this.u8(at + 1) * 0x100;
  }

  le24(at: number): number {
    return this.le16(at) + this.u8(at + 2) * 0x10000;
  }

  le32(at: number): number {
    return this.le16(at) + this.le16(at + 2) * 0x10000;
  }

  le64(at: number): number {
    return this.le32(at) + this.le32(at + 4) * 0x100000000;
  }

  /** A copy, so that it outlives the next read. */
  slice(at: number, length: number): Buffer {
    if (length === 0) return Buffer.alloc(0);
    if (length > LONGEST) throw new TooManyParts();
    const from = this.#reach(at, length);
    return Buffer.from(this.#block.subarray(from, from + length));
  }

  text(at: number, length: number): string {
    return this.slice(at, length).toString('latin1');
  }

  /** Whether these letters stand there; where the file ends before, they do not. */
  says(at: number, letters: string): boolean {
    if (at < 0 || at + letters.length > this.size) return false;
    for (let i = 0; i < letters.length; i++) if (this.u8(at + i) !== letters.charCodeAt(i)) return false;
    return true;
  }

  /** Where the byte comes next; the size of the file if it does not come. */
  find(byte: number, from: number): number {
    for (let at = Math.max(0, from); at < this.size; at = this.#start + this.#block.length) {
      const start = this.#reach(at, 1);
      const found = this.#block.indexOf(byte, start);
      if (found !== -1) return this.#start + found;
    }
    return this.size;
  }

  /** Where the first byte from here on is that is not zero, as far as one stride. */
  pastZeros(from: number): number {
    const limit = Math.min(this.size, from + STRIDE);
    let at = from;
    while (at < limit && this.u8(at) === 0) at++;
    return at;
  }

  /** Brings the bytes into the block and says where in it they begin. */
  #reach(at: number, length: number): number {
    const from = at - this.#start;
    if (from >= 0 && from + length <= this.#block.length) return from;
    if (!(at >= 0 && at + length <= this.size)) throw new EndOfBytes();
    this.step();
    const readsOn = from >= -JUMP && from <= this.#block.length + JUMP;
    this.#stride = readsOn ? Math.min(STRIDE, this.#stride * 2) : JUMP;
    this.#block = this.#bytes.read(at, Math.min(this.size - at, Math.max(length, this.#stride)));
    this.#start = at;
    if (this.#block.length < length) throw new EndOfBytes();
    return 0;
  }
}

/** The bytes from here on as a file of their own. */
export function bytesFrom(bytes: Bytes, start: number): Bytes {
  return {
    size: Math.max(0, bytes.size - start),
    read: (at, length) => bytes.read(start + at, length),
  };
}
