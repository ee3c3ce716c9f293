import type { MediaItem } from '../model.ts';

/** So many copies of one thing are named. */
const mostOfOne = 5;

/** Copies that a service has made of what was uploaded, by their addresses. */
export interface Copying {
  /** The address of what was uploaded; the same where it is that already. */
  readonly originalOf: (url: string) => string;
  /** How wide a copy is, by its address. */
  readonly widthOf: (url: string) => number;
}

/** Remembers of each original which copies of it were met. */
export class Copies {
  readonly #copying: Copying;
  readonly #copies = new Map<string, Set<string>>();

  constructor(copying: Copying) {
    this.#copying = copying;
  }

  original(url: string): string {
    const original = this.#copying.originalOf(url);
    if (original === url) return url;
    const copies = this.#copies.get(original) ?? new Set();
    this.#copies.set(original, copies.add(url));
    return original;
  }

  /** The largest first. */
  lesserOf(url: string): Pick<MediaItem, 'lesser'> {
    const { widthOf } = this.#copying;
    const copies = [...(this.#copies.get(url) ?? [])].sort((a, b) => widthOf(b) - widthOf(a));
    return copies.length > 0 ? { lesser: copies.slice(0, mostOfOne) } : {};
  }
}
