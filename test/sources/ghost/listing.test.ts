import { expect, it } from 'vitest';
import { AuthError, QuotaError, SourceError } from '../../../src/errors.ts';
import { type Interval, united } from '../../../src/intervals.ts';
import type { Post } from '../../../src/model.ts';
import { ghost } from '../../../src/sources/ghost/ghost.ts';
import type { ListingWay } from '../../../src/sources/source.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { type FakeGhost, postsFrom, send, sendJson, withGhost } from './fake-ghost.ts';

interface Asked {
  readonly way?: Partial<ListingWay>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly target?: string;
}

async function list({ url }: FakeGhost, { way = {}, settings = {}, target = `ghost:${url}/` }: Asked = {}) {
  const left: string[] = [];
  const [posts, covers]: [Post[], Interval[]] = [[], []];
  let [unread, memory, total]: [number, unknown, number | undefined] = [0, undefined, undefined];
  const warnings: string[] = [];
  const context = testContext({
    settings: Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [`sources.ghost.${key}`, value]),
    ),
    report(event) {
      if (event.event === 'warning') warnings.push(event.message);
      if (event.event === 'unread') unread++;
    },
  });
  const listing = await ghost.open(target, context);
  const how: ListingWay = { order: 'newest', covered: [], leaveOut: (why) => void left.push(why), ...way };
  let error: unknown;
  try {
    for await (const page of listing.pages(undefined, how)) {
      posts.push(...page.posts);
      if (page.covers) covers.push(page.covers);
      memory = page.memory;
      total ??= page.total;
    }
  } catch (thrown) {
    error = thrown;
  }
  const ids = posts.map(({ id }) => id);
  return { ids, posts, covered: united(covers), memory, total, warnings, unread, left, error, listing };
}

const idsOf = (posts: readonly { readonly id: string }[]) => posts.map(({ id }) => id);
const apiCalls = ({ calls }: FakeGhost) => calls.filter(({ path }) => path.includes('/ghost/api/'));

it.each(['newest', 'oldest'] as const)(
  'lists posts and pages as one, each once, the %s first',
  async (order) => {
    await withGhost(async (blog) => {
      blog.posts.push(...postsFrom(0, 250));
      blog.pages.push(...postsFrom(20, 3, 1_700_000_030), ...postsFrom(900, 1, 1_600_000_000));
      for (const [n, page] of blog.pages.entries()) Object.assign(page, { id: `page${n}` });
      const found = await list(blog, { way: { order } });
      const all = [...blog.posts, ...blog.pages].sort(
        (a, b) => (b.at - a.at) * (order === 'newest' ? 1 : -1),
      );
      expect(found).toMatchObject({ ids: idsOf(all), total: 254, warnings: [], left: [], unread: 0 });
      expect(apiCalls(blog).filter(({ path }) => path.includes('pages'))).toHaveLength(1);
      expect(apiCalls(blog).length).toBeLessThanOrEqual(5);
      expect(new Set(apiCalls(blog).map(({ accept }) => accept))).toEqual(new Set(['v5.0']));
    });
  },
);

it('asks a complete listing again for what is new, edited, or put in with an old date', async () => {
  await withGhost(async (blog) => {
    blog.posts.push(...postsFrom(0, 230));
    const first = await list(blog);
    const way = { covered: first.covered, memory: first.memory, wasWhole: true };
    blog.calls.length = 0;
    const now = Math.floor(Date.now() / 1000);
    blog.posts.push(...postsFrom(500, 2));
    Object.assign(blog.posts[3]!, { title: 'Edited', changed: now });
    blog.posts.push({ id: 'backdated', at: 1_700_000_330, changed: now });
    const again = await list(blog, { way });
    expect(again.ids).toEqual(
      expect.arrayContaining([...idsOf(postsFrom(500, 2)), blog.posts[3]!.id, 'backdated']),
    );
    expect(new Set(again.ids).size).toBe(again.ids.length);
    expect(apiCalls(blog).length).toBeLessThanOrEqual(5);
    expect((again.memory as { since: number }).since).toBeGreaterThan(now - 4000);
    blog.calls.length = 0;
    const [late] = [{ ...way, covered: united([...first.covered, ...again.covered]), memory: again.memory }];
    expect((await list(blog, { way: late })).error).toBeUndefined();
    expect(apiCalls(blog).length).toBeLessThanOrEqual(4);
  });
});

it('goes on where it was interrupted, and leaves no hole', async () => {
  await withGhost(async (blog) => {
    blog.posts.push(...postsFrom(0, 350));
    blog.before = ({ path }, response) =>
      path.includes('/posts/') && apiCalls(blog).length > 3 && sendJson(response, {}, 404);
    const cut = await list(blog);
    expect(cut.error).toBeInstanceOf(SourceError);
    blog.before = () => false;
    const rest = await list(blog, { way: { covered: cut.covered } });
    expect(new Set([...cut.ids, ...rest.ids])).toEqual(new Set(idsOf(blog.posts)));
    expect(cut.ids.length).toBeGreaterThan(0);
    expect(rest.ids.length).toBeLessThan(350);
  });
});

it('takes as many at a time as a server gives, and fewer where it refuses more', async () => {
  await withGhost(async (blog) => {
    blog.posts.push(...postsFrom(0, 70));
    blog.cap = 15;
    expect((await list(blog)).ids).toHaveLength(70);
    blog.cap = Number.POSITIVE_INFINITY;
    blog.refusesAbove = 15;
    blog.calls.length = 0;
    expect((await list(blog)).ids).toHaveLength(70);
    expect(apiCalls(blog).filter(({ query }) => query.get('limit') === '100')).toHaveLength(2);
  });
});

it('lists all posts of one second, though they fill several answers', async () => {
  await withGhost(async (blog) => {
    blog.posts.push(
      ...postsFrom(0, 260).map((post) => ({ ...post, at: 1_700_000_000 })),
      ...postsFrom(300, 3),
    );
    for (const order of ['newest', 'oldest'] as const) {
      const found = await list(blog, { way: { order } });
      expect(new Set(found.ids).size).toBe(263);
      expect(found.left).toEqual([]);
    }
  });
});

it('lists between two dates alone', async () => {
  await withGhost(async (blog) => {
    blog.posts.push(...postsFrom(0, 300));
    const iso = (n: number) => new Date((1_700_000_000 + n * 60) * 1000).toISOString();
    const found = await list(blog, { way: { after: iso(140), before: iso(150) } });
    expect(found.ids).toEqual(expect.arrayContaining(idsOf(postsFrom(140, 10))));
    expect(apiCalls(blog)).toHaveLength(2);
  });
});

it('leaves a server that does not heed the filter, and says so', async () => {
  await withGhost(async (blog) => {
    blog.posts.push(...postsFrom(0, 250));
    blog.before = ({ query }) => {
      query.delete('filter');
      return false;
    };
    const found = await list(blog);
    expect(found.left).toEqual([expect.stringMatching(/in another order/)]);
    expect(found.ids).toHaveLength(100);
  });
});

it('leaves a list that shows the same again and never ends', async () => {
  await withGhost(async (blog) => {
    const same = postsFrom(0, 20).map(({ id }) => ({ id, published_at: '2024-01-01T00:00:00.000Z' }));
    blog.before = ({ path }, response) =>
      path.includes('/posts/') &&
      sendJson(response, { posts: same, meta: { pagination: { next: 2, total: 999_999 } } });
    const found = await list(blog);
    expect(found.left).toEqual([expect.stringMatching(/does not move on/)]);
    expect(found.ids.length).toBeLessThanOrEqual(20);
    expect(apiCalls(blog).length).toBeLessThan(10);
  });
});

it.each([
  ['an error with status 200', { errors: [{ message: 'on strike' }] }],
  ['an empty list that counts posts', { posts: [], meta: { pagination: { total: 12, next: null } } }],
  ['a list that is none', { posts: 'all' }],
  ['nothing', null],
])('takes %s for no empty blog', async (_, value) => {
  await withGhost(async (blog) => {
    blog.before = ({ path }, response) => path.includes('/posts/') && sendJson(response, value);
    const { error, ids } = await list(blog);
    expect(error).toBeInstanceOf(SourceError);
    expect(ids).toEqual([]);
    expect(apiCalls(blog).filter(({ path }) => path.includes('posts'))).toHaveLength(2);
  });
});

it('lists a blog that is really empty', async () => {
  await withGhost(async (blog) => {
    expect(await list(blog)).toMatchObject({ ids: [], total: 0, error: undefined, warnings: [], left: [] });
  });
});

it('says what can be done about a key that is refused, and does not repeat it', async () => {
  await withGhost(async (blog) => {
    const { error } = await list(blog, { settings: { key: 'f00dfeedf00d' } });
    expect(error).toBeInstanceOf(AuthError);
    expect(String(error)).toMatch(/sources\.ghost\.key/);
    expect(String(error)).not.toContain('f00dfeed');
    expect(apiCalls(blog)).toHaveLength(1);
  });
});

it('comes back later where it is asked to', async () => {
  await withGhost(async (blog) => {
    blog.before = ({ path }, response) =>
      path.includes('/api/') && send(response, 429, { 'retry-after': '30' });
    expect((await list(blog)).error).toBeInstanceOf(QuotaError);
  });
});

it('asks whether the original of a picture is there', async () => {
  await withGhost(async (blog) => {
    blog.posts.push(...postsFrom(0, 2));
    const { posts, listing } = await list(blog);
    blog.before = ({ path }, response) =>
      path === `/content/images/2024/01/${blog.posts[0]!.id}_o.jpg` &&
      send(response, 206, { 'content-type': 'image/jpeg', 'content-length': '1' }, 'x');
    const [first, second] = posts.map(({ items }) => items[0]!);
    const found = await Promise.all([first!, second!].map((item) => listing.larger!(item)));
    expect(found.filter((one) => one !== undefined)).toEqual([
      { url: `${blog.url}/content/images/2024/01/${blog.posts[0]!.id}_o.jpg` },
    ]);
    blog.before = (_, response) => send(response, 418);
    await expect(listing.larger!(first!)).rejects.toThrow(/does not say/);
    blog.before = () => false;
    const plain = await list(blog, { settings: { originals: 'false' } });
    expect(plain.listing.larger).toBeUndefined();
    expect(plain.posts.flatMap(({ items }) => items.map(({ larger }) => larger))).toEqual([
      undefined,
      undefined,
    ]);
  });
});
