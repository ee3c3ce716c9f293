import type { Report } from '../progress.ts';

/** Milliseconds for which the whole network may be gone before single items are blamed. */
export interface NetworkOptions {
  readonly networkPatience: number;
  readonly report: Report;
}

/** Knows whether anybody answers at all: where nobody does, no host is to blame, and it is worth waiting. */
export class Network {
  readonly #options: NetworkOptions;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #goneSince: number | undefined;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  answered(): void {
    this.#answeredAt = performance.now();
    if (this.#goneSince === undefined) return;
    this.#goneSince = undefined;
    this.#options.report({ event: 'network', gone: false });
  }

  /** Nothing could be sent, and nobody has answered since `began`. */
  isGone(began: number): boolean {
    if (this.#answeredAt > began) return false;
    const now = performance.now();
    if (this.#goneSince === undefined) {
      this.#goneSince = now;
      this.#options.report({ event: 'network', gone: true });
    }
    return now - this.#goneSince < this.#options.networkPatience;
  }
}
