import { createHash } from 'node:crypto';

/**
 * Have the bytes of a capture the digest that its index gives? It may be of what crossed the wire or of what came out
 * of its coding. Equal is a proof; unequal proves nothing, for archives change codings on the way in and out.
 */
export class IndexSums {
  readonly #digest: string;
  readonly #wire = createHash('sha1');
  readonly #inside = createHash('sha1');

  constructor(digest: string) {
    this.#digest = digest;
  }

  see(chunk: Uint8Array): void {
    this.#wire.update(chunk);
  }

  seeInside(chunk: Uint8Array): void {
    this.#inside.update(chunk);
  }

  /** Once all has been seen. */
  agrees(): boolean {
    return [this.#wire, this.#inside].some((hash) => base32(hash.digest()) === this.#digest);
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Of RFC 4648; the 20 bytes of a SHA-1 need no padding. */
function base32(bytes: Uint8Array): string {
  let [text, bits, held] = ['', 0, 0];
  for (const byte of bytes) {
    [held, bits] = [((held << 8) | byte) & 0xfff, bits + 8];
    for (; bits >= 5; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31];
  }
  return text;
}
