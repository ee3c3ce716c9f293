import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StorageError, sentence } from '../errors.ts';
import { syncFolder } from './place.ts';

/** A line of a file of lines, and where it begins. */
export interface Line {
  readonly text: string;
  readonly offset: number;
  /** Where the next one begins. */
  readonly end: number;
}

const CHUNK = 256 * 1024;

/** Whole lines from an offset on, in flat memory. What stands after the last line end is no line. */
export function* scanLines(file: string, from = 0): Generator<Line> {
  const fd = openSync(file, 'r');
  try {
    let pending = Buffer.alloc(0);
    let offset = from;
    for (let at = from; ; ) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const size = readSync(fd, chunk, 0, CHUNK, at);
      if (size === 0) return;
      at += size;
      pending =
        pending.length === 0 ? chunk.subarray(0, size) : Buffer.concat([pending, chunk.subarray(0, size)]);
      let start = 0;
      for (let end = pending.indexOf(10); end !== -1; end = pending.indexOf(10, start)) {
        yield { text: pending.toString('utf8', start, end), offset: offset + start, end: offset + end + 1 };
        start = end + 1;
      }
      offset += start;
      pending = pending.subarray(start);
    }
  } finally {
    closeSync(fd);
  }
}

/** The line that begins at an offset; undefined where none does. */
export function readLineAt(fd: number, offset: number): string | undefined {
  if (!Number.isSafeInteger(offset) || offset < 0) return undefined;
  for (let size = 1024; size <= 64 * 2 ** 20; size *= 8) {
    const chunk = Buffer.allocUnsafe(size);
    const got = readSync(fd, chunk, 0, size, offset);
    const end = chunk.subarray(0, got).indexOf(10);
    if (end !== -1) return chunk.toString('utf8', 0, end);
    if (got < size) return undefined;
  }
  return undefined;
}

/** The same, of a file that is not open. */
export function lineOf(file: string, offset: number): string | undefined {
  const fd = openSync(file, 'r');
  try {
    return readLineAt(fd, offset);
  } finally {
    closeSync(fd);
  }
}

/** JSON of a line that must be an object; undefined for anything else. */
export function parseLine<T extends object>(text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined; // damage is counted by whoever reads, never thrown
  }
}

/**
 * What a killed run left after the last line end is set aside, so that it is never glued to the next line.
 * Returns how many bytes there were.
 */
export async function mendTail(file: string, aside: string): Promise<number> {
  const fd = openSync(file, 'r+');
  try {
    const { tail, end } = tailOf(fd);
    if (tail.length === 0) return 0;
    await mkdir(aside, { recursive: true });
    await writeFile(join(aside, `${basename(file)}-${end}`), tail);
    ftruncateSync(fd, end);
    fsyncSync(fd);
    return tail.length;
  } finally {
    closeSync(fd);
  }
}

function tailOf(fd: number): { tail: Buffer; end: number } {
  const { size } = fstatSync(fd);
  for (let span = 4096; ; span *= 16) {
    const from = Math.max(0, size - span);
    const chunk = Buffer.alloc(size - from);
    readSync(fd, chunk, 0, chunk.length, from);
    const last = chunk.lastIndexOf(10);
    if (last !== -1 || from === 0) return { tail: chunk.subarray(last + 1), end: from + last + 1 };
  }
}

/** A file of lines that only grows. */
export class LineFile {
  readonly path: string;
  readonly #file: FileHandle;
  size: number;

  private constructor(path: string, file: FileHandle, size: number) {
    this.path = path;
    this.#file = file;
    this.size = size;
  }

  /** Opened for appending; a torn end must have been mended before. */
  static async open(path: string): Promise<LineFile> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    const { size } = await file.stat();
    if (size === 0) await syncFolder(dirname(path)); // a new file is durable once its name is
    return new LineFile(path, file, size);
  }

  /** Appends each as one line, in one write; returns where each begins. */
  async append(values: readonly object[]): Promise<number[]> {
    const lines = values.map((value) => Buffer.from(`${JSON.stringify(value)}\n`));
    const offsets: number[] = [];
    let at = this.size;
    for (const line of lines) {
      offsets.push(at);
      at += line.length;
    }
    try {
      await this.#file.appendFile(Buffer.concat(lines));
    } catch (error) {
      throw new StorageError(`Cannot write ${this.path}: ${sentence(error)}.`, { cause: error });
    }
    this.size = at;
    return offsets;
  }

  async sync(): Promise<void> {
    await this.#file.datasync();
  }

  readAt(offset: number): string | undefined {
    return readLineAt(this.#file.fd, offset);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
