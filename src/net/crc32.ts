type Sum = (bytes: Uint8Array, before?: number) => number;

/** By Castagnoli's polynomial, as headers announce it. */
export const crc32c = sumBy(0x82f63b78);
/** By the older one, as each entry of a zip bears it. */
export const crc32 = sumBy(0xedb88320);

/** The sum of the bytes, in which that of the bytes before them is carried on. */
function sumBy(polynomial: number): Sum {
  const tables = makeTables(polynomial);
  return (bytes, before = 0) => {
    const whole = bytes.length - (bytes.length % 8);
    let sum = ~before;
    for (let at = 0; at < whole; at += 8) {
      const low =
        sum ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
      sum =
        tables[0x700 | (low & 0xff)]! ^
        tables[0x600 | ((low >>> 8) & 0xff)]! ^
        tables[0x500 | ((low >>> 16) & 0xff)]! ^
        tables[0x400 | (low >>> 24)]! ^
        tables[0x300 | bytes[at + 4]!]! ^
        tables[0x200 | bytes[at + 5]!]! ^
        tables[0x100 | bytes[at + 6]!]! ^
        tables[bytes[at + 7]!]!;
    }
    for (let at = whole; at < bytes.length; at++) sum = tables[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8);
    return ~sum >>> 0;
  };
}

/**
 * Of a polynomial whose bits stand in the order in which they are taken, eight tables of 256 in a row: table k says
 * what a byte comes to with k more behind it, so eight are taken at once.
 */
function makeTables(polynomial: number): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1;
    made[byte] = sum;
  }
  for (let at = 256; at < made.length; at++) {
    const shorter = made[at - 256]!;
    made[at] = made[shorter & 0xff]! ^ (shorter >>> 8);
  }
  return made;
}
