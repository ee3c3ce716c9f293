import { expect, it } from 'vitest';
import { AuthError, QuotaError, SourceError } from '../../../src/errors.ts';
import { type Interval, united } from '../../../src/intervals.ts';
import type { Post } from '../../../src/model.ts';
import { lookAt } from '../../../src/sources/sight.ts';
import type { ListingWay } from '../../../src/sources/source.ts';
import { substack } from '../../../src/sources/substack/substack.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { type FakeSubstack, postsFrom, send, withSubstack } from './fake-substack.ts';

async function list(
  { url }: FakeSubstack,
  way: Partial<ListingWay> = {},
  settings: Record<string, string> = {},
) {
  const [posts, covers, left, warnings]: [Post[], Interval[], string[], string[]] = [[], [], [], []];
  let [unread, memory, error]: [number, unknown, unknown] = [0, undefined, undefined];
  const context = testContext({
    settings,
    report(event) {
      if (event.event === 'warning') warnings.push(event.message);
      if (event.event === 'unread') unread++;
    },
  });
  const listing = await substack.open(`substack:${url}`, context);
  const how: ListingWay = { order: 'newest', covered: [], leaveOut: (why) => void left.push(why), ...way };
  try {
    for await (const page of listing.pages(undefined, how)) {
      posts.push(...page.posts);
      if (page.covers) covers.push(page.covers);
      memory = page.memory;
    }
  } catch (thrown) {
    error = thrown;
  }
  const ids = posts.map(({ id }) => Number(id));
  return { ids, posts, covered: united(covers), memory, warnings, left, unread, error };
}

const idsOf = (posts: readonly { readonly id: number }[]) => posts.map(({ id }) => id);
const texts = ({ calls }: FakeSubstack) => calls.filter((path) => path.startsWith('/api/v1/posts/'));
const lists = ({ calls }: FakeSubstack) => calls.filter((path) => path.startsWith('/api/v1/archive'));

it.each(['newest', 'oldest'] as const)(
  'lists all posts with their texts, each asked for once, the %s first',
  async (order) => {
    await withSubstack(async (fake) => {
      fake.posts = postsFrom(1, 100);
      const found = await list(fake, { order });
      expect(found.ids).toEqual(order === 'newest' ? idsOf(fake.posts) : idsOf(fake.posts).reverse());
      expect(found).toMatchObject({ warnings: [], left: [], unread: 0, error: undefined });
      expect(texts(fake)).toHaveLength(100);
      expect(lists(fake).length).toBeLessThan(24);
      expect(found.posts.every(({ items }) => items.length === 1)).toBe(true);
    });
  },
);

it.each([7, 11])('lists all where a server gives %i at a time, whatever it is asked for', async (cap) => {
  await withSubstack(async (fake) => {
    fake.posts = postsFrom(1, 60);
    fake.cap = cap;
    const found = await list(fake);
    expect(found.ids).toEqual(idsOf(fake.posts));
  });
});

it('lists each post that is there throughout, though others come and go meanwhile', async () => {
  await withSubstack(async (fake) => {
    fake.posts = postsFrom(1, 80);
    const there = idsOf(fake.posts);
    fake.before = (path) => {
      if (path.includes('offset=') && lists(fake).length === 3) fake.posts.unshift(...postsFrom(500, 9));
      if (path.includes('offset=') && lists(fake).length === 5) fake.posts.splice(2, 14);
      return false;
    };
    const found = await list(fake);
    const throughout = there.filter((id) => fake.posts.some((post) => post.id === id));
    expect(found.ids).toEqual(expect.arrayContaining(throughout));
    expect(new Set(found.ids).size).toBe(found.ids.length);
  });
});

it('asks a second time for nothing but the list, unless something is new or looks different', async () => {
  await withSubstack(async (fake) => {
    fake.posts = postsFrom(1, 40);
    const first = await list(fake);
    const held = new Set(first.ids.map(String));
    const way = { covered: first.covered, memory: first.memory, isHeld: async (id: string) => held.has(id) };
    fake.calls.length = 0;
    expect((await list(fake, way)).ids).toEqual([]);
    expect([lists(fake).length, texts(fake).length]).toEqual([1, 0]);
    fake.calls.length = 0;
    fake.posts.unshift(...postsFrom(41, 1));
    Object.assign(fake.posts[3]!, { words: 120, text: 'More words.' });
    const again = await list(fake, way);
    expect(again.ids).toEqual([41, fake.posts[3]!.id]);
    expect(JSON.stringify(again.posts[1]!.raw)).toContain('More words.');
    fake.calls.length = 0;
    expect((await list(fake, { ...way, isHeld: async () => false })).ids).toHaveLength(12);
    expect(texts(fake)).toHaveLength(12);
  });
});

it('goes on where it was interrupted', async () => {
  await withSubstack(async (fake) => {
    fake.posts = postsFrom(1, 60);
    fake.before = (path, response) =>
      path.includes('/posts/') && texts(fake).length > 30 && send(response, 429);
    const cut = await list(fake);
    expect(cut.error).toBeInstanceOf(QuotaError);
    expect(cut.ids.length).toBeGreaterThan(20);
    fake.before = () => false;
    const held = new Set(cut.ids.map(String));
    fake.calls.length = 0;
    const rest = await list(fake, {
      covered: cut.covered,
      memory: cut.memory,
      isHeld: async (id) => held.has(id),
    });
    expect([...cut.ids, ...rest.ids].sort((a, b) => b - a)).toEqual(idsOf(fake.posts));
    expect(texts(fake)).toHaveLength(60 - cut.ids.length);
  });
});

it.each(['newest', 'oldest'] as const)(
  'comes to the end where no more than a few questions are answered at a time, the %s first',
  async (order) => {
    await withSubstack(async (fake) => {
      fake.posts = postsFrom(1, 15).map((post) => (post.id < 4 ? { ...post, at: 1_700_000_000 } : post));
      let left = 0;
      fake.before = (_, response) => left-- <= 0 && send(response, 429);
      const [ids, covered]: [number[], Interval[]] = [[], []];
      let [memory, error, runs]: [unknown, unknown, number] = [undefined, undefined, 0];
      do {
        left = 6;
        const held = new Set(ids.map(String));
        const found = await list(fake, {
          ...{ order, memory, covered: united(covered) },
          isHeld: async (id) => held.has(id),
        });
        ids.push(...found.ids);
        covered.push(...found.covered);
        ({ error, memory = memory } = found);
      } while (error && ++runs < 20);
      expect(error).toBeUndefined();
      expect([...new Set(ids)].sort((a, b) => b - a)).toEqual(idsOf(fake.posts));
    });
  },
);

it('goes on behind posts that are not there, however many of them stand in a row', async () => {
  await withSubstack(async (fake) => {
    fake.posts = postsFrom(1, 30);
    fake.before = (path, response) => /\/post-2\d$/.test(path) && send(response, 404);
    const { ids, error, unread } = await list(fake);
    expect([error, unread]).toEqual([undefined, 10]);
    expect(ids).toEqual(idsOf(fake.posts));
  });
});

it('lists a post without its text where that cannot be had, and asks for it again in the next run', async () => {
  await withSubstack(async (fake) => {
    fake.posts = postsFrom(1, 30);
    fake.before = (path, response) => path.endsWith('/post-25') && send(response, 200, { error: 'later' });
    const first = await list(fake);
    expect(first).toMatchObject({
      unread: 1,
      warnings: [expect.stringMatching(/text of post '25'/)],
      error: undefined,
    });
    expect(first.ids).toEqual(idsOf(fake.posts));
    fake.before = () => false;
    fake.calls.length = 0;
    const again = await list(fake, {
      covered: first.covered,
      memory: first.memory,
      isHeld: async () => true,
    });
    expect(again.ids).toEqual([25]);
    expect(texts(fake)).toEqual(['/api/v1/posts/post-25']);
  });
});

it('does not take a server that refuses all for posts without text', async () => {
  await withSubstack(async (fake) => {
    fake.posts = postsFrom(1, 30);
    fake.before = (path, response) =>
      path.includes('/posts/') && send(response, 403, 'Just a moment', { 'content-type': 'text/html' });
    const { ids, error } = await list(fake);
    expect(ids).toEqual([30, 29, 28, 27]);
    expect(error).toBeInstanceOf(SourceError);
    expect(String(error)).toMatch(/5 of them in a row/);
    expect(texts(fake)).toHaveLength(6);
  });
});

it('counts the posts that are not for everybody', async () => {
  await withSubstack(async (fake) => {
    fake.posts = postsFrom(1, 5);
    fake.posts[1]!.audience = 'only_paid';
    fake.posts[2]!.audience = 'founding';
    expect((await list(fake)).warnings).toEqual([
      expect.stringMatching(/^2 posts of 127.* are not for everybody.*-C/),
    ]);
  });
});

it.each([
  ['an error with status 200', { error: 'down' }],
  ['a web page', '<html>Maintenance</html>'],
  ['nothing', ''],
])('takes %s for no empty publication', async (_, body) => {
  await withSubstack(async (fake) => {
    fake.before = (_path, response) => send(response, 200, body);
    expect((await list(fake)).error).toBeInstanceOf(SourceError);
    expect(fake.calls).toHaveLength(2);
  });
});

it.each([401, 403])('says what may help where the list is refused with %i', async (status) => {
  await withSubstack(async (fake) => {
    fake.before = (_path, response) => send(response, status, 'Not authorized');
    const { error } = await list(fake);
    expect(error).toBeInstanceOf(AuthError);
    expect(String(error)).toMatch(/-C/);
    expect(fake.calls).toHaveLength(1);
  });
});

it('lists a publication that is really empty', async () => {
  await withSubstack(async (fake) => {
    expect(await list(fake)).toMatchObject({ ids: [], warnings: [], left: [], error: undefined });
  });
});

it('leaves a list that shows the same wherever it is asked', async () => {
  await withSubstack(async (fake) => {
    fake.posts = postsFrom(1, 12);
    const same = fake.posts.map(({ id, at }) => ({ id, post_date: new Date(at * 1000).toISOString() }));
    fake.before = (path, response) => path.includes('/archive') && send(response, 200, same);
    const found = await list(fake);
    expect(found.left).toEqual([expect.stringMatching(/does not move on/)]);
    expect(found.ids).toEqual(idsOf(fake.posts));
    expect(lists(fake).length).toBeLessThan(100);
  });
});

it('follows a publication to its own domain, and asks there from then on', async () => {
  await withSubstack(async (own) => {
    await withSubstack(async (fake) => {
      own.posts = postsFrom(1, 5);
      fake.before = (path, response) => send(response, 301, '', { location: `${own.url}${path}` });
      expect((await list(fake)).ids).toEqual(idsOf(own.posts));
      expect(fake.calls).toHaveLength(1);
    });
  });
});

it('knows a publication under a domain of its own, and no other page that shows a picture of one', async () => {
  await withSubstack(async (fake) => {
    const page = '<html><head><link rel="preconnect" href="https://substackcdn.com"></head></html>';
    fake.posts = postsFrom(1, 2);
    fake.before = (path, response) =>
      !path.startsWith('/api') && send(response, 200, page, { 'content-type': 'text/html' });
    const context = testContext();
    const sight = await lookAt(`${fake.url}/p/post-1`, context);
    expect(await substack.recognises!(sight, context)).toMatchObject({ target: `substack:${fake.url}` });
    fake.before = (_path, response) => send(response, 404);
    await expect(substack.recognises!(sight, context)).rejects.toThrow(SourceError);
    expect(await substack.recognises!({ ...sight, start: '<html></html>' }, context)).toBeUndefined();
  });
});
