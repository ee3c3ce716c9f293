/** Requests a second that nobody minds. */
const LEAST = 10;

/** How often something happened of late: counted by whole seconds, the last full one stands. */
export class Pulse {
  #since = performance.now();
  #count = 0;
  #last = 0;

  beat(): void {
    const elapsed = performance.now() - this.#since;
    if (elapsed >= 1000) {
      this.#last = (this.#count * 1000) / elapsed;
      this.#since = performance.now();
      this.#count = 0;
    }
    this.#count++;
  }

  /** No less than a gentle rate: it is one to go on with. */
  get perSecond(): number {
    return Math.max(LEAST, this.#last, this.#count);
  }
}
