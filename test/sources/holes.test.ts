import { expect, it } from 'vitest';
import { holes } from '../../src/sources/holes.ts';
import { entriesAt, ToyTimeline } from '../helpers/toy-timeline.ts';

/** How many are found of a blog of so many posts, of which every tenth is not held. */
async function found(count: number): Promise<number> {
  const blog = new ToyTimeline(entriesAt(...Array.from({ length: count }, (_, n) => 1000 + n)));
  const lacking = new Set(blog.entries.filter(({ n }) => n % 10 === 5).map(({ n }) => `p${n}`));
  const held = blog.entries.filter(({ n }) => !lacking.has(`p${n}`)).map(({ at }) => at);
  const pages = holes(blog, {
    moments: async () => Float64Array.from(held).sort().reverse(),
    isHeld: async (id) => !lacking.has(id),
  });
  const ids = new Set<string>();
  for await (const { posts } of pages) for (const { id } of posts) if (lacking.has(id)) ids.add(id);
  return ids.size;
}

it.each([
  ['one', 10, 1],
  ['as many as are looked for', 200, 20],
  ['more than are looked for', 300, 20],
])('finds holes, be it %s', async (_what, count, most) => expect(await found(count)).toBe(most));
