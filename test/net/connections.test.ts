import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { answer, answers, echoes } from '../helpers/answers.ts';
import { latch } from '../helpers/parcels.ts';
import { deafPort, withRawServer } from '../helpers/raw-server.ts';
import { withBlackHole } from './black-hole.ts';
import { getText, troubleOf, withHttp } from './with-http.ts';

describe('A10 bytes beyond the announced length', () => {
  const poison = answer(200, {}, 'poison');

  test('in one piece with the answer are not the answer to the next request', async () => {
    await withRawServer(
      {
        '/1': (exchange) => exchange.say(Buffer.concat([answer(200, {}, 'first'), poison])),
        '*': echoes,
      },
      ({ url, connections }) =>
        withHttp({}, async (http) => {
          expect(await getText(http, `${url}/1`)).toBe('first');
          expect(await getText(http, `${url}/2`)).toBe('/2');
          expect(connections).toHaveLength(2);
        }),
    );
  });

  test('that come while nothing is asked end the connection', async () => {
    await withRawServer(echoes, ({ url, connections, heard }) =>
      withHttp({}, async (http) => {
        expect(await getText(http, `${url}/1`)).toBe('/1');
        const [kept] = connections;
        const gone = once(kept!, 'close');
        kept!.write(poison);
        await gone;
        expect(await getText(http, `${url}/2`)).toBe('/2');
        expect([connections.length, heard.length]).toEqual([2, 2]);
      }),
    );
  });

  test('an honest connection is used again', async () => {
    await withRawServer(echoes, ({ url, connections }) =>
      withHttp({}, async (http) => {
        for (const path of ['/1', '/2', '/3']) expect(await getText(http, url + path)).toBe(path);
        expect(connections).toHaveLength(1);
      }),
    );
  });
});

describe('C10 a kept connection', () => {
  test('closed just as it is used again costs a second try that nobody sees', async () => {
    await withRawServer(
      (exchange) => (exchange.nthOnConnection === 1 ? exchange.socket.destroy() : echoes(exchange)),
      ({ url, connections, heard }) =>
        withHttp({}, async (http) => {
          expect(await getText(http, `${url}/1`)).toBe('/1');
          expect(await getText(http, `${url}/2`)).toBe('/2');
          expect(heard.map(({ path }) => path)).toEqual(['/1', '/2', '/2']);
          expect([connections.length, http.requests]).toEqual([2, 2]);
        }),
    );
  });

  test('that breaks in the head of an answer is trouble, for the request was heard', async () => {
    await withRawServer(
      async (exchange) => {
        if (exchange.nthOnConnection === 0) return echoes(exchange);
        await exchange.say('HTTP/1.1 200 OK\r\nX-');
        return exchange.socket.destroy();
      },
      ({ url, heard }) =>
        withHttp({}, async (http) => {
          await getText(http, url);
          expect((await troubleOf(http.ask(url))).code).toBe('ECONNRESET');
          expect(heard).toHaveLength(2);
        }),
    );
  });

  test('is no reason to try a new connection twice', async () => {
    await withRawServer(
      ({ socket }) => socket.destroy(),
      ({ url, heard }) =>
        withHttp({}, async (http) => {
          expect((await troubleOf(http.ask(url))).code).toBe('ECONNRESET');
          expect(heard).toHaveLength(1);
        }),
    );
  });
});

describe('connecting', () => {
  test('C01 where nobody listens is refused', async () => {
    const port = await deafPort();
    await withHttp({}, async (http) =>
      expect((await troubleOf(http.ask(`http://127.0.0.1:${port}/`))).code).toBe('ECONNREFUSED'),
    );
  });

  test('C02 where packets vanish ends with the time for connecting', async () => {
    await withBlackHole({ host: '127.0.0.1' }, (port) =>
      withHttp({ connectTimeout: 300 }, async (http) =>
        expect(await troubleOf(http.ask(`http://127.0.0.1:${port}/`))).toMatchObject({
          code: 'ETIMEDOUT',
          cause: { name: 'TimeoutError', event: 'connect' },
        }),
      ),
    );
  });

  test('C03 to a silent server ends with the time for the handshake', async () => {
    const left = latch();
    await withRawServer(
      () => undefined,
      ({ port }) =>
        withHttp({ connectTimeout: 200 }, async (http) => {
          const error = await troubleOf(http.ask(`https://127.0.0.1:${port}/`));
          expect(error).toMatchObject({
            code: 'ETLSTIMEOUT',
            cause: { name: 'TimeoutError', event: 'secureConnect' },
          });
          await left.opened; // nothing is left open
        }),
      { connected: (socket) => void socket.once('close', left.open) },
    );
  });

  test('is given up as soon as nobody waits', async () => {
    const left = latch();
    const end = new AbortController();
    await withRawServer(
      () => undefined,
      ({ port }) =>
        withHttp({ connectTimeout: 60_000 }, async (http) => {
          const asked = troubleOf(http.ask(`https://127.0.0.1:${port}/`, { signal: end.signal }));
          await Promise.all([asked, left.opened]);
        }),
      {
        connected: (socket) => {
          socket.once('close', left.open);
          end.abort();
        },
      },
    );
  });
});

describe('--resolve', () => {
  test('takes the address given, and trusts it for that host and port alone', async () => {
    await withRawServer(answers(200, {}, 'here'), ({ port, heard }) =>
      withHttp({ allowPrivate: false, resolve: [`media.example:${port}:127.0.0.1`] }, async (http) => {
        expect(await getText(http, `http://media.example:${port}/`)).toBe('here');
        expect(heard[0]!.head.split('\r\n')).toContain(`Host: media.example:${port}`);
        expect((await troubleOf(http.ask(`http://127.0.0.1:${port}/`))).code).toBe('EREFUSEDADDRESS');
      }),
    );
  });

  test('C08 a first address where packets vanish costs a moment', async () => {
    await withRawServer(answers(200, {}, 'here'), ({ port }) =>
      withBlackHole({ host: '::1', port }, () =>
        withHttp(
          { connectTimeout: 4000, resolve: [`media.example:${port}:[::1],127.0.0.1`] },
          async (http) => {
            const began = performance.now();
            expect(await getText(http, `http://media.example:${port}/`)).toBe('here');
            const took = performance.now() - began;
            expect(took).toBeGreaterThan(200); // it was tried
            expect(took).toBeLessThan(3000);
          },
        ),
      ),
    );
  });

  test('an address that refuses costs nothing', async () => {
    await withRawServer(answers(200, {}, 'here'), ({ port, connections }) =>
      withHttp({ resolve: [`media.example:${port}:[::1],127.0.0.2,127.0.0.1`] }, async (http) => {
        expect(await getText(http, `http://media.example:${port}/`)).toBe('here');
        expect(connections).toHaveLength(1);
      }),
    );
  });

  test.each(['-4', '-6'])('%s leaves the other family out', async (flag) => {
    await withRawServer(answers(200, {}, 'here'), async ({ port }) => {
      const family = flag === '-4' ? { ipv4: true } : { ipv6: true };
      await withHttp({ ...family, resolve: [`media.example:${port}:127.0.0.1`] }, async (http) => {
        const asked = getText(http, `http://media.example:${port}/`).catch(({ code }) => code);
        expect(await asked).toBe(flag === '-4' ? 'here' : 'EAFNOSUPPORT');
      });
    });
  });
});

// Every address of 127/8 is this machine on Linux, and to the client a host of its own.
test.runIf(process.platform === 'linux')('connections to a thousand hosts are not all kept', async () => {
  // Its own limit for unused connections (5 s) would close them under whoever takes longer than that for a thousand.
  const unlimited = { keepAliveTimeout: 0 };
  const server = createServer(unlimited, (_request, response) => response.end('here')).listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const isOpen = () =>
    new Promise<number>((resolve) => server.getConnections((_error, open) => resolve(open)));
  await withHttp({}, async (http) => {
    for (let n = 0; n < 1000; n++)
      expect(await getText(http, `http://127.1.${n >> 8}.${n & 255}:${port}/`)).toBe('here');
    expect(await isOpen()).toBeLessThanOrEqual(520);
    expect(await isOpen()).toBeGreaterThan(400); // nor is none
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
