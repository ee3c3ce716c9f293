import { readdirSync, readFileSync } from 'node:fs';
import { sniff } from '../../../src/verify/content-type.ts';
import { type Bytes, type Structure, structureOf } from '../../../src/verify/wholeness.ts';

const folder = new URL('../../../fixtures/media/', import.meta.url);

export const sample = (name: string): Buffer => readFileSync(new URL(name, folder));

/** Every file of the folder, by name. */
export const sampleNames: readonly string[] = readdirSync(folder)
  .filter((name) => !/\.(md|sh)$/.test(name))
  .sort();

export async function typeOf(name: string): Promise<string> {
  return (await sniff(sample(name).subarray(0, 4100)))?.type ?? 'unknown';
}

export const inMemory = (file: Uint8Array): Bytes => ({
  size: file.length,
  read: (at, length) => file.subarray(at, at + length),
});

export const structure = (type: string, ...parts: (Uint8Array | string | number[])[]): Structure =>
  structureOf(type, inMemory(joined(...parts)));

export const joined = (...parts: (Uint8Array | string | number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );

/** Whole numbers of four bytes, high byte first. */
export const u32 = (...numbers: number[]): Buffer =>
  joined(
    ...numbers.map((number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255]),
  );

export const le32 = (...numbers: number[]): Buffer =>
  joined(...numbers.map((number) => u32(number).reverse()));

/** What was asked of it, so that a test can say how little. */
export class Counted implements Bytes {
  reads = 0;
  total = 0;
  largest = 0;
  readonly size: number;
  readonly #read: Bytes['read'];

  constructor({ size, read }: Bytes) {
    this.size = size;
    this.#read = read;
  }

  read(at: number, length: number): Uint8Array {
    const bytes = this.#read(at, length);
    this.reads++;
    this.total += bytes.length;
    this.largest = Math.max(this.largest, length);
    return bytes;
  }
}

/** The same numbers for the same seed, below 1. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
