import type { Keyv } from 'keyv';
import { type Interval, united } from '../intervals.ts';
import { entriesOf, type Stores } from './ledger-store.ts';

/** Where a line of a posts segment begins, and which of its items is meant. */
export interface PostPlace {
  readonly segment: number;
  readonly offset: number;
}
/** How far a source was listed: without gaps between these moments, since it was begun, or begun anew, at that time. */
export interface Coverage {
  readonly intervals: readonly Interval[];
  readonly since: string;
  /** Begun, and not yet come to its end. */
  readonly isOpen: boolean;
  /** Which posts it has met is not sure: it left some out, or lines of it were learnt later than they were written. */
  readonly isBlind?: boolean;
  /** So many posts that the platform counts were looked for and not found. */
  readonly sought?: number;
  /** What the source wants to know again. */
  readonly memory?: unknown;
  /** The blog as it was met last. */
  readonly blog?: { readonly id?: string; readonly sum: string };
}

/** Whether a post is there still, and which listing met it last: `seen` is lost with the ledger. */
export interface Presence {
  readonly isGone?: true;
  readonly seen?: string;
  /** In which ways the platform has told of it. */
  readonly in?: readonly string[];
  /** Milliseconds since 1970. */
  readonly at?: number;
}

/** What we remember of listings: where each stands, and which posts it has met. A part of the ledger. */
export class ListingIndex {
  readonly #presences: Keyv<Presence>;
  readonly #counts: Keyv<number>;
  readonly #cursors: Keyv<PostPlace>;
  readonly #coverages: Keyv<Coverage>;

  constructor(stores: Stores) {
    this.#presences = stores.store('oxbow-presence');
    this.#counts = stores.store('oxbow-count');
    this.#cursors = stores.store('oxbow-cursor');
    this.#coverages = stores.store('oxbow-coverage');
  }

  async cursorAt(source: string): Promise<PostPlace | undefined> {
    return this.#cursors.get(source);
  }

  async coverageOf(source: string): Promise<Coverage> {
    return (await this.#coverages.get(source)) ?? { intervals: [], since: '', isOpen: true };
  }

  /** Listings are called by their source, a colon, and what it lists. */
  async isListedBy(name: string): Promise<boolean> {
    for (const store of [this.#coverages, this.#cursors])
      for await (const [source] of entriesOf<unknown>(store)) if (source.startsWith(`${name}:`)) return true;
    return false;
  }

  /** In the order of the ids; undefined for what was never listed. */
  async presencesOf(ids: readonly string[]): Promise<(Presence | undefined)[]> {
    return ids.length === 0 ? [] : this.#presences.getMany<Presence>([...ids]);
  }

  presences(): AsyncGenerator<[string, Presence]> {
    return entriesOf(this.#presences);
  }

  async learnCursor(source: string, place: PostPlace): Promise<void> {
    await this.#cursors.set(source, place);
  }

  async learnCover(
    source: string,
    cover: Interval & { readonly anew?: true; readonly at: string; readonly isLate: boolean },
  ): Promise<void> {
    const before = await this.coverageOf(source);
    const { from, to, anew, at, isLate } = cover;
    const coverage = anew
      ? { ...before, intervals: [], since: at, isOpen: true, isBlind: isLate }
      : {
          ...before,
          intervals: united([...before.intervals, { from, to }]),
          ...(isLate && { isBlind: true }),
        };
    await this.#coverages.set(source, coverage);
  }

  /** What else is learnt of a listing. */
  async learnOf(source: string, news: Partial<Coverage>): Promise<void> {
    await this.#coverages.set(source, { ...(await this.coverageOf(source)), ...news });
  }

  /** Which posts are there and which are gone, and which listing met them; the last word about each counts. */
  async learnPresences(found: readonly (readonly [id: string, presence: Presence])[]): Promise<void> {
    if (found.length === 0) return;
    const last = new Map(found);
    const before = await this.presencesOf([...last.keys()]);
    const more = count([...last.values()]) - count(before);
    const values = [...last].map(([key, value], n) => ({ key, value: withWays(value, before[n]) }));
    await this.#presences.setMany(values);
    if (more !== 0) await this.#counts.set('here', (await this.countHere()) + more);
  }

  /** How many posts are there. */
  async countHere(): Promise<number> {
    return (await this.#counts.get('here')) ?? 0;
  }

  async clear(): Promise<void> {
    for (const store of [this.#presences, this.#counts, this.#cursors, this.#coverages]) await store.clear();
  }
}

const count = (presences: readonly (Presence | undefined)[]): number =>
  presences.filter((presence) => presence && !presence.isGone).length;

const withWays = (presence: Presence, before: Presence | undefined): Presence => {
  const ways = [...new Set([...(before?.in ?? []), ...(presence.in ?? [])])];
  return ways.length > 0 ? { ...presence, in: ways } : presence;
};
