import { describe, expect, test } from 'vitest';
import { asksToWait, behaves, drips, fails, redirects, serves } from '../../src/demo/behaviours.ts';
import { QuotaError, SourceError } from '../../src/errors.ts';
import { type FetchOptions, fetcher } from '../../src/net/fetch.ts';
import { Gate } from '../../src/net/gate.ts';
import { openHttp } from '../../src/net/http.ts';
import type { Progress } from '../../src/progress.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { deafPort } from '../helpers/raw-server.ts';
import { pace, patience } from '../helpers/rig.ts';

const base: FetchOptions = {
  backoff: 'constant',
  backoffBase: 1,
  backoffMax: 1,
  retries: 2,
  timeout: 2000,
  ...pace,
  random: () => 1,
  signal: new AbortController().signal,
};

type Fetch = ReturnType<typeof fetcher>;

async function withFetch<T>(
  given: Partial<FetchOptions>,
  run: (fetch: Fetch, events: Progress[], gate: Gate) => Promise<T>,
): Promise<T> {
  const http = openHttp({
    userAgent: 'tester',
    connectTimeout: 2000,
    headerTimeout: 2000,
    allowPrivate: true,
    header: [],
    services: [],
  });
  const events: Progress[] = [];
  const report = (event: Progress) => void events.push(event);
  const gate = new Gate({
    rate: Number.POSITIVE_INFINITY,
    burst: null,
    places: 1,
    concurrency: 1,
    inHand: 1,
    ...patience,
    probes: 3,
    retryAfterMax: 5000,
    report,
  });
  try {
    return await run(fetcher(http, gate, { ...base, ...given }), events, gate);
  } finally {
    await gate.close();
    http.close();
  }
}

async function textOf(body: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += chunk;
  return text;
}

describe('a request of a source', () => {
  test('is patient with passing trouble', async () => {
    await withFakeBlog({ '/feed': fails(503).times(2).then(serves('posts')) }, ({ url, requests }) =>
      withFetch({}, async (fetch) => {
        expect(await textOf((await fetch(`${url}/feed`)).body)).toBe('posts');
        expect(requests.map(({ status }) => status)).toEqual([503, 503, 200]);
      }),
    );
  });

  test.each([404, 403, 304, 200])('takes status %i for an answer', async (status) => {
    await withFakeBlog({ '/feed': fails(status) }, ({ url, requests }) =>
      withFetch({}, async (fetch) => {
        const answer = await fetch(`${url}/feed`, { 'if-none-match': '"x"' });
        answer.body.destroy();
        expect([answer.status, requests.length, requests[0]!.headers['if-none-match']]).toEqual([
          status,
          1,
          '"x"',
        ]);
      }),
    );
  });

  test.each([429, 503])('takes a captured %i for an answer, not for a complaint', async (status) => {
    const when = { 'memento-datetime': 'Fri, 31 May 2019 00:00:00 GMT', 'retry-after': '315360000' };
    await withFakeBlog({ '/page': fails(status, when) }, ({ url, requests }) =>
      withFetch({}, async (fetch, events) => {
        const answer = await fetch(`${url}/page`);
        answer.body.destroy();
        expect([answer.status, requests.length, events]).toEqual([status, 1, []]);
      }),
    );
  });

  test('hands on the last answer when its patience ends', async () => {
    await withFakeBlog({ '/feed': fails(500) }, ({ url, requests }) =>
      withFetch({}, async (fetch) => {
        const answer = await fetch(`${url}/feed`);
        answer.body.destroy();
        expect([answer.status, requests.length]).toEqual([500, 3]);
      }),
    );
  });

  test('tries again after a broken connection', async () => {
    const breaks = behaves(({ response }) => void response.socket?.resetAndDestroy());
    await withFakeBlog({ '/feed': breaks.times(1).then(serves('posts')) }, ({ url, requests }) =>
      withFetch({}, async (fetch) => {
        expect(await textOf((await fetch(`${url}/feed`)).body)).toBe('posts');
        expect(requests).toHaveLength(2);
      }),
    );
  });

  test.each([
    ['in seconds', () => '1'],
    ['as a date', () => new Date(Date.now() + 2000).toUTCString()],
  ])('waits as long as the server asks, %s', async (_, after) => {
    const busy = behaves((exchange) => fails(429, { 'retry-after': after() }).answer(exchange));
    await withFakeBlog({ '/feed': busy.times(1).then(serves('posts')) }, ({ url, requests }) =>
      withFetch({}, async (fetch, events) => {
        expect(await textOf((await fetch(`${url}/feed`)).body)).toBe('posts');
        expect(events).toMatchObject([
          { event: 'pace', change: 'halved', why: '1 of 1 answers were 429' },
          { event: 'pause', why: 'status 429' },
        ]);
        expect(requests[1]!.at - requests[0]!.at).toBeGreaterThanOrEqual(
          (events[1] as { ms: number }).ms - 50,
        );
      }),
    );
  });

  test('does not wait longer than the limit allows', async () => {
    await withFakeBlog({ '/feed': asksToWait(315_360_000) }, ({ url, requests }) =>
      withFetch({}, async (fetch, events) => {
        const error = await fetch(`${url}/feed`).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(QuotaError);
        expect(Date.parse((error as QuotaError).resumes) - Date.now()).toBeGreaterThan(315_000_000_000);
        expect([requests.length, events.at(-1)!.event]).toEqual([1, 'parked']);
      }),
    );
  });

  test('gives its permit back with the head of the answer, and after trouble', async () => {
    await withFakeBlog(
      {
        '/feed': fails(503)
          .times(1)
          .then(serves('x'.repeat(1_000_000))),
      },
      ({ url }) =>
        withFetch({}, async (fetch, _events, gate) => {
          const { body } = await fetch(`${url}/feed`);
          (await gate.permit(new URL(url).host)).release(); // the only place there is, while nobody reads the body
          expect((await textOf(body)).length).toBe(1_000_000);
        }),
    );
  });

  test('whose answer drips is ended by the pace, though it never stands still', async () => {
    const given = { timeout: 3_600_000, minSpeed: 1_000_000, minSpeedTime: 50 };
    await withFakeBlog(
      { '/feed': drips('posts'.repeat(20_000), { bytes: 1, everyMs: 5 }) },
      ({ url, requests }) =>
        withFetch(given, async (fetch) => {
          const { body } = await fetch(`${url}/feed`);
          await expect(textOf(body)).rejects.toMatchObject({ code: 'ETOOSLOW' });
          expect(requests).toHaveLength(1);
        }),
    );
  });

  test('that is led to a dead host does not blame the one that leads there', async () => {
    const dead = await deafPort();
    const script = { '/lost': redirects(`http://127.0.0.1:${dead}/`), '/feed': serves('posts') };
    await withFakeBlog(script, ({ url }) =>
      withFetch({ retries: 0 }, async (fetch, events) => {
        for (let n = 0; n < 12; n++) await expect(fetch(`${url}/lost`)).rejects.toThrow(SourceError);
        expect(await textOf((await fetch(`${url}/feed`)).body)).toBe('posts');
        expect(events).toEqual([]);
      }),
    );
  });

  test('is ended by the signal while it waits', async () => {
    const controller = new AbortController();
    const busy = behaves((exchange) => {
      setImmediate(() => controller.abort(new Error('cut')));
      return fails(503).answer(exchange);
    });
    await withFakeBlog({ '/feed': busy }, ({ url, requests }) =>
      withFetch(
        { signal: controller.signal, backoffBase: 3_600_000, backoffMax: 3_600_000 },
        async (fetch) => {
          await expect(fetch(`${url}/feed`)).rejects.toThrow();
          expect(requests).toHaveLength(1);
        },
      ),
    );
  });
});

describe('an address that cannot be reached', () => {
  test.each([
    ['nobody listens', 'http://127.0.0.1:1/feed', /nobody listens at 127\.0\.0\.1:1/],
    ['there is no such host', 'http://there-is-no-such-host.invalid/', /there is no host|Cannot reach/],
    ['it is none', 'not an address', /Cannot reach/],
    ['its scheme is another', 'ftp://blog.example/', /Cannot reach/],
  ])('because %s is told in a sentence', async (_, url, message) => {
    await withFetch({ retries: 1 }, async (fetch) => {
      const error = await fetch(url).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SourceError);
      expect((error as Error).message).toMatch(message);
    });
  });
});
