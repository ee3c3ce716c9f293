import { SourceError } from '../../errors.ts';

const blockSize = 2 ** 20;
const largest = 2 ** 30;

/** Texts by their number, outside of the heap. */
export class RowStore {
  readonly #blocks: Buffer[] = [];
  /** Where each ends, in bytes from the first. */
  readonly #ends: number[] = [];
  #size = 0;

  add(text: string): number {
    const bytes = Buffer.from(text);
    if (this.#size + bytes.length > largest)
      throw new SourceError(
        'What the export says of its attachments is more than 1 GiB: export it in several parts, and archive each.',
      );
    for (let at = 0; at < bytes.length; ) at += this.#append(bytes, at);
    return this.#ends.push(this.#size) - 1;
  }

  at(row: number): string {
    const [start, end] = [row === 0 ? 0 : this.#ends[row - 1]!, this.#ends[row]!];
    const parts: Buffer[] = [];
    for (let at = start; at < end; ) {
      const from = at % blockSize;
      const part = this.#blocks[Math.floor(at / blockSize)]!.subarray(from, from + end - at);
      parts.push(part);
      at += part.length;
    }
    return (parts.length === 1 ? parts[0]! : Buffer.concat(parts)).toString();
  }

  #append(bytes: Buffer, from: number): number {
    const at = this.#size % blockSize;
    if (at === 0) this.#blocks.push(Buffer.allocUnsafeSlow(blockSize));
    const copied = bytes.copy(this.#blocks.at(-1)!, at, from);
    this.#size += copied;
    return copied;
  }
}
