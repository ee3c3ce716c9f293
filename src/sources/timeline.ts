import { type Interval, intervalAt } from '../intervals.ts';
import type { BlogFacts, Order, Page, Post } from '../model.ts';
import type { ListingWay } from './source.ts';

/** A platform whose posts can be asked for from any moment on. Moments are whole numbers that grow, such as seconds. */
export interface Timeline {
  /** The moment of a date (ISO 8601). */
  moment(date: string): number;
  /**
   * The posts from a moment on, this included, in this order: the newest at or before it, or the oldest at or after
   * it. From null the very first in that order.
   */
  page(order: Order, from: number | null): Promise<TimelinePage>;
  /** The moment of the post that so many newer ones stand before; null if there are no more. Where that can be asked. */
  momentAt?(place: number): Promise<number | null>;
}

export interface TimelinePage {
  readonly posts: readonly Post[];
  /** The moment of the newest post on it; null if there is none. */
  readonly newest: number | null;
  /**
   * Where the next page begins, this included: all posts between `from` and there are on this page, those of that very
   * moment perhaps not. Null where nothing more comes in this order. Strictly further on than `from`.
   */
  readonly next: number | null;
  readonly total?: number;
  readonly blog?: BlogFacts;
}

/** A platform that does not go on, in a sentence. A listing that does not move would never end. */
export class Standstill extends Error {}

/** All that is wanted and not covered yet, page by page, each with what it covers. */
export async function* walk(
  timeline: Timeline,
  way: ListingWay = { order: 'newest', covered: [] },
): AsyncGenerator<Page> {
  const { order, covered, isAgain = false, after = null, before = null, leaveOut } = way;
  const step = order === 'newest' ? -1 : 1;
  const [first, last] = order === 'newest' ? [before, after] : [after, before];
  const end = last === null ? null : timeline.moment(last);
  let from = begin({ order, covered, isAgain }, first === null ? null : timeline.moment(first));
  /** Behind the dates that are wanted. */
  const isBeyond = (moment: number | null) => end !== null && moment !== null && (moment - end) * step > 0;
  const shown = new Shown();
  while (from !== undefined && !isBeyond(from)) {
    const now = timeline.moment(new Date().toISOString()); // what is still to come is not covered
    const page = await pageAt(timeline, { ...way, from });
    if (!page) return;
    const { next, total, blog } = page;
    const isEarly = (date: string) => next !== null && (timeline.moment(date) - next) * step > 0;
    const posts = shown.news(page.posts, isEarly);
    const covers = upTo(now - 1, coverOf(order, from, page));
    yield { posts, ...(covers && { covers }), ...(total !== undefined && { total }), ...(blog && { blog }) };
    if (next === null || isBeyond(next)) return;
    if (from !== null && Math.sign(next - from) !== step)
      return leaveOut?.(`The source does not go on: from the moment ${from} it leads to ${next}.`);
    from = beyond(covered, next, step);
  }
}

/** So many posts that stand out of order are remembered; pinned ones are a handful. */
const mostEarly = 1000;

/** What a listing has shown and may show again: posts of the moment between two pages, and such as stand out of order. */
class Shown {
  #last: ReadonlySet<string> = new Set();
  readonly #early = new Set<string>();

  /** Those that are new. What is early has its place on a later page, and comes there once more. */
  news(posts: readonly Post[], isEarly: (date: string) => boolean): readonly Post[] {
    const found = posts.filter(({ id }) => !this.#last.has(id) && !this.#early.delete(id));
    this.#last = new Set(posts.map(({ id }) => id));
    for (const { id, date } of found)
      if (date !== null && this.#early.size < mostEarly && isEarly(date)) this.#early.add(id);
    return found;
  }
}

/** Undefined where the source was left: it would never end, and what lies beyond is not covered. */
async function pageAt(
  timeline: Timeline,
  { order, from, leaveOut }: ListingWay & { readonly from: number | null },
): Promise<TimelinePage | undefined> {
  try {
    return await timeline.page(order, from);
  } catch (error) {
    if (!(error instanceof Standstill)) throw error;
    leaveOut?.(error.message);
    return undefined;
  }
}

/** Of the moment at which the page ends, and of the newest of all, there may be more than was seen. */
function coverOf(order: Order, from: number | null, { newest, next }: TimelinePage): Interval | undefined {
  const top = newest === null ? undefined : newest - 1;
  return order === 'newest'
    ? between(next === null ? null : next + 1, from ?? top)
    : between(from, next === null ? top : next - 1);
}

const upTo = (moment: number, covers: Interval | undefined): Interval | undefined =>
  covers && between(covers.from, Math.min(covers.to ?? moment, moment));

const between = (from: number | null, to: number | undefined): Interval | undefined =>
  to === undefined || (from !== null && from > to) ? undefined : { from, to };

/** What is newest is asked for once a run; from the oldest on, the beginning may be covered. Undefined if all is. */
function begin({ order, covered, isAgain }: ListingWay, first: number | null): number | null | undefined {
  if (first !== null) return beyond(covered, first, order === 'newest' ? -1 : 1);
  const newest = order === 'newest' && isAgain ? covered.at(-1)?.to : undefined;
  if (newest != null) return beyond(covered, newest, -1);
  const start = order === 'oldest' ? covered.find(({ from }) => from === null) : undefined;
  return start?.to == null ? null : start.to + 1;
}

/** The next moment that is not covered; undefined where nothing is left. */
function beyond(covered: readonly Interval[], moment: number, step: 1 | -1): number | undefined {
  const held = intervalAt(covered, moment);
  if (!held) return moment;
  const end = step < 0 ? held.from : held.to;
  return end === null ? undefined : end + step;
}
