import { UsageError } from '../../errors.ts';
import type { Order, Page, Post } from '../../model.ts';
import { isKnown } from '../known.ts';
import type { ListingWay } from '../source.ts';
import { Standstill, type Timeline, type TimelinePage } from '../timeline.ts';
import type { IdScheme } from './ids.ts';
import type { Leaf, StatusList } from './leaf.ts';

/** So many empty pages in a row that lead on. */
const mostEmpty = 20;
/** So many pages of which all is of one moment. */
const mostOfMoment = 250;

/** A list that can be asked for posts from any moment on, for its ids hold the time. */
export class StatusTimeline implements Timeline {
  readonly #list: StatusList;
  readonly #scheme: IdScheme;
  /** What stood first in the list when it was opened: it need not be asked for once more. */
  #first: Leaf | undefined;
  /** The last of a page, and where that says that the next one begins. */
  #mark: { readonly order: Order; readonly moment: number; readonly id: string } | undefined;
  #isTwoWay = false;

  constructor(list: StatusList, scheme: IdScheme, first?: Leaf) {
    this.#list = list;
    this.#scheme = scheme;
    this.#first = first;
  }

  moment(date: string): number {
    return this.#scheme.momentAt(Date.parse(date));
  }

  async page(order: Order, from: number | null): Promise<TimelinePage> {
    let bound = this.#boundOf(order, from);
    const posts: Post[] = [];
    for (let leaves = 0; leaves < mostOfMoment; leaves++) {
      const leaf = await this.#leaf(order, bound);
      const newest = newestOf(posts, this.#scheme);
      if (leaf.ids.length === 0) return { posts, newest, next: null };
      if (order === 'oldest') await this.#checkOldest(leaf, bound);
      const edge = this.#edgeOf(leaf, order);
      if (edge.id === bound || !this.#isBeyond(order, from, leaf))
        throw this.#stuck('it shows the same posts again');
      posts.push(...inOrder(leaf.posts, order));
      bound = edge.id;
      if (edge.moment === from) continue; // there may be more of this moment
      this.#mark = { order, ...edge };
      return { posts, newest: newestOf(posts, this.#scheme), next: edge.moment };
    }
    throw this.#stuck('it has no end of posts of one moment');
  }

  /** Right behind what was seen last; else behind all that may be of that moment. */
  #boundOf(order: Order, from: number | null): string | undefined {
    const mark = this.#mark;
    this.#mark = undefined;
    if (mark?.order === order && mark.moment === from) return mark.id;
    if (from === null) return order === 'newest' ? undefined : this.#scheme.before(0);
    return order === 'newest' ? this.#scheme.behind(from) : this.#scheme.before(from);
  }

  /** An empty page is the end unless it leads on, and so is a short one never. */
  async #leaf(order: Order, bound: string | undefined): Promise<Leaf> {
    const first = this.#first;
    this.#first = undefined;
    if (first && order === 'newest' && bound === undefined) return first;
    let at = bound;
    for (let empty = 0; empty < mostEmpty; empty++) {
      const leaf = await this.#list.read(order, at);
      if (leaf.ids.length > 0 || leaf.link === undefined || leaf.link === at) return leaf;
      at = leaf.link;
    }
    throw this.#stuck('it shows page after page without a post');
  }

  /** The page goes from one end to the other in either direction: some servers put the oldest first where they go forwards. */
  #edgeOf({ ids }: Leaf, order: Order): { readonly moment: number; readonly id: string } {
    const placed = ids.flatMap((id) => {
      const moment = this.#scheme.momentOf(id);
      return moment === undefined ? [] : [{ id, moment }];
    });
    const [last, before] = [placed.at(-1), placed.at(-2)];
    if (!last) throw this.#stuck('its ids are of another kind than before');
    const isFalling = !before || isNewer(before.id, last.id);
    return isFalling === (order === 'newest') ? last : placed[0]!;
  }

  /** Is there anything on the page that is as far on as was asked for? */
  #isBeyond(order: Order, from: number | null, { ids }: Leaf): boolean {
    const step = order === 'newest' ? -1 : 1;
    return from === null || ids.some((id) => ((this.#scheme.momentOf(id) ?? from) - from) * step >= 0);
  }

  /** A server that does not know `min_id` shows its newest posts in place of the oldest: then there is something between. */
  async #checkOldest({ ids }: Leaf, bound: string | undefined): Promise<void> {
    if (this.#isTwoWay) return;
    const first = ids.reduce((a, b) => (isNewer(a, b) ? b : a));
    const older = await this.#list.read('newest', first);
    if (older.ids.some((id) => isNewer(id, bound ?? '0')))
      throw new UsageError(
        `${this.#list.api.host} does not list from the oldest post on: leave out --order oldest.`,
      );
    this.#isTwoWay = true;
  }

  #stuck(why: string): Standstill {
    return new Standstill(`${this.#list.api.hearing.name}: the listing does not move on: ${why}.`);
  }
}

function newestOf(posts: readonly Post[], scheme: IdScheme): number | null {
  const moments = posts.flatMap(({ id }) => scheme.momentOf(id) ?? []);
  return moments.length === 0 ? null : Math.max(...moments);
}

/** Ids grow: of two, the longer one is the newer, and of two as long the one that stands behind the other. */
export const isNewer = (a: string, b: string): boolean =>
  a.length > b.length || (a.length === b.length && a > b);

/** Whichever way the server has them. */
function inOrder(posts: readonly Post[], order: Order): readonly Post[] {
  const [first, last] = [posts[0], posts.at(-1)];
  const isFalling = !first || !last || !isNewer(last.id, first.id);
  return isFalling === (order === 'newest') ? posts : [...posts].reverse();
}

interface Cursoring {
  readonly list: StatusList;
  readonly first: Leaf | undefined;
}

/** A list whose ids tell nothing: from the newest on, each page behind the last one of the page before. */
export async function* byCursors(
  { list, first }: Cursoring,
  cursor: unknown,
  way?: ListingWay,
): AsyncGenerator<Page> {
  if (way?.order === 'oldest')
    throw new UsageError(
      `The posts of ${list.api.hearing.name} can be listed from the newest on alone: leave out --order oldest.`,
    );
  let at = typeof cursor === 'string' ? cursor : undefined;
  for (let empty = 0; empty < mostEmpty; ) {
    const leaf = at === undefined && first ? first : await list.read('newest', at);
    const next = leaf.link ?? leaf.ids.at(-1);
    const isEnd = next === undefined || isBefore(leaf.posts, way) || (await isKnown(leaf.posts, way));
    empty = leaf.ids.length === 0 ? empty + 1 : 0;
    yield { posts: leaf.posts, cursor: isEnd ? null : next };
    if (isEnd) return;
    if (next === at)
      return way?.leaveOut?.(`${list.api.host} does not go on: it shows the same posts again and again.`);
    at = next;
  }
  way?.leaveOut?.(`${list.api.host} does not go on: it shows page after page without a post.`);
}

/** Is all of a page older than wanted? What is pinned may stand on top of others, and is never all of a page. */
function isBefore(posts: readonly Post[], way: ListingWay | undefined): boolean {
  const after = Date.parse(way?.after ?? '');
  return posts.length > 0 && posts.every(({ date }) => date !== null && Date.parse(date) < after);
}
