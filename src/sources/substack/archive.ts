import { OxbowError, SourceError, sentence } from '../../errors.ts';
import type { Order, Post } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { readDate } from '../date.ts';
import { isObject, type JsonObject, textAt } from '../json-path.ts';
import type { Entry, Slice } from '../offset-search.ts';
import { Offsets } from '../offsets.ts';
import type { ListingWay } from '../source.ts';
import type { Timeline, TimelinePage } from '../timeline.ts';
import type { Warnings } from '../warnings.ts';
import { type Api, NotShown } from './api.ts';
import { readSubstackPost } from './post.ts';
import { Recent } from './recent.ts';

export interface ArchiveWay {
  readonly name: string;
  readonly limit: number;
  readonly warnings: Warnings;
  readonly way: ListingWay | undefined;
}

/** So many posts in a row that are not shown: then it is the server that does not answer us. */
const mostInVain = 5;

/**
 * The posts of a publication: a list by offsets, and a question for the text of each. Moments are seconds. It remembers
 * where its last page ended: one listing at a time.
 */
export class Archive implements Timeline {
  /** Posts that are not for everybody. */
  closed = 0;
  /** Are there posts on the last page of which the text could not be had? */
  hasGaps = false;
  readonly #api: Api;
  readonly #way: ArchiveWay;
  readonly #offsets: Offsets;
  readonly #recent: Recent;
  #limit: number;
  #inVain = 0;

  constructor(api: Api, way: ArchiveWay) {
    this.#api = api;
    this.#way = way;
    this.#limit = way.limit;
    this.#recent = new Recent(way.way?.memory);
    const told = (tell: (message: string) => void) => (message: string) => tell(`${way.name}: ${message}`);
    const limitNow = () => this.#limit;
    this.#offsets = new Offsets({
      name: way.name,
      get num() {
        return limitNow();
      },
      furthest: 1_000_000,
      read: (start) => this.#read(start),
      warn: told((message) => way.warnings.warn(message)),
      skip: told((message) => way.warnings.skip(message)),
    });
  }

  get memory(): unknown {
    return this.#recent.memory;
  }

  moment(date: string): number {
    return secondsOf(date);
  }

  async page(order: Order, from: number | null): Promise<TimelinePage> {
    this.hasGaps = false;
    const { entries, newest, next } = await this.#offsets.page(order, from);
    const posts: Post[] = [];
    for (const [nth, entry] of entries.entries()) {
      try {
        const post = await this.#postOf(entry);
        if (post) posts.push(post);
      } catch (error) {
        const left = error instanceof OxbowError ? furthest(order, entries.slice(nth)) : undefined;
        const isFurther = left !== undefined && (from === null ? nth > 0 : isBeyond(order, left, from));
        if (!isFurther) throw error;
        return { posts, newest, next: left }; // the next page meets the same, or goes on
      }
    }
    return { posts, newest, next };
  }

  /**
   * A server may give fewer at a time than it is asked for, and hides some posts: whether an answer that is short is
   * the last one, the next one tells.
   */
  async #read(start: number): Promise<Slice> {
    const list = await this.#api.list(start, this.#limit);
    const isShort = list.length > 0 && list.length < this.#limit;
    if (isShort && (await this.#api.list(start + list.length, 1)).length > 0) this.#limit = list.length;
    const entries = list.map((raw, nth) => ({
      offset: start + nth,
      id: isObject(raw) ? textAt(raw, [['id']], 100) : undefined,
      moment: isObject(raw) ? momentIn(raw) : undefined,
      raw,
    }));
    return { start, entries, total: undefined };
  }

  /** Undefined where it cannot be read, or is held as it is. */
  async #postOf({ id, raw }: Entry): Promise<Post | undefined> {
    const { name, warnings, way } = this.#way;
    if (id === undefined || !isObject(raw)) {
      warnings.skip(
        `${name}: one of its posts ${isObject(raw) ? 'has no id' : 'is not an object'}; it is skipped.`,
      );
      return undefined;
    }
    if (isClosed(raw)) this.closed++;
    if (this.#recent.isAsItWas(id, raw) && (await way?.isHeld?.(id))) {
      this.#recent.add(id, raw);
      return undefined;
    }
    const whole = await this.#wholeOf(id, raw);
    if (whole) this.#recent.add(id, raw);
    return readSubstackPost(whole ?? raw, { base: this.#api.base, name, warnings });
  }

  /** Undefined where there is none to be had; then the list is all that is known of it. */
  async #wholeOf(id: string, raw: JsonObject): Promise<JsonObject | undefined> {
    const slug = textAt(raw, [['slug']], 500);
    if (slug === undefined) {
      this.#tellLack(id, 'it has no name to ask for it by');
      return undefined;
    }
    try {
      const whole = await this.#api.post(id, slug);
      this.#inVain = 0;
      return whole;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      const isItsOwn = error instanceof NotShown && error.isGone; // of a post that was taken from elsewhere, say
      if (!isItsOwn && ++this.#inVain >= mostInVain) throw this.#givenUp(error);
      this.hasGaps = true;
      this.#tellLack(id, sentence(error).replace(/\.$/, ''));
      return undefined;
    }
  }

  #tellLack(id: string, why: string): void {
    const { name, warnings } = this.#way;
    warnings.skip(
      `${name}: the text of post ${quoted(id, 80)} could not be had (${why}): it is listed without.`,
    );
  }

  #givenUp(error: SourceError): SourceError {
    return new SourceError(
      `${this.#way.name} does not show its posts, ${mostInVain} of them in a row (${sentence(error).replace(/\.$/, '')}); it may refuse us for now. A later run goes on from here.`,
      { cause: error },
    );
  }
}

/** The moment of the first of them in this order: all that come before it are those that were read. */
function furthest(order: Order, entries: readonly Entry[]): number | undefined {
  const moments = entries.flatMap(({ moment }) => moment ?? []);
  if (moments.length === 0) return undefined;
  return order === 'newest' ? Math.max(...moments) : Math.min(...moments);
}

const isBeyond = (order: Order, one: number, other: number): boolean =>
  order === 'newest' ? one < other : one > other;

const isClosed = ({ audience }: JsonObject): boolean =>
  typeof audience === 'string' && audience !== 'everyone';

function momentIn(raw: JsonObject): number | undefined {
  const date = readDate(raw.post_date);
  return date === null ? undefined : secondsOf(date);
}

const secondsOf = (date: string): number => Math.floor(Date.parse(date) / 1000);
