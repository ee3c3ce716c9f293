import { describe, expect, it } from 'vitest';
import { SourceError } from '../../../src/errors.ts';
import { united } from '../../../src/intervals.ts';
import { instead, withFakeTumblr } from '../../helpers/fake-tumblr.ts';
import { idsOf, listed, orders, posts } from './listed.ts';

it.each([0, 20, 49])(
  'leaves nothing out for an old post that stands at place %i, and is no pinned one',
  (at) =>
    withFakeTumblr(posts(120), async (server) => {
      const { id, timestamp } = server.posts[110]!;
      server.trouble = (n) =>
        n > 1
          ? undefined
          : instead((response) => {
              const rows = response.posts as readonly object[];
              const astray = { ...rows[0], id, id_string: id, timestamp };
              return { ...response, posts: rows.slice(0, -1).toSpliced(at, 0, astray) };
            });
      const { ids } = await listed(server);
      expect([...ids].sort()).toEqual(idsOf(server.posts).sort());
    }),
);

describe('a page that is empty and leads nowhere while more posts are counted', () => {
  const empty = instead(({ blog, total_posts }) => ({ blog, total_posts, posts: [] }));

  it.each(orders.flatMap((order) => [1, 3].map((nth) => ({ order, nth }))))(
    'page $nth, once, is asked for again, $order first',
    ({ order, nth }) =>
      withFakeTumblr(posts(237), async (server) => {
        server.trouble = (n) => (n === nth ? empty : undefined);
        const { ids, left, error } = await listed(server, { way: { order } });
        expect({ left, error, found: ids.length }).toEqual({ left: [], error: undefined, found: 237 });
        expect(server.calls).toHaveLength(6);
      }),
  );

  it('as the first is no empty list of likes, be they few', () =>
    withFakeTumblr(posts(3), async (server) => {
      server.trouble = () => instead(() => ({ liked_count: 3, liked_posts: [] }));
      const { pages, error } = await listed(server, { target: 'tumblr:likes:fern' });
      expect({ pages, error }).toEqual({ pages: [], error: expect.any(SourceError) });
    }));

  it.each(orders)('as the first is no empty blog (G16), %s first', (order) =>
    withFakeTumblr(posts(237), async (server) => {
      server.trouble = () => empty;
      const { pages, error } = await listed(server, { way: { order } });
      expect({ pages, error: String(error) }).toEqual({
        pages: [],
        error: expect.stringContaining('counts 237 posts, and shows none'),
      });
    }),
  );

  it.each(orders.flatMap((order) => [true, false].map((isAll) => ({ order, isAll }))))(
    'again and again leaves the rest to the next run, $order first, from both ends: $isAll',
    ({ order, isAll }) =>
      withFakeTumblr(posts(237), async (server) => {
        const isOther = (query: URLSearchParams) => query.has('sort') === (order === 'newest');
        server.trouble = (n, { query }) => (n >= 3 && (isAll || !isOther(query)) ? empty : undefined);
        const first = await listed(server, { way: { order } });
        expect(first).toMatchObject({ left: [expect.stringContaining('counts 237')], error: undefined });
        server.trouble = () => undefined;
        const covered = united(first.pages.flatMap(({ covers }) => covers ?? []));
        const second = await listed(server, { way: { order, covered } });
        expect(new Set([...first.ids, ...second.ids]).size).toBe(237);
      }),
  );

  it.each(orders)('is the end where the rest is hidden, %s first', (order) =>
    withFakeTumblr(
      posts(70).map((post, n) => ({ ...post, isHidden: order === 'newest' ? n >= 49 : n < 21 })),
      async (server) => {
        const { ids, left, error } = await listed(server, { way: { order }, settings: { limit: '20' } });
        expect({ left, error, found: ids.length }).toEqual({ left: [], error: undefined, found: 49 });
      },
    ),
  );

  it('is no end of the likes, which can be asked from one end alone', () =>
    withFakeTumblr(posts(237), async (server) => {
      const none = instead((response) => ({ liked_count: response.liked_count, liked_posts: [] }));
      server.trouble = (n) => (n >= 3 ? none : undefined);
      const { left } = await listed(server, { target: 'tumblr:likes:fern' });
      expect(left).toEqual([expect.stringContaining('counts 237')]);
    }));
});

it.each(orders.flatMap((order) => [2, 5].map((nth) => ({ order, nth }))))(
  'goes on behind page $nth, which leads nowhere while more posts are counted, $order first',
  ({ order, nth }) =>
    withFakeTumblr(posts(237), async (server) => {
      const short = instead((response) => ({
        ...response,
        posts: (response.posts as readonly object[]).slice(0, -3),
        _links: undefined,
      }));
      server.trouble = (n) => (n === nth ? short : undefined);
      const { ids, left } = await listed(server, { way: { order } });
      expect({ left, found: ids.length }).toEqual({ left: [], found: 237 });
    }),
);

it('has all of a second that fills pages, though an older post stands above it', () =>
  withFakeTumblr(
    posts(60, (n) => (n < 20 ? n : n < 27 ? 20 : n)),
    async (server) => {
      const { id, timestamp } = server.posts[55]!;
      server.trouble = (_n, { query }) =>
        query.get('before') !== String(1_700_000_000 - 20 + 1)
          ? undefined
          : instead((response) => {
              const rows = response.posts as readonly object[];
              return {
                ...response,
                posts: [{ ...rows[0], id, id_string: id, timestamp }, ...rows.slice(0, -1)],
              };
            });
      const { ids, left } = await listed(server, { settings: { limit: '7' } });
      expect({ left, ids: [...ids].sort() }).toEqual({ left: [], ids: idsOf(server.posts).sort() });
    },
  ));
