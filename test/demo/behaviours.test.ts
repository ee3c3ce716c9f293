import http from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  asksToWait,
  behaves,
  changesUnderway,
  cuts,
  drips,
  empty,
  fails,
  gone,
  hangs,
  ignoresRange,
  placeholder,
  redirects,
  says,
  serves,
  servesHtml,
  servesHtmlAs,
  servesPlaceholder,
} from '../../src/demo/behaviours.ts';
import { ask, askRaw } from '../helpers/ask.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';

const one = photo(1);
const other = photo(2);

describe('cuts', () => {
  test('announces the whole, sends so many bytes and resets the connection', async () => {
    await withFakeBlog({ '/b.jpg': cuts(one).after(1000) }, async ({ url, requests }) => {
      const { status, headers, body, broken } = await ask(`${url}/b.jpg`);
      expect([status, headers['content-length'], body.length, broken]).toEqual([
        200,
        '20000',
        1000,
        'ECONNRESET',
      ]);
      expect(body.equals(one.subarray(0, 1000))).toBe(true);
      expect(requests[0]).toMatchObject({ status: 200, sent: 1000 });
    });
  });

  test('hangs up before the announced end', async () => {
    await withFakeBlog({ '/b.jpg': cuts(one).after(10) }, async ({ url }) => {
      const { text, broken } = await askRaw(url, '/b.jpg');
      const [head, sent] = text.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`content-length: ${one.length}`, 'i'));
      expect([sent!.length, broken]).toEqual([10, undefined]);
    });
  });

  test('hands over large pieces whole before it hangs up', async () => {
    const large = photo(3, 2_000_000);
    await withFakeBlog({ '/b.jpg': cuts(large).after(1_500_000) }, async ({ url }) => {
      const { body, broken } = await ask(`${url}/b.jpg`);
      expect([body.length, broken]).toEqual([1_500_000, 'ECONNRESET']);
    });
  });

  test('can stop right after the head', async () => {
    await withFakeBlog({ '/b.jpg': cuts(one).after(0) }, async ({ url }) => {
      const { status, body, broken } = await ask(`${url}/b.jpg`);
      expect([status, body.length, broken]).toEqual([200, 0, 'ECONNRESET']);
    });
  });

  test('continues by Range where the same version is asked for, and is cut again', async () => {
    await withFakeBlog({ '/b.jpg': cuts(one).after(1000) }, async ({ url }) => {
      const { headers } = await ask(`${url}/b.jpg`);
      const next = await ask(`${url}/b.jpg`, { headers: { range: 'bytes=1000-', 'if-range': headers.etag } });
      expect([next.status, next.headers['content-range'], next.body.length]).toEqual([
        206,
        'bytes 1000-19999/20000',
        1000,
      ]);
      expect(next.body.equals(one.subarray(1000, 2000))).toBe(true);
      const anew = await ask(`${url}/b.jpg`, { headers: { range: 'bytes=1000-', 'if-range': '"other"' } });
      expect([anew.status, anew.body.equals(one.subarray(0, 1000))]).toEqual([200, true]);
    });
  });

  test('ends a chunked body without its last chunk', async () => {
    await withFakeBlog(
      { '/b.jpg': cuts(one, { chunked: true, etag: null }).after(1000) },
      async ({ url }) => {
        const { headers, body, broken } = await ask(`${url}/b.jpg`, { headers: { range: 'bytes=5-' } });
        expect([headers['transfer-encoding'], headers['content-length'], headers.etag]).toEqual([
          'chunked',
          undefined,
          undefined,
        ]);
        expect([body.equals(one.subarray(0, 1000)), broken]).toEqual([true, 'ECONNRESET']);
        const raw = await askRaw(url, '/b.jpg');
        expect([raw.text.endsWith('0\r\n\r\n'), raw.broken]).toEqual([false, undefined]);
      },
    );
  });
});

test('changes a file underway: half of one version, then another', async () => {
  await withFakeBlog({ '/f.jpg': changesUnderway(one, other) }, async ({ url }) => {
    const first = await ask(`${url}/f.jpg`);
    expect([first.body.length, first.broken]).toEqual([10_000, 'ECONNRESET']);
    const second = await ask(`${url}/f.jpg`, {
      headers: { range: 'bytes=10000-', 'if-range': first.headers.etag },
    });
    expect([second.status, second.body.equals(other)]).toEqual([200, true]);
    const known = { range: 'bytes=10000-', 'if-range': second.headers.etag };
    expect((await ask(`${url}/f.jpg`, { headers: known })).status).toBe(206);
  });
});

test('ignores ranges where the script says so', async () => {
  await withFakeBlog({ '/e.jpg': ignoresRange(one) }, async ({ url }) => {
    const { status, headers, body } = await ask(`${url}/e.jpg`, { headers: { range: 'bytes=1000-' } });
    expect([status, headers['content-range'], body.equals(one)]).toEqual([200, undefined, true]);
  });
});

test('fails with any status and header, asks to wait, is gone, redirects', async () => {
  const script = {
    '/fails': fails(503, { 'retry-after': 'Tue, 14 May 2019 06:30:00 GMT' }),
    '/waits': asksToWait(2),
    '/busy': asksToWait(3, 503),
    '/gone': gone(),
    '/moved': redirects('/else'),
    '/moved-for-good': redirects('/else', 308),
  };
  await withFakeBlog(script, async ({ url }) => {
    const answers = Object.keys(script).map(async (path) => {
      const { status, headers } = await ask(url + path);
      return [status, headers['retry-after'] ?? headers.location];
    });
    expect(await Promise.all(answers)).toEqual([
      [503, 'Tue, 14 May 2019 06:30:00 GMT'],
      [429, '2'],
      [503, '3'],
      [410, undefined],
      [302, '/else'],
      [308, '/else'],
    ]);
  });
});

test('serves a page in place of a picture, honestly or under a false label', async () => {
  await withFakeBlog(
    { '/a.jpg': servesHtml('Log in, dear reader.'), '/b.jpg': servesHtmlAs('image/jpeg') },
    async ({ url }) => {
      const honest = await ask(`${url}/a.jpg`);
      expect([honest.status, honest.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(honest.body.toString()).toContain('Log in, dear reader.');
      const false_ = await ask(`${url}/b.jpg`);
      expect([
        false_.status,
        false_.headers['content-type'],
        false_.body.toString().startsWith('<!doctype'),
      ]).toEqual([200, 'image/jpeg', true]);
    },
  );
});

test('serves always the same placeholder', async () => {
  await withFakeBlog({ '/d.jpg': servesPlaceholder(), '/e.jpg': servesPlaceholder() }, async ({ url }) => {
    const bodies = await Promise.all(['/d.jpg', '/e.jpg'].map(async (path) => (await ask(url + path)).body));
    expect(bodies.map((body) => body.equals(placeholder.bytes))).toEqual([true, true]);
    expect(placeholder.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('answers with nothing at all', async () => {
  await withFakeBlog({ '/a.jpg': empty() }, async ({ url }) => {
    const { status, headers, body } = await ask(`${url}/a.jpg`);
    expect([status, headers['content-length'], body.length]).toEqual([200, '0', 0]);
  });
});

test('drips a body piece by piece', async () => {
  await withFakeBlog({ '/a.jpg': drips(one, { bytes: 5000, everyMs: 20 }) }, async ({ url }) => {
    const began = performance.now();
    const { body } = await ask(`${url}/a.jpg`);
    expect(body.equals(one)).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(55);
  });
});

test('stops dripping when the client hangs up', async () => {
  const drip = drips(one, { bytes: 1, everyMs: 1000 });
  let over = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  const watched = behaves(async (exchange) => {
    await drip.answer(exchange);
    over();
  });
  await withFakeBlog({ '/a.jpg': watched }, async ({ url, requests }) => {
    const request = http.get(`${url}/a.jpg`, (response) => {
      response.on('error', () => undefined).once('data', () => request.destroy());
    });
    request.on('error', () => undefined);
    await ended;
    expect(requests[0]!.sent).toBe(1);
  });
});

test('hangs without a word until the server closes', async () => {
  await withFakeBlog({ '/a.jpg': hangs() }, async ({ url, requests, server }) => {
    const broken = ask(`${url}/a.jpg`).catch((error: NodeJS.ErrnoException) => error.code);
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(requests[0]).toMatchObject({ status: 0, sent: 0 });
    await server.close();
    expect(await broken).toBe('ECONNRESET');
  });
});

test('says any bytes and ends the connection', async () => {
  const raw = 'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nonly this';
  await withFakeBlog(
    { '/a.jpg': says(raw), '/b.jpg': says('SSH-2.0-brook\r\n') },
    async ({ url, requests }) => {
      expect(await askRaw(url, '/a.jpg')).toEqual({ text: raw, broken: undefined });
      expect(requests[0]).toMatchObject({ status: 200, sent: 9 });
      await expect(ask(`${url}/b.jpg`)).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) });
      expect(requests[1]).toMatchObject({ status: 0, sent: 0 });
    },
  );
});

describe('times and then', () => {
  const statuses = async (url: string, n: number) => {
    const seen: number[] = [];
    for (let i = 0; i < n; i++) seen.push((await ask(url)).status);
    return seen;
  };

  test('behaves one way so often, and then another', async () => {
    await withFakeBlog({ '/c.jpg': fails(503).times(2).then(serves(one)) }, async ({ url }) => {
      expect(await statuses(`${url}/c.jpg`, 4)).toEqual([503, 503, 200, 200]);
    });
  });

  test('goes on in a chain, each link with its own count', async () => {
    const chain = fails(503).times(1).then(fails(429)).times(2).then(gone()).times(1).then(serves(one));
    await withFakeBlog({ '/c.jpg': chain }, async ({ url }) => {
      expect(await statuses(`${url}/c.jpg`, 6)).toEqual([503, 429, 429, 410, 200, 200]);
    });
  });

  test('takes a chain as the next link, which counts from its own beginning', async () => {
    const counted: number[] = [];
    const last = behaves(({ response, nth }) => {
      counted.push(nth);
      response.writeHead(200).end();
    });
    const chain = fails(503).times(1).then(fails(429).times(1).then(last));
    await withFakeBlog({ '/c.jpg': chain }, async ({ url }) => {
      expect(await statuses(`${url}/c.jpg`, 4)).toEqual([503, 429, 200, 200]);
      expect(counted).toEqual([0, 1]);
    });
  });

  test('a behaviour is no promise, and may be returned from an async function', async () => {
    const behaviour = await (async () => fails(503).times(1).then(serves(one)))();
    expect('then' in behaviour).toBe(false);
  });
});
