import type { Post } from '../../model.ts';
import type { Leaf } from './leaf.ts';

/** A list, the newest first, that can be asked by places as well as by moments. */
export interface Places {
  readonly second: number;
  /** How many posts there are; undefined where nobody says so. */
  readonly total: number | undefined;
  momentAt(place: number): Promise<number | null>;
  leafAt(place: number): Promise<Leaf>;
}

/** So many pages of a single second are asked for. */
const mostPages = 200;

/**
 * All posts of a second that more of them share than the API shows from both ends of it: by their places in the list, of
 * which the first is found by halving. Each page begins with the last post of the one before, for the list may move
 * meanwhile. Undefined where they cannot be had whole.
 */
export async function postsOfSecond({
  second,
  total,
  momentAt,
  leafAt,
}: Places): Promise<readonly Post[] | undefined> {
  if (total === undefined) return undefined;
  const found = new Map<string, Post>();
  let place = await firstPlace(second, total, momentAt);
  for (let page = 0; page < mostPages; page++) {
    const { posts, moments } = await leafAt(place);
    const fresh = posts.filter(({ id }) => !found.has(id));
    const isJoined = page === 0 || (fresh.length > 0 && fresh.length < posts.length);
    if (!isJoined) return undefined; // another page than was asked for, or a gap
    for (const post of fresh) found.set(post.id, post);
    if (moments.length === 0 || moments.at(-1)! < second || place + posts.length >= total)
      return [...found.values()];
    place += posts.length - 1;
  }
  return undefined;
}

async function firstPlace(second: number, total: number, momentAt: Places['momentAt']): Promise<number> {
  let [low, high] = [0, total];
  while (low < high) {
    const middle = (low + high) >> 1;
    const moment = await momentAt(middle);
    if (moment === null || moment <= second) high = middle;
    else low = middle + 1;
  }
  return low;
}
