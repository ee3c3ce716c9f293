import type { Order, Post } from '../../model.ts';
import type { Timeline, TimelinePage } from '../timeline.ts';

/** What a list gave last, and from where on. */
interface Held {
  readonly order: Order;
  readonly from: number | null;
  readonly page: TimelinePage;
}

/**
 * Several lists as one, by time. Each page goes as far as all of them were read; what one has given beyond that is held
 * for the next page, so that a short list is not asked for again with every page of a long one.
 */
export function merged(lists: readonly Timeline[]): Timeline {
  const held = new Map<Timeline, Held>();
  const pageOf = async (list: Timeline, order: Order, from: number | null): Promise<TimelinePage> => {
    const known = held.get(list);
    if (known && holds(known, order, from)) return known.page;
    const page = await list.page(order, from);
    held.set(list, { order, from, page });
    return page;
  };
  return {
    moment: (date) => lists[0]!.moment(date),
    async page(order, from) {
      const pages: TimelinePage[] = [];
      for (const list of lists) pages.push(await pageOf(list, order, from));
      return joined(pages, { order, from, moment: (date) => lists[0]!.moment(date) });
    },
  };
}

const stepOf = (order: Order): 1 | -1 => (order === 'newest' ? -1 : 1);

/** Did it give all from there on, and something further? */
function holds(known: Held, order: Order, from: number | null): boolean {
  const step = stepOf(order);
  if (from === null || known.order !== order) return false;
  const isBegun = known.from === null || (from - known.from) * step >= 0;
  return isBegun && (known.page.next === null || (known.page.next - from) * step > 0);
}

interface Stretch {
  readonly order: Order;
  readonly from: number | null;
  readonly moment: (date: string) => number;
}

function joined(pages: readonly TimelinePage[], { order, from, moment }: Stretch): TimelinePage {
  const step = stepOf(order);
  const ends = pages.flatMap(({ next }) => next ?? []);
  const next = ends.length === 0 ? null : step < 0 ? Math.max(...ends) : Math.min(...ends);
  const placed = pages.flatMap(({ posts }) => posts.map((post) => ({ post, at: momentOf(post, moment) })));
  const within = placed.filter(({ at }) => {
    if (at === null) return true;
    return (from === null || (at - from) * step >= 0) && (next === null || (next - at) * step >= 0);
  });
  within.sort((a, b) => ((a.at ?? b.at ?? 0) - (b.at ?? a.at ?? 0)) * step);
  const moments = within.flatMap(({ at }) => at ?? []);
  const totals = pages.flatMap(({ total }) => total ?? []);
  return {
    posts: within.map(({ post }) => post),
    newest: moments.length === 0 ? null : moments.reduce((a, b) => Math.max(a, b)),
    next,
    ...(totals.length === pages.length && { total: totals.reduce((a, b) => a + b) }),
  };
}

const momentOf = ({ date }: Post, moment: (date: string) => number): number | null =>
  date === null ? null : moment(date);
