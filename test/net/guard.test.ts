import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { serves } from '../../src/demo/behaviours.ts';
import { openDial } from '../../src/net/dial.ts';
import { openGuard, originOf } from '../../src/net/guard.ts';
import { openNames } from '../../src/net/names.ts';
import { isPrivate } from '../../src/net/ranges.ts';
import { answers, sendsTo } from '../helpers/answers.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { withRawServer } from '../helpers/raw-server.ts';
import { withHttp } from './with-http.ts';

/** What comes of a request through the guard: a status, or the code of the error. */
const ask = (url: string, services: readonly string[] = [], allowPrivate = false) =>
  withHttp({ allowPrivate, services }, (http) =>
    http.ask(url).then(
      ({ status, body }) => {
        body.destroy();
        return status;
      },
      ({ code }) => code as string,
    ),
  );

describe('X01 a private address', () => {
  test.each([
    ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255', '127.0.0.1'],
    ...['127.255.255.255', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.168.1.1'],
    ...['198.18.0.1', '198.19.255.255', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      '::7f00:1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '::ffff:8.8.8.8',
      '64:ff9b::127.0.0.1',
    ],
    ...['64:ff9b::a00:1', '64:ff9b:1::1', '100::1', '2001::1', '2001:0:7f00:1::', '2002:7f00:1::', '2002::1'],
    ...[
      'fc00::1',
      'fd00::1',
      'fe80::1',
      'fe80::1%eth0',
      'febf::1',
      'fec0::1',
      'ff02::1',
      '4000::1',
      '5f00::1',
    ],
  ])('%s is one', (ip) => {
    expect(isPrivate(ip)).toBe(true);
  });

  test.each([
    ...[
      '1.1.1.1',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '172.15.255.255',
      '172.32.0.0',
    ],
    ...['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
    ...['2600::1', '2a00:1450::1', '2001:200::1', '2001:db8::1', '2003::1', '64:ff9b::808:808'],
  ])('%s is none', (ip) => {
    expect(isPrivate(ip)).toBe(false);
  });

  test('is not connected to', async () => {
    await withRawServer(answers(200, {}, 'x'), async ({ url, connections }) => {
      expect(await ask(url)).toBe('EREFUSEDADDRESS');
      expect(connections).toHaveLength(0);
      expect(await ask(url, [], true)).toBe(200);
      expect(connections).toHaveLength(1);
    });
  });

  test('is let through if exactly that host and port were named', async () => {
    await withFakeBlog({ '/': serves('x') }, (named) =>
      withFakeBlog({ '/': serves('x') }, async (other) => {
        expect(await ask(named.url, [named.url])).toBe(200);
        expect(await ask(other.url, [named.url])).toBe('EREFUSEDADDRESS');
        expect(await ask(named.url.replace('127.0.0.1', 'localhost'), [named.url])).toBe('EREFUSEDADDRESS');
        expect([named.requests.length, other.requests.length]).toEqual([1, 0]);
      }),
    );
  });
});

describe('X02 the same, spelt otherwise', () => {
  const spellings = [
    ...['2130706433', '0x7f000001', '0177.0.0.1', '0x7f.0.0.1', '127.1', '127.0.1', '017700000001'],
    ...[
      '１２７.0.0.1',
      '①②⑦.0.0.1',
      '127。0。0。1',
      '127.0.0.1.',
      '0',
      '[::ffff:127.0.0.1]',
      '[::127.0.0.1]',
    ],
    ...['[::ffff:7f00:1]', '[0:0:0:0:0:0:0:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]'],
    ...['localhost', 'LOCALHOST', 'localhost.', 'media.localhost', 'media.localhost.', 'ｌocalhost'],
  ];
  test.each(spellings)('%s is refused', async (host) => {
    await withRawServer(answers(200, {}, 'inside'), async ({ port, connections }) => {
      expect(await ask(`http://${host}:${port}/`)).toBe('EREFUSEDADDRESS');
      expect(connections).toHaveLength(0);
    });
  });
});

test('X03 a redirect inside is refused, two hops on as well', async () => {
  await withRawServer(answers(200, {}, 'inside'), (inside) =>
    withRawServer({ '/a': sendsTo('/b'), '/b': sendsTo(inside.url) }, async (outside) => {
      expect(await ask(`${outside.url}/a`, [outside.url])).toBe('EREFUSEDADDRESS');
      expect([outside.heard.length, inside.connections.length]).toEqual([2, 0]);
    }),
  );
});

describe('X04 a name', () => {
  const found = (...addresses: string[]): LookupAddress[] =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const dialTo = (
    addresses: LookupAddress[] | Promise<LookupAddress[]>,
    port: number,
    connectTimeout = 5000,
  ) =>
    openDial({
      connectTimeout,
      family: 0,
      pinned: new Map(),
      guard: openGuard(new Set()),
      names: { ...openNames(), lookup: async () => addresses },
      context: undefined,
      insecure: false,
    }).connect({ host: 'media.example', port }, new AbortController().signal);

  test.each([
    [['127.0.0.1']],
    [['::1']],
    [['192.0.2.1', '127.0.0.1']],
    [['2001:db8::1', '10.0.0.1', '192.0.2.1']],
    [['192.0.2.1', '::ffff:127.0.0.1']],
  ])('that resolves to %j is refused whole', async (addresses) => {
    await withRawServer(
      () => undefined,
      async ({ port, connections }) => {
        await expect(dialTo(found(...addresses), port)).rejects.toMatchObject({ code: 'EREFUSEDADDRESS' });
        expect(connections).toHaveLength(0);
      },
    );
  });

  test('C07 that nobody resolves ends with the time for looking up', async () => {
    const never = new Promise<LookupAddress[]>(() => undefined);
    await expect(dialTo(never, 80, 20)).rejects.toMatchObject({ name: 'TimeoutError', event: 'lookup' });
  });
});

describe('X05 a port of another service', () => {
  test.each([1, 21, 22, 25, 53, 81, 110, 444, 993, 2375, 3306, 5432, 6000, 6379, 6667, 9200, 11_211, 27_017])(
    '%i is refused on a public address',
    async (port) => {
      expect(await ask(`http://192.0.2.1:${port}/`)).toBe('EREFUSEDPORT');
    },
  );

  test('is let through where the user named it', () => {
    const named = openGuard(new Set(['192.0.2.1:6379']));
    expect(() => named.check('192.0.2.1', 6379)).not.toThrow();
    expect(() => named.check('192.0.2.1', 6380)).toThrow(/6380/);
    for (const port of [80, 443, 1024, 3000, 8000, 8080, 8443])
      expect(() => openGuard(new Set()).check('192.0.2.1', port)).not.toThrow();
    expect(() => openGuard('all').check('127.0.0.1', 22)).not.toThrow();
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
