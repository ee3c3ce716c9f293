import { describe, expect, it } from 'vitest';
import { AuthError, QuotaError, SourceError } from '../../../src/errors.ts';
import { fetcher } from '../../../src/net/fetch.ts';
import { Gate } from '../../../src/net/gate.ts';
import { openHttp } from '../../../src/net/http.ts';
import { checkOptions } from '../../../src/options.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { type Bucket, bucketsIn, endOf, refillOf, resumptionOf } from '../../../src/sources/tumblr/quota.ts';
import { dashboardOnly, type Trouble, told, withFakeTumblr } from '../../helpers/fake-tumblr.ts';
import { patience } from '../../helpers/rig.ts';
import { idsOf, listed, posts } from './listed.ts';

const hour = 3_600_000;
const day = 24 * hour;

describe('refusals', () => {
  const key = 'canary/key+9f3a';
  const unavailable: Trouble = () =>
    told(403, 'Forbidden', { response: `No: ${key} may not. ${'x'.repeat(5000)}` });
  const inside =
    (status: number): Trouble =>
    () => ({ ...told(status, 'As said'), status: 200 });
  const cases: readonly [string, Trouble, new (...given: never[]) => Error, RegExp][] = [
    [
      'a key that is refused',
      () => told(401, 'Unauthorized'),
      AuthError,
      /refuses the API key \(401, 'Unauthorized'\).*oxbow auth tumblr/,
    ],
    ['a blog that is private', unavailable, AuthError, /\(403, 'No: … may not\..{0,200}…'\)/],
    [
      'a blog within the dashboard',
      dashboardOnly,
      AuthError,
      /within the dashboard alone.*only viewable within.*export/,
    ],
    [
      'a blog that is gone',
      () => told(404, 'Not Found'),
      SourceError,
      /does not know the blog fern.tumblr.com \(404.*wayback:/,
    ],
    [
      'a call that makes no sense',
      () => told(400, 'Bad Request'),
      SourceError,
      /cannot be listed: its API refuses \(400/,
    ],
    ['a 401 inside of a 200', inside(401), AuthError, /\(401, 'As said'\)/],
    ['a 404 inside of a 200', inside(404), SourceError, /\(404, 'As said'\)/],
    [
      'a 401 that is a web page',
      () => ({ ...told(401, ''), body: '<p>no</p>', type: 'text/html' }),
      AuthError,
      /\(401\)/,
    ],
    [
      'a key that is said again, percent-encoded',
      () => told(401, encodeURIComponent(key)),
      AuthError,
      /\(401, '…'\)/,
    ],
  ];

  it.each(cases)('%s: says so in a sentence, at once and without the key', (_name, trouble, kind, words) =>
    withFakeTumblr(
      posts(3),
      async (server) => {
        server.trouble = () => trouble;
        const { error, warnings, pages } = await listed(server, { settings: { key } });
        expect(error).toBeInstanceOf(kind);
        expect(String(error)).toMatch(words);
        expect(server.calls).toHaveLength(1);
        expect(server.calls[0]!.query.get('api_key')).toBe(key);
        const all = JSON.stringify([String(error), error, (error as Error).stack, warnings, pages]);
        expect(all).not.toContain('canary');
      },
      { key },
    ),
  );

  it('come after the posts that were listed before', () =>
    withFakeTumblr(posts(120), async (server) => {
      server.trouble = (n) => (n === 2 ? () => told(401, 'Unauthorized') : undefined);
      const { ids, error } = await listed(server);
      expect(ids).toEqual(idsOf(server.posts).slice(0, 50));
      expect(error).toBeInstanceOf(AuthError);
    }));

  it('a wrong key is one', () =>
    withFakeTumblr(posts(3), async (server) => {
      expect((await listed(server, { settings: { key: 'other' } })).error).toBeInstanceOf(AuthError);
    }));

  it.each(['fine', 7, -1, null, 1e9])('a status of %j is none', (status) =>
    withFakeTumblr(posts(3), async (server) => {
      server.trouble = () => (due) => ({
        ...due,
        body: { ...(due.body as object), meta: { status } },
      });
      expect((await listed(server)).error).toBeUndefined();
    }),
  );
});

/** Requests as a run makes them: through the gate, with patience. */
async function withFetch(test: (fetch: SourceContext['fetch']) => Promise<void>): Promise<void> {
  const options = checkOptions({ allowPrivate: true, retries: 2, backoffBase: 1, backoffMax: 1 });
  const limits = { rate: Number.POSITIVE_INFINITY, burst: null, places: 1, concurrency: 1, inHand: 1 };
  const gate = new Gate({ ...limits, ...patience, report: () => undefined });
  const http = openHttp({ ...options, services: [] });
  try {
    await test(fetcher(http, gate, options));
  } finally {
    await gate.close();
    http.close();
  }
}

describe('a quota', () => {
  /** How many milliseconds from the call on, by what the error says. */
  const waitOf = async (work: () => Promise<unknown>): Promise<[number, number]> => {
    const before = Date.now();
    const error = await work();
    expect(error).toBeInstanceOf(QuotaError);
    const resumes = Date.parse((error as QuotaError).resumes);
    return [resumes - Date.now(), resumes - before];
  };

  it.each([
    [
      'the bucket that is empty',
      {
        'x-ratelimit-perhour-remaining': '0',
        'x-ratelimit-perhour-reset': '1800.5',
        'x-ratelimit-perday-remaining': '9',
        'x-ratelimit-perday-reset': '80000',
      },
      1800.5,
    ],
    [
      'the later one of two',
      {
        'x-ratelimit-perhour-remaining': '0',
        'x-ratelimit-perhour-reset': '60',
        'x-ratelimit-perday-remaining': '0',
        'x-ratelimit-perday-reset': '7000',
      },
      7000,
    ],
    ['Retry-After', { 'retry-after': '120' }, 120],
    ['nothing: an hour', {}, 3600],
    [
      'nonsense: an hour',
      { 'x-ratelimit-perhour-remaining': '-1', 'x-ratelimit-perhour-reset': '1e99', 'retry-after': 'soon' },
      3600,
    ],
    [
      'more than there is: an hour',
      { 'x-ratelimit-perhour-remaining': '0', 'x-ratelimit-perhour-reset': '999999999' },
      3600,
    ],
  ])('that is spent says when it comes back, by %s', (_what, headers, seconds) =>
    withFakeTumblr(posts(3), async (server) => {
      server.trouble = () => () => told(429, 'Limit Exceeded', { headers });
      const [least, most] = await waitOf(async () => (await listed(server)).error);
      expect(least).toBeLessThanOrEqual(seconds * 1000 + 1000);
      expect(most).toBeGreaterThanOrEqual(seconds * 1000);
      expect(server.calls).toHaveLength(1);
    }),
  );

  it('that is spent inside of a 200 is spent', () =>
    withFakeTumblr(posts(3), async (server) => {
      server.trouble = () => () => ({ ...told(429, 'Limit Exceeded'), status: 200 });
      expect((await listed(server)).error).toBeInstanceOf(QuotaError);
    }));

  it('that is spent is heard of at once, and not waited for by asking again', () =>
    withFakeTumblr(posts(3), async (server) => {
      server.trouble = () => () => told(429, 'Limit Exceeded', { headers: { 'retry-after': '1' } });
      await withFetch(async (fetch) => {
        expect((await listed(server, { fetch })).error).toBeInstanceOf(QuotaError);
        expect(server.calls).toHaveLength(1);
      });
    }));

  it('that its last call has spent is not asked again', () =>
    withFakeTumblr(
      posts(500),
      async (server) => {
        const { ids, error } = await listed(server);
        expect(error).toBeInstanceOf(QuotaError);
        expect(server.calls).toHaveLength(4);
        expect(ids).toEqual(idsOf(server.posts).slice(0, 50 + 3 * 49));
      },
      { quotas: { Perhour: { calls: 4, seconds: 3600 } } },
    ));

  it('lets a listing end that needs no more of it', () =>
    withFakeTumblr(
      posts(120),
      async (server) => {
        const { error, warnings } = await listed(server);
        expect({ error, warnings }).toEqual({ error: undefined, warnings: [] });
      },
      { quotas: { Perhour: { calls: 3, seconds: 3600 }, Perday: { calls: 3, seconds: 86_400 } } },
    ));

  it('that does not suffice is told of once, with what is needed and what is left', () =>
    withFakeTumblr(
      posts(2000),
      async (server) => {
        const { warnings } = await listed(server);
        expect(warnings).toHaveLength(1);
        expect(warnings[0]).toMatch(
          /^Listing the blog fern\.tumblr\.com takes about 40 more calls of the API, and the key has 5 left: it cannot be through before the quota comes back\. .* it is through about \d{4}-\d\d-\d\dT\d\d:\d\dZ\.$/,
        );
        expect(warnings.join()).not.toContain(server.key);
      },
      { quotas: { Perhour: { calls: 6, seconds: 3600 } } },
    ));

  it('is not foretold where part of the blog is listed already', () =>
    withFakeTumblr(
      posts(2000),
      async (server) => {
        const { warnings } = await listed(server, { way: { covered: [{ from: null, to: 1_699_990_000 }] } });
        expect(warnings).toEqual([]);
      },
      { quotas: { Perhour: { calls: 6, seconds: 3600 } } },
    ));
});

describe('the buckets of an answer', () => {
  const now = 1_700_000_000_000;
  const bucket = (given: Partial<Bucket>): Bucket => ({
    ...{ name: 'hour', limit: 1000, left: 10, span: hour, resets: now + hour / 2 },
    ...given,
  });

  it.each([
    [{}, []],
    [{ 'x-ratelimit-perhour-limit': '1000' }, []],
    [
      {
        'x-ratelimit-perhour-remaining': '3',
        'x-ratelimit-perhour-limit': '500',
        'x-ratelimit-perhour-reset': '90',
      },
      [{ name: 'hour', left: 3, limit: 500, span: hour, resets: now + 90_000 }],
    ],
    [
      { 'x-ratelimit-perday-remaining': '0', 'x-ratelimit-perday-reset': '0' },
      [{ name: 'day', left: 0, limit: 5000, span: day, resets: now + 1000 }],
    ],
    [{ 'x-ratelimit-perhour-remaining': 'many', 'x-ratelimit-perday-remaining': `${'9'.repeat(400)}` }, []],
  ])('%j', (headers, expected) => expect(bucketsIn({ headers }, now)).toEqual(expected));

  it('are empty or not', () => {
    expect(refillOf([])).toBeUndefined();
    expect(refillOf([bucket({})])).toBeUndefined();
    expect(refillOf([bucket({ left: 0 }), bucket({ left: 0, resets: now + 5 })])).toBe(now + hour / 2);
    expect(resumptionOf({ headers: {} }, now)).toBe(now + hour);
  });

  it.each([
    ['enough are left', 10, [bucket({})], undefined],
    ['one more than are left', 11, [bucket({})], now + hour / 2],
    ['two hours more', 1011, [bucket({})], now + hour / 2 + hour],
    [
      'the day is what lacks',
      20,
      [bucket({ left: 50 }), bucket({ left: 5, span: day, limit: 5000, resets: now + day })],
      now + day,
    ],
    ['nobody says', 1e6, [], undefined],
  ])('tell when calls are through: %s', (_what, calls, buckets, expected) =>
    expect(endOf(calls, buckets)).toBe(expected),
  );
});
