import type { Order } from '../model.ts';

/** One post as a list by offsets gives it. */
export interface Entry {
  /** How many stand before it in the list. */
  readonly offset: number;
  /** Undefined of what cannot be read. */
  readonly id: string | undefined;
  readonly moment: number | undefined;
  readonly raw: unknown;
}

/** Some entries in a row, the newest first. */
export interface Slice {
  readonly start: number;
  readonly entries: readonly Entry[];
  /** How many there are in all, if the list says so. */
  readonly total: number | undefined;
}

/** Where a page begins. */
export interface Place {
  readonly order: Order;
  /** The moment; infinite where it is the very first in that order. */
  readonly target: number;
  /** Where the slice is likely to start. */
  readonly hint: number;
  /** The last entry that is known: a slice that shows it leaves nothing out. */
  readonly id?: string | undefined;
  /** Is there nothing left to recognise the place by? */
  readonly isBlind?: boolean;
}

/** The entries that tell of the order: one that is older than what follows was put there by hand, as pinned posts are. */
export function inOrder({ entries }: Slice): readonly Placed[] {
  const found: Placed[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  for (const entry of [...entries].reverse()) {
    if (!isPlaced(entry) || entry.moment < newest) continue;
    newest = entry.moment;
    found.unshift(entry);
  }
  return found;
}

export interface Placed extends Entry {
  readonly id: string;
  readonly moment: number;
}

const isPlaced = (entry: Entry): entry is Placed => entry.id !== undefined && entry.moment !== undefined;

const mostProbes = 40;

/** An entry that is known, if it is among them. */
export const entryOf = ({ entries }: Slice, id: string | undefined): Entry | undefined =>
  id === undefined ? undefined : entries.find((entry) => entry.id === id);

export interface Search {
  /** How many entries a slice has at most. */
  readonly num: number;
  readonly read: (start: number) => Promise<Slice>;
  /** Does nothing come behind it? */
  readonly isEnd: (slice: Slice) => boolean;
}

/**
 * A slice that surely begins no further on than the place: it shows an entry that is known, or one from before it.
 * The hint is right unless the list has moved; else steps that double find the region, and halving the place in it.
 * Undefined where the list is in no order in which it could be found.
 */
export async function find(place: Place, search: Search): Promise<Slice | undefined> {
  const bracket = new Bracket(place, search.num);
  let start = place.hint;
  for (let probe = 0; probe < mostProbes; probe++) {
    const slice = await search.read(start);
    const verdict = judge(slice, place, search.isEnd(slice));
    if (verdict === 'here') return slice;
    start = bracket.after(slice, verdict);
  }
  return undefined;
}

type Verdict = 'here' | 'before' | 'behind';

/** Does the slice lie before the place in the list, that is among newer posts, behind it, or does it hold it? */
function judge(slice: Slice, { order, target, id, isBlind }: Place, isEnd: boolean): Verdict {
  if (isBlind || entryOf(slice, id)) return 'here';
  const isStart = slice.start === 0;
  if (slice.entries.length === 0) return isStart ? 'here' : 'behind';
  const placed = inOrder(slice);
  const [top, bottom] = [placed[0]?.moment, placed.at(-1)?.moment];
  if (order === 'newest') {
    if (!isStart && !isAbove(top, target)) return 'behind';
    return isEnd || !isAbove(bottom, target) ? 'here' : 'before';
  }
  if (!isEnd && !isAbove(target, bottom)) return 'before';
  return isStart || !isAbove(target, top) ? 'here' : 'behind';
}

/** What is unknown is above nothing. */
const isAbove = (one: number | undefined, other: number | undefined): boolean =>
  one !== undefined && other !== undefined && one > other;

/** Between which offsets the place must be. */
class Bracket {
  readonly #place: Place;
  readonly #num: number;
  #low = 0;
  #high = Number.POSITIVE_INFINITY;
  #step: number;
  #tried = new Set<number>();

  constructor(place: Place, num: number) {
    this.#place = place;
    this.#num = num;
    this.#step = num;
  }

  /** Where to look next. */
  after(slice: Slice, verdict: Verdict): number {
    this.#tried.add(slice.start);
    if (verdict === 'before') this.#low = slice.start + Math.max(slice.entries.length - 1, 1);
    else this.#high = slice.start;
    if (this.#low >= this.#high) this.#reopen(verdict);
    if (this.#high === Number.POSITIVE_INFINITY) return this.#forward(slice.total);
    if (this.#low === 0) return Math.max(0, this.#high - this.#grow() + 1);
    return this.#between();
  }

  /** The list has moved meanwhile. */
  #reopen(verdict: Verdict): void {
    this.#tried = new Set();
    this.#step = this.#num;
    if (verdict === 'before') this.#high = Number.POSITIVE_INFINITY;
    else this.#low = 0;
  }

  #forward(total: number | undefined): number {
    const last = (total ?? 0) - this.#num + 1;
    if (this.#low < last && this.#place.target === Number.NEGATIVE_INFINITY) return last;
    const next = this.#low + this.#grow() - this.#num;
    return this.#low < last ? Math.min(next, last) : next;
  }

  #grow(): number {
    const step = this.#step;
    this.#step *= 2;
    return step;
  }

  /** Once a slice can hold both ends: of the oldest first the far end is best the last in it. */
  #between(): number {
    const width = this.#high - this.#low;
    if (width >= this.#num) return Math.max(this.#low, Math.floor((this.#low + this.#high - this.#num) / 2));
    const ending = Math.max(0, this.#high - this.#num + 1);
    return this.#place.order === 'oldest' && !this.#tried.has(ending) ? ending : this.#low;
  }
}
