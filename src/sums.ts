import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The sum of a short text, in hex; at once, for an object of its own for each costs more than the sum. */
export const sumOfText = (algorithm: 'md5' | 'sha256', text: string): string => hash(algorithm, text);

/** Several sums of a file by reading it once. */
export async function sumsOfFile(
  file: string,
  algorithms: readonly ('sha1' | 'sha256')[],
): Promise<Buffer[]> {
  const hashes = algorithms.map((algorithm) => createHash(algorithm));
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
    for (const each of hashes) each.update(chunk as Buffer);
  }
  return hashes.map((each) => each.digest());
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** As the indexes of web archives write a SHA-1: five bits a letter, 32 letters for its 20 bytes. */
export function base32(bytes: Uint8Array): string {
  let [text, held, bits] = ['', 0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += letters[(held >> (bits - 5)) & 31];
  }
  return bits === 0 ? text : text + letters[(held << (5 - bits)) & 31];
}
