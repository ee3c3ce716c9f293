import { describe, expect, it } from 'vitest';
import { AuthError, QuotaError, SourceError, UsageError } from '../../../src/errors.ts';
import {
  alwaysFirst,
  idAt,
  idsOf,
  isList,
  listFake,
  type Mood,
  type Reply,
  statusAt,
  statuses,
  withFake,
} from './fake.ts';

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

it('lists an account whatever its fields hold, or says in a sentence why it cannot', () =>
  withFake(statuses(2), async (fake) => {
    const good: Readonly<Record<string, unknown>> = {
      ...fake.account,
      ...{ uri: 'https://m.example/users/fern', avatar: `${fake.url}/a.png`, header: `${fake.url}/h.png` },
      ...{ moved: null, suspended: false, limited: false, emojis: [], fields: [] },
    };
    const wrong: readonly unknown[] = [null, 7, {}, [null, [[]]], 'y'.repeat(100_000)];
    for (const field of Object.keys(good))
      for (const value of wrong) {
        fake.account = { ...good, [field]: value };
        const { error, ids } = await listFake(fake);
        if (error) expect(error, `${field} ${value}`).toBeInstanceOf(SourceError);
        else expect(ids, `${field} ${value}`).toEqual(expect.arrayContaining(idsOf(fake.posts)));
        expect(String(error).length).toBeLessThan(1000);
      }
  }));

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
