import { closeSync, openSync, readSync } from 'node:fs';

/** The bytes of a file by position; never the whole at once. Fewer come back only at the end of the file. */
export interface Bytes {
  readonly size: number;
  read(at: number, length: number): Uint8Array;
}

/** What the structure of a file tells of its end and its measure. */
export type Structure =
  | {
      readonly end: 'structure';
      readonly width?: number;
      readonly height?: number;
      /** Bytes after the end. */
      readonly surplus?: number;
    }
  | {
      readonly end: 'unverified length';
      readonly why: string;
      readonly width?: number;
      readonly height?: number;
    }
  | { readonly end: 'cut'; readonly detail: string };

/** Asks the structure of a file of this type whether its end is there. */
export function structureOf(type: string, _bytes: Bytes): Structure {
  return { end: 'unverified length', why: `no rule for ${type}` };
}

/** Read from disk as they are asked for; what is in memory already costs no call. */
export function openBytes(
  path: string,
  { size, head }: { readonly size: number; readonly head: Uint8Array },
): Bytes & { close(): void } {
  let file: number | undefined;
  return {
    size,
    read(at, length) {
      if (at + length <= head.length) return head.subarray(at, at + length);
      file ??= openSync(path, 'r');
      const into = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
      return into.subarray(0, readSync(file, into, 0, into.length, at));
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}
