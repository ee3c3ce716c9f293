import { describe, expect, it } from 'vitest';
import { type Interval, united } from '../../../src/intervals.ts';
import { at, elements } from '../../../src/sources/json-path.ts';
import { type Call, type FakeWordPress, medium, rows, says, withWordPress } from './fake-wordpress.ts';
import { listed } from './listed.ts';

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n));
const sorted = (ids: readonly string[]) => [...ids].sort((a, b) => Number(a) - Number(b));
const asks = (calls: readonly Call[], of: string) => calls.filter(({ path }) => path === `wp/v2/${of}`);
const settings = { limit: '10' };
const orders = ['newest', 'oldest'] as const;

describe.each(orders)('a listing of a blog, the %s first', (order) => {
  it('gives every post, page and lonely medium once, and asks little', async () => {
    const has = {
      posts: rows(95),
      pages: rows(12, (n) => 300 * n + 7, 1000),
      media: [medium(2000, 0), medium(2001, 7)],
    };
    await withWordPress(has, async ({ url, calls }) => {
      const { ids, pages, error, left } = await listed(url, { settings, way: { order } });
      expect([error, left]).toEqual([undefined, []]);
      expect(sorted(ids)).toEqual([...numbers(1, 95), ...numbers(1000, 1011), '2000']);
      expect(new Set(ids).size).toBe(ids.length);
      expect(pages[0]!.total).toBe(108);
      expect(asks(calls, 'posts').length).toBeLessThanOrEqual(14);
      expect(asks(calls, 'pages').length).toBeLessThanOrEqual(4);
      const dates = pages.flatMap(({ posts }) => posts.map(({ date }) => date!));
      expect(dates).toEqual(order === 'oldest' ? dates.toSorted() : dates.toSorted().reverse());
    });
  });

  it.each([true, false])(
    'gives all posts of a second that has more than a page (totals: %s)',
    async (hasTotals) => {
      const posts = rows(40, (n) => (n < 5 ? n : n < 35 ? 100 : 100 + n));
      await withWordPress(
        { posts },
        async ({ url, calls }) => {
          const { ids, error, left } = await listed(url, { settings, way: { order } });
          expect([error, left]).toEqual([undefined, []]);
          expect(sorted(ids)).toEqual(numbers(1, 40));
          expect(asks(calls, 'posts').some(({ query }) => query.get('orderby') === 'id')).toBe(true);
        },
        { hasTotals },
      );
    },
  );

  it.each([
    ['needs no totals in the headers', { hasTotals: false }],
    ['believes no headers that say that there is nothing', { countsNothing: true }],
  ])('%s, nor as many posts as it asks for', async (_, given) => {
    const posts = rows(57);
    const behaviour = { ...given, mostPerPage: 7 };
    await withWordPress(
      { posts },
      async ({ url }) => {
        const { ids, error, pages } = await listed(url, { settings, way: { order } });
        expect(error).toBeUndefined();
        expect(sorted(ids)).toEqual(numbers(1, 57));
        expect(pages[0]!.total).toBeUndefined();
      },
      behaviour,
    );
  });

  it('is left where a cache does not hear what is asked for, and does not run for ever', async () => {
    const first = rows(10).toReversed();
    await withWordPress(
      { posts: rows(30) },
      async ({ url, calls }) => {
        const { left, error } = await listed(url, { settings, way: { order } });
        expect(error === undefined ? left.join() : String(error)).toMatch(
          /does not hear|another order|again and again/,
        );
        expect(asks(calls, 'posts').length).toBeLessThan(8);
      },
      {
        misbehaves: ({ path }) =>
          path === 'wp/v2/posts'
            ? says(200, first, { 'x-wp-total': '30', 'x-wp-totalpages': '3' })
            : undefined,
      },
    );
  });
});

it('goes on where a listing was interrupted, and asks for one page of each type when all is covered', async () => {
  await withWordPress({ posts: rows(95) }, async ({ url, calls, has }) => {
    const all = await listed(url, { settings });
    const half = all.pages.slice(0, 4);
    const covered = united(half.flatMap(({ covers }) => covers ?? []));
    const memory = half.at(-1)!.memory;
    const rest = await listed(url, { settings, way: { covered, memory } });
    const held = half.flatMap(({ posts }) => posts.map(({ id }) => id));
    expect(sorted([...new Set([...held, ...rest.ids])])).toEqual(numbers(1, 95));
    expect(rest.ids.length).toBeLessThan(95 - held.length + 25);
    const whole = united(all.pages.flatMap(({ covers }) => covers ?? []));
    const before = calls.length;
    has.posts.push(...rows(3, (n) => 60 * 95 + n, 96));
    const again = await listed(url, { settings, way: { covered: whole, memory } });
    expect(again.ids.slice(0, 3)).toEqual(['98', '97', '96']);
    expect(calls.length - before).toBeLessThanOrEqual(10);
  });
});

describe('a type that earlier listings did not know', () => {
  const anew = async (
    test: (blog: FakeWordPress, covered: readonly Interval[], memory: unknown) => unknown,
  ) =>
    withWordPress({ posts: rows(35) }, async (blog) => {
      const { pages } = await listed(blog.url, { settings });
      const covered = united(pages.flatMap(({ covers }) => covers ?? []));
      Object.assign(blog.has, { sketches: rows(25, (n) => 30 * n, 500) });
      await test(blog, covered, pages.at(-1)!.memory);
    });

  it('has all listed again', () =>
    anew(async ({ url }, covered, memory) => {
      const { ids, pages } = await listed(url, { settings, way: { covered, memory } });
      expect(ids).toEqual(expect.arrayContaining(numbers(500, 524)));
      expect(
        pages.slice(0, -1).every((page) => !elements(at(page.memory, ['types'])).includes('sketches')),
      ).toBe(true);
      expect(pages.at(-1)!.memory).toMatchObject({ types: ['post', 'page', 'sketches', 'attachment'] });
      expect(pages.at(-1)!.memory).not.toHaveProperty('anew');
    }));

  it('has all listed in several runs, if each is cut short, and what was edited meanwhile', () =>
    anew(async ({ url, has }, covered, memory) => {
      const ids: string[] = [];
      let known = memory;
      for (let run = 0; run < 8; run++) {
        const { pages } = await listed(url, { settings, way: { covered, memory: known, wasWhole: true } });
        const some = pages.length > 3 ? pages.slice(0, 2) : pages;
        ids.push(...some.flatMap(({ posts }) => posts.map(({ id }) => id)));
        known = some.at(-1)!.memory;
        if (run === 0)
          has.sketches![24] = { ...has.sketches![24]!, modified: '2099-01-01T00:00:00', slug: 'new' };
      }
      expect([...new Set(ids)]).toEqual(expect.arrayContaining([...numbers(1, 35), ...numbers(500, 524)]));
      expect(known).not.toHaveProperty('anew');
      expect(ids.filter((id) => id === '524').length).toBeGreaterThan(1);
    }));
});

it('goes on with a listing of all that was begun by wish, and remembers what it remembered then', async () => {
  await withWordPress({ posts: rows(35) }, async ({ url }) => {
    const { pages } = await listed(url, { settings });
    const covered = united(pages.slice(0, 2).flatMap(({ covers }) => covers ?? []));
    const rest = await listed(url, { settings, way: { covered } });
    expect(rest.ids.length).toBeLessThan(30);
    expect(rest.ids).toEqual(expect.arrayContaining(numbers(1, 16)));
    expect(rest.pages.flatMap(({ memory }) => memory ?? [])).toEqual([]);
  });
});

it('asks for dates by the clock of the blog, without a zone', async () => {
  await withWordPress({ posts: rows(30) }, async ({ url, calls }) => {
    const before = '2023-11-14T22:24:20.000Z'; // eleven minutes after the first post, by Greenwich
    const { ids } = await listed(url, { settings, way: { before } });
    expect(sorted(ids)).toEqual(numbers(1, 12));
    const asked = asks(calls, 'posts').map(({ query }) => query.get('before'));
    expect(asked).toContain('2023-11-15T00:24:21');
  });
});

it('lists the types that are wanted alone, and tells which there are', async () => {
  const has = { posts: rows(3), pages: rows(2, undefined, 100), sketches: rows(2, undefined, 200) };
  await withWordPress(has, async ({ url }) => {
    expect(sorted((await listed(url, { settings: { types: 'pages, sketches' } })).ids)).toEqual([
      '100',
      '101',
      '200',
      '201',
    ]);
    expect(String((await listed(url, { settings: { types: 'pagse' } })).error)).toMatch(/'pagse'.*'pages'/);
  });
});

describe('what was edited, or put in with an old date', () => {
  const since = '2024-06-01T00:00:00';
  const edited = () =>
    rows(40).map((row) => (row.id % 2 === 0 ? { ...row, modified: '2024-06-02T10:00:00' } : row));
  const way = {
    covered: [{ from: null, to: 1_900_000_000 }],
    memory: { types: ['post', 'page', 'attachment'], since },
  };

  it('is listed once more, however old it is, and then counts as known', async () => {
    await withWordPress({ posts: edited() }, async ({ url, calls }) => {
      const { ids, pages, error } = await listed(url, { settings, way });
      expect(error).toBeUndefined();
      expect(sorted([...new Set(ids)])).toEqual([
        ...numbers(1, 40).filter((id) => Number(id) % 2 === 0 || Number(id) > 30),
      ]);
      expect(calls.filter(({ query }) => query.get('modified_after') === since)).toHaveLength(4);
      expect(pages.slice(0, -1).flatMap(({ memory }) => memory ?? [])).toEqual([way.memory]);
      expect(String((pages.at(-1)!.memory as typeof way.memory).since) > '2026').toBe(true);
    });
  });

  it('is listed though the clock of the blog was put back by hours meanwhile', async () => {
    const index = { gmt_offset: 13 };
    await withWordPress(
      { posts: rows(40) },
      async ({ url, has }) => {
        const { pages } = await listed(url, { settings });
        const covered = united(pages.flatMap(({ covers }) => covers ?? []));
        index.gmt_offset = -11;
        const modified = new Date(Date.now() - 11 * 3_600_000).toISOString().slice(0, 19);
        has.posts[3] = { ...has.posts[3]!, modified };
        const way = { covered, memory: pages.at(-1)!.memory };
        expect((await listed(url, { settings, way })).ids).toContain('4');
      },
      { index },
    );
  });

  it('is listed though one of them does not say when it was edited', async () => {
    const [first, ...posts] = edited();
    const silent = { ...first!, modified: undefined };
    const misbehaves = ({ path, query }: Call) =>
      path === 'wp/v2/posts' && query.has('modified_after')
        ? says(200, [silent, posts[0]], { 'x-wp-total': '2', 'x-wp-totalpages': '1' })
        : undefined;
    await withWordPress(
      { posts: [silent, ...posts] },
      async ({ url }) => {
        expect((await listed(url, { settings, way })).ids).toEqual(expect.arrayContaining(['1', '2']));
      },
      { misbehaves },
    );
  });

  it('is not asked for where a part is listed alone, nor known then', async () => {
    await withWordPress({ posts: edited() }, async ({ url, calls }) => {
      const { pages } = await listed(url, { settings, way: { ...way, after: '2023-01-01T00:00:00Z' } });
      expect(calls.some(({ query }) => query.has('modified_after'))).toBe(false);
      expect(pages.at(-1)!.memory).toEqual(way.memory);
    });
  });

  it('is asked for in vain where the blog is too old to know, and gives all its posts', async () => {
    await withWordPress(
      { posts: edited() },
      async ({ url, calls }) => {
        const { ids, error } = await listed(url, { settings, way });
        expect([error, ids.length]).toEqual([undefined, 10]);
        expect(calls.filter(({ query }) => query.get('modified_after') === since)).toHaveLength(3);
      },
      { knowsNoEdits: true },
    );
  });
});
