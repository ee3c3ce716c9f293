const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** An address by content as it may stand in a question; of what is no such thing nothing can be asked. */
export const isCid = (text: unknown): text is string =>
  typeof text === 'string' && /^[A-Za-z0-9]{8,200}$/.test(text);

/**
 * The SHA-256 of a blob, in hex, by the address it has: version 1 in base32, plain bytes, and their sum of 32 bytes. All
 * other forms promise nothing that could be compared.
 */
export function sha256In(cid: string): string | undefined {
  if (!/^b[a-z2-7]{58}$/.test(cid)) return undefined;
  const bytes = fromBase32(cid.slice(1));
  const isPlainSum = bytes.subarray(0, 4).equals(Buffer.from([0x01, 0x55, 0x12, 0x20]));
  return isPlainSum && bytes.length === 36 ? bytes.toString('hex', 4) : undefined;
}

/** Bits that do not fill a last byte are none. */
function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let [held, bits] = [0, 0];
  for (const letter of text) {
    held = ((held << 5) | letters.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}
