import { expect, it } from 'vitest';
import type { Order, Post } from '../../src/model.ts';
import type { Entry } from '../../src/sources/offset-search.ts';
import { Offsets } from '../../src/sources/offsets.ts';
import { type Timeline, walk } from '../../src/sources/timeline.ts';

interface Line {
  readonly id: string;
  readonly moment: number | undefined;
}

const num = 50;
const start = 1_600_000_000;
/** Newest first, an hour apart. */
const blog = (count: number): Line[] =>
  Array.from({ length: count }, (_, nth) => ({ id: `p${nth}`, moment: start - nth * 3600 }));

interface Play {
  /** Before each slice is read, so many having been read already. */
  readonly meanwhile?: (lines: Line[], reads: number) => void;
  readonly total?: (lines: readonly Line[], reads: number) => number | undefined;
  readonly shows?: (lines: readonly Line[], start: number, reads: number) => readonly Line[];
}

/** A list in memory that can change between two slices. */
function listOf(lines: Line[], { meanwhile, total, shows }: Play = {}) {
  const starts: number[] = [];
  const told: string[] = [];
  const offsets = new Offsets({
    name: 'the list',
    num,
    furthest: 20_000,
    async read(start) {
      meanwhile?.(lines, starts.length);
      const shown = shows?.(lines, start, starts.length) ?? lines.slice(start, start + num);
      const said = total ? total(lines, starts.length) : lines.length;
      starts.push(start);
      if (starts.length > 2000) throw new Error('this list was read too often');
      return {
        start,
        total: said,
        entries: shown.map((line, nth) => ({ ...line, offset: start + nth, raw: line })),
      };
    },
    warn: (message) => told.push(message),
    skip: (message) => told.push(message),
  });
  return { offsets, starts, told, lines };
}

const post = ({ id }: Entry): Post => ({ id: id!, date: null, url: null, raw: null, items: [] });

const timeline = (offsets: Offsets): Timeline => ({
  moment: (date) => Date.parse(date) / 1000,
  async page(order, from) {
    const { entries, newest, next, total } = await offsets.page(order, from);
    return { posts: entries.map(post), newest, next, ...(total !== undefined && { total }) };
  },
});

type Way = Parameters<typeof walk>[1];

async function idsOf({ offsets }: { readonly offsets: Offsets }, way: NonNullable<Way>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { posts } of walk(timeline(offsets), way)) ids.push(...posts.map(({ id }) => id));
  return ids;
}

const whole = (order: Order) => ({ order, covered: [] });
const orders = ['newest', 'oldest'] as const;
const wanted = (lines: readonly Line[], order: Order): string[] => {
  const ids = lines.map(({ id }) => id);
  return order === 'newest' ? ids : ids.reverse();
};

const cases = orders.flatMap((order) =>
  [0, 1, 49, 50, 51, 98, 99, 148, 1000, 5000].map((count) => ({ order, count })),
);

it.each(cases)(
  'lists $count posts once each, $order first, in hardly more slices than they fill',
  async ({ order, count }) => {
    const list = listOf(blog(count));
    expect(await idsOf(list, whole(order))).toEqual(wanted(list.lines, order));
    expect(list.starts.length).toBeLessThanOrEqual(Math.ceil(count / (num - 1)) + 2);
    expect(list.told).toEqual([]);
  },
);

it.each(orders)('begins in the middle, %s first, after as many slices as halving needs', async (order) => {
  const list = listOf(blog(5000));
  const page = await list.offsets.page(order, start - 3000 * 3600 - 1);
  const near = order === 'newest' ? 3001 : 3000;
  expect(page.entries[0]!.id).toBe(`p${near}`);
  expect(list.starts.length).toBeLessThanOrEqual(16);
});

it.each(orders)('asks for nothing that is covered, and finds the way behind it, %s first', async (order) => {
  const list = listOf(blog(5000));
  const covered = [{ from: start - 4000 * 3600, to: start - 200 * 3600 }];
  const ids = await idsOf(list, { order, covered });
  const open = list.lines.filter((_, nth) => nth < 200 || nth > 4000);
  expect(wanted(open, order).filter((id) => !ids.includes(id))).toEqual([]);
  expect(list.starts.length).toBeLessThan(1200 / (num - 1) + 20);
});

/** Numbers that look thrown and are the same each time. */
function* dice(seed: number): Generator<number> {
  for (let n = seed; ; ) {
    n = (n * 1_103_515_245 + 12_345) % 2 ** 31;
    yield n / 2 ** 31;
  }
}

/** Posts that come and go at one end, or anywhere; those that last stay. */
function unrest(seed: number, lasting: ReadonlySet<string>, most: number) {
  const random = dice(seed);
  const next = () => random.next().value as number;
  const place = [0, 1, next()][seed % 3]!;
  let count = 0;
  const meanwhile = (lines: Line[]) => {
    for (let n = Math.floor(next() * most); n > 0 && lines.length < 3000; n--) {
      const at = Math.min(lines.length - 1, Math.floor(lines.length * (seed % 3 === 2 ? next() : place)));
      count++;
      if (next() < 0.55 && !lasting.has(lines[at]!.id)) lines.splice(at, 1);
      else lines.splice(at, 0, { id: `new${count}`, moment: lines[at]!.moment });
    }
  };
  return { meanwhile, changes: () => count };
}

const seeds = Array.from({ length: 9 }, (_, n) => n + 1);

it.each(orders.flatMap((order) => [1, 15, 90].map((crowd) => ({ order, crowd }))))(
  'G10 skips nothing that is there throughout while others come and go, $order first, $crowd of a second',
  async ({ order, crowd }) => {
    for (const seed of seeds) {
      const lines = blog(1000).map(({ id }, nth) => ({ id, moment: start - Math.floor(nth / crowd) }));
      const lasting = new Set(lines.filter((_, nth) => (nth * seed) % 10 < 7).map(({ id }) => id));
      const { meanwhile, changes } = unrest(seed, lasting, 100);
      const list = listOf(lines, { meanwhile });
      const ids = new Set(await idsOf(list, whole(order)));
      expect([...lasting].filter((id) => !ids.has(id))).toEqual([]);
      expect(changes()).toBeGreaterThan(200);
      expect(list.told).toEqual([]);
    }
  },
);

it.each(orders)(
  'G10 finds its place again after hundreds of posts came or went at once, %s first',
  async (order) => {
    for (const change of [
      (lines: Line[]) =>
        lines.unshift(...blog(700).map((line) => ({ id: `n${line.id}`, moment: line.moment! + 1e8 }))),
      (lines: Line[]) => lines.splice(order === 'newest' ? 0 : 1300, 400),
      (lines: Line[]) => lines.splice(700, 400),
    ]) {
      const list = listOf(blog(2000), { meanwhile: (lines, reads) => void (reads === 7 && change(lines)) });
      const ids = new Set(await idsOf(list, whole(order)));
      const lasting = blog(2000).filter(({ id }) => list.lines.some((line) => line.id === id));
      expect(lasting.filter(({ id }) => !ids.has(id))).toEqual([]);
      expect(list.starts.length).toBeLessThan(75);
    }
  },
);

it.each(orders)(
  'goes on behind a second that more posts share than a slice holds, %s first',
  async (order) => {
    const lines = blog(500).map((line, nth) =>
      nth >= 100 && nth < 350 ? { ...line, moment: start - 100 * 3600 } : line,
    );
    const list = listOf(lines);
    expect(await idsOf(list, whole(order))).toEqual(wanted(lines, order));
    expect(list.starts.length).toBeLessThan(15);
  },
);

it.each(orders)('lists a blog of which all posts are of one second, %s first', async (order) => {
  const lines = blog(220).map((line) => ({ ...line, moment: start }));
  const list = listOf(lines);
  const ids = await idsOf(list, whole(order));
  expect(new Set(ids)).toEqual(new Set(wanted(lines, order)));
  expect(list.starts.length).toBeLessThan(10);
});

it('gives up the rest of a second with more posts than can be held, and says so', async () => {
  const lines = blog(12_000).map((line, nth) =>
    nth >= 100 && nth < 11_900 ? { ...line, moment: start - 100 * 3600 } : line,
  );
  const list = listOf(lines);
  const ids = await idsOf(list, whole('newest'));
  expect(ids.length).toBeGreaterThan(10_000);
  expect(ids.at(-1)).toBe('p11999');
  expect(list.told).toEqual([expect.stringMatching(/^more than 10,000 posts are of one second/)]);
});

it.each(orders)('lists a post that stands out of order, and all around it, %s first', async (order) => {
  const pinned = { id: 'pinned', moment: start - 1e7 };
  const atTop = [pinned, ...blog(300)];
  expect(new Set(await idsOf(listOf(atTop), whole(order)))).toEqual(new Set(wanted(atTop, order)));
  for (const at of [30, 48, 49, 50, 97, 98, 130]) {
    const lines = blog(300);
    lines.splice(at, 0, pinned);
    expect(new Set(await idsOf(listOf(lines), whole(order)))).toEqual(new Set(wanted(lines, order)));
  }
});

it.each(orders)('lists posts without a date along with the others, %s first', async (order) => {
  const lines = blog(300).map((line, nth) =>
    nth % 7 < 3 || nth > 280 ? { ...line, moment: undefined } : line,
  );
  expect(new Set(await idsOf(listOf(lines), whole(order)))).toEqual(new Set(wanted(lines, order)));
});

const totals = {
  none: () => undefined,
  'far too low': () => 20,
  'far too high': () => 1e6,
  changing: (lines: readonly Line[], reads: number) => lines.length + ((reads * 37) % 90) - 45,
};

it.each(Object.entries(totals).flatMap(([name, total]) => orders.map((order) => ({ name, total, order }))))(
  'G09 lists all whatever the total: $name, $order first',
  async ({ total, order }) => {
    const list = listOf(blog(400), { total });
    expect(new Set(await idsOf(list, whole(order)))).toEqual(new Set(wanted(list.lines, order)));
    expect(list.starts.length).toBeLessThan(60);
  },
);

it.each(orders)('takes slices shorter than asked for, %s first', async (order) => {
  for (const shown of [3, 20]) {
    const list = listOf(blog(100), { shows: (lines, start) => lines.slice(start, start + shown) });
    expect(new Set(await idsOf(list, whole(order)))).toEqual(new Set(wanted(list.lines, order)));
  }
});

const hidings: Readonly<Record<string, (nth: number) => boolean>> = {
  'some here and there': (nth) => nth % 3 === 0,
  'a few in a row': (nth) => nth >= 120 && nth < 150,
  'more in a row than a slice holds': (nth) => nth >= 120 && nth < 320,
};

it.each(
  Object.entries(hidings).flatMap(([name, isHidden]) => orders.map((order) => ({ name, isHidden, order }))),
)(
  'lists all that is shown where the list counts others too: $name, $order first',
  async ({ isHidden, order }) => {
    const isOpen = ({ id }: Line) => !isHidden(Number(id.slice(1)));
    const shows = (lines: readonly Line[], from: number) => lines.slice(from, from + num).filter(isOpen);
    const list = listOf(blog(500), { shows });
    const ids = await idsOf(list, whole(order));
    expect(new Set(ids)).toEqual(new Set(wanted(list.lines.filter(isOpen), order)));
    expect(list.told).toEqual([]);
    expect(list.starts.length).toBeLessThan(60);
  },
);

it('says so where the list counts many more than it shows', async () => {
  const list = listOf(blog(100), { total: () => 5000 });
  expect((await idsOf(list, whole('newest'))).length).toBe(100);
  expect(list.told).toEqual([
    expect.stringMatching(/^it says that it has 5,000 posts, but shows none behind/),
  ]);
});

it('G09 ends a list that has no end', async () => {
  const shows = (_: readonly Line[], from: number) =>
    blog(num).map((_line, nth) => ({ id: `x${from + nth}`, moment: start - from - nth }));
  const list = listOf([], { shows, total: (_, reads) => reads * 1000 });
  await idsOf(list, { ...whole('newest'), leaveOut: (why) => void list.told.push(why) });
  expect(list.told).toEqual([expect.stringMatching(/does not move on.*: it has no end\.$/)]);
});

const lies: Readonly<Record<string, NonNullable<Play['shows']>>> = {
  'the same slice again': (lines) => lines.slice(0, num),
  'three slices in turn': (lines, _, reads) => lines.slice((reads % 3) * num, (reads % 3) * num + num),
  'slices that go backwards': (lines, start) =>
    lines.slice(Math.max(0, 1000 - start), Math.max(0, 1000 - start) + num),
};

it.each(Object.entries(lies).flatMap(([name, shows]) => orders.map((order) => ({ name, shows, order }))))(
  'G09 ends with a warning when it is shown $name, $order first',
  async ({ shows, order }) => {
    const list = listOf(blog(2000), { shows, total: () => 2000 });
    await idsOf(list, { ...whole(order), leaveOut: (why) => void list.told.push(why) });
    expect(list.told).toEqual([expect.stringMatching(/the listing does not move on/)]);
    expect(list.starts.length).toBeLessThan(100);
  },
);
