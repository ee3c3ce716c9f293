import { describe, expect, test } from 'vitest';
import { answers, sendsTo } from '../helpers/answers.ts';
import { authority, certificate } from '../helpers/certificates.ts';
import { withRawServer } from '../helpers/raw-server.ts';
import { getText, textOf, withHttp } from './with-http.ts';

const MIB = 2 ** 20;

describe('what got would do if it were let', () => {
  test('an error body without end is not gathered: the head arrives, and memory stays bounded', async () => {
    const block = Buffer.alloc(64 * 1024);
    let sent = 0;
    await withRawServer(
      ({ socket }) => {
        socket.write('HTTP/1.1 404 Not Found\r\n\r\n');
        const pour = () => {
          while (!socket.destroyed && sent < 512 * MIB) {
            sent += block.length;
            if (!socket.write(block)) return;
          }
          socket.end();
        };
        socket.on('drain', pour);
        pour();
      },
      ({ url, connections }) =>
        withHttp({}, async (http) => {
          const { status, body } = await http.ask(url);
          expect(status).toBe(404);
          expect(sent).toBeLessThan(64 * MIB); // what waits in the buffers of the system, and nothing more
          const left = new Promise((resolve) => connections[0]!.once('close', resolve));
          body.destroy();
          await left;
        }),
    );
  });

  test('a consumer that takes its time is no stall', async () => {
    const size = 24 * MIB;
    await withRawServer(answers(200, {}, 'x'.repeat(size)), ({ url }) =>
      withHttp({ headerTimeout: 1000, connectTimeout: 1000 }, async (http) => {
        const { body } = await http.ask(url);
        let got = 0;
        let paused = false;
        for await (const chunk of body) {
          got += (chunk as Buffer).length;
          // Longer than any of the clocks, with the rest waiting in buffers.
          if (!paused) await new Promise((resolve) => setTimeout(resolve, 1200));
          paused = true;
        }
        expect(got).toBe(size);
      }),
    );
  });

  test('HTTP/2 is never offered, so a server that speaks both is spoken to in HTTP/1.1', async () => {
    const offered: string[][] = [];
    await withRawServer(
      answers(200, {}, 'one'),
      ({ url, heard }) =>
        withHttp({ cacert: authority }, async (http) => {
          expect(await getText(http, url)).toBe('one');
          expect(offered).toEqual([['http/1.1']]);
          expect(heard[0]!.head).toMatch(/^GET \/ HTTP\/1\.1/);
        }),
      {
        tls: {
          ...certificate('good'),
          ALPNCallback: ({ protocols }) => {
            offered.push(protocols);
            return protocols.includes('h2') ? 'h2' : 'http/1.1';
          },
        },
      },
    );
  });

  test.each([
    '500 Internal Server Error',
    '503 Service Unavailable',
    '429 Too Many Requests',
    '408 Request Timeout',
  ])('a status %s is not asked about again', async (status) => {
    await withRawServer(answers(Number(status.slice(0, 3)), { 'Retry-After': 0 }), ({ url, heard }) =>
      withHttp({}, async (http) => {
        expect((await http.ask(url)).status).toBe(Number(status.slice(0, 3)));
        expect([heard.length, http.requests]).toEqual([1, 1]);
      }),
    );
  });

  test('a broken connection is not asked again', async () => {
    await withRawServer(
      ({ socket }) => socket.destroy(),
      ({ url, heard }) =>
        withHttp({}, async (http) => {
          await expect(http.ask(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
          expect(heard).toHaveLength(1);
        }),
    );
  });

  test('coded bytes are not decoded', async () => {
    await withRawServer(answers(200, { 'Content-Encoding': 'gzip' }, 'as it is'), ({ url }) =>
      withHttp({}, async (http) => expect(await getText(http, url)).toBe('as it is')),
    );
  });
});

describe('X06 credentials that a caller hands over', () => {
  const canaries = { authorization: 'canary', cookie: 'canary', 'x-api-key': 'canary' };
  const kept = { range: 'bytes=7-', 'if-range': '"tag"' };

  test.each([
    ['from https to http of one host', true, false, 'media.example'],
    ['from http to https of one host', false, true, 'media.example'],
    ['to another port', false, false, 'media.example'],
    ['to another host', false, false, 'cdn.example'],
  ])('do not go %s', async (_way, firstOverTls, secondOverTls, host) => {
    await withRawServer(
      answers(200, {}, 'there'),
      (second) =>
        withRawServer(
          sendsTo(`http${secondOverTls ? 's' : ''}://${host}:${second.port}/x`),
          async (first) => {
            const resolve = [`media.example:${first.port}:127.0.0.1`, `${host}:${second.port}:127.0.0.1`];
            await withHttp({ cacert: authority, insecure: true, resolve }, async (http) => {
              const address = `http${firstOverTls ? 's' : ''}://media.example:${first.port}/`;
              const { body } = await http.ask(address, { headers: { ...canaries, ...kept } });
              expect(await textOf(body)).toBe('there');
              expect(first.heard[0]!.head.match(/canary/g)).toHaveLength(3);
              expect(second.heard).toHaveLength(1);
              expect(second.heard[0]!.head).not.toMatch(/canary/);
              expect(second.heard[0]!.head).toMatch(/range: bytes=7-\r\nif-range: "tag"/);
            });
          },
          firstOverTls ? { tls: certificate('good') } : {},
        ),
      secondOverTls ? { tls: certificate('good') } : {},
    );
  });
});
