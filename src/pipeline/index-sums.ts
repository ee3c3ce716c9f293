import { createHash } from 'node:crypto';
import { base32 } from '../sums.ts';

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
