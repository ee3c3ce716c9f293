import type { Page } from '../model.ts';
import type { HeldPosts } from './source.ts';
import type { Timeline } from './timeline.ts';

/** So many holes are looked for; where there are more, all is better listed again. */
const most = 20;

/**
 * Posts that were put in with an old date after their time was listed. Whoever holds all of a blog but a few knows where
 * each post stands in it: halving finds the first place at which the platform has another one, in some 17 questions of
 * 100,000 posts.
 */
export async function* holes(timeline: Timeline, { moments, isHeld }: HeldPosts): AsyncGenerator<Page> {
  let known = await moments((date) => timeline.moment(date));
  for (let hole = 0; hole < most; hole++) {
    const place = await firstOther(timeline, known);
    if (place === undefined) return;
    const from = place === 0 ? null : known[place - 1]!;
    const { posts, next, total } = await timeline.page('newest', from);
    const dated = posts.flatMap(({ id, date }) => (date === null ? [] : [{ id, at: timeline.moment(date) }]));
    const found: number[] = [];
    for (const { id, at } of dated) if (!(await isHeld(id))) found.push(at);
    const there = stillThere(known, { from, next, shown: dated.map(({ at }) => at) });
    if (found.length === 0 && there.length === known.length) return; // it is counted there, and never shown
    if (found.length > 0) yield { posts, ...(total !== undefined && { total }) };
    known = Float64Array.from([...there, ...found]);
    known.sort().reverse();
  }
}

interface Stretch {
  readonly from: number | null;
  readonly next: number | null;
  /** The moments of all posts that are there. */
  readonly shown: readonly number[];
}

/** Without what is held and gone there: at every further search it would be found to be another. */
function stillThere(known: Float64Array, { from, next, shown }: Stretch): readonly number[] {
  const left = new Map<number, number>();
  for (const moment of shown) left.set(moment, (left.get(moment) ?? 0) + 1);
  return [...known].filter((moment) => {
    if ((from !== null && moment > from) || (next !== null && moment <= next)) return true;
    const times = left.get(moment) ?? 0;
    left.set(moment, times - 1);
    return times > 0;
  });
}

/**
 * The first place at which the platform has another post than we; undefined if it has no more than we have. Only the
 * first of those that share a moment is asked for: the others look alike wherever they stand.
 */
async function firstOther(timeline: Timeline, known: Float64Array): Promise<number | undefined> {
  const isOther = async (place: number) => (await timeline.momentAt?.(place)) !== (known[place] ?? null);
  if (!timeline.momentAt || !(await isOther(known.length))) return undefined;
  const places = Uint32Array.from([...known.keys()].filter((place) => known[place] !== known[place - 1]));
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await isOther(places[middle]!)) high = middle;
    else low = middle + 1;
  }
  return places[low] ?? known.length;
}
