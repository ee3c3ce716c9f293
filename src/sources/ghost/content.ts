import type { Order, Post } from '../../model.ts';
import { counted } from '../../shown.ts';
import { readDate } from '../date.ts';
import { at, isObject } from '../json-path.ts';
import { Standstill, type Timeline, type TimelinePage } from '../timeline.ts';
import { askContent, type ContentWay, type Leaf, NotAsked, type Resource } from './ask.ts';
import { readGhostPost } from './post.ts';
import { shownSite } from './site.ts';

const [mostAtATime, fewer] = [100, 15];
/** So much of one second may be held at once. */
const mostAtOnce = 10_000;

/** One list of the Content API, ordered by one of its times. Its moments are seconds. */
export class ContentList implements Timeline {
  readonly #resource: Resource;
  readonly #field: 'published_at' | 'updated_at';
  readonly #way: ContentWay;
  #limit = mostAtATime;

  constructor(resource: Resource, field: 'published_at' | 'updated_at', way: ContentWay) {
    this.#resource = resource;
    this.#field = field;
    this.#way = way;
  }

  moment(date: string): number {
    return secondsOf(date);
  }

  /** One answer as a rule; more of them where all that it holds is of one second. */
  async page(order: Order, from: number | null): Promise<TimelinePage> {
    const found = new Gathered(order, from, this.#field);
    let total: number | undefined;
    for (let nth = 1; ; nth++) {
      const leaf = await this.#ask(order, from, nth);
      total ??= leaf.total;
      if (!found.add(leaf.raw) && leaf.raw.length > 0)
        throw this.#standstill('it shows the same again, or what was not asked for');
      const isCounted = leaf.total === undefined || found.raw.length < leaf.total;
      const next = leaf.raw.length > 0 && (leaf.isLinked ?? isCounted) ? found.edge : null;
      if (next === undefined && found.raw.length <= mostAtOnce) continue;
      return {
        ...this.#page(found, next === undefined ? this.#past(from) : next),
        ...(from === null && total !== undefined && { total }),
      };
    }
  }

  #page({ raw, newest }: Gathered, next: number | null): TimelinePage {
    return { posts: raw.flatMap((one) => this.#read(one)), newest, next };
  }

  #past(from: number | null): number | null {
    this.#way.warnings.skip(
      `More than ${counted(mostAtOnce, 'post')} of ${shownSite(this.#way.site)} are of one second: the others of it are left out.`,
    );
    return from === null ? null : this.#field === 'updated_at' ? from + 1 : from - 1;
  }

  #read(raw: unknown): readonly Post[] {
    const { site, warnings, originals = false, onPreview } = this.#way;
    const post = isObject(raw) ? readGhostPost(raw, { site: site.site, originals, warnings }) : undefined;
    if (!post)
      warnings.skip(
        `${shownSite(site)}: one of its ${this.#resource} ${isObject(raw) ? 'has no id' : 'is not an object'}; it is skipped.`,
      );
    else if (at(raw, ['access']) === false) onPreview?.();
    return post ? [post] : [];
  }

  /** Hosts of their own may allow fewer at a time. */
  async #ask(order: Order, from: number | null, page: number): Promise<Leaf> {
    const [resource, field] = [this.#resource, this.#field];
    const filter = from === null ? undefined : filterOf(field, order, from);
    const sorted = `${field} ${order === 'newest' ? 'desc' : 'asc'},id desc`;
    const query = { resource, page, filter, order: sorted, include: 'tags,authors', formats: 'html' };
    try {
      return await askContent({ ...query, limit: this.#limit }, this.#way);
    } catch (error) {
      if (!(error instanceof NotAsked) || this.#limit === fewer) throw error;
      this.#limit = fewer;
      return askContent({ ...query, limit: fewer }, this.#way);
    }
  }

  #standstill(why: string): Standstill {
    return new Standstill(
      `${shownSite(this.#way.site)}: the list of its ${this.#resource} does not move on: ${why}.`,
    );
  }
}

/** What was gathered for a page. */
class Gathered {
  readonly raw: unknown[] = [];
  newest: number | null = null;
  /** Where the next page begins: the moment of the last one, if that is further on than where this page began. */
  edge: number | undefined;
  readonly #ids = new Set<unknown>();
  readonly #step: 1 | -1;
  readonly #from: number | null;
  readonly #field: string;

  constructor(order: Order, from: number | null, field: string) {
    this.#step = order === 'newest' ? -1 : 1;
    this.#from = from;
    this.#field = field;
  }

  /** Is anything of it new? */
  add(list: readonly unknown[]): boolean {
    let isNews = false;
    for (const raw of list) {
      const id = at(raw, ['id']);
      if (id !== undefined && this.#ids.has(id)) continue;
      this.#ids.add(id);
      this.raw.push(raw);
      isNews = true;
      this.#place(raw);
    }
    return isNews;
  }

  /** An answer that is in no order, or begins elsewhere than was asked, would leave a hole. */
  #place(raw: unknown): void {
    const moment = momentIn(raw, this.#field);
    if (moment === undefined) return;
    this.newest = Math.max(moment, this.newest ?? moment);
    const last = this.edge ?? this.#from;
    if (last !== null && (moment - last) * this.#step < 0)
      throw new Standstill('The Content API gives posts in another order than they were asked for in.');
    if (this.#from === null || moment !== this.#from) this.edge = moment;
  }
}

function momentIn(raw: unknown, field: string): number | undefined {
  const date = readDate(at(raw, [field]));
  return date === null ? undefined : secondsOf(date);
}

const secondsOf = (date: string): number => Math.floor(Date.parse(date) / 1000);

/** All of the second, whether its fractions are kept or not. */
function filterOf(field: string, order: Order, from: number): string {
  return order === 'newest' ? `${field}:<'${stampOf(from + 1)}'` : `${field}:>='${stampOf(from)}'`;
}

/** As databases write it, for some compare letters. */
const stampOf = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
