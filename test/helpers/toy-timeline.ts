import type { Order, Post } from '../../src/model.ts';
import { holes } from '../../src/sources/holes.ts';
import type { Listing } from '../../src/sources/source.ts';
import { type Timeline, type TimelinePage, walk } from '../../src/sources/timeline.ts';
import { numberedItem, postOf } from './vaults.ts';

/** A post of a moment, with one medium. */
export interface Entry {
  readonly n: number;
  readonly at: number;
  readonly given?: Partial<Post>;
}

/** A blog that can be asked for posts from any moment on, and that changes under whoever reads it. */
export class ToyTimeline implements Timeline {
  readonly asked: string[] = [];
  entries: Entry[];
  readonly size: number;
  /** Called before the n-th page of all is made. */
  before: (page: number) => void = () => undefined;
  total: number | undefined;

  constructor(entries: readonly Entry[], size = 3) {
    this.entries = [...entries];
    this.size = size;
  }

  moment(date: string): number {
    return Date.parse(date) / 1000;
  }

  async page(order: Order, from: number | null): Promise<TimelinePage> {
    this.before(this.asked.length);
    this.asked.push(`${order} ${from}`);
    const step = order === 'newest' ? -1 : 1;
    const sorted = [...this.entries].sort((a, b) => (a.at - b.at || a.n - b.n) * step);
    const due = from === null ? sorted : sorted.filter(({ at }) => (at - from) * step >= 0);
    const shown = this.#shown(due);
    const last = shown.at(-1);
    const isLast = shown.length === due.length;
    return {
      posts: shown.map(({ n, at, given }) =>
        postOf(`p${n}`, [numberedItem(n)], { date: dateOf(at), ...given }),
      ),
      newest: shown.length === 0 ? null : Math.max(...shown.map(({ at }) => at)),
      next: isLast ? null : last!.at,
      total: this.total ?? this.entries.length,
    };
  }

  /** As many as fit, and more of the last moment if there would be no going on otherwise. */
  #shown(due: readonly Entry[]): readonly Entry[] {
    let count = this.size;
    while (count < due.length && due[count - 1]!.at === due[0]!.at) count++;
    return due.slice(0, count);
  }

  async momentAt(place: number): Promise<number | null> {
    this.asked.push(`at ${place}`);
    return [...this.entries].sort((a, b) => b.at - a.at)[place]?.at ?? null;
  }

  listing(): Listing {
    return {
      name: 'toy',
      trusted: [],
      pages: (_cursor, way) => walk(this, way),
      lacking: (held) => holes(this, held),
    };
  }
}

const dateOf = (moment: number) => new Date(moment * 1000).toISOString();

/** Posts at these moments, numbered in their order. */
export const entriesAt = (...moments: readonly number[]): Entry[] =>
  moments.map((at, index) => ({ n: index + 1, at }));
