import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { chooseProxy } from '../../src/net/proxy.ts';
import { answer, answers, sendsTo } from '../helpers/answers.ts';
import { authority, certificate } from '../helpers/certificates.ts';
import { deafPort, type RawOptions, type RawServer, withRawServer } from '../helpers/raw-server.ts';
import type { Script } from '../helpers/raw-talk.ts';
import { getText, troubleOf, withHttp } from './with-http.ts';

describe('the choice', () => {
  const none = { proxy: null, httpProxy: null, httpsProxy: null, noProxy: null };
  const choose = (given: Partial<typeof none | Record<keyof typeof none, string>>, url: string) =>
    chooseProxy({ ...none, ...given })(new URL(url))?.shown;

  test('follows the scheme, unless one proxy is for all, or none', () => {
    const both = { httpProxy: 'http://plain:3128', httpsProxy: 'https://tls' };
    expect(choose({}, 'http://a.example/')).toBeUndefined();
    expect(choose(both, 'http://a.example/')).toBe('plain:3128');
    expect(choose(both, 'https://a.example/')).toBe('tls:443');
    expect(choose({ ...both, proxy: 'http://all:1' }, 'https://a.example/')).toBe('all:1');
    expect(choose({ ...both, proxy: 'none' }, 'https://a.example/')).toBeUndefined();
    expect(choose({ proxy: 'http://user:canary@all:1' }, 'https://a.example/')).toBe('all:1');
  });

  test.each<[string, string, boolean]>([
    ['*', 'http://a.example/', false],
    ['a.example', 'http://a.example/', false],
    ['a.example', 'http://A.EXAMPLE./', false],
    ['a.example', 'http://sub.a.example/', false],
    ['a.example', 'http://ba.example/', true],
    ['.a.example', 'http://sub.a.example/', false],
    ['.a.example', 'http://a.example/', false],
    ['*.a.example', 'http://sub.a.example/', false],
    ['b.example, a.example', 'http://a.example/', false],
    ['b.example a.example', 'http://a.example/', false],
    ['a.example:8080', 'http://a.example:8080/', false],
    ['a.example:8080', 'http://a.example/', true],
    ['a.example:443', 'https://a.example/', false],
    ['192.0.2.7', 'http://192.0.2.7/', false],
    ['0.2.7', 'http://192.0.2.7/', true],
    ['192.0.2.0/24', 'http://192.0.2.200:81/', false],
    ['192.0.2.0/24', 'http://192.0.3.1/', true],
    ['2001:db8::1', 'http://[2001:db8::1]/', false],
    ['[2001:db8::1]:80', 'http://[2001:db8:0::1]/', false],
    ['2001:db8::/32', 'http://[2001:db8:ffff::1]/', false],
    ['2001:db8::/32', 'http://[2001:db9::1]/', true],
    ['192.0.2.0/99', 'http://192.0.2.1/', true],
    ['', 'http://a.example/', true],
  ])('with NO_PROXY «%s», %s goes through a proxy: %s', (noProxy, url, isProxied) => {
    expect(choose({ proxy: 'http://all:1', noProxy }, url)).toBe(isProxied ? 'all:1' : undefined);
  });
});

/** A proxy as it should be: absolute addresses are answered by itself, CONNECT leads to `inner`. */
const honest =
  (inner?: RawServer): Script =>
  (exchange) => {
    const { socket, head, path } = exchange;
    if (!head.startsWith('CONNECT')) return exchange.say(answer(200, {}, `asked for ${path}`));
    socket.removeAllListeners('data');
    const onward = net.connect(inner!.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    return socket.on('error', () => onward.destroy());
  };

const withProxy = <T>(script: Script, run: (proxy: RawServer) => Promise<T>, options: RawOptions = {}) =>
  withRawServer(script, run, options);
const withOrigin = <T>(run: (origin: RawServer) => Promise<T>) =>
  withRawServer(answers(200, {}, 'the origin'), run, { tls: certificate('good') });
const withKey = (url: string) => url.replace('//', '//user:can%61ry@');
const login = `proxy-authorization: Basic ${Buffer.from('user:canary').toString('base64')}`;

describe('through a proxy', () => {
  test('an http address is asked for whole, with the credentials of the proxy; names are left to it', async () => {
    await withProxy(honest(), (proxy) =>
      withHttp({ allowPrivate: false, proxy: withKey(proxy.url) }, async (http) => {
        expect(await getText(http, 'http://media.example/a?b=c#d')).toBe(
          'asked for http://media.example/a?b=c',
        );
        expect(proxy.heard[0]!.head).toContain(login);
        expect(proxy.heard[0]!.head).toMatch(/^host: media\.example$/im);
        expect(proxy.heard[0]!.head.match(/^host:/gim)).toHaveLength(1);
        await getText(http, 'http://cdn.example/x');
        expect(proxy.connections).toHaveLength(1);
      }),
    );
  });

  test.each([undefined, 'good'] as const)(
    'an https address is reached by a tunnel (proxy over TLS: %s)',
    async (name) => {
      await withOrigin((origin) =>
        withProxy(
          honest(origin),
          (proxy) =>
            withHttp({ allowPrivate: false, proxy: withKey(proxy.url), cacert: authority }, async (http) => {
              expect(await getText(http, 'https://media.example/a')).toBe('the origin');
              expect(await getText(http, 'https://media.example/b')).toBe('the origin');
              expect(proxy.heard).toHaveLength(1);
              expect(proxy.heard[0]!.head).toMatch(/^CONNECT media\.example:443 HTTP\/1\.1/);
              expect(proxy.heard[0]!.head).toContain(login);
              expect(origin.heard[0]!.head).toMatch(/^GET \/a HTTP\/1\.1/);
              expect(origin.heard.map(({ head }) => head).join()).not.toMatch(/proxy|canary/i);
            }),
          name ? { tls: certificate(name) } : {},
        ),
      );
    },
  );

  test('C03 an origin that never starts TLS is blamed itself, and has a clock of its own', async () => {
    await withRawServer(
      () => undefined,
      (silent) =>
        withProxy(honest(silent), (proxy) =>
          withHttp({ proxy: proxy.url, connectTimeout: 300 }, async (http) =>
            expect((await troubleOf(http.ask('https://media.example/'))).code).toBe('ETLSTIMEOUT'),
          ),
        ),
    );
  });

  test('the certificate is that of the origin, for the name that was asked', async () => {
    await withOrigin((origin) =>
      withProxy(honest(origin), (proxy) =>
        withHttp({ proxy: proxy.url, cacert: authority }, async (http) =>
          expect((await troubleOf(http.ask('https://elsewhere.example/'))).code).toBe(
            'ERR_TLS_CERT_ALTNAME_INVALID',
          ),
        ),
      ),
    );
  });

  test('private addresses, local names and ports of other services are refused all the same', async () => {
    await withProxy(honest(), (proxy) =>
      withHttp({ allowPrivate: false, proxy: proxy.url }, async (http) => {
        const code = async (url: string) => (await troubleOf(http.ask(url))).code;
        expect(await code('http://127.0.0.1/')).toBe('EREFUSEDADDRESS');
        expect(await code('http://2130706433/')).toBe('EREFUSEDADDRESS');
        expect(await code('https://localhost/')).toBe('EREFUSEDADDRESS');
        expect(await code('http://media.example:6379/')).toBe('EREFUSEDPORT');
        expect(proxy.connections).toHaveLength(0);
      }),
    );
  });

  test('X09 each hop is another choice', async () => {
    await withOrigin((origin) =>
      withProxy(honest(origin), (forTls) =>
        withProxy(sendsTo('https://media.example/b'), (forPlain) =>
          withRawServer(sendsTo('http://media.example/a'), (straight) => {
            const proxies = {
              httpProxy: withKey(forPlain.url),
              httpsProxy: forTls.url,
              noProxy: '127.0.0.0/8',
            };
            return withHttp({ ...proxies, cacert: authority }, async (http) => {
              expect(await getText(http, `${straight.url}/start`)).toBe('the origin');
              expect(straight.heard[0]!.head).toMatch(/^GET \/start /);
              expect(forPlain.heard[0]!.head).toMatch(/^GET http:\/\/media\.example\/a /);
              expect(forTls.heard[0]!.head).toMatch(/^CONNECT media\.example:443 /);
              const heads = [...straight.heard, ...forTls.heard].map(({ head }) => head);
              expect(heads.join()).not.toContain('authorization');
            });
          }),
        ),
      ),
    );
  });
});

describe('C09 trouble with a proxy names it, without its credentials', () => {
  const troubleWith = async (script: Script, url: string, headerTimeout = 5000) =>
    withProxy(script, (proxy) =>
      withHttp({ proxy: withKey(proxy.url), headerTimeout }, async (http) => {
        const error = await troubleOf(http.ask(url));
        expect(proxy.heard).toHaveLength(1);
        expect(error.message).toContain(`127.0.0.1:${proxy.port}`);
        expect(`${error.message} ${error.stack}`).not.toMatch(/canary|user/);
        return [error.code, error.message.replace(/^.*?: /, '')];
      }),
    );
  test.each<[string, Script, string]>([
    ['407', answers(407), 'it wants other credentials (status 407)'],
    ['CONNECT 502', answers(502), 'it answered CONNECT with status 502'],
    [
      'a page',
      answers(200, { 'Content-Type': 'text/html' }, '<html>'),
      'it answered CONNECT with a page of its own',
    ],
    ['a page without a type', answers(200, {}, '<html>'), 'it answered CONNECT with a page of its own'],
    ['hanging up', ({ socket }) => socket.destroy(), 'socket hang up'],
  ])('%s in place of a tunnel', async (_what, script, message) => {
    expect(await troubleWith(script, 'https://media.example/')).toEqual(['EPROXY', message]);
  });

  test('something that is no HTTP', async () => {
    const [code] = await troubleWith((exchange) => exchange.say('<html>\r\n\r\n'), 'https://media.example/');
    expect(code).toBe('EPROXY');
  });

  test('silence', async () => {
    const [code, message] = await troubleWith(() => undefined, 'https://media.example/', 100);
    expect([code, message]).toEqual(['EPROXY', 'waiting for the proxy took more than 0.1 s']);
  });

  test('407 to a plain request', async () => {
    const script = answers(407, {}, '<html>');
    expect(await troubleWith(script, 'http://media.example/')).toEqual([
      'EPROXY',
      'it wants other credentials (status 407)',
    ]);
  });

  test.each(['http', 'https'])('nobody listening there (%s)', async (scheme) => {
    const port = await deafPort();
    await withHttp({ proxy: `http://user:canary@127.0.0.1:${port}` }, async (http) => {
      const error = await troubleOf(http.ask(`${scheme}://media.example/`));
      expect(error.code).toBe('EPROXY');
      expect(error.message).toMatch(new RegExp(`the proxy 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`));
      expect(error.message).not.toMatch(/canary/);
    });
  });

  test('a proxy whose certificate is not to be trusted', async () => {
    await withProxy(
      honest(),
      (proxy) =>
        withHttp({ proxy: withKey(proxy.url) }, async (http) => {
          expect((await troubleOf(http.ask('http://media.example/'))).code).toBe('EPROXY');
          expect(proxy.heard).toHaveLength(0);
        }),
      { tls: certificate('good') },
    );
  });
});
