/** A remainder that goes on over blocks: the sums by which Ogg and FLAC mark a page or a frame as whole. */
export type Remainder = (bytes: Uint8Array, start?: number) => number;

/** High bit first, nothing turned over: `bits` wide, by a table of 256. */
function remainderOf(bits: 8 | 16 | 32, polynomial: number): Remainder {
  const [top, mask] = [2 ** (bits - 1), 2 ** bits - 1];
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = (byte * 2 ** (bits - 8)) >>> 0;
    for (let bit = 0; bit < 8; bit++)
      value = ((value >= top ? (value * 2) ^ polynomial : value * 2) & mask) >>> 0;
    return value;
  });
  return (bytes, start = 0) => {
    let value = start;
    for (const byte of bytes) value = ((value << 8) ^ table[((value >>> (bits - 8)) ^ byte) & 0xff]!) & mask;
    return value >>> 0;
  };
}

export const crc8 = remainderOf(8, 0x07);
export const crc16 = remainderOf(16, 0x8005);
export const crc32 = remainderOf(32, 0x04c11db7);
