import { describe, expect, it } from 'vitest';
import { AuthError, QuotaError, SourceError, UsageError } from '../../../src/errors.ts';
import { united } from '../../../src/intervals.ts';
import type { Order } from '../../../src/model.ts';
import { mastodon } from '../../../src/sources/mastodon/mastodon.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { idAt, idsOf, listFake, type Mood, type Reply, statusAt, statuses, withFake } from './fake.ts';

const orders: readonly Order[] = ['newest', 'oldest'];
const isList = (path: string) => path.endsWith('/statuses');

describe.each(orders)('an account from the %s on', (order) => {
  const way = { order };
  const inOrder = (ids: readonly string[]) => (order === 'newest' ? ids : [...ids].reverse());

  it('has every post of the server, in its order, in as many calls as there are pages', () =>
    withFake(statuses(237), async (fake) => {
      const { ids, pages, warnings, error, left } = await listFake(fake, { way });
      expect({ warnings, error, left }).toEqual({ warnings: [], error: undefined, left: [] });
      expect(ids).toEqual(inOrder(idsOf(fake.posts)));
      expect(united(pages.flatMap(({ covers }) => covers ?? []))).toEqual([
        { from: null, to: expect.any(Number) },
      ]);
      expect(fake.lists.length).toBeLessThanOrEqual(order === 'newest' ? 8 : 10);
    }));

  it('takes no short page for the end, nor one without a post that leads on', () =>
    withFake(statuses(200), async (fake) => {
      fake.isHidden = ({ id }) => {
        const nth = fake.posts.findIndex((post) => post.id === id);
        return nth % 3 === 0 || (nth >= 80 && nth < 130);
      };
      const { ids, error, left } = await listFake(fake, { way });
      expect({ error, left }).toEqual({ error: undefined, left: [] });
      expect(ids).toEqual(inOrder(idsOf(fake.posts.filter((post) => !fake.isHidden(post)))));
    }));

  it('goes on where an interrupted listing has ended, without a hole, also behind what is new', () =>
    withFake(statuses(300), async (fake) => {
      const whole = await listFake(fake, { way });
      const covered = united(whole.pages.slice(0, 3).flatMap(({ covers }) => covers ?? []));
      const before = whole.pages.slice(0, 3).flatMap(({ posts }) => idsOf(posts));
      fake.posts = [...statuses(50, { from: 300 }), ...fake.posts];
      const calls = fake.lists.length;
      const rest = await listFake(fake, { way: { ...way, covered } });
      expect(new Set([...before, ...rest.ids])).toEqual(new Set(idsOf(fake.posts)));
      expect(fake.lists.length - calls).toBeLessThanOrEqual(11);
      expect(united([...covered, ...rest.pages.flatMap(({ covers }) => covers ?? [])])).toHaveLength(1);
    }));

  it('asks hardly anything where all is covered', () =>
    withFake(statuses(300), async (fake) => {
      const { pages } = await listFake(fake, { way });
      const covered = united(pages.flatMap(({ covers }) => covers ?? []));
      const calls = fake.lists.length;
      await listFake(fake, { way: { ...way, covered } });
      expect(fake.lists.length - calls).toBeLessThanOrEqual(order === 'newest' ? 1 : 4);
    }));

  it('has all of one moment, however many they are', () =>
    withFake(
      Array.from({ length: 130 }, (_, n) =>
        statusAt(idAt(Date.UTC(2024, 4, 6), 130 - n), Date.UTC(2024, 4, 6), n),
      ),
      async (fake) => {
        const { ids, error, left } = await listFake(fake, { way });
        expect({ error, left }).toEqual({ error: undefined, left: [] });
        expect(ids).toEqual(inOrder(idsOf(fake.posts)));
      },
    ));

  it('asks for the time that is wanted alone', () =>
    withFake(statuses(2000), async (fake) => {
      const date = (nth: number) => new Date(Date.UTC(2024, 4, 6) + nth * 60_000).toISOString();
      const { ids } = await listFake(fake, { way: { ...way, after: date(1000), before: date(1100) } });
      expect(ids).toEqual(expect.arrayContaining(idsOf(fake.posts.slice(900, 1000))));
      expect(fake.lists.length).toBeLessThanOrEqual(7);
    }));
});

it('lists posts from before ids held the time behind those from afterwards', () =>
  withFake(
    [
      ...statuses(60),
      ...Array.from({ length: 90 }, (_, n) => statusAt(String(9000 - n), Date.UTC(2017, 1, 1), n)),
    ],
    async (fake) => {
      const { ids, error, left } = await listFake(fake);
      expect({ error, left }).toEqual({ error: undefined, left: [] });
      expect(ids).toEqual(idsOf(fake.posts));
      const oldest = await listFake(fake, { way: { order: 'oldest' } });
      expect([...oldest.ids].reverse()).toEqual(idsOf(fake.posts));
    },
  ));

describe('a server whose ids tell nothing', () => {
  const plain = (count: number, from = 0) =>
    statuses(count, { from, idOf: (_, nth = 0) => `x${10_000 + nth}` });

  it('is listed by cursors, and goes on behind any of them', () =>
    withFake(plain(130), async (fake) => {
      const { ids, pages } = await listFake(fake);
      expect(ids).toEqual(idsOf(fake.posts));
      expect(pages.some(({ covers }) => covers)).toBe(false);
      const rest = await listFake(fake, { cursor: pages[1]!.cursor });
      expect(rest.ids).toEqual(idsOf(fake.posts.slice(80)));
      expect(pages.at(-1)!.cursor).toBeNull();
    }));

  it('is left where all of a page is held, and all was listed before', () =>
    withFake(plain(200), async (fake) => {
      const held = new Set(idsOf(fake.posts));
      fake.posts = [...plain(5, 200), ...fake.posts];
      const way = { wasWhole: true, isHeld: async (id: string) => held.has(id) };
      const { ids } = await listFake(fake, { way });
      expect(ids).toEqual(idsOf(fake.posts.slice(0, 80)));
      expect(fake.lists).toHaveLength(2);
    }));

  it('is left, and said to be so, where it ignores from where it is to go on', () =>
    withFake(plain(200), async (fake) => {
      const { pages, left } = await listFake({
        ...fake,
        ...{ lists: fake.lists },
      });
      expect({ pages: pages.length, left }).toEqual({ pages: 6, left: [] });
      fake.mood = (path) => (isList(path) ? alwaysFirst(fake.posts) : undefined);
      const again = await listFake(fake);
      expect(again.pages).toHaveLength(2);
      expect(again.left).toEqual([expect.stringContaining('shows the same posts again')]);
    }));

  it('refuses to list from the oldest on', () =>
    withFake(plain(3), async (fake) => {
      const { error } = await listFake(fake, { way: { order: 'oldest' } });
      expect(error).toBeInstanceOf(UsageError);
    }));
});

/** The newest posts, whatever is asked. */
const alwaysFirst =
  (posts: readonly unknown[]): Mood =>
  (due) => ({ ...due, headers: {}, body: posts.slice(0, 40) });

describe('a server that lies', () => {
  it('is left where it ignores max_id, and refused from the oldest on where it ignores min_id', () =>
    withFake(statuses(200), async (fake) => {
      fake.mood = (path) =>
        isList(path)
          ? (due, query) => (query.size > 1 ? alwaysFirst(fake.posts)(due, query) : due)
          : undefined;
      const newest = await listFake(fake);
      expect(newest.ids).toHaveLength(40);
      expect(newest.left).toEqual([expect.stringContaining('does not')]);
      fake.mood = (path) =>
        isList(path)
          ? (due, query) => (query.has('min_id') ? alwaysFirst(fake.posts)(due, query) : due)
          : undefined;
      const oldest = await listFake(fake, { way: { order: 'oldest' } });
      expect(oldest).toMatchObject({ ids: [], error: expect.any(UsageError) });
    }));

  it('is left where it leads on and on without a post', () =>
    withFake(statuses(3), async (fake) => {
      let n = 0;
      fake.mood = (path) =>
        isList(path)
          ? (due, query) =>
              query.has('max_id')
                ? { ...due, body: [], headers: { link: `<x?max_id=${1e6 - n++}>; rel="next"` } }
                : due
          : undefined;
      const { ids, left } = await listFake(fake);
      expect(ids).toHaveLength(3);
      expect(left).toEqual([expect.stringContaining('page after page without a post')]);
      expect(n).toBe(20);
    }));

  it('is asked twice where it shows nothing though more was promised', () =>
    withFake(statuses(100), async (fake) => {
      let blips = 0;
      fake.mood = (path) =>
        isList(path)
          ? (due, query) => (query.has('max_id') && blips++ === 0 ? { ...due, body: [], headers: {} } : due)
          : undefined;
      const { ids } = await listFake(fake);
      expect(ids).toEqual(idsOf(fake.posts));
      expect(blips).toBeGreaterThan(1);
    }));

  it.each([
    ['an object that says it failed', { error: 'Something went wrong' }],
    ['a page for maintenance', '<!doctype html><title>Back soon</title>'],
    ['nothing at all', ''],
    ['half of an answer', '[{"id":"1"'],
  ])('with status 200 and %s is no account without posts', (_, body) =>
    withFake(statuses(3), async (fake) => {
      fake.mood = (path) => (isList(path) ? (due) => ({ ...due, body }) : undefined);
      const { pages, error } = await listFake(fake);
      expect(pages).toEqual([]);
      expect(error).toBeInstanceOf(SourceError);
      expect(fake.lists).toHaveLength(2);
    }),
  );

  it('reads what it can where every field is of a wrong type, one at a time', () =>
    withFake([], async (fake) => {
      const [good] = statuses(1);
      const wrong: readonly unknown[] = [
        null,
        [],
        7,
        {},
        'x',
        true,
        { __proto__: { a: 1 } },
        [null, [[]]],
        1e300,
      ];
      const time = Date.UTC(2024, 4, 6);
      let n = 0;
      const fields = [...Object.keys(good!), 'quote', 'card', 'tags', 'poll', 'account'];
      const some = fields.flatMap((field) =>
        wrong.map((value) =>
          statusAt(idAt(time - n * 60_000, 1), time - n++ * 60_000, n, { [field]: value }),
        ),
      );
      const inner = Object.keys((good!.media_attachments as object[])[0]!);
      const all = [
        ...some,
        ...inner.flatMap((field) =>
          wrong.map((value) =>
            statusAt(idAt(time - n * 60_000, 1), time - n++ * 60_000, n, {
              media_attachments: [{ ...(good!.media_attachments as object[])[0]!, [field]: value }],
            }),
          ),
        ),
      ];
      fake.mood = (path) =>
        isList(path)
          ? (due, query) => ({ ...due, headers: {}, body: query.has('max_id') ? [] : all })
          : undefined;
      fake.account = { ...fake.account, statuses_count: all.length };
      const { ids, error, unread } = await listFake(fake);
      expect(error).toBeUndefined();
      expect(unread).toBeGreaterThan(0);
      expect(ids.length + unread).toBeGreaterThanOrEqual(all.length - wrong.length);
      expect(({} as Record<string, unknown>).a).toBeUndefined();
    }));
});

describe('what a server refuses', () => {
  const refuses =
    (status: number, body: unknown, headers: Reply['headers'] = {}): Mood =>
    () => ({ status, headers, body });

  it('is a matter of a token where it wants one, which then goes to that host alone', () =>
    withFake(statuses(3), async (fake) => {
      const host = new URL(fake.url).host;
      const isKeyed = (nth: number) =>
        fake.requests[nth - 1]?.headers.authorization === 'Bearer CANARY-token';
      fake.mood = (_, nth) =>
        isKeyed(nth) ? undefined : refuses(401, { error: 'Unauthorized: token not supplied CANARY-token' });
      const without = await listFake(fake);
      expect(without.error).toBeInstanceOf(AuthError);
      expect(String(without.error)).toContain('oxbow auth mastodon');
      expect(fake.requests).toHaveLength(1);
      const other = await listFake(fake, { settings: { token: 'else.example=CANARY-token' } });
      expect(other.error).toBeInstanceOf(AuthError);
      expect(fake.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false);
      const token = `else.example=x,${host}=CANARY-token`;
      const own = await listFake(fake, { settings: { token } });
      expect(own).toMatchObject({ error: undefined, ids: idsOf(fake.posts) });
      fake.mood = () => refuses(403, { error: 'This method requires CANARY-token' });
      const refused = await listFake(fake, { settings: { token } });
      expect(refused.error).toBeInstanceOf(AuthError);
      expect(String(refused.error)).not.toContain('CANARY');
    }));

  it('is a quota where it was asked too often, until when its headers say', () =>
    withFake(statuses(300), async (fake) => {
      const reset = new Date(Date.now() + 200_000).toISOString();
      fake.mood = (path, nth) =>
        isList(path) && nth > 3
          ? refuses(429, { error: 'Too many requests' }, { 'x-ratelimit-reset': reset })
          : undefined;
      const { error, ids } = await listFake(fake);
      expect(error).toBeInstanceOf(QuotaError);
      expect(Date.parse((error as QuotaError).resumes) - Date.parse(reset)).toBeLessThanOrEqual(1000);
      expect(ids).toHaveLength(80);
      expect(fake.lists).toHaveLength(3);
    }));

  it('is not even asked for where the last answer said that no call is left', () =>
    withFake(statuses(300), async (fake) => {
      const reset = new Date(Date.now() + 200_000).toISOString();
      fake.mood = (path) =>
        isList(path)
          ? (due) => ({
              ...due,
              headers: { ...due.headers, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
            })
          : undefined;
      const { error, ids } = await listFake(fake);
      expect(error).toBeInstanceOf(QuotaError);
      expect(ids).toHaveLength(40);
      expect(fake.lists).toHaveLength(1);
    }));

  it('is said in words: unknown, gone, suspended, moved, for followers alone', () =>
    withFake([], async (fake) => {
      const nobody = await listFake(fake, { target: 'mastodon:@nobody@m.example' });
      expect(String(nobody.error)).toMatch(/does not know @nobody@m.example \(404, 'Record not found'\)/);
      fake.mood = (path) => (isList(path) ? refuses(410, { error: 'Gone' }) : undefined);
      expect(String((await listFake(fake)).error)).toContain('it was suspended or deleted');
      fake.mood = () => undefined;
      fake.account = {
        ...fake.account,
        moved: { acct: 'fern@new.example', url: 'https://new.example/@fern' },
        statuses_count: 9,
      };
      const moved = await listFake(fake);
      expect(moved.error).toBeUndefined();
      expect(moved.warnings).toEqual([
        expect.stringContaining("has moved to 'https://new.example/@fern'"),
        expect.stringContaining('shows none of them'),
      ]);
      fake.account = { ...fake.account, suspended: true };
      expect(String((await listFake(fake)).error)).toContain('is suspended');
    }));

  it('is told of in its own address, not that of a login', () =>
    withFake(statuses(2), async (fake) => {
      fake.mood = (path) =>
        path === '/login'
          ? refuses(200, '<title>Sign in</title>', { 'content-type': 'text/html' })
          : refuses(302, '', { location: '/login' });
      const { error } = await listFake(fake);
      expect(error).toBeInstanceOf(AuthError);
      expect(String(error)).toContain('leads to its login');
    }));
});

it('leaves direct messages out, and says how many, unless they are wanted', () =>
  withFake(statuses(50), async (fake) => {
    fake.posts = fake.posts.map((post, n) => (n % 10 === 0 ? { ...post, visibility: 'direct' } : post));
    const { ids, warnings } = await listFake(fake);
    expect(ids).toHaveLength(45);
    expect(warnings).toEqual([expect.stringContaining('5 direct messages left out')]);
    expect((await listFake(fake, { settings: { direct: 'true' } })).ids).toHaveLength(50);
  }));

it('opens one post of the account, and is recognised by what its server says of the address', () =>
  withFake(statuses(3), async (fake) => {
    const { id } = fake.posts[1]!;
    expect((await listFake(fake, { target: `mastodon:${fake.url}/@fern/${id}` })).ids).toEqual([id]);
    const context = testContext();
    const sight = { target: `${fake.url}/@fern`, url: `${fake.url}/@fern`, status: 200, type: 'text/html' };
    const more = { headers: {}, start: '', generator: undefined, links: [] };
    expect(await mastodon.recognises!({ ...sight, ...more }, context)).toEqual({
      why: 'its server knows the account, by the API of Mastodon',
      target: `mastodon:${fake.url}/@fern`,
    });
    const other = { ...sight, ...more, url: `${fake.url}/@nobody` };
    expect(await mastodon.recognises!(other, context)).toBeUndefined();
    expect(
      await mastodon.recognises!({ ...other, url: `${fake.url}/2024/05/moss`, target: fake.url }, context),
    ).toBeUndefined();
    expect(context.asked).toHaveLength(2);
  }));
