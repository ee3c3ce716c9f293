import type { Readable } from 'node:stream';

/** So many bodies a source may hold open at once. */
const most = 100;

/** Bodies of answers that the other thread reads, each under a number. */
export class Bodies {
  readonly #bodies = new Map<
    string,
    { readonly body: Readable; readonly chunks: AsyncIterator<Uint8Array> }
  >();
  #count = 0;

  keep(body: Readable): string {
    if (this.#bodies.size >= most) {
      body.destroy();
      throw new Error(`more than ${most} answers are open, and none of them is read`);
    }
    const number = String(++this.#count);
    this.#bodies.set(number, { body, chunks: body[Symbol.asyncIterator]() });
    return number;
  }

  /** The next chunk; null at the end. */
  async read(number: string): Promise<Uint8Array | null> {
    const held = this.#bodies.get(number);
    const next = await held?.chunks.next();
    if (next && !next.done) return new Uint8Array(next.value);
    this.#bodies.delete(number);
    return null;
  }

  drop(number: string): void {
    this.#bodies.get(number)?.body.destroy();
    this.#bodies.delete(number);
  }

  close(): void {
    for (const number of [...this.#bodies.keys()]) this.drop(number);
  }
}
