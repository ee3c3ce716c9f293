import { connect } from 'node:net';
import { expect } from 'vitest';
import { answer, sendsTo } from '../../helpers/answers.ts';
import { authority, certificate } from '../../helpers/certificates.ts';
import { deafPort, type RawServer, withRawServers } from '../../helpers/raw-server.ts';
import type { Exchange, Script } from '../../helpers/raw-talk.ts';
import { fault } from '../fault.ts';
import { filesWith } from '../sound.ts';
import { pictures } from './pictures.ts';
import { endOf, secretLines, withScene } from './scene.ts';

const SECRET = 'proxy-canary';
const page = `<!doctype html><html><body>Please log in. ${'page-canary '.repeat(300)}</body></html>`;
const proxyAt = ({ port }: Pick<RawServer, 'port'>) => `http://reader:${SECRET}@127.0.0.1:${port}`;
const logOf = ({ heard }: RawServer) => heard.map(({ head }) => head.split('\r\n')[0]);

const secure = 'https://media.example/a.jpg';
const plain = 'http://plain.example/a.jpg';
const CONNECT = 'CONNECT media.example:443 HTTP/1.1';

fault('C09', 'a proxy in trouble is named without its credentials, and the origin is not blamed', (play) =>
  withRawServers(async (open) => {
    const says = (bytes: Buffer) =>
      open(async (exchange) => {
        await exchange.say(bytes);
        exchange.end();
      });
    const html = { 'Content-Type': 'text/html' };
    const nobody = { port: await deafPort() };
    const refusing = await says(answer(407, html, page));
    const failing = await says(answer(502, html, page));
    const talking = await says(answer(200, html, page));
    const babbling = await says(Buffer.from(page));
    await withScene(play)(async ({ archive }) => {
      const through = async (out: string, urls: readonly string[], proxy: Pick<RawServer, 'port'>) => {
        const words = ['--proxy', proxyAt(proxy), '-R', '0', '--no-recovery', '--cacert', authority];
        const came = await archive(urls, { words, out });
        for (const url of urls) {
          expect(`${out} ${endOf(came.of(url))}`).toBe(`${out} failed: proxy`);
          expect(came.of(url).reason?.detail).toContain(`127.0.0.1:${proxy.port}`);
        }
        expect(came.text).not.toContain(SECRET);
        for (const canary of [SECRET, 'page-canary']) expect(filesWith(came.archive, canary)).toEqual([]);
      };
      const all = await Promise.allSettled([
        through('nobody', [secure, plain], nobody),
        through('refusing', [secure, plain], refusing),
        through('failing', [secure], failing),
        through('talking', [secure], talking),
        through('babbling', [secure], babbling),
      ]);
      for (const one of all) if (one.status === 'rejected') throw one.reason; // when none of them is at work any more
      expect(new Set(logOf(refusing))).toEqual(new Set([CONNECT, `GET ${plain} HTTP/1.1`]));
      for (const proxy of [failing, talking, babbling])
        expect(new Set(logOf(proxy))).toEqual(new Set([CONNECT]));
      play.injected('nobody there; 407 twice; CONNECT answered by 502, a page, no HTTP');
      play.outcome('failed: proxy');
    });
  }),
);

/** Joins the two sides, once the proxy has been asked to. */
function tunnel({ socket }: Exchange, to: number): void {
  socket.removeAllListeners('data');
  const origin = connect(to, '127.0.0.1').on('error', () => socket.destroy());
  socket.on('close', () => origin.destroy());
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  socket.pipe(origin).pipe(socket);
}

fault('X09', 'the proxy is chosen anew for each hop', (play) =>
  withRawServers(async (open) => {
    const direct = await open(pictures);
    const serve: Record<string, Script> = {
      '/to-plain.jpg': sendsTo('http://plain.example/from-secure.jpg'),
      'http://plain.example/to-secure.jpg': sendsTo('https://media.example/from-plain.jpg'),
      'http://plain.example/to-direct.jpg': sendsTo(`${direct.url}/straight.jpg`),
      '*': pictures,
    };
    const origin = await open(serve, { tls: certificate('good') });
    const forPlain = await open(serve);
    const forSecure = await open((exchange) => tunnel(exchange, origin.port));
    await withScene(play)(async ({ archive }) => {
      const addresses = [
        plain,
        secure,
        'https://media.example/to-plain.jpg',
        'http://plain.example/to-secure.jpg',
        'http://plain.example/to-direct.jpg',
        `${direct.url}/at-once.jpg`,
      ];
      const came = await archive(addresses, {
        words: ['--allow-private', '--cacert', authority, '-R', '0', '-N', '1'],
        env: {
          HTTP_PROXY: proxyAt(forPlain),
          HTTPS_PROXY: proxyAt(forSecure),
          NO_PROXY: 'elsewhere.example,127.0.0.1',
        },
      });
      expect(new Set(logOf(forPlain))).toEqual(
        new Set([
          `GET ${plain} HTTP/1.1`,
          'GET http://plain.example/from-secure.jpg HTTP/1.1',
          'GET http://plain.example/to-secure.jpg HTTP/1.1',
          'GET http://plain.example/to-direct.jpg HTTP/1.1',
        ]),
      );
      expect(new Set(logOf(forSecure))).toEqual(new Set([CONNECT]));
      expect(logOf(origin).sort()).toEqual([
        'GET /a.jpg HTTP/1.1',
        'GET /from-plain.jpg HTTP/1.1',
        'GET /to-plain.jpg HTTP/1.1',
      ]);
      expect(logOf(direct).sort()).toEqual(['GET /at-once.jpg HTTP/1.1', 'GET /straight.jpg HTTP/1.1']);
      play.injected('7 requests by two proxies, 2 past them, as their logs say');
      for (const { heard } of [forPlain, forSecure])
        expect(heard.map((one) => one.header('proxy-authorization'))).not.toContain(undefined);
      for (const { talks } of [origin, direct])
        expect(talks.flatMap(({ text }) => secretLines(text))).toEqual([]);
      expect(came.code).toBe(0);
      expect(addresses.map((url) => endOf(came.of(url)))).toEqual(addresses.map(() => 'kept (live)'));
      play.outcome('kept (live)');
    });
  }),
);
