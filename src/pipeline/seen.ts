import { hash } from 'node:crypto';

/**
 * Which of millions of ids came by already, at 16 to 64 bytes each: a table of 128-bit sums instead of the texts.
 * Two ids are never taken for one but by a collision of MD5.
 */
export class Seen {
  #slots = new BigUint64Array(2 * 1024);
  #size = 0;

  /** True the first time that an id comes. */
  add(id: string): boolean {
    if (this.#size * 2 >= this.#slots.length / 2) this.#grow();
    const isNew = this.#put(...sumOf(id));
    if (isNew) this.#size++;
    return isNew;
  }

  has(id: string): boolean {
    return this.#slots[this.#placeOf(...sumOf(id))] !== 0n;
  }

  #put(high: bigint, low: bigint): boolean {
    const at = this.#placeOf(high, low);
    if (this.#slots[at] !== 0n) return false;
    this.#slots[at] = high;
    this.#slots[at + 1] = low;
    return true;
  }

  /** Where a sum lies, or would lie. */
  #placeOf(high: bigint, low: bigint): number {
    const slots = this.#slots;
    const places = slots.length / 2;
    let at = Number(low % BigInt(places)) * 2;
    while (slots[at] !== 0n && (slots[at] !== high || slots[at + 1] !== low)) at = (at + 2) % slots.length;
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new BigUint64Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) if (old[at] !== 0n) this.#put(old[at]!, old[at + 1]!);
  }
}

function sumOf(id: string): [high: bigint, low: bigint] {
  const sum = hash('md5', id, 'buffer');
  return [sum.readBigUInt64LE(0) || 1n, sum.readBigUInt64LE(8)];
}
