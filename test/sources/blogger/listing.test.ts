import { describe, expect, it } from 'vitest';
import { AuthError, type OxbowError, QuotaError, SourceError, UsageError } from '../../../src/errors.ts';
import { type Interval, united } from '../../../src/intervals.ts';
import type { Page, Post } from '../../../src/model.ts';
import { blogger } from '../../../src/sources/blogger/blogger.ts';
import type { ListingWay } from '../../../src/sources/source.ts';
import { testContext } from '../../helpers/source-suite.ts';
import {
  type FakeBlog,
  type FakePost,
  type Misbehaves,
  minutes,
  type Reply,
  says,
  showsFeed,
  withFakeBlogger,
} from './fake-blogger.ts';

async function list(base: string, way: Partial<ListingWay> & { readonly pages?: number } = {}) {
  const context = testContext();
  const listing = await blogger.open(`blogger:${base}`, context);
  const left: string[] = [];
  const how: ListingWay = { order: 'newest', covered: [], leaveOut: (why) => void left.push(why), ...way };
  const pages: Page[] = [];
  for await (const page of listing.pages(undefined, how)) {
    pages.push(page);
    if (pages.length === way.pages) break;
  }
  const posts: Post[] = pages.flatMap((page) => page.posts);
  return {
    posts,
    left,
    ids: posts.map(({ id }) => Number(id)),
    covers: united([...(how.covered as Interval[]), ...pages.flatMap(({ covers }) => covers ?? [])]),
    totals: pages.flatMap(({ total }) => total ?? []),
    blog: pages.find(({ blog }) => blog)?.blog,
    warnings: context.warnings,
  };
}

const newestFirst = (posts: readonly FakePost[]) =>
  posts.toSorted((a, b) => b.at - a.at || b.n - a.n).map(({ n }) => n);
const ofPosts = ({ calls }: FakeBlog) => calls.filter(({ path }) => path === '/feeds/posts/default');

it('lists all posts once, the newest first, however few of them come at a time', () =>
  withFakeBlogger(minutes(64), async (blog) => {
    const { ids, totals, covers, warnings, left, blog: facts } = await list(blog.base);
    expect(ids).toEqual(newestFirst(blog.posts));
    expect(totals).toEqual([64]);
    expect(covers).toMatchObject([{ from: null }]);
    expect([...warnings, ...left]).toEqual([]);
    expect(facts).toMatchObject({ id: '4100000000000000002', raw: { title: { $t: 'Fern' } } });
    expect(ofPosts(blog).length).toBeLessThanOrEqual(8); // each page shows the last post of the one before
    expect(ofPosts(blog).every(({ query }) => query.get('max-results') === '150')).toBe(true);
  }));

it('lists posts of one second, more of them than come at a time', () =>
  withFakeBlogger(
    minutes(60).map((post) => (post.n > 12 && post.n < 47 ? { ...post, at: 1_500_001_800 } : post)),
    async (blog) => {
      const { ids, left } = await list(blog.base);
      expect(ids.toSorted((a, b) => a - b)).toEqual(minutes(60).map(({ n }) => n));
      expect(left).toEqual([]);
      expect(ofPosts(blog).some(({ query }) => Number(query.get('start-index')) > 1)).toBe(true);
    },
  ));

it('lists the pages behind the newest posts, and counts them', () =>
  withFakeBlogger(minutes(12), async (blog) => {
    blog.pages = Array.from({ length: 12 }, (_, n) => ({ n: 900 + n, at: 1_400_000_000 + n }));
    const { ids, totals } = await list(blog.base);
    const posts = newestFirst(blog.posts);
    expect(ids).toEqual([...posts.slice(0, 10), ...newestFirst(blog.pages), ...posts.slice(10)]);
    expect(totals).toEqual([24]);
  }));

it('goes on where it was stopped, and asks for nothing but what is new later', () =>
  withFakeBlogger(minutes(64), async (blog) => {
    const first = await list(blog.base, { pages: 3 });
    expect(first.ids.length).toBeLessThan(64);
    blog.posts.push({ n: 65, at: 1_500_009_000 }, { n: 66, at: 1_500_009_060 });
    const second = await list(blog.base, { covered: first.covers });
    expect([...new Set([...first.ids, ...second.ids])].toSorted((a, b) => a - b)).toEqual(
      blog.posts.map(({ n }) => n),
    );
    expect(second.covers).toMatchObject([{ from: null }]);
    const asked = blog.calls.length;
    const third = await list(blog.base, { covered: second.covers });
    expect(third.ids).toContain(66);
    expect(blog.calls.length - asked).toBeLessThanOrEqual(3);
  }));

it('G10 lists what is there throughout while others come and go', () => {
  let open: FakeBlog | undefined;
  return withFakeBlogger(
    minutes(120),
    async (blog) => {
      open = blog;
      const { ids } = await list(blog.base);
      const lasting = blog.posts.flatMap(({ n }) => (n <= 120 ? [n] : []));
      expect(lasting.length).toBeLessThan(120);
      expect(lasting.filter((n) => !ids.includes(n))).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
    },
    (nth) => {
      if (nth % 3 === 1) open!.posts.splice(open!.posts.length - 30, 4);
      if (nth % 3 === 2) open!.posts.push({ n: 1000 + nth, at: 1_500_000_000 + 90 * 60 + nth });
      return undefined;
    },
  );
});

it('asks from a date on, and not behind another', () =>
  withFakeBlogger(minutes(120), async (blog) => {
    const [after, before] = [50, 60].map((n) => new Date((1_500_000_000 + n * 60) * 1000).toISOString());
    const { ids, totals } = await list(blog.base, { after: after!, before: before! });
    for (let n = 52; n <= 60; n++) expect(ids).toContain(n);
    expect(ids.length).toBeLessThan(25);
    expect(totals).toEqual([]);
  }));

it('finds what was put in with an old date, pages being none of it', () =>
  withFakeBlogger(minutes(64), async (blog) => {
    blog.pages = [{ n: 900, at: 1_500_000_030 }];
    const all = [...blog.posts, ...blog.pages];
    blog.posts.push({ n: 65, at: 1_500_000_090 });
    const asked = blog.calls.length;
    const listing = await blogger.open(`blogger:${blog.base}`, testContext());
    const held = {
      moments: async () =>
        Float64Array.from(all.map(({ at }) => at))
          .sort()
          .reverse(),
      isHeld: async (id: string) => all.some(({ n }) => String(n) === id),
    };
    const found: Page[] = [];
    for await (const page of listing.lacking!(held)) found.push(page);
    expect(found.flatMap(({ posts }) => posts.map(({ id }) => id))).toContain('65');
    expect(blog.calls.length - asked).toBeLessThan(16);
  }));

describe('a server that lies', () => {
  const always =
    (reply: Reply): Misbehaves =>
    (_, { path }) =>
      path === '/feeds/posts/default' ? reply : undefined;
  const faraway = minutes(120).map(({ n }) => ({ n, at: 1_500_000_000 + n * 86_400 }));

  it('is left where it does not heed dates, and what is older counts as not listed', () =>
    withFakeBlogger(
      faraway,
      async (blog) => {
        const { ids, left, covers } = await list(blog.base);
        expect(ids).toEqual(newestFirst(faraway).slice(0, 10));
        expect(left).toMatchObject([expect.stringMatching(/does not heed the dates/)]);
        expect(covers.every(({ from }) => from !== null)).toBe(true);
        expect(ofPosts(blog).length).toBeLessThan(5);
      },
      (nth, call) => always(showsFeed(faraway, { heeds: false }))(nth, call),
    ));

  it.each([-9, 9])(
    'leaves nothing out where it takes the dates for those of a zone %i hours off',
    (hours) => {
      const hourly = minutes(64).map(({ n }) => ({ n, at: 1_500_000_000 + n * 3600 }));
      return withFakeBlogger(
        hourly,
        async (blog) => {
          const { ids, left } = await list(blog.base);
          expect(ids).toEqual(newestFirst(hourly));
          expect(left).toEqual([]);
          expect(ofPosts(blog).length).toBeLessThan(40);
        },
        always(showsFeed(hourly, { zone: hours * 3600 })),
      );
    },
  );

  it('G09 is left where it shows the same again', () =>
    withFakeBlogger(
      [],
      async (blog) => {
        const { ids, left } = await list(blog.base);
        expect(ids).toHaveLength(10);
        expect(left).toMatchObject([expect.stringMatching(/shows the same posts again/)]);
        expect(ofPosts(blog).length).toBeLessThan(5);
      },
      always((response, { path }) =>
        showsFeed(
          Array.from({ length: 20 }, (_, n) => ({ n, at: 1_500_000_000 })),
          { heeds: false },
        )(response, { path, query: new URLSearchParams({ 'start-index': '1', 'max-results': '10' }) }),
      ),
    ));

  it('loses nothing where its posts stand in no order', () => {
    const mixed = minutes(64).map((post, n) => ({ ...post, at: 1_500_000_000 + ((n * 37) % 64) * 60 }));
    return withFakeBlogger(
      mixed,
      async (blog) => {
        const { ids } = await list(blog.base);
        expect(ids.toSorted((a, b) => a - b)).toEqual(minutes(64).map(({ n }) => n));
      },
      always(showsFeed(mixed, { sorted: false })),
    );
  });

  it('G04 G06 is heard without harm', () =>
    withFakeBlogger(
      [],
      async (blog) => {
        const { posts } = await list(blog.base);
        expect(posts.map(({ id }) => id)).toEqual(['1']);
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      },
      always(
        says(
          200,
          '{"feed":{"__proto__":{"polluted":1},"id":{"$t":"tag:blogger.com,1999:blog-12345"},"openSearch$totalResults":{"$t":"1"},"entry":[{"__proto__":{"polluted":1},"id":{"$t":"tag:blogger.com,1999:blog-12345.post-1","__proto__":{"polluted":1}}}]}}',
        ),
      ),
    ));
});

describe('a blog that cannot be listed', () => {
  const refused = (reply: Reply, others: Misbehaves = () => undefined) =>
    withFakeBlogger(
      minutes(3),
      async (blog) => {
        const error: unknown = await list(blog.base).catch((error) => error);
        expect(error).toBeInstanceOf(Error);
        return { error: error as OxbowError, calls: blog.calls };
      },
      (nth, call) => others(nth, call) ?? (call.path.startsWith('/feeds/') ? reply : undefined),
    );

  it.each<[string, Reply]>([
    ['answers 401', says(401)],
    ['answers 403', says(403, 'Forbidden', 'text/html')],
    ['leads to a login', says(302, '', 'text/html', { location: '/blogin.g?blogspotURL=x' })],
  ])('G18 is private where it %s', async (_, reply) => {
    const { error, calls } = await refused(reply, (_nth, { path }) =>
      path === '/blogin.g' ? says(200, '<title>Sign in</title>', 'text/html') : undefined,
    );
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toMatch(/is private.* Oxbow reads the backup\.$/);
    expect(calls.length).toBeLessThanOrEqual(2);
  });

  it('says so where a warning stands before it', async () => {
    const { error } = await refused(
      says(302, '', 'text/html', { location: '/age-verification.g?x=1' }),
      (_, { path }) => (path === '/age-verification.g' ? says(200, 'x', 'text/html') : undefined),
    );
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(/a warning stands before it/);
  });

  it.each<[string, number, RegExp]>([
    ['its blog is gone, too', 404, /is gone or has been renamed, .* wayback:127\.0\.0\.1:\d+\.$/],
    ['its blog is there', 200, /is there, but has no feed/],
  ])('answers 404, and %s', async (_, home, sentence) => {
    const { error } = await refused(says(404), (_nth, { path }) =>
      path === '/' ? says(home, 'x', 'text/html') : undefined,
    );
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(sentence);
  });

  it.each<[string, Reply]>([
    ['a web page', says(200, '<html></html>', 'text/html')],
    ['nothing', says(200)],
    ['an error', says(200, '{"error":{"code":500,"message":"down"}}')],
    ['a list', says(200, '[]')],
    ['half of it', says(200, '{"feed":{"entry":[{"id":')],
    ['a count without posts', says(200, '{"feed":{"id":{"$t":"x"},"openSearch$totalResults":{"$t":"7"}}}')],
    ['arrays in arrays', says(200, '['.repeat(100_000))],
  ])('G16 is no empty blog where it answers with %s', async (_, reply) => {
    const { error, calls } = await refused(reply);
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(/cannot be listed: /);
    expect(calls).toHaveLength(2);
  });

  it('G17 is empty where it says so', () =>
    withFakeBlogger([], async (blog) => {
      expect(await list(blog.base)).toMatchObject({ ids: [], totals: [0], warnings: [], left: [] });
      expect(blog.calls).toHaveLength(2);
    }));

  it('says when to come back after 429', async () => {
    const { error } = await refused(says(429, '', 'text/html', { 'retry-after': '90' }));
    expect(error).toBeInstanceOf(QuotaError);
  });

  it('has posts even if nobody gives its pages', () =>
    withFakeBlogger(
      minutes(3),
      async (blog) => expect((await list(blog.base)).ids).toEqual([3, 2, 1]),
      (_, { path }) => (path === '/feeds/pages/default' ? says(404) : undefined),
    ));

  it('is not listed from the oldest on', () =>
    withFakeBlogger(minutes(3), async (blog) => {
      await expect(list(blog.base, { order: 'oldest' })).rejects.toThrow(UsageError);
      expect(blog.calls).toEqual([]);
    }));
});
