import { SourceError } from '../../errors.ts';
import type { BlogFacts, Order, Post } from '../../model.ts';
import { counted } from '../../shown.ts';
import { at, elements, isObject, type JsonObject, textAt } from '../json-path.ts';
import { Standstill, type Timeline, type TimelinePage } from '../timeline.ts';
import type { Warnings } from '../warnings.ts';
import type { OwnHosts } from './addresses.ts';
import type { Api, Query } from './api.ts';
import { postsOfSecond } from './flood.ts';
import { horizon } from './horizon.ts';
import { inOrder, isBlank, isOfSecond, type Leaf, linkIn, meets, nextOf, reaches, wholeIn } from './leaf.ts';
import { isPinned, readTumblrPost } from './post.ts';
import { passingOfBlog } from './post-passing.ts';

/** One of the API's lists of posts by time. */
export interface PostList {
  readonly path: string;
  readonly query: Query;
  /** Where in `response` the posts are; it is the list itself if this is empty. */
  readonly posts: string;
  readonly total?: string;
  /** The moment by which it is ordered. */
  readonly moment: (raw: JsonObject) => number | undefined;
  /** Can it be asked from its other end? */
  readonly isTwoWay: boolean;
  /** Does it say by a link whether more follows? */
  readonly isLinked: boolean;
  readonly limit: number;
}

export interface PostsWay {
  readonly api: Api;
  readonly warnings: Warnings;
  /** What is listed, as it stands in sentences. */
  readonly name: string;
  readonly ownHosts?: OwnHosts;
}

/** So many pages in a row on which nothing is shown: whoever sends more has no posts behind them. */
const mostEmpty = 50;

/**
 * The posts of a list of the API. Where a page ends is told by its own posts, for the server's link to the next page
 * leads past all that share the second of the last one.
 */
export class PostTimeline implements Timeline {
  readonly #list: PostList;
  readonly #way: PostsWay;
  #empty = 0;
  /** How many posts this listing has met; all of those before the last one if it began at the very first. */
  #met = 0;
  #first: ReadonlySet<string> = new Set();
  #last: ReadonlySet<string> = new Set();
  #isFromStart = false;
  #hasAny = false;

  constructor(list: PostList, way: PostsWay) {
    this.#list = list;
    this.#way = way;
  }

  moment(date: string): number {
    return Math.floor(Date.parse(date) / 1000);
  }

  async page(order: Order, from: number | null): Promise<TimelinePage> {
    const leaf = await this.#sureLeaf(order, from);
    this.#note(leaf, from);
    const next = nextOf(order, from, leaf);
    const isMore = leaf.link !== undefined || leaf.isFull || (!this.#list.isLinked && next !== undefined);
    if (!isMore && (await this.#isEnd(order, from, leaf))) return pageOf(leaf, null);
    if (this.#empty > mostEmpty) throw this.#stuck();
    if (next !== undefined) return pageOf(leaf, next);
    if (isBlank(leaf)) throw this.#stuck(leaf.total);
    if (from === null) return this.#bounded(order, leaf);
    if (!isOfSecond(leaf, from)) throw this.#stuck();
    return this.#flood(order, from, leaf);
  }

  /** An empty page that leads nowhere may be a blip: where posts are counted it is asked for once more. */
  async #sureLeaf(order: Order, from: number | null): Promise<Leaf> {
    const leaf = await this.#leaf(order, from);
    return isBlank(leaf) && leaf.total ? this.#leaf(order, from) : leaf;
  }

  /** A post that is on the first page or on the one before counts once: of pinned ones, and of one second. */
  #note({ posts }: Leaf, from: number | null): void {
    const ids = new Set(posts.map(({ id }) => id));
    if (from === null) this.#met = 0;
    else for (const known of [...this.#first, ...this.#last]) ids.delete(known);
    this.#met += ids.size;
    if (from === null) [this.#first, this.#isFromStart] = [ids, true];
    this.#last = new Set(posts.map(({ id }) => id));
    this.#empty = posts.length === 0 ? this.#empty + 1 : 0;
    this.#hasAny ||= posts.length > 0;
  }

  /**
   * Whatever leads nowhere on is the end, unless more posts are counted than were met: then the other end of the list
   * tells. What is counted may be hidden, and what is empty may be a failure.
   */
  async #isEnd(order: Order, from: number | null, leaf: Leaf): Promise<boolean> {
    const lacking = (leaf.total ?? 0) - this.#met;
    const isEmpty = leaf.posts.length === 0;
    if (lacking <= 0) return true;
    if (isEmpty && from === null) return false;
    if (!this.#list.isTwoWay) return !isEmpty || lacking <= this.#list.limit;
    if (!isEmpty && order === 'oldest' && !this.#isFromStart) return true; // what an earlier run met is not counted
    const other = await this.#leaf(order === 'newest' ? 'oldest' : 'newest', null);
    return !isBlank(other) && !reaches(other, order, leaf.moments.at(-1) ?? from);
  }

  /** Pinned posts may have taken all the room of the first page: they come first only where no bound is given. */
  async #bounded(order: Order, leaf: Leaf): Promise<TimelinePage> {
    if (order === 'oldest' || leaf.posts.length === 0) throw this.#stuck();
    const page = await this.page(order, horizon());
    return { ...page, posts: distinct([...leaf.posts, ...page.posts]) };
  }

  /** Of pinned posts, too: they are out of order, and whoever looks for a place will find nothing new there. */
  async momentAt(place: number): Promise<number | null> {
    const { path, query, posts, moment } = this.#list;
    const raw = await this.#way.api.ask(path, { ...query, offset: place, limit: 1 }, (response) => {
      const found = at(response, [posts]);
      return Array.isArray(found) ? found : undefined;
    });
    const [first] = raw;
    return (isObject(first) ? moment(first) : undefined) ?? null;
  }

  /** A page that is of one second alone: what else is of that second comes from the other end of the list. */
  async #flood(order: Order, from: number, leaf: Leaf): Promise<TimelinePage> {
    const step = order === 'newest' ? -1 : 1;
    const other = this.#list.isTwoWay
      ? await this.#leaf(order === 'newest' ? 'oldest' : 'newest', from)
      : undefined;
    const isWhole = other !== undefined && meets(leaf, other, from);
    const between = isWhole || !other ? undefined : await this.#ofSecond(from, leaf);
    if (!isWhole && !between)
      this.#way.warnings.skip(
        `More than ${this.#list.limit} posts of ${this.#way.name} are of one second (${new Date(from * 1000).toISOString()}): the API shows those at its two ends alone; the others are left out.`,
      );
    const posts = distinct([...leaf.posts, ...(between ?? other?.posts ?? [])]);
    return pageOf({ ...leaf, posts, moments: [from] }, from + step);
  }

  /** Undefined where what is known to be of it is not among them, too: then places are not heard. */
  async #ofSecond(second: number, { total, posts }: Leaf): Promise<readonly Post[] | undefined> {
    const found = await postsOfSecond({
      second,
      total,
      momentAt: (place) => this.momentAt(place),
      leafAt: (place) => this.#leafBy('newest', { offset: place }),
    });
    const ids = new Set(found?.map(({ id }) => id));
    return posts.every(({ id }) => ids.has(id)) ? found : undefined;
  }

  #leaf(order: Order, from: number | null): Promise<Leaf> {
    const bound =
      order === 'newest'
        ? { before: from === null ? undefined : from + 1 }
        : { after: from === null ? undefined : from - 1, sort: 'asc' };
    return this.#leafBy(order, bound);
  }

  async #leafBy(order: Order, bound: Query): Promise<Leaf> {
    const { path, query, limit } = this.#list;
    const { raw, response } = await this.#way.api.ask(path, { ...query, limit, ...bound }, (response) => {
      const raw = this.#list.posts === '' ? response : at(response, [this.#list.posts]);
      return Array.isArray(raw) || (isObject(raw) && raw !== response)
        ? { raw: elements(raw), response }
        : undefined;
    });
    return {
      ...this.#read(raw, order),
      isFull: raw.length >= limit,
      link: linkIn(response, order),
      total: this.#list.total === undefined ? undefined : wholeIn(response, this.#list.total),
      blog: blogIn(response),
    };
  }

  #read(raw: readonly unknown[], order: Order): Pick<Leaf, 'posts' | 'moments'> {
    const posts: Post[] = [];
    const moments: number[] = [];
    for (const one of raw) {
      const post = isObject(one)
        ? readTumblrPost(one, (message) => this.#way.warnings.warn(message), this.#way.ownHosts)
        : undefined;
      if (post) posts.push(post);
      else
        this.#way.warnings.skip(
          `A post of ${this.#way.name} is ${isObject(one) ? 'without an id' : 'not an object'}; it is skipped.`,
        );
      const moment = isObject(one) && !isPinned(one) ? this.#list.moment(one) : undefined;
      if (moment !== undefined) moments.push(moment);
    }
    return { posts: distinct(posts), moments: inOrder(order, moments) };
  }

  /** What has come so far is kept; where nothing has come, nothing makes sense. */
  #stuck(total?: number): Error {
    const contradiction =
      total === undefined
        ? 'says that more follows, and does not lead there'
        : `counts ${counted(total, 'post')}, and shows none${this.#hasAny ? ' where more should follow' : ''}`;
    const why = `${this.#way.name} cannot be listed on: the API ${contradiction}.`;
    return this.#hasAny ? new Standstill(why) : new SourceError(why);
  }
}

/** The blog by its own words; counts of its posts and the like are no news. */
function blogIn(response: unknown): BlogFacts | undefined {
  const raw = at(response, ['blog']);
  const id = textAt(raw, [['uuid']], 200);
  return isObject(raw) ? { ...(id !== undefined && { id }), raw, passing: passingOfBlog } : undefined;
}

const pageOf = ({ posts, moments, total, blog }: Leaf, next: number | null): TimelinePage => ({
  posts,
  newest: moments.length === 0 ? null : Math.max(...moments),
  next,
  ...(total !== undefined && { total }),
  ...(blog && { blog }),
});

/** Each once: a pinned post may stand at its own place too. */
const distinct = (posts: readonly Post[]): readonly Post[] => [
  ...new Map(posts.map((post) => [post.id, post])).values(),
];
