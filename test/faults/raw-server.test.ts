import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { answers, inTurn, serves } from '../helpers/answers.ts';
import { type RawServer, startRawServer, withRawServer } from '../helpers/raw-server.ts';
import type { Script } from '../helpers/raw-talk.ts';

/** Says something over a connection of its own, and gives all that comes until its end. */
async function say(server: RawServer, ...pieces: string[]): Promise<{ text: string; broken: boolean }> {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect(Number(port), hostname);
  let text = '';
  let broken = false;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {
    broken = true;
  });
  await once(socket, 'connect');
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return { text, broken };
}

const ask = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: here\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
const ends: Script = async (exchange) => {
  await exchange.say('HTTP/1.1 200 OK\r\n\r\nbye');
  exchange.end();
};

describe('the raw server', () => {
  it('answers one request of a connection after another, however their bytes arrive', () =>
    withRawServer({ '/a': answers(200, {}, 'one'), '/b': ends }, async (server) => {
      const both = ask('/a') + ask('/a') + ask('/b');
      const { text } = await say(server, both.slice(0, 30), both.slice(30));
      expect(text.match(/one/g)).toHaveLength(2);
      expect(text).toMatch(/bye$/);
      expect(server.heard.map(({ path, nth, connection }) => [path, nth, connection])).toEqual([
        ['/a', 0, 1],
        ['/a', 1, 1],
        ['/b', 0, 1],
      ]);
    }));

  it('keeps each head byte for byte, and counts what it said', () =>
    withRawServer({ '/a': ends }, async (server) => {
      await say(server, ask('/a', 'X-Odd:  \xe9 ', 'Range: bytes=5-'));
      expect(server.heard[0]!.head).toBe(
        Buffer.from(ask('/a', 'X-Odd:  \xe9 ', 'Range: bytes=5-'), 'utf8').toString('latin1'),
      );
      expect(server.ranges('/a')).toEqual(['bytes=5-']);
      expect(server.heard[0]!.said).toBe('HTTP/1.1 200 OK\r\n\r\nbye'.length);
    }));

  it('resets, and tells a clean end from that', () =>
    withRawServer({ '/a': (exchange) => exchange.reset(), '/b': ends }, async (server) => {
      expect((await say(server, ask('/a'))).broken).toBe(true);
      expect((await say(server, ask('/b'))).broken).toBe(false);
      expect(server.connections).toHaveLength(2);
    }));

  it('plays scripts in turn, and goes on from an offset only for the same version', () => {
    const closing =
      (script: Script): Script =>
      async (exchange) => {
        await script(exchange);
        exchange.end();
      };
    const scripts = {
      '/a': inTurn(ends, closing(answers(503))),
      '/b': closing(serves(Buffer.from('abcdef'), { ETag: '"x"' })),
    };
    return withRawServer(scripts, async (server) => {
      const texts = [
        await say(server, ask('/a')),
        await say(server, ask('/a')),
        await say(server, ask('/a')),
      ];
      expect(texts.map(({ text }) => text.slice(9, 12))).toEqual(['200', '503', '503']);
      const asked = async (version: string) =>
        (await say(server, ask('/b', 'Range: bytes=4-', `If-Range: ${version}`))).text;
      expect(await asked('"x"')).toMatch(/^HTTP\/1.1 206 [\s\S]*bytes 4-5\/6[\s\S]*\r\n\r\nef$/);
      expect(await asked('"y"')).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\n\r\nabcdef$/);
    });
  });

  it('counts the requests of each connection, and knows where it was dialled', () =>
    withRawServer(
      (exchange) => (exchange.nthOnConnection === 1 ? ends(exchange) : answers(204)(exchange)),
      async (server) => {
        await say(server, ask('/a'), ask('/b'));
        expect(server.heard.map(({ nth, nthOnConnection }) => [nth, nthOnConnection])).toEqual([
          [0, 0],
          [0, 1],
        ]);
        expect(server.talks).toMatchObject([
          { at: '127.0.0.1', port: server.port, text: ask('/a') + ask('/b') },
        ]);
      },
    ));

  it('tells at its end what a script threw', async () => {
    const server = await startRawServer({
      '/a': () => {
        throw new Error('a fault in the script');
      },
    });
    await say(server, ask('/a'));
    await expect(server.close()).rejects.toThrow('a fault in the script');
  });
});
