import { describe, expect, it } from 'vitest';
import { AuthError, SourceError, UsageError } from '../../../src/errors.ts';
import { united } from '../../../src/intervals.ts';
import { sources } from '../../../src/sources/index.ts';
import { tumblr } from '../../../src/sources/tumblr/tumblr.ts';
import { instead, type Reply, page as webPage, withFakeTumblr } from '../../helpers/fake-tumblr.ts';
import { v1Posts, withFakeV1 } from '../../helpers/fake-tumblr-v1.ts';
import { postsOf, testContext } from '../../helpers/source-suite.ts';
import { idsOf, listed, orders, posts } from './listed.ts';

describe.each(orders)('a blog from the %s on', (order) => {
  const way = { order };
  const many = order === 'newest' ? 5000 : 1000;
  const inOrder = (ids: readonly string[]) => (order === 'newest' ? ids : [...ids].reverse());

  it('has every post of the server, exactly named, in its order', () =>
    withFakeTumblr(posts(237), async (server) => {
      const { ids, pages, warnings, error } = await listed(server, { way });
      expect(ids).toEqual(inOrder(idsOf(server.posts)));
      expect({ warnings, error }).toEqual({ warnings: [], error: undefined });
      expect(pages.map(({ total }) => total)).toEqual(pages.map(() => 237));
      expect(server.calls).toHaveLength(5);
    }));

  it('covers all time up to the newest post', () =>
    withFakeTumblr(posts(120), async (server) => {
      const { pages } = await listed(server, { way });
      const covers = pages.flatMap((page) => page.covers ?? []);
      expect(united(covers)).toEqual([{ from: null, to: 1_700_000_000 - 1 }]);
    }));

  it('takes hardly more calls than there are pages in it', () =>
    withFakeTumblr(posts(many), async (server) => {
      const { ids } = await listed(server, { way });
      expect(ids).toHaveLength(many);
      expect(server.calls.length).toBeLessThanOrEqual(1.05 * (many / 50));
    }));

  it.each([3, 7, 13])('has all of a second, be it more than a page: %i posts of each, 7 a page', (shared) =>
    withFakeTumblr(
      posts(60, (n) => Math.floor(n / shared)),
      async (server) => {
        const { ids, warnings } = await listed(server, { way, settings: { limit: '7' } });
        expect([...ids].sort()).toEqual(idsOf(server.posts).sort());
        expect(warnings).toEqual([]);
      },
    ),
  );

  it('has all of a second, however many share it, by their places in the list', () =>
    withFakeTumblr(
      posts(400, (n) => (n < 20 ? n : n < 370 ? 20 : n)),
      async (server) => {
        const { ids, warnings, pages } = await listed(server, { way, settings: { limit: '20' } });
        expect([...ids].sort()).toEqual(idsOf(server.posts).sort());
        expect(warnings).toEqual([]);
        expect(united(pages.flatMap((page) => page.covers ?? []))).toHaveLength(1);
        expect(server.calls.length).toBeLessThan(2 * (400 / 19));
      },
    ));

  it('goes on behind a second of which the API does not show all, and says so', () =>
    withFakeTumblr(
      posts(60, (n) => (n < 20 ? n : n < 40 ? 20 : n)),
      async (server) => {
        server.beforeCall = () => server.calls.at(-1)!.query.delete('offset');
        const { ids, warnings, unread } = await listed(server, { way, settings: { limit: '7' } });
        const apart = server.posts.filter(({ timestamp }) => timestamp !== 1_700_000_000 - 20);
        expect(ids).toEqual(expect.arrayContaining(idsOf(apart)));
        expect(ids).toHaveLength(40 + 14);
        expect(warnings).toEqual([expect.stringContaining('of one second (2023-11-14T22:13:00.000Z)')]);
        expect(unread).toBe(1);
      },
    ));

  it('skips nothing for the sake of pinned posts, however old', () =>
    withFakeTumblr(
      posts(40).map((post, n) => ({ ...post, isPinned: n === 39 || n === 20 })),
      async (server) => {
        const { ids, pages } = await listed(server, { way, settings: { limit: '7' } });
        expect([...ids].sort()).toEqual(idsOf(server.posts).sort());
        for (const { posts: some } of pages) expect(new Set(some.map(({ id }) => id)).size).toBe(some.length);
      },
    ));

  it('skips nothing where pinned posts take all the room of the first page', () =>
    withFakeTumblr(
      posts(20).map((post, n) => ({ ...post, isPinned: n > 17 })),
      async (server) => {
        const { ids } = await listed(server, { way, settings: { limit: '2' } });
        expect([...ids].sort()).toEqual(idsOf(server.posts).sort());
      },
    ));

  it.each([
    ['short', (n: number) => n % 3 === 0],
    ['empty', (n: number) => n >= 14 && n < 42],
    ['empty at first', (n: number) => n < 20],
    ['empty at last', (n: number) => n >= 50],
  ])('goes on behind pages that are %s and not the last', (_what, isHidden) =>
    withFakeTumblr(
      posts(70, (n) => Math.floor(n / 2)).map((post, n) => ({ ...post, isHidden: isHidden(n) })),
      async (server) => {
        const { ids, error } = await listed(server, { way, settings: { limit: '7' } });
        expect([...ids].sort()).toEqual(idsOf(server.posts.filter((post) => !post.isHidden)).sort());
        expect(error).toBeUndefined();
      },
    ),
  );

  it('has all that was there throughout, whatever comes and goes meanwhile', () =>
    withFakeTumblr(
      posts(150, (n) => Math.floor(n / 4)),
      async (server) => {
        const gone = idsOf(server.posts).filter((_id, n) => n % 11 === 5);
        const stays = idsOf(server.posts).filter((id) => !gone.includes(id));
        let [at, come] = [0, 0];
        server.beforeCall = () => {
          server.remove(...gone.slice(at, at + 2));
          at += 2;
          for (const timestamp of [1_700_000_100 + come, 1_700_000_000 - 30 + come])
            server.add({ id: String(900_000_000_000_000_000n + BigInt(come++)), timestamp });
        };
        const { ids, error } = await listed(server, { way, settings: { limit: '10' } });
        expect(ids).toEqual(expect.arrayContaining(stays));
        expect(error).toBeUndefined();
        expect(come).toBeGreaterThan(20);
      },
    ));

  it('asks for nothing that is covered', () =>
    withFakeTumblr(posts(200), async (server) => {
      const first = await listed(server, { way });
      const covered = united(first.pages.flatMap((page) => page.covers ?? []));
      const before = server.calls.length;
      server.add({ id: '800000000000000001', timestamp: 1_700_000_500 });
      const { ids } = await listed(server, { way: { ...way, covered } });
      expect(ids).toContain('800000000000000001');
      expect(server.calls.length - before).toBe(1);
    }));

  it.each(['sort', 'after', 'before'])(
    'takes no page for the other end of a second that was not asked from there: %s is not heard',
    (deaf) =>
      withFakeTumblr(
        posts(60, (n) => (n < 20 ? n : n < 40 ? 20 : n)),
        async (server) => {
          server.beforeCall = () => {
            const { query } = server.calls.at(-1)!;
            const isOther = order === 'newest' ? query.has('sort') : query.has('before');
            if (isOther) query.delete(deaf);
            query.delete('offset');
          };
          const { unread, error } = await listed(server, { way, settings: { limit: '15' } });
          const isHeard = order === 'newest' ? deaf === 'before' : deaf !== 'before';
          expect({ unread, error }).toEqual({ unread: isHeard ? 0 : 1, error: undefined });
        },
      ),
  );

  it('ends where the server gives the same page again and again', () =>
    withFakeTumblr(posts(100), async (server) => {
      let held: Reply | undefined;
      server.trouble = () => (due) => {
        held ??= due;
        return held;
      };
      const { ids, error, left } = await listed(server, { way });
      expect(ids).toHaveLength(50);
      expect({ error, left }).toEqual({
        error: undefined,
        left: [expect.stringContaining('does not lead there')],
      });
      expect(server.calls.length).toBeLessThanOrEqual(3);
    }));

  it('ends where the server leads back to where it was', () =>
    withFakeTumblr(posts(200), async (server) => {
      const held: Reply[] = [];
      server.trouble = (n) => (due) => {
        held[(n - 1) % 3] ??= due;
        return held[(n - 1) % 3]!;
      };
      const { left } = await listed(server, { way });
      expect(left).toEqual([expect.stringContaining('does not lead there')]);
      expect(server.calls.length).toBeLessThanOrEqual(6);
    }));

  it('ends where page after page is empty, and more is said to follow', () =>
    withFakeTumblr(posts(3), async (server) => {
      server.trouble = (n) =>
        instead((response) => {
          const bound = String(1_600_000_000 + (order === 'newest' ? -n : n));
          return {
            ...response,
            posts: [],
            _links: { next: { query_params: { before: bound, after: bound } } },
          };
        });
      const { error } = await listed(server, { way });
      expect(error).toBeInstanceOf(SourceError);
      expect(server.calls.length).toBeLessThan(60);
    }));

  it('ends where more is said to follow, and not where', () =>
    withFakeTumblr(posts(3), async (server) => {
      server.trouble = () =>
        instead(() => ({ posts: [], _links: { next: { href: '/v2/blog/fern/posts?page_number=2' } } }));
      expect((await listed(server, { way })).error).toBeInstanceOf(SourceError);
      expect(server.calls).toHaveLength(1);
    }));

  it('an empty blog is one', () =>
    withFakeTumblr([], async (server) => {
      const { pages, warnings, error } = await listed(server, { way });
      expect({ warnings, error }).toEqual({ warnings: [], error: undefined });
      expect(pages).toMatchObject([{ posts: [], total: 0, blog: { id: 't:fern' } }]);
    }));
});

it('takes the same end of a second once more for nothing new', () =>
  withFakeTumblr(
    posts(30, () => 0),
    async (server) => {
      server.beforeCall = () => {
        for (const name of ['sort', 'offset']) server.calls.at(-1)!.query.delete(name);
      };
      const { ids, unread } = await listed(server, { settings: { limit: '15' } });
      expect({ ids: ids.length, unread }).toEqual({ ids: 15, unread: 1 });
    },
  ));

it('has the newest of the last days where pinned posts take all the room of the first page', () => {
  const now = Math.floor(Date.now() / 1000);
  const recent = posts(20).map((post, n) => ({ ...post, timestamp: now - 3600 * n, isPinned: n > 17 }));
  return withFakeTumblr(recent, async (server) => {
    const { ids } = await listed(server, { settings: { limit: '2' } });
    expect([...ids].sort()).toEqual(idsOf(server.posts).sort());
  });
});

describe('answers that make no sense', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const troubles: readonly [string, Parameters<typeof instead>[0] | string | Buffer][] = [
    ['a web page', '<!DOCTYPE html><title>Down</title>'],
    ['nothing', ''],
    ['half an answer', '{"meta":{"status":200},"response":{"posts":['],
    ['an answer nested without end', deep],
    ['two answers', '{"meta":{"status":200}} {"meta":{"status":200}}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an error inside', '{"meta":{"status":503,"msg":"Down"},"response":[]}'],
    ['no response', '{"meta":{"status":200,"msg":"OK"}}'],
    ['bytes of no text', Buffer.from([0xff, 0xfe, 0x00, 0xd8])],
    ['an empty list for a response', () => []],
    ['a text for a response', () => 'Nothing to see.'],
    ['an error for a response', () => ({ error: 'oops' })],
    ['posts that are a text', () => ({ posts: 'none' })],
    ['posts that are null', () => ({ posts: null })],
  ];
  const trouble = (what: (typeof troubles)[number][1]) =>
    typeof what === 'function'
      ? instead(what)
      : (due: Parameters<typeof webPage>[0]) => ({ ...due, body: what });

  it.each(troubles)('%s once: is asked again, and nothing is missing', (_name, what) =>
    withFakeTumblr(posts(60), async (server) => {
      server.trouble = (n) => (n === 2 ? trouble(what) : undefined);
      const { ids, error } = await listed(server);
      expect(ids).toEqual(idsOf(server.posts));
      expect(error).toBeUndefined();
      expect(server.calls).toHaveLength(3);
    }),
  );

  it.each(troubles)('%s twice: ends the listing, never as an empty blog', (_name, what) =>
    withFakeTumblr(posts(60), async (server) => {
      server.trouble = () => trouble(what);
      const { pages, error } = await listed(server);
      expect(pages).toEqual([]);
      expect(error).toBeInstanceOf(SourceError);
      expect(server.calls).toHaveLength(2);
    }),
  );

  it('a web page is called one', () =>
    withFakeTumblr([], async (server) => {
      server.trouble = () => webPage;
      expect(String((await listed(server)).error)).toContain('is a web page (text/html)');
    }));
});

describe('posts that are odd', () => {
  it.each([null, 7, 'post', [], [1], {}, { id: null }, { id: {} }, true])('%j is skipped', (odd) =>
    withFakeTumblr(posts(3), async (server) => {
      server.trouble = () =>
        instead((response) => ({ ...response, posts: [odd, ...(response.posts as [])] }));
      const { ids, unread, warnings } = await listed(server);
      expect(ids).toEqual(idsOf(server.posts));
      expect({ unread, warned: warnings.length }).toEqual({ unread: 1, warned: 1 });
    }),
  );

  it.each([
    ['null', null],
    ['a word', 'soon'],
    ['an object', {}],
    ['a list', []],
    ['far before all time', -1e20],
    ['far behind all time', 1e300],
    ['a text without end', 'x'.repeat(1e5)],
  ])('a moment that is %s stops nothing', (_what, timestamp) =>
    withFakeTumblr(
      posts(30).map((post, n) => (n % 4 === 2 ? { ...post, fields: { timestamp } } : post)),
      async (server) => {
        const { ids, error } = await listed(server, { settings: { limit: '5' } });
        expect([...ids].sort()).toEqual(idsOf(server.posts).sort());
        expect(error).toBeUndefined();
      },
    ),
  );

  it.each(
    orders.flatMap((order) => [
      { order, what: 'of the year 1970', timestamp: 7 },
      { order, what: 'of the year 2010', timestamp: 1_270_000_000 },
      { order, what: 'of the year 2026', timestamp: 1_780_000_000 },
      { order, what: 'of the year 5000', timestamp: 95_617_584_000 },
    ]),
  )('a moment $what skips nothing, $order first', ({ order, timestamp }) =>
    withFakeTumblr(
      posts(30).map((post, n) => (n % 7 === 4 ? { ...post, fields: { timestamp } } : post)),
      async (server) => {
        const { ids, pages, error } = await listed(server, { way: { order }, settings: { limit: '5' } });
        expect([...ids].sort()).toEqual(idsOf(server.posts).sort());
        expect(error).toBeUndefined();
        const top = united(pages.flatMap(({ covers }) => covers ?? [])).at(-1)?.to;
        expect(top).toBeLessThanOrEqual(1_800_000_000);
      },
    ),
  );

  it('numbers may be texts, and lists objects', () =>
    withFakeTumblr(posts(90), async (server) => {
      server.trouble = () =>
        instead((response) => ({
          ...response,
          total_posts: '90',
          posts: Object.fromEntries(
            (response.posts as { timestamp: number }[]).map((post, n) => [
              n,
              { ...post, timestamp: String(post.timestamp) },
            ]),
          ),
        }));
      const { ids, pages } = await listed(server);
      expect(ids).toEqual(idsOf(server.posts));
      expect(pages[0]!.total).toBe(90);
    }));

  it('ids that a double would round stay two where no text says them', () =>
    withFakeTumblr(
      posts(2).map((post) => ({ ...post, fields: { id_string: undefined } })),
      async (server) => expect((await listed(server)).ids).toEqual(idsOf(server.posts)),
    ));

  it('text that is no UTF-8 is replaced, and that is told', () =>
    withFakeTumblr(posts(1), async (server) => {
      server.trouble = () => (due) => ({
        ...due,
        body: Buffer.from(
          JSON.stringify(due.body).replaceAll('#', '').replace('photo', 'ph\u00fcto'),
          'latin1',
        ),
      });
      const { ids, warnings } = await listed(server);
      expect(ids).toHaveLength(1);
      expect(warnings).toEqual([expect.stringContaining('is not all UTF-8')]);
    }));
});

describe('what else can be listed', () => {
  const tagged = posts(130).map((post, n) => ({ ...post, tags: n % 2 === 0 ? ['Moss'] : ['fern', 'Moss'] }));

  it.each(orders)('a tag of a blog, from the %s on', (order) =>
    withFakeTumblr(tagged, async (server) => {
      const { ids } = await listed(server, { target: 'fern.tumblr.com/tagged/fern', way: { order } });
      expect([...ids].sort()).toEqual(idsOf(tagged.filter(({ tags }) => tags.includes('fern'))).sort());
    }),
  );

  it('a blog by its lasting id, written as it is', () =>
    withFakeTumblr(posts(3), async (server) => {
      const { ids, asked } = await listed(server, { target: 't:fern' });
      expect(ids).toEqual(idsOf(server.posts));
      expect(asked[0]).toContain('/v2/blog/t:fern/posts?');
    }));

  it('the likes of a blog', () =>
    withFakeTumblr(posts(130), async (server) => {
      const { ids, pages } = await listed(server, { target: 'tumblr:likes:fern' });
      expect(ids).toEqual(idsOf(server.posts));
      expect(pages[0]!.total).toBe(undefined); // counts of a part say nothing of an archive that may hold more
      expect(server.calls.every(({ what }) => what === 'likes')).toBe(true);
    }));

  it('a tag over all of Tumblr, which ends where no page leads on', () =>
    withFakeTumblr(tagged, async (server) => {
      const { ids } = await listed(server, { target: 'tumblr:tag:Moss' });
      expect(ids).toEqual(idsOf(tagged));
      expect(server.calls.every(({ what }) => what === 'tagged')).toBe(true);
    }));

  it.each(['tumblr:likes:fern', 'tumblr:tag:Moss'])('%s is not listed from its oldest on', (target) =>
    withFakeTumblr(tagged, async (server) => {
      expect((await listed(server, { target, way: { order: 'oldest' } })).error).toBeInstanceOf(UsageError);
      expect(server.calls).toHaveLength(0);
    }),
  );

  it('a post, which says nothing of what else there is', () =>
    withFakeTumblr(posts(3), async (server) => {
      const id = server.posts[1]!.id;
      const { ids, pages } = await listed(server, { target: `https://www.tumblr.com/fern/${id}/slug` });
      expect(ids).toEqual([id]);
      expect(Object.keys(pages[0]!)).toEqual(['posts']);
    }));

  it('no post that is not there', () =>
    withFakeTumblr(posts(3), async (server) => {
      expect((await listed(server, { target: 'fern.tumblr.com/post/1' })).error).toBeInstanceOf(SourceError);
    }));
});

it.each([
  ['api', 'tumblr:aaa'],
  ['other', undefined],
])('knows pictures by their keys at the host of its settings, and at no other: %s', (which, id) =>
  withFakeTumblr(posts(1), async (server) => {
    const host = which === 'api' ? new URL(server.url).host : 'pictures.example';
    const url = `http://${host}/tumblr_aaa_1280.jpg`;
    server.trouble = () =>
      instead((response) => ({
        ...response,
        posts: [{ id: 1, timestamp: 7, content: [{ type: 'image', media: [{ url }] }] }],
      }));
    const { pages } = await listed(server);
    expect(pages[0]!.posts[0]!.items.map((item) => item.id)).toEqual([id ?? url]);
  }),
);

describe('opening', () => {
  const open = (target: string, settings: Record<string, string> = {}) =>
    tumblr.open(target, testContext({ settings, fetch: () => Promise.reject(new Error('asked')) }));

  it('asks nobody, and knows the name of the archive', async () => {
    const { name, trusted } = await open('https://www.tumblr.com/fern/', { 'sources.tumblr.key': 'k' });
    expect(name).toBe('fern.tumblr.com');
    expect(trusted).toEqual(['https://fern.tumblr.com']); // headers of the user's are not for the API
    expect(tumblr.nameOf!('tumblr:likes:fern')).toBe('fern.tumblr.com-likes');
    expect(tumblr.nameOf!('https://www.tumblr.com/login')).toBe(null);
  });

  it('is the first that is asked whether it claims a target', () => {
    expect(sources.find((source) => source.claims('fern.tumblr.com'))).toBe(tumblr);
  });

  it.each(['tumblr:likes:fern', 'tumblr:tag:moss', 't:Ab12cd'])('%s takes a key', async (target) => {
    await expect(open(target)).rejects.toThrow(AuthError);
    await expect(open(target)).rejects.toThrow(/oxbow auth tumblr/);
  });

  it.each([
    ['api', 'nowhere'],
    ['api', 'https://mia:secret@api.example/'],
    ['v1', 'https://fern.example/?x=1'],
    ['limit', '1'],
    ['limit', '51'],
    ['limit', 'many'],
    ['npf', 'perhaps'],
    ['nfp', 'true'],
  ])('refuses %s=%s', async (key, value) => {
    await expect(open('tumblr:fern', { [`sources.tumblr.${key}`]: value })).rejects.toThrow(UsageError);
  });

  it.each(['tumblr:./export.zip', 'tumblr:lost.zip', 'tumblr:/nowhere/at/all'])(
    'takes %s for a file, not for the host of a blog',
    (target) => expect(open(target)).rejects.toThrow(/There is nothing at/),
  );

  it.each([
    ['tumblr:fern', {}, 'https://fern.tumblr.com/api/read'],
    [
      'fern.tumblr.com/tagged/moss',
      { 'sources.tumblr.v1': 'http://127.0.0.1:1/' },
      'http://127.0.0.1:1/api/read',
    ],
  ])(
    'without a key the older API is asked, at the blog or where it is said to be: %s',
    async (target, settings, at) => {
      const asked: string[] = [];
      const fetch = (url: string) => Promise.reject(new Error(String(asked.push(url))));
      const listing = await tumblr.open(target, testContext({ settings, fetch }));
      await expect(postsOf(listing)).rejects.toThrow();
      expect(asked[0]).toMatch(at);
      expect(asked[0]!.includes('tagged=moss')).toBe(target.includes('moss'));
    },
  );

  it('without a key, a blog is listed by the older API', () =>
    withFakeV1(v1Posts(70), async ({ base }) => {
      const settings = { 'sources.tumblr.v1': base };
      const listing = await tumblr.open('tumblr:fern', testContext({ settings }));
      expect(listing.name).toBe('fern.tumblr.com');
      expect(await postsOf(listing)).toHaveLength(70);
    }));

  it('an export on disk is known for one, by its folder alone', async () => {
    const folder = 'fixtures/tumblr-export/fern/input';
    expect(sources.find((source) => source.claims(folder))).toBe(tumblr);
    const listing = await tumblr.open(`tumblr:${folder}`, testContext());
    expect((await postsOf(listing)).length).toBeGreaterThan(0);
    await listing.close?.();
  });

  it('says of a folder that is no export that it is none', () =>
    expect(tumblr.open('tumblr:./src', testContext())).rejects.toThrow(/neither a post nor a medium/));
});
