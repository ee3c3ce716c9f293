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
    const sum = hash('md5', id, 'buffer');
    const isNew = this.#put(sum.readBigUInt64LE(0) || 1n, sum.readBigUInt64LE(8));
    if (isNew) this.#size++;
    return isNew;
  }

  #put(high: bigint, low: bigint): boolean {
    const slots = this.#slots;
    const places = slots.length / 2;
    for (let at = Number(low % BigInt(places)) * 2; ; at = (at + 2) % slots.length) {
      if (slots[at] === 0n) {
        slots[at] = high;
        slots[at + 1] = low;
        return true;
      }
      if (slots[at] === high && slots[at + 1] === low) return false;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new BigUint64Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) if (old[at] !== 0n) this.#put(old[at]!, old[at + 1]!);
  }
}
