import type { BlogFacts, Order, Post } from '../../model.ts';
import type { Timeline, TimelinePage } from '../timeline.ts';
import type { Entry, Part, TypeList } from './list.ts';

export interface TypesWay {
  readonly lists: readonly TypeList[];
  /** Seconds east of Greenwich. */
  readonly offset: number;
  /** What was asked already, when it was made sure that the blog can be listed. */
  readonly begun?: readonly Part[];
  readonly blog: BlogFacts;
  /** Posts together with their media, of many at a time. */
  readonly read: (entries: readonly Entry[]) => Promise<readonly Post[]>;
}

/**
 * The posts of several types as one list by time. Each type is asked for by itself; what came of one and lies beyond the
 * reach of another waits for the next page. It remembers where its last page ended: one listing at a time.
 */
export class TypesTimeline implements Timeline {
  readonly #way: TypesWay;
  #parts: readonly (Part | undefined)[];
  #total: number | undefined;
  #isFirst = true;

  constructor(way: TypesWay) {
    this.#way = way;
    this.#parts = way.begun ?? [];
    this.#total = totalOf(this.#parts);
  }

  moment(date: string): number {
    return Math.floor(Date.parse(date) / 1000) + this.#way.offset;
  }

  async page(order: Order, from: number | null): Promise<TimelinePage> {
    const step = order === 'newest' ? -1 : 1;
    const parts: Part[] = [];
    const fresh = new Set<Part>();
    for (const [nth, list] of this.#way.lists.entries()) {
      const held = this.#parts[nth];
      const part = held && reaches(held, order, from) ? held : await list.part(order, from);
      if (part !== held || this.#isFirst) fresh.add(part);
      parts.push(part);
    }
    this.#parts = parts;
    if (from === null) this.#total = totalOf(parts) ?? this.#total;
    const next = nearest(parts, step);
    const due = parts.flatMap((part) =>
      part.entries.filter((entry) => isDue(entry, { step, from, next, isFresh: fresh.has(part) })),
    );
    const posts = await this.#way.read(inOrder(due, step));
    const moments = due.flatMap(({ moment }) => moment ?? []);
    const blog = this.#isFirst ? { blog: this.#way.blog } : {};
    this.#isFirst = false;
    const newest = moments.length === 0 ? null : moments.reduce((a, b) => Math.max(a, b));
    return { posts, newest, next, ...(this.#total !== undefined && { total: this.#total }), ...blog };
  }
}

/** Does a stretch that is held have all that comes from a moment on, and lead further? */
function reaches(part: Part, order: Order, from: number | null): boolean {
  const step = order === 'newest' ? -1 : 1;
  if (part.order !== order) return false;
  if (from === null) return part.from === null;
  const isBegun = part.from === null || (from - part.from) * step >= 0;
  return isBegun && (part.next === null || (from - part.next) * step < 0);
}

/** As far as all types are known. */
function nearest(parts: readonly Part[], step: number): number | null {
  const ends = parts.flatMap(({ next }) => next ?? []);
  return ends.length === 0 ? null : ends.reduce((a, b) => ((b - a) * step < 0 ? b : a));
}

interface Due {
  readonly step: number;
  readonly from: number | null;
  readonly next: number | null;
  readonly isFresh: boolean;
}

/** What stands outside of its order, or has no date, is shown as soon as it comes. */
function isDue({ moment }: Entry, { step, from, next, isFresh }: Due): boolean {
  if (moment === undefined) return isFresh;
  if (from !== null && (moment - from) * step < 0) return isFresh;
  return next === null || (moment - next) * step <= 0;
}

/** As they came where moments are the same; what has none comes last. */
function inOrder(entries: readonly Entry[], step: number): readonly Entry[] {
  const place = ({ moment }: Entry) => (moment === undefined ? Number.MAX_SAFE_INTEGER : moment * step);
  return [...entries].sort((a, b) => place(a) - place(b));
}

function totalOf(parts: readonly (Part | undefined)[]): number | undefined {
  const totals = parts.map((part) => part?.total);
  if (totals.length === 0 || totals.includes(undefined)) return undefined;
  return (totals as readonly number[]).reduce((a, b) => a + b);
}
