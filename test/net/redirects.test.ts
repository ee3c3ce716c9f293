import { describe, expect, test } from 'vitest';
import { redirectFrom } from '../../src/net/redirects.ts';
import { answers } from '../helpers/answers.ts';
import { withRawServer } from '../helpers/raw-server.ts';
import { withHttp } from './with-http.ts';

const from = new URL('https://blog.example/posts/1?a=b');
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('where an answer leads', () => {
  test.each<[number, string, string]>([
    [301, 'https://other.example/x', 'https://other.example/x'],
    [302, '/x', 'https://blog.example/x'],
    [303, '?c=d', 'https://blog.example/posts/1?c=d'],
    [307, '//cdn.example/x', 'https://cdn.example/x'],
    [308, '  2  ', 'https://blog.example/posts/2'],
    [300, '/x', 'https://blog.example/x'],
    [302, latin1('/größe/日本.jpg'), 'https://blog.example/gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC.jpg'],
    [302, '/gr%C3%B6%C3%9Fe', 'https://blog.example/gr%C3%B6%C3%9Fe'],
    [302, '/a b', 'https://blog.example/a%20b'],
    [302, '/x?sig=a%2Bb+c&b=1&a=2', 'https://blog.example/x?sig=a%2Bb+c&b=1&a=2'],
    [302, `/${'x'.repeat(8000)}`, `https://blog.example/${'x'.repeat(8000)}`],
    [302, 'javascript:alert(1)', 'javascript:alert(1)'], // whether it may be followed is decided elsewhere
  ])('status %i with «%s»', (status, location, to) => {
    expect(redirectFrom(status, location, from)).toEqual(new URL(to));
  });

  test.each([200, 206, 300, 304, 305, 404, 500])('status %i alone sends nobody', (status) => {
    expect(redirectFrom(status, undefined, from)).toBeUndefined();
    if (status !== 300) expect(redirectFrom(status, '/x', from)).toBeUndefined();
  });

  test.each<[string, string | undefined, RegExp]>([
    ['no Location', undefined, /without/],
    ['an empty one', '', /empty/],
    ['nothing but spaces', '   ', /empty/],
    ['one of 64 KiB', `/${'x'.repeat(64 * 1024)}`, /65537 bytes/],
    ['bytes that are not UTF-8', '/gr\xf6\xdfe', /not UTF-8/],
    ['no address', 'http://', /no address/],
  ])('%s does not say where', (_what, location, why) => {
    expect(redirectFrom(302, location, from)).toEqual({ why: expect.stringMatching(why) });
  });
});

describe('a chain', () => {
  const sends = (location: string | undefined) =>
    answers(302, { Location: location ?? null }, 'not to be read');
  /** Leads `hops` times onwards, then answers. */
  const chain = (hops: number) =>
    withRawServer(
      (exchange) => {
        const at = Number(exchange.path.slice(1));
        return (at < hops ? sends(`/${at + 1}`) : answers(200, {}, 'there'))(exchange);
      },
      ({ url, heard }) =>
        withHttp({}, async (http) => {
          const asked = await http.ask(`${url}/0`).then(
            ({ status, url: end, body }) => {
              body.destroy();
              return [status, new URL(end).pathname];
            },
            ({ code }) => code,
          );
          return { asked, wire: heard.length, counted: http.requests };
        }),
    );

  test('A20 of ten redirects is followed to its end', async () => {
    expect(await chain(10)).toEqual({ asked: [200, '/10'], wire: 11, counted: 11 });
  });

  test('A20 of eleven is given up after eleven requests', async () => {
    expect(await chain(11)).toEqual({ asked: 'EREDIRECT', wire: 11, counted: 11 });
  });

  const once = (location: string | undefined) =>
    withRawServer({ '/': sends(location), '*': answers(200, {}, 'there') }, ({ url, heard }) =>
      withHttp({}, async (http) => {
        const code = await http.ask(url).then(
          ({ body }) => void body.destroy(),
          (error) => error.code,
        );
        return { code, lines: heard.map(({ head }) => head.split('\r\n')[0]) };
      }),
    );

  test.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/x',
    'data:text/plain,x',
    'javascript:1',
    'gopher://127.0.0.1/',
  ])('A21 to %s is refused', async (location) => {
    expect(await once(location)).toEqual({ code: 'EREFUSEDSCHEME', lines: ['GET / HTTP/1.1'] });
  });

  test.each<[string, string | undefined]>([
    ['without a Location', undefined],
    ['with an empty Location', ''],
    ['with a Location of 64 KiB', `/${'x'.repeat(64 * 1024)}`],
    ['with bytes that are not UTF-8', '/gr\xf6\xdfe'],
  ])('A22 %s ends there', async (_what, location) => {
    expect(await once(location)).toEqual({ code: 'EREDIRECT', lines: ['GET / HTTP/1.1'] });
  });

  test('A22 over raw UTF-8 is followed, encoded', async () => {
    expect(await once(latin1('/größe'))).toEqual({
      code: undefined,
      lines: ['GET / HTTP/1.1', 'GET /gr%C3%B6%C3%9Fe HTTP/1.1'],
    });
  });

  test('A19 a hundred headers of a kilobyte are no answer', async () => {
    const many = Array.from({ length: 100 }, (_, i) => `X-${i}: ${'x'.repeat(1024)}\r\n`).join('');
    await withRawServer(
      (exchange) => exchange.say(`HTTP/1.1 200 OK\r\n${many}\r\n`),
      ({ url, heard }) =>
        withHttp({}, async (http) => {
          await expect(http.ask(url)).rejects.toMatchObject({ code: 'HPE_HEADER_OVERFLOW' });
          expect(heard).toHaveLength(1);
        }),
    );
  });
});
