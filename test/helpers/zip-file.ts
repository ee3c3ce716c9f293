import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../src/net/crc32.ts';

/** An entry of a zip, and what is to be wrong with it. */
export interface ZipEntry {
  readonly name: string | Buffer;
  readonly body: string | Uint8Array;
  readonly packed?: boolean;
  readonly crc?: number;
  /** As the directory has it. */
  readonly size?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Unix mode, such as that of a link. */
  readonly mode?: number;
  /** Lies where that entry lies. */
  readonly at?: number;
}

/** A zip file of these entries; with `large` as one of more than 4 GiB is written. */
export function zipOf(entries: readonly ZipEntry[], { large = false } = {}): Buffer {
  const parts: Buffer[] = [];
  const starts: number[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, facts } = written(entry);
    const start = entry.at === undefined ? offset : starts[entry.at]!;
    starts.push(start);
    directory.push(listed(entry, facts, { start, large }));
    if (entry.at !== undefined) continue;
    parts.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  return Buffer.concat([
    ...parts,
    index,
    endOf({ count: entries.length, bytes: index.length, offset, large }),
  ]);
}

/** The entry itself: a header, and the bytes. */
function written({ name, body, packed = false, flags = utf8, ...wrong }: ZipEntry) {
  const plain = Buffer.from(body as Uint8Array);
  const data = packed ? deflateRawSync(plain) : plain;
  const { method = packed ? 8 : 0, crc = crc32(plain), size = plain.length } = wrong;
  const facts = [method, 0, crc, data.length, size] as const;
  const fileName = Buffer.from(name as string);
  const head = header(0x04034b50, [20, flags], facts);
  return { local: Buffer.concat([head, u16(fileName.length, 0), fileName, data]), facts };
}

const utf8 = 0x800;

/** Its line in the directory. */
function listed(
  { name, flags = utf8, mode = 0o100644 }: ZipEntry,
  facts: Facts,
  { start, large }: { start: number; large: boolean },
): Buffer {
  const [method, time, crc, packed, size] = facts;
  const fileName = Buffer.from(name as string);
  const extra = large ? Buffer.concat([u16(1, 24), u64(size, packed, start)]) : Buffer.alloc(0);
  return Buffer.concat([
    header(0x02014b50, [0x0314, 20, flags], large ? [method, time, crc, most, most] : facts),
    u16(fileName.length, extra.length, 0, 0, 0),
    u32((mode << 16) >>> 0, large ? most : start),
    fileName,
    extra,
  ]);
}

const most = 0xffffffff;

function endOf({
  count,
  bytes,
  offset,
  large,
}: Record<'count' | 'bytes' | 'offset', number> & { large: boolean }) {
  if (!large) return Buffer.concat([u32(0x06054b50), u16(0, 0, count, count), u32(bytes, offset), u16(0)]);
  return Buffer.concat([
    u32(0x06064b50),
    u64(44),
    u16(45, 45),
    u32(0, 0),
    u64(count, count, bytes, offset),
    u32(0x07064b50, 0),
    u64(offset + bytes),
    u32(1, 0x06054b50),
    u16(0, 0, 0xffff, 0xffff),
    u32(most, most),
    u16(0),
  ]);
}

type Facts = readonly [method: number, time: number, crc: number, packed: number, size: number];

const header = (signature: number, words: readonly number[], [method, time, crc, packed, size]: Facts) =>
  Buffer.concat([u32(signature), u16(...words, method), u32(time, crc, packed, size)]);

const numbers = (bytes: number, values: readonly number[]) =>
  Buffer.concat(
    values.map((value) => {
      const one = Buffer.alloc(bytes);
      if (bytes === 8) one.writeBigUInt64LE(BigInt(value));
      else one.writeUIntLE(value, 0, bytes);
      return one;
    }),
  );
const u16 = (...values: number[]) => numbers(2, values);
const u32 = (...values: number[]) => numbers(4, values);
const u64 = (...values: number[]) => numbers(8, values);
