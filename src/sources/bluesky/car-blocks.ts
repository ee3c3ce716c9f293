import { hash } from 'node:crypto';
import type { Bytes } from '../bytes.ts';

/** What is wrong with an export, as the rest of a sentence about it. */
export class BrokenCar extends Error {}

/** A block whose bytes have the sum by which it is named; or why it is not used. */
export type Block =
  | { readonly name: Buffer; readonly bytes: Buffer }
  | { readonly at: number; readonly fault: string };

export type Part = Block | { readonly header: Buffer };

/** Larger than any record may be; what is larger is passed over, and never held. */
const largest = 4 * 2 ** 20;
const largestHeader = 2 ** 16;

/** The header of a CAR (version 1), then its blocks, one at a time. Throws BrokenCar where it is cut, or is none. */
export async function* carParts(bytes: Bytes): AsyncGenerator<Part> {
  const reader = new Reader(bytes);
  try {
    const length = await reader.varint();
    if (length === undefined || length === 0 || length > largestHeader)
      throw new BrokenCar('does not begin as an export in the form CAR does');
    yield { header: await reader.take(length) };
    for (;;) {
      const at = reader.position;
      const size = await reader.varint();
      if (size === undefined) return;
      if (size > largest) {
        await reader.skip(size);
        yield { at, fault: `is larger than ${largest / 2 ** 20} MiB` };
      } else yield blockIn(await reader.take(size), at);
    }
  } finally {
    await reader.close();
  }
}

/** Version 1, CBOR, and a SHA-256 of 32 bytes: the names that all blocks of these exports have. */
const nameStart = Buffer.from([0x01, 0x71, 0x12, 0x20]);
const nameLength = 36;

function blockIn(frame: Buffer, at: number): Block {
  if (frame.length <= nameLength || !frame.subarray(0, 4).equals(nameStart))
    return { at, fault: 'has a name that cannot be compared with it' };
  const name = frame.subarray(0, nameLength);
  const bytes = frame.subarray(nameLength);
  return hash('sha256', bytes, 'hex') === name.toString('hex', 4)
    ? { name, bytes }
    : { at, fault: 'is damaged: it is not what its name promises' };
}

/** Takes what it is asked for out of chunks of any size, and holds no more than that. */
class Reader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  position = 0;

  constructor(bytes: Bytes) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  /** A number of seven bits a byte; undefined where nothing more comes. */
  async varint(): Promise<number | undefined> {
    let number = 0;
    for (let n = 0; n < 8; n++) {
      if (this.#held.length === 0 && !(await this.#more())) {
        if (n === 0) return undefined;
        throw cut();
      }
      const byte = this.#held[0]!;
      this.#advance(1);
      number += (byte & 0x7f) * 2 ** (7 * n);
      if (byte < 0x80 && Number.isSafeInteger(number)) return number;
    }
    throw new BrokenCar('makes no sense: a length in it has no end');
  }

  async take(length: number): Promise<Buffer> {
    const parts = [this.#held];
    let size = this.#held.length;
    while (size < length) {
      if (!(await this.#more())) throw cut();
      parts.push(this.#held);
      size += this.#held.length;
    }
    this.#held = parts.length === 1 ? this.#held : Buffer.concat(parts);
    const taken = this.#held.subarray(0, length);
    this.#advance(length);
    return taken;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      if (this.#held.length === 0 && !(await this.#more())) throw cut();
      const step = Math.min(left, this.#held.length);
      this.#advance(step);
      left -= step;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #advance(by: number): void {
    this.#held = this.#held.subarray(by);
    this.position += by;
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.#held = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
      if (this.#held.length > 0) return true;
    }
  }
}

const cut = () => new BrokenCar('ends in the middle');
