import { describe, expect, test } from 'vitest';
import { behaves, fails, hangs, redirects, serves } from '../../src/demo/behaviours.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { textOf, withHttp } from './with-http.ts';

describe('an answer', () => {
  test('comes with its head, whatever the status, and its body is read by whoever asked', async () => {
    await withFakeBlog({ '/a': serves('hello'), '/b': fails(503) }, ({ url, requests }) =>
      withHttp({}, async (http) => {
        const good = await http.ask(`${url}/a`);
        expect([good.status, good.url, await textOf(good.body)]).toEqual([200, `${url}/a`, 'hello']);
        const bad = await http.ask(`${url}/b`);
        expect([bad.status, await textOf(bad.body)]).toEqual([503, 'status 503\n']);
        expect([http.requests, requests.length]).toEqual([2, 2]); // nothing is asked twice
        expect(requests[0]!.headers).toMatchObject({
          'user-agent': 'tester',
          accept: '*/*',
          'accept-encoding': 'identity',
        });
      }),
    );
  });

  test('comes without its body where only the head was asked for, and its connection is used again', async () => {
    const ports = new Set<number>();
    const counted = behaves(({ request, response }) => {
      ports.add(request.socket.remotePort!);
      response.writeHead(200, { 'content-length': 5 }).end('hello');
    });
    await withFakeBlog({ '/a': counted, '/b': redirects('/a') }, ({ url, requests }) =>
      withHttp({}, async (http) => {
        for (const path of ['/a', '/b', '/a']) {
          const answer = await http.ask(`${url}${path}`, { method: 'HEAD' });
          expect([answer.status, answer.headers['content-length']]).toEqual([200, '5']);
          expect(await textOf(answer.body)).toBe('');
        }
        expect(requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'HEAD', 'HEAD']);
        expect(await textOf((await http.ask(`${url}/a`)).body)).toBe('hello');
        expect(ports.size).toBeLessThan(3); // what redirects is not read to its end
      }),
    );
  });

  test('is not decoded on the way', async () => {
    const coded = behaves(
      ({ response }) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('raw'),
    );
    await withFakeBlog({ '/a': coded }, ({ url }) =>
      withHttp({}, async (http) => expect(await textOf((await http.ask(`${url}/a`)).body)).toBe('raw')),
    );
  });

  test('whose head does not come in time is an error', async () => {
    await withFakeBlog({ '/a': hangs() }, ({ url, requests }) =>
      withHttp({ headerTimeout: 50 }, async (http) => {
        await expect(http.ask(`${url}/a`)).rejects.toMatchObject({ name: 'TimeoutError' });
        expect(requests).toHaveLength(1);
      }),
    );
  });

  test('whose body stands still is ended, if that was asked for', async () => {
    const stalls = behaves(({ response }) => {
      response.writeHead(200).write('half');
    });
    await withFakeBlog({ '/a': stalls }, ({ url }) =>
      withHttp({}, async (http) => {
        const { body } = await http.ask(`${url}/a`, { stall: 50 });
        await expect(textOf(body)).rejects.toMatchObject({ code: 'ESTALLED' });
      }),
    );
  });

  test('is not waited for any more once the signal is aborted', async () => {
    await withFakeBlog({ '/a': hangs() }, ({ url, requests }) =>
      withHttp({}, async (http) => {
        const controller = new AbortController();
        const asked = http.ask(`${url}/a`, { signal: controller.signal });
        while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
        controller.abort();
        await expect(asked).rejects.toThrow();
      }),
    );
  });
});

describe('headers of the options', () => {
  const header = ['Authorization: Bearer canary', 'X-Key: canary: with colon'];

  test('go to the origins that the user gave, and to no other', async () => {
    await withFakeBlog({ '/a': serves('x') }, (own) =>
      withFakeBlog({ '/a': serves('x') }, (foreign) =>
        withHttp({ header }, async (http) => {
          http.trust([own.url]);
          for (const { url } of [own, foreign]) (await http.ask(`${url}/a`)).body.destroy();
          expect(own.requests[0]!.headers).toMatchObject({
            authorization: 'Bearer canary',
            'x-key': 'canary: with colon',
          });
          expect(JSON.stringify(foreign.requests[0]!.headers)).not.toContain('canary');
        }),
      ),
    );
  });

  test('stay on redirects within the origin, and are dropped on the way to another port', async () => {
    await withFakeBlog({ '/c': serves('x') }, (foreign) =>
      withFakeBlog({ '/a': redirects('/b'), '/b': redirects(`${foreign.url}/c`) }, (own) =>
        withHttp({ header }, async (http) => {
          http.trust([own.url]);
          const answer = await http.ask(`${own.url}/a`, { headers: { cookie: 'canary' } });
          answer.body.destroy();
          expect([answer.status, answer.url, http.requests]).toEqual([200, `${foreign.url}/c`, 3]);
          expect(own.requests[1]!.headers).toMatchObject({
            authorization: 'Bearer canary',
            cookie: 'canary',
          });
          expect(JSON.stringify(foreign.requests[0]!.headers)).not.toContain('canary');
        }),
      ),
    );
  });

  test('are made anew at each hop: an origin gets its own, however one came there', async () => {
    await withFakeBlog({ '/c': serves('x') }, (own) =>
      withFakeBlog({ '/a': redirects(`${own.url}/c`) }, (foreign) =>
        withHttp({ header }, async (http) => {
          http.trust([own.url]);
          (await http.ask(`${foreign.url}/a`)).body.destroy();
          expect(own.requests).toHaveLength(1);
          expect(own.requests[0]!.headers).toMatchObject({ authorization: 'Bearer canary' });
          expect(JSON.stringify(foreign.requests[0]!.headers)).not.toContain('canary');
        }),
      ),
    );
  });
});

describe('a redirect', () => {
  test('that may not be followed is an error, and is not asked for', async () => {
    await withFakeBlog({ '/b': serves('x') }, (foreign) =>
      withFakeBlog({ '/a': redirects(`${foreign.url}/b`) }, ({ url, requests }) =>
        withHttp({}, async (http) => {
          await expect(http.ask(`${url}/a`, { mayFollow: () => false })).rejects.toMatchObject({
            code: 'EREFUSEDREDIRECT',
          });
          expect([requests.length, foreign.requests.length, http.requests]).toEqual([1, 0, 1]);
        }),
      ),
    );
  });

  test('to a private address is refused unless that origin is trusted', async () => {
    await withFakeBlog({ '/b': serves('x') }, (inside) =>
      withFakeBlog({ '/a': redirects(`${inside.url}/b`) }, (own) =>
        withHttp({ allowPrivate: false, services: [own.url] }, async (http) => {
          await expect(http.ask(`${own.url}/a`)).rejects.toMatchObject({ code: 'EREFUSEDADDRESS' });
          expect([own.requests.length, inside.requests.length]).toEqual([1, 0]);
          http.trust([inside.url]);
          (await http.ask(`${own.url}/a`)).body.destroy();
          expect(inside.requests).toHaveLength(1);
        }),
      ),
    );
  });
});

test('what is no address can be trusted without harm, and asked for in vain', async () => {
  await withHttp({}, async (http) => {
    http.trust(['posts.json', '']);
    await expect(http.ask('posts.json')).rejects.toMatchObject({ code: 'EREFUSEDSCHEME' });
  });
});
