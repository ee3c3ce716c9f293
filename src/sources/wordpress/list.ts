import type { Order } from '../../model.ts';
import { readDate } from '../date.ts';
import { at, isObject, type JsonObject, textAt } from '../json-path.ts';
import { Standstill } from '../timeline.ts';
import { type ApiWay, addressOf, askRows, isTooMuch, type Query, type Rows } from './api.ts';
import type { PostType } from './types.ts';

/** One post as the API gives it. */
export interface Entry {
  readonly type: PostType;
  readonly raw: JsonObject;
  readonly id: string;
  /** By the blog's own clock, in seconds: that is what posts are sorted and asked for by. Undefined without a date. */
  readonly moment: number | undefined;
}

/** A stretch of the posts of one type, from a moment on in one order. */
export interface Part {
  readonly order: Order;
  readonly from: number | null;
  readonly entries: readonly Entry[];
  /** All between `from` and there are among the entries, those of that moment perhaps not. Null at the end. */
  readonly next: number | null;
  readonly total: number | undefined;
}

export interface ListWay extends ApiWay {
  readonly root: string;
  readonly limit: number;
}

/** So many pages of posts of one and the same second are read. */
const mostOfSecond = 100;

/** So many pages of edited posts are read: whoever edits all of a blog of a million has more than these. */
const mostChanged = 1000;

/** So many posts at a time every blog gives. */
const fewest = 10;

/** The posts of one type by time. */
export class TypeList {
  readonly type: PostType;
  readonly #way: ListWay;
  #limit: number;
  /** How many posts the fullest page had: where nothing tells, one not half as full is the last. Some hide a few. */
  #fullest = 1;

  constructor(type: PostType, way: ListWay) {
    this.type = type;
    this.#way = way;
    this.#limit = way.limit;
  }

  async part(order: Order, from: number | null): Promise<Part> {
    const step = order === 'newest' ? -1 : 1;
    const bound =
      order === 'newest'
        ? { before: after(from, 1), order: 'desc' }
        : { after: after(from, -1), order: 'asc' };
    const { rows, pages, total } = await this.#ask({ orderby: 'date', ...bound });
    const entries = this.#read(rows);
    const moments = entries.flatMap(({ moment }) => moment ?? []);
    const isLast = pages === undefined ? rows.length * 2 < this.#fullest : pages <= 1;
    this.#check(moments, { step, from, isLast });
    this.#fullest = Math.max(this.#fullest, rows.length);
    const isCounted = from === null && !entries.some((entry) => this.#isElsewhere(entry));
    const part = { order, from, entries, total: isCounted ? total : undefined };
    const last = moments.at(-1);
    if (isLast || rows.length === 0) return { ...part, next: null };
    if (last === undefined) throw this.#stuck('shows posts without dates alone');
    const begin = from ?? moments[0]!;
    if ((last - begin) * step > 0) return { ...part, next: last };
    return { ...part, entries: await this.#flood(last, entries), next: last + step };
  }

  /**
   * What was edited or put in since a time by the blog's own clock, whatever date it bears. Sorted by what does not
   * change; nothing from a blog that is too old to know of such a question, and gives all its posts.
   */
  async *changed(since: string): AsyncGenerator<readonly Entry[]> {
    const seen = new Set<string>();
    let met = 0;
    for (let page = 1; page <= mostChanged; page++) {
      const limit = this.#limit;
      const { rows, pages } = await this.#ask({ modified_after: since, orderby: 'id', order: 'asc', page });
      if (page > 1 && this.#limit !== limit) {
        page = Math.floor(met / this.#limit); // pages are others now
        continue;
      }
      met += rows.length;
      const entries = this.#read(rows);
      const times = entries.flatMap(({ raw }) => (typeof raw.modified === 'string' ? [raw.modified] : []));
      const isHeard = times.length > 0 && times.every((time) => time >= since);
      const news = entries.filter(({ id }) => !seen.has(id));
      if (!isHeard || news.length === 0) return;
      for (const { id } of news) seen.add(id);
      yield news;
      if (pages === undefined ? rows.length * 2 < this.#fullest : page >= pages) return;
    }
  }

  /** A server, or a cache before it, that does not hear what is asked for gives the same for ever. */
  #check(
    moments: readonly number[],
    { step, from, isLast }: { step: number; from: number | null; isLast: boolean },
  ) {
    const within = from === null ? moments : moments.filter((moment) => (moment - from) * step >= 0);
    if (moments.length > 0 && within.length === 0)
      throw this.#stuck('does not hear from which date on posts are asked for; a cache may stand before it');
    const backwards = within.filter((moment, n) => n > 0 && (moment - within[n - 1]!) * step < 0).length;
    if (!isLast && backwards * 2 > within.length)
      throw this.#stuck('gives its posts in another order than they were asked for');
  }

  /** All posts of a second that has more than fit into a page. */
  async #flood(second: number, found: readonly Entry[]): Promise<readonly Entry[]> {
    const all = new Map(found.map((entry) => [entry.id, entry]));
    const window = { before: after(second, 1), after: after(second, -1), orderby: 'id', order: 'asc' };
    const told = new Set<string>();
    let met = 0;
    for (let page = 1; page <= mostOfSecond; page++) {
      const limit = this.#limit;
      const { rows, pages } = await this.#ask({ ...window, page });
      if (page > 1 && this.#limit !== limit) {
        page = Math.floor(met / this.#limit); // pages are others now
        continue;
      }
      met += rows.length;
      const entries = this.#read(rows).filter(({ moment }) => moment === second);
      for (const entry of entries) all.set(entry.id, entry);
      const before = told.size;
      for (const { id } of entries) told.add(id);
      const isLast = pages === undefined ? rows.length * 2 < this.#fullest : page >= pages;
      if (isLast || rows.length === 0) return [...all.values()];
      if (told.size === before) throw this.#stuck('gives the same posts again and again');
    }
    this.#way.warnings.skip(
      `${this.#way.name}: of the posts of one second (${after(second, 0)}) there are more than ${all.size}; the others are left out.`,
    );
    return [...all.values()];
  }

  async #ask(query: Query): Promise<Rows> {
    try {
      return await this.#askBy(this.#limit, query);
    } catch (error) {
      if (!isTooMuch(error) || this.#limit <= fewest) throw error;
      [this.#limit, this.#fullest] = [fewest, 1];
      return this.#askBy(fewest, query);
    }
  }

  #askBy(limit: number, query: Query): Promise<Rows> {
    const { base } = this.type;
    const alone = base === 'media' ? { parent: 0 } : {};
    return askRows(addressOf(this.#way.root, base, { per_page: limit, ...alone, ...query }), this.#way);
  }

  #read(rows: readonly unknown[]): readonly Entry[] {
    return rows.flatMap((raw) => {
      const id = isObject(raw) ? textAt(raw, [['id']], 100) : undefined;
      if (id !== undefined) return [{ type: this.type, raw: raw as JsonObject, id, moment: momentOf(raw) }];
      this.#way.warnings.skip(
        `One of the ${this.type.base} of ${this.#way.name} ${isObject(raw) ? 'has no id' : 'is not an object'}; it is skipped.`,
      );
      return [];
    });
  }

  /** A library that does not hear that only media of no post are asked for counts all. */
  #isElsewhere({ raw }: Entry): boolean {
    return this.type.base === 'media' && Number(raw.post ?? 0) !== 0;
  }

  #stuck(why: string): Standstill {
    return new Standstill(
      `The ${this.type.base} of ${this.#way.name} cannot be listed on: the API ${why}. The feed of the blog may show more.`,
    );
  }
}

/** By the blog's own clock. What has no such time is kept and listed, but leads nowhere. */
function momentOf(raw: unknown): number | undefined {
  const date = readDate(at(raw, ['date']));
  return date === null ? undefined : Math.floor(Date.parse(date) / 1000);
}

/**
 * So many seconds after a moment, as the API takes it: without a zone it is compared with the blog's own clock by every
 * version of WordPress. Bounds are not included themselves.
 */
function after(moment: number | null, seconds: number): string | undefined {
  return moment === null ? undefined : new Date((moment + seconds) * 1000).toISOString().slice(0, 19);
}
