import type { Order } from '../model.ts';
import { counted } from '../shown.ts';
import { type Entry, find, inOrder, type Place, type Placed, type Slice } from './offset-search.ts';
import { Standstill } from './timeline.ts';

export interface OffsetList {
  /** What is listed, as it stands in sentences. */
  readonly name: string;
  /** How many entries a slice has at most. */
  readonly num: number;
  /** A list of more entries than this has no end. */
  readonly furthest: number;
  read(start: number): Promise<Slice>;
  readonly warn: (message: string) => void;
  /** For what makes the listing less than whole. */
  readonly skip: (message: string) => void;
}

/** The entries of a page, in the order that was asked for; the rest as in `TimelinePage`. */
export interface Span {
  readonly entries: readonly Entry[];
  readonly newest: number | null;
  readonly next: number | null;
  readonly total: number | undefined;
}

/** So much of one second may be held at once. */
const mostAtOnce = 10_000;
/** So many empty slices in a row where there should be more. */
const mostEmpty = 20;
/** So many slices in a row that bring nothing but what is known. */
const mostRepeated = 20;

/**
 * A list that knows offsets alone, read by moments. Offsets move while it is read: what is inserted shows posts
 * twice, what is deleted would let others slip by. So each slice has to show an entry that was seen before, or one
 * from before it; where it does not, the place is searched for.
 */
export class Offsets {
  readonly #list: OffsetList;
  /** Where the last page ended: it is known that all in the list up to this very entry was given. */
  #mark: { readonly order: Order; readonly edge: Placed } | undefined;
  /** Where the last slice started, and the last of those that were looked for. */
  #near = 0;
  #stand = 0;
  #total: number | undefined;
  /** How many entries a slice has at most: a server may give fewer than it is asked for. */
  #longest = 0;
  /** From here on nothing came. */
  #emptyFrom = Number.POSITIVE_INFINITY;

  constructor(list: OffsetList) {
    this.#list = list;
  }

  /** As `Timeline.page`. A page that begins where the last one ended costs one slice as a rule. */
  async page(order: Order, from: number | null): Promise<Span> {
    let place = this.#placeOf(order, from);
    const found = new Found(place);
    const barren = { empty: 0, repeated: 0 };
    for (;;) {
      const slice = await this.#find(place);
      if (slice.start > this.#list.furthest) throw this.#standstill('it has no end');
      this.#stand = slice.start;
      const isEnd = this.#isLast(slice, place, barren.empty);
      const edge = isEnd ? undefined : edgeOf(slice, place, from);
      const hasNews = found.add(slice, place, edge);
      if (isEnd || edge) return this.#span(found, place, edge);
      count(barren, slice, hasNews);
      if (barren.empty > mostEmpty || barren.repeated > mostRepeated)
        throw this.#standstill('it shows the same posts again, or none where there should be more');
      if (found.entries.length > mostAtOnce) return this.#crowd(found, place);
      place = this.#onwards(slice, place);
    }
  }

  #placeOf(order: Order, from: number | null): Place {
    const edge = this.#mark?.order === order && this.#mark.edge.moment === from ? this.#mark.edge : undefined;
    this.#mark = undefined;
    if (edge) return { order, target: edge.moment, hint: this.#startAt(order, edge.offset), id: edge.id };
    if (from !== null) return { order, target: from, hint: this.#near };
    return order === 'newest'
      ? { order, target: Number.POSITIVE_INFINITY, hint: 0 }
      : { order, target: Number.NEGATIVE_INFINITY, hint: this.#startAt(order, this.#total ?? 0) };
  }

  /** Where a slice starts in which this entry is the first; of the oldest first, the last. */
  #startAt = (order: Order, offset: number): number =>
    order === 'newest' ? offset : Math.max(0, offset - this.#num + 1);

  get #num(): number {
    return this.#longest || this.#list.num;
  }

  async #find(place: Place): Promise<Slice> {
    const slice = await find(place, {
      num: this.#num,
      read: (start) => this.#read(start),
      isEnd: (slice) => this.#isEnd(slice),
    });
    if (slice) return slice;
    throw this.#standstill('its posts are in no order in which the next ones can be found');
  }

  async #read(start: number): Promise<Slice> {
    const slice = await this.#list.read(start);
    const end = start + slice.entries.length;
    this.#near = start;
    this.#longest = Math.max(this.#longest, slice.entries.length);
    this.#total = slice.total ?? this.#total;
    if (end === start) this.#emptyFrom = Math.min(this.#emptyFrom, start);
    else if (end > this.#emptyFrom) this.#emptyFrom = Number.POSITIVE_INFINITY;
    return slice;
  }

  #isEnd({ start, entries: { length }, total = 0 }: Slice): boolean {
    return length < this.#list.num && start + length >= Math.min(total, this.#emptyFrom);
  }

  /** The total proves nothing: it may count what nobody is shown. */
  #isLast(slice: Slice, { order }: Place, empty: number): boolean {
    const { start, entries, total = 0 } = slice;
    if (order === 'oldest') return start === 0;
    if (entries.length < this.#list.num && start + entries.length >= total) return true;
    if (entries.length > 0 || empty < mostEmpty) return false;
    this.#list.warn(
      `it says that it has ${counted(total, 'post')}, but shows none behind the first ${start}.`,
    );
    return true;
  }

  /** On from the last entry that is known; past what brought nothing further, blindly. */
  #onwards({ start, entries }: Slice, { order, target, id }: Place): Place {
    const known = entries.filter((entry) => entry.id !== undefined);
    const last = order === 'newest' ? known.at(-1) : known[0];
    const hint = last && this.#startAt(order, last.offset);
    if (last && hint !== undefined && !(last.id === id && hint === start))
      return { order, target, hint, id: last.id };
    const past =
      order === 'newest' ? start + (entries.length || this.#num) : Math.max(0, start - this.#num + 1);
    return { order, target, hint: past, isBlind: true };
  }

  #span(found: Found, { order }: Place, edge: Placed | undefined): Span {
    this.#mark = edge && { order, edge };
    return { ...found.told, next: edge?.moment ?? null, total: this.#total };
  }

  #crowd(found: Found, { order, target }: Place): Span {
    this.#list.skip(
      `more than ${counted(mostAtOnce, 'post')} are of one second (${target}) or out of order: the others of it are left out.`,
    );
    return { ...found.told, next: target + (order === 'newest' ? -1 : 1), total: this.#total };
  }

  #standstill(why: string): Standstill {
    return new Standstill(
      `${this.#list.name}: the listing does not move on behind its first ${counted(this.#stand, 'post')}: ${why}.`,
    );
  }
}

function count(barren: { empty: number; repeated: number }, { entries }: Slice, hasNews: boolean): void {
  if (hasNews) barren.empty = barren.repeated = 0;
  else if (entries.length === 0) barren.empty++;
  else barren.repeated++;
}

/** The last entry in this order, if it is further on than where the page began. */
function edgeOf(slice: Slice, { order, target }: Place, from: number | null): Placed | undefined {
  const placed = inOrder(slice);
  const edge = order === 'newest' ? placed.at(-1) : placed[0];
  if (!edge || from === null) return edge;
  return (order === 'newest' ? edge.moment < target : edge.moment > target) ? edge : undefined;
}

/** What a page gathers. */
class Found {
  readonly entries: Entry[] = [];
  readonly #seen = new Set<string>();

  constructor({ id }: Place) {
    if (id !== undefined) this.#seen.add(id);
  }

  /** Takes what lies from the place up to the edge; is there anything new in it? */
  add({ entries }: Slice, { order, target, id }: Place, edge: Placed | undefined): boolean {
    const isOld = order === 'oldest';
    const step = isOld ? -1 : 1;
    const list = isOld ? [...entries].reverse() : entries;
    const known = list.findIndex((entry) => id !== undefined && entry.id === id);
    let hasNews = false;
    for (const [nth, entry] of list.entries()) {
      if (edge && (entry.offset - edge.offset) * step > 0) break;
      const isBeyond = entry.moment === undefined ? known < 0 : (target - entry.moment) * step >= 0;
      if (!isBeyond && (known < 0 || nth < known)) continue;
      if (entry.id !== undefined && this.#seen.has(entry.id)) continue;
      hasNews ||= entry.id !== undefined;
      if (entry.id !== undefined) this.#seen.add(entry.id);
      this.entries.push(entry);
    }
    return hasNews;
  }

  get told(): Pick<Span, 'entries' | 'newest'> {
    const moments = this.entries.flatMap(({ moment }) => moment ?? []);
    return { entries: this.entries, newest: moments.length === 0 ? null : Math.max(...moments) };
  }
}
