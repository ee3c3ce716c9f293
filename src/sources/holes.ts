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
    const { posts, total } = await timeline.page('newest', place === 0 ? null : known[place - 1]!);
    const found: number[] = [];
    for (const { id, date } of posts)
      if (date !== null && !(await isHeld(id))) found.push(timeline.moment(date));
    if (found.length === 0) return; // it is counted there, and never shown
    yield { posts, ...(total !== undefined && { total }) };
    known = Float64Array.from([...known, ...found])
      .sort()
      .reverse();
  }
}

/** The first place at which the platform has another post than we; undefined if it has no more than we have. */
async function firstOther(timeline: Timeline, known: Float64Array): Promise<number | undefined> {
  const isOther = async (place: number) => (await timeline.momentAt?.(place)) !== (known[place] ?? null);
  if (!timeline.momentAt || !(await isOther(known.length))) return undefined;
  let [low, high] = [0, known.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await isOther(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
