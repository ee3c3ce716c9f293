import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync, inflateRawSync } from 'node:zlib';
import { everyFile, kindOfEntry } from '../target.ts';
import { decodedHead } from '../text.ts';

/** Is it an export of WordPress, by how it begins? Asks the disk alone. */
export const claimsWxr = (target: string): boolean =>
  everyFile(target, (file) => {
    const head = headOf(file);
    return isZip(head) ? entriesIn(head).some(isExportEntry) : isExportText(textOf(head));
  });

/** Said by every version, whatever prefix the document gives to it; some that were mended by hand have only names. */
const isExport =
  /xmlns(?::[\w.-]{1,40})?\s{0,8}=\s{0,8}["']https?:\/\/wordpress\.org\/export\/|<wp:wxr_version[\s>]/;

export const isExportText = (start: string): boolean => /<rss[\s>]/.test(start) && isExport.test(start);

export const isZip = (bytes: Buffer): boolean => bytes.subarray(0, 4).equals(entryMark);

/** The text at the beginning of a file, also of a compressed one. */
export const startOf = (file: string): string => textOf(headOf(file));

const mostHead = 65_536;

function headOf(file: string): Buffer {
  if (kindOfEntry(file) !== 'file') return Buffer.alloc(0);
  try {
    const handle = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(mostHead);
      return bytes.subarray(0, readSync(handle, bytes, 0, mostHead, 0));
    } finally {
      closeSync(handle);
    }
  } catch {
    return Buffer.alloc(0); // what cannot be read is told of when it is opened
  }
}

function textOf(head: Buffer): string {
  const isPacked = head[0] === 0x1f && head[1] === 0x8b;
  return decodedHead(isPacked ? unpacked(() => gunzipSync(head, partly)) : head);
}

/** The end of what is packed is not there. */
const partly = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 24 };

function unpacked(work: () => Buffer): Buffer {
  try {
    return work();
  } catch {
    return Buffer.alloc(0); // damaged, or swelling beyond all measure: none of ours
  }
}

interface ZipStart {
  readonly name: string;
  readonly method: number;
  readonly bytes: Buffer;
}

const entryMark = Buffer.from('504b0304', 'hex');

/** The entries at the beginning of a zip, as far as their sizes stand before them. */
function entriesIn(head: Buffer): readonly ZipStart[] {
  const found: ZipStart[] = [];
  for (let at = 0; at + 30 <= head.length && head.subarray(at, at + 4).equals(entryMark); ) {
    const start = at + 30 + head.readUInt16LE(at + 26) + head.readUInt16LE(at + 28);
    const name = head.toString('utf8', at + 30, at + 30 + head.readUInt16LE(at + 26));
    const size = head.readUInt32LE(at + 18);
    const end = size > 0 ? start + size : head.length;
    found.push({ name, method: head.readUInt16LE(at + 8), bytes: head.subarray(start, end) });
    at = /\/$/.test(name) ? start : end;
  }
  return found;
}

const isExportEntry = ({ name, method, bytes }: ZipStart): boolean =>
  /\.xml$/i.test(name) &&
  isExportText(decodedHead(method === 8 ? unpacked(() => inflateRawSync(bytes, partly)) : bytes));
