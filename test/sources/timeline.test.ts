import { describe, expect, it } from 'vitest';
import type { Interval } from '../../src/intervals.ts';
import { united } from '../../src/intervals.ts';
import type { Order } from '../../src/model.ts';
import type { ListingWay } from '../../src/sources/source.ts';
import { type Timeline, walk } from '../../src/sources/timeline.ts';
import { entriesAt, ToyTimeline } from '../helpers/toy-timeline.ts';

async function walked(timeline: Timeline, given: Partial<ListingWay> = {}) {
  const ids: string[] = [];
  const covers: Interval[] = [];
  for await (const page of walk(timeline, { order: 'newest', covered: [], ...given })) {
    ids.push(...page.posts.map(({ id }) => id));
    if (page.covers) covers.push(page.covers);
  }
  return { ids, covered: united(covers) };
}

/** Each post once. */
const inOrder = (order: Order, count: number) => {
  const ids = Array.from({ length: count }, (_, n) => `p${n + 1}`);
  return order === 'newest' ? ids.reverse() : ids;
};

const moments = [10, 20, 30, 40, 50, 60, 70];

describe.each<Order>(['newest', 'oldest'])('a listing by time, the %s first', (order) => {
  it('gives every post, and covers all but the newest moment, at which more may come', async () => {
    const blog = new ToyTimeline(entriesAt(...moments));
    const { ids, covered } = await walked(blog, { order });
    expect(ids).toEqual(inOrder(order, 7));
    expect(covered).toEqual([{ from: null, to: 69 }]);
  });

  it('gives every post of a moment that many share', async () => {
    const blog = new ToyTimeline(entriesAt(10, 20, 20, 20, 20, 20, 30, 40), 2);
    const { ids, covered } = await walked(blog, { order });
    expect(ids).toHaveLength(8);
    expect(new Set(ids).size).toBe(8);
    expect(covered).toEqual([{ from: null, to: 39 }]);
  });

  it('asks for nothing that is covered', async () => {
    const blog = new ToyTimeline(entriesAt(...moments));
    const { ids } = await walked(blog, { order, covered: [{ from: 15, to: 65 }] });
    expect(new Set(ids)).toEqual(
      new Set(order === 'newest' ? ['p7', 'p6', 'p5', 'p1'] : ['p1', 'p2', 'p3', 'p7']),
    );
    expect(blog.asked).toHaveLength(2);
  });

  it('of a blog that has nothing new takes one page', async () => {
    const blog = new ToyTimeline(entriesAt(...moments));
    await walked(blog, { order, covered: [{ from: null, to: 69 }] });
    expect(blog.asked).toHaveLength(1);
  });

  it('of a blog without posts takes one page, and covers nothing', async () => {
    const blog = new ToyTimeline([]);
    expect(await walked(blog, { order })).toEqual({ ids: [], covered: [] });
    expect(blog.asked).toHaveLength(1);
  });

  it('does not ask beyond the dates that are wanted', async () => {
    const blog = new ToyTimeline(entriesAt(...moments), 2);
    const at = (moment: number) => new Date(moment * 1000).toISOString();
    const { ids, covered } = await walked(blog, { order, after: at(30), before: at(50) });
    for (const wanted of ['p3', 'p4']) expect(ids).toContain(wanted);
    for (const far of ['p1', 'p7']) expect(ids).not.toContain(far);
    expect(covered[0]!.from).not.toBe(null);
  });

  it('leaves a source that does not go on, and says so', async () => {
    const told: string[] = [];
    const stuck: Timeline = {
      moment: Number,
      page: async (_order, from) => ({ posts: [], newest: 50, next: from ?? 50 }),
    };
    await walked(stuck, { order, leaveOut: (why) => void told.push(why) });
    expect(told).toEqual([expect.stringContaining('does not go on')]);
  });
});

it.each<Order>(['newest', 'oldest'])('gives what stands out of order once, %s first', async (order) => {
  const blog = new ToyTimeline(entriesAt(...moments), 2);
  const pages: Timeline = {
    moment: (date) => blog.moment(date),
    async page(order, from) {
      const page = await blog.page(order, from);
      if (from !== null) return page;
      const [astray] = (await blog.page(order, order === 'newest' ? 20 : 60)).posts;
      return { ...page, posts: [astray!, ...page.posts] };
    },
  };
  const { ids } = await walked(pages, { order });
  expect(ids).toHaveLength(7);
  expect(new Set(ids).size).toBe(7);
});
