import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { serves } from '../../src/demo/behaviours.ts';
import { guardedAgents, originOf } from '../../src/net/guard.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';

/** What comes of a request through the guard: a status, or the code of the error. */
async function ask(
  url: string,
  allowed: ReadonlySet<string> | 'all' = new Set(),
): Promise<number | string | undefined> {
  const agents = guardedAgents(allowed);
  try {
    return await new Promise((resolve, reject) => {
      const request = http.get(url, { agent: agents.http, timeout: 2000 }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
    });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    agents.http.destroy();
    agents.https.destroy();
  }
}

describe('a private address', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.1.2.3/',
    'http://localhost/',
    'http://LOCALHOST/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://１２７.0.0.1/',
    'http://0.0.0.0/',
    'http://10.0.0.1/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.0.0.1/',
    'http://192.168.1.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[ff02::1]/',
  ])('%s is refused', async (url) => {
    expect(await ask(url)).toBe('EREFUSEDADDRESS');
  });

  test('is not connected to', async () => {
    await withFakeBlog({ '/': serves('x') }, async ({ url, requests }) => {
      expect(await ask(url)).toBe('EREFUSEDADDRESS');
      expect(await ask(url.replace('127.0.0.1', 'localhost'))).toBe('EREFUSEDADDRESS');
      expect(requests).toHaveLength(0);
      expect(await ask(url, 'all')).toBe(200);
      expect(requests).toHaveLength(1);
    });
  });

  test('is let through if exactly that host and port were named', async () => {
    await withFakeBlog({ '/': serves('x') }, (named) =>
      withFakeBlog({ '/': serves('x') }, async (other) => {
        const allowed = new Set([originOf(named.url)]);
        expect(await ask(named.url, allowed)).toBe(200);
        expect(await ask(other.url, allowed)).toBe('EREFUSEDADDRESS');
        expect(await ask(named.url.replace('127.0.0.1', 'localhost'), allowed)).toBe('EREFUSEDADDRESS');
        expect([named.requests.length, other.requests.length]).toEqual([1, 0]);
      }),
    );
  });
});

test.each([
  ['http://blog.example/a', 'blog.example:80'],
  ['https://Blog.Example/a', 'blog.example:443'],
  ['http://blog.example:8080/', 'blog.example:8080'],
  ['http://[::1]:3000/', '::1:3000'],
])('the origin of %s is %s', (url, origin) => {
  expect(originOf(url)).toBe(origin);
});
