import type { BlogFacts, Order, Post } from '../../model.ts';
import { at, isObject, type JsonObject, textAt, wholeOf } from '../json-path.ts';
import { horizon } from './horizon.ts';

/** A page of the API, read. */
export interface Leaf {
  readonly posts: readonly Post[];
  /** Of the posts that stand where their moment is: not of pinned ones, nor of others among which they are astray. */
  readonly moments: readonly number[];
  /** As many posts as were asked for: more may follow, whatever is said. */
  readonly isFull: boolean;
  readonly link: Link | undefined;
  readonly total: number | undefined;
  readonly blog: BlogFacts | undefined;
}

/** That more follows, and how far the server has gone for this page, posts that it does not show included. */
export interface Link {
  readonly bound: number | undefined;
}

/**
 * The moments by which a page goes on. One that lies beyond those after it, or ahead of our time, is no place in the
 * list: whoever went on from there would skip all between.
 */
export function inOrder(order: Order, moments: readonly number[]): readonly number[] {
  const latest = horizon();
  const found: number[] = [];
  for (const moment of [...moments].reverse()) {
    const next = found[0] ?? moment;
    if (moment <= latest && (order === 'newest' ? moment >= next : moment <= next)) found.unshift(moment);
  }
  return found;
}

/**
 * Where the next page begins: at the last moment of this one, or where the server says to have gone, whichever comes
 * first. It has gone at least as far as it shows, so that a last moment beyond is wrong.
 */
export function nextOf(order: Order, from: number | null, { moments, link }: Leaf): number | undefined {
  const places = [moments.at(-1), link?.bound].filter((moment) => moment !== undefined);
  const behind = places.filter(
    (moment) => from === null || (order === 'newest' ? moment < from : moment > from),
  );
  if (behind.length === 0) return undefined;
  return order === 'newest' ? Math.max(...behind) : Math.min(...behind);
}

/** Nothing stands on it, and it leads nowhere. */
export const isBlank = ({ posts, link, isFull }: Leaf): boolean =>
  posts.length === 0 && link === undefined && !isFull;

/** Has the first page from the other end, asked for in this order, a post from beyond a moment? From null any is. */
export function reaches(other: Leaf, order: Order, moment: number | null): boolean {
  if (moment === null) return other.moments.length > 0;
  return other.moments.some((one) => (order === 'newest' ? one < moment : one > moment));
}

/** Is all of it of this second, so far as can be told? Then the server has heard from where it was to go on. */
export const isOfSecond = ({ moments, link }: Leaf, second: number): boolean =>
  moments.length === 0 ? link?.bound === second : moments.every((moment) => moment === second);

/** Do two pages from both ends of a second hold all of it between them? */
export function meets(one: Leaf, other: Leaf, second: number): boolean {
  const [first, last] = [one.posts[0], other.posts[0]];
  const isFromThere = other.moments[0] === second && (first?.id !== last?.id || one.posts.length === 1);
  const isBeyond = other.moments.some((moment) => moment !== second) || !(other.isFull || other.link);
  const known = new Set(one.posts.map(({ id }) => id));
  return isFromThere && (isBeyond || other.posts.some(({ id }) => known.has(id)));
}

export function linkIn(response: unknown, order: Order): Link | undefined {
  const next = at(response, ['_links', 'next']);
  if (!isObject(next)) return undefined;
  const name = order === 'newest' ? 'before' : 'after';
  return { bound: wholeIn(next.query_params, name) ?? boundIn(next, name) };
}

/** The same as it stands in the address of the link. */
function boundIn(next: JsonObject, name: string): number | undefined {
  const address = textAt(next, [['href']]);
  if (address === undefined || !URL.canParse(address, 'https://nowhere.invalid')) return undefined;
  return wholeIn(Object.fromEntries(new URL(address, 'https://nowhere.invalid').searchParams), name);
}

/** A number of posts, or a time in seconds. */
export const wholeIn = (value: unknown, name: string): number | undefined =>
  wholeOf(at(value, [name]), 999_999_999_999);
