import { connect } from 'node:net';
import { expect } from 'vitest';
import { sendsTo } from '../../../helpers/answers.ts';
import { inside, samples, world } from '../../../helpers/namespace.ts';
import { fault } from '../../fault.ts';
import { type Came, endOf, withScene } from '../scene.ts';
import { inUrl, web } from './public.ts';

const PRIVATE = 'failed: refused-private-address';
const ports = [22, 25, 6379];

const net = web(
  {
    'a.example': { a: ['10.1.2.3'] },
    'aaaa.example': { aaaa: ['fd12:3456::1'] },
    'cname.example': { cname: 'a.example' },
    'mixed.example': { a: [world.media, '192.168.1.1'] },
    'mixed6.example': { a: [world.media], aaaa: ['::1'] },
    'mapped.example': { aaaa: ['::ffff:10.1.2.3'] },
    'good.example': { a: [world.media] },
    'turncoat.example': (nth) => ({ a: [nth === 0 ? world.media : '10.1.2.3'] }),
  },
  {
    '/x03-literal.jpg': sendsTo(`http://${world.other}/second-literal.jpg`),
    '/x03-spelt.jpg': sendsTo(`http://${world.other}/second-spelt.jpg`),
    '/x03-six.jpg': sendsTo(`http://${world.other}/second-six.jpg`),
    '/x03-name.jpg': sendsTo(`http://${world.other}/second-name.jpg`),
    '/second-literal.jpg': sendsTo('http://10.1.2.3/latest/meta-data/'),
    '/second-spelt.jpg': sendsTo('http://0x7f000001/admin.jpg'),
    '/second-six.jpg': sendsTo('http://[::1]/admin.jpg'),
    '/second-name.jpg': sendsTo('http://a.example/admin.jpg'),
  },
  [80, ...ports],
);

const isPublic = new Set<string>([world.media, world.media6, world.other, ...samples]);
/** Connections that must never be made, whichever case would have made them. */
const canaries = () => net.talks.filter(({ at }) => !isPublic.has(at)).map(({ at, text }) => `${at} ${text}`);
const heardAt = (path: string) => net.talks.filter(({ text }) => text.includes(`GET ${path} `)).length;

/** Numbered paths, so that one spelling is not taken for another. */
const addressesOf = (hosts: readonly string[], number: string) =>
  hosts.map((host, n) => `http://${host}/${number}-${n}.jpg`);

function endsOf(came: Came, addresses: readonly string[]): Record<string, string> {
  const pathOf = (url: string) => url.replace(/^.*\//, '/');
  return Object.fromEntries(
    addresses.map((url) => {
      const record = came.records.findLast((one) => one.url.endsWith(pathOf(url)));
      return [url, record ? endOf(record) : 'no record'];
    }),
  );
}

const allTo = (end: string, addresses: readonly string[]) =>
  Object.fromEntries(addresses.map((url) => [url, end]));

fault('X01', 'media addresses of every private range are refused, and reached where it is allowed', (play) =>
  withScene(play)(async ({ archive }) => {
    const more = [
      '127.0.0.1',
      '0.0.0.0',
      '255.255.255.255',
      '::',
      '::1',
      'ff02::1',
      'ff0e::1',
      '::ffff:10.1.2.3',
    ];
    const addresses = addressesOf([...Object.values(inside), ...more].map(inUrl), 'x01');
    const refused = await archive(addresses);
    expect(endsOf(refused, addresses)).toEqual(allTo(PRIVATE, addresses));
    expect(canaries()).toEqual([]);
    play.injected(`${addresses.length} addresses with a listener, 0 connections`);
    play.outcome(PRIVATE);
    const allowed = addressesOf(samples.map(inUrl), 'x01-sample');
    expect(endsOf(await archive(allowed, { out: 'refused' }), allowed)).toEqual(allTo(PRIVATE, allowed));
    expect(net.talks.filter(({ at }) => (samples as readonly string[]).includes(at))).toEqual([]);
    const reached = await archive(allowed, { words: ['--allow-private'], out: 'allowed' });
    expect(endsOf(reached, allowed)).toEqual(allTo('kept (live)', allowed));
    for (const sample of samples) expect(net.talks.filter(({ at }) => at === sample)).toHaveLength(1);
  }),
);

/** 127.0.0.1 and 10.1.2.3 as nobody writes them who means well. */
const spellings = [
  ...['2130706433', '0x7f000001', '0x7F.0x0.0x0.0x1', '0177.0.0.1', '017700000001', '127.1', '127.0.1'],
  ...[
    '１２７.０.０.１',
    '127。0。0。1',
    '127.0.0.1.',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'any.localhost',
  ],
  ...['167838211', '0xa.1.2.3', '012.1.2.3', '10.66051', '10.1.515', '0', '0x0', '%31%30.1.2.3'],
  ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:0a01:0203]', '[::10.1.2.3]', '[::127.0.0.1]'],
  ...['[64:ff9b::10.1.2.3]', '[2002:a01:203::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[FE80::1]'],
];

fault('X02', 'the same addresses spelt otherwise are refused', (play) =>
  withScene(play)(async ({ archive }) => {
    const addresses = addressesOf(spellings, 'x02');
    const came = await archive(addresses);
    expect(endsOf(came, addresses)).toEqual(allTo(PRIVATE, addresses));
    expect(canaries()).toEqual([]);
    play.injected(`${addresses.length} spellings, 0 connections`);
    play.outcome(PRIVATE);
  }),
);

fault('X03', 'a public address that redirects inside after two hops is followed no further', (play) =>
  withScene(play)(async ({ archive }) => {
    const ways = ['literal', 'spelt', 'six', 'name'];
    const addresses = ways.map((way) => `http://${world.media}/x03-${way}.jpg`);
    const came = await archive(addresses);
    for (const way of ways)
      expect([heardAt(`/x03-${way}.jpg`), heardAt(`/second-${way}.jpg`)]).toEqual([1, 1]);
    expect(canaries()).toEqual([]);
    play.injected(`${ways.length} times two hops followed, 0 connections inside`);
    expect(endsOf(came, addresses)).toEqual(allTo(PRIVATE, addresses));
    play.outcome(PRIVATE);
  }),
);

fault('X04', 'public names that resolve inside are refused, those among public answers too', (play) =>
  withScene(play)(async ({ archive }) => {
    const names = ['a', 'aaaa', 'cname', 'mixed', 'mixed6', 'mapped'].map((name) => `${name}.example`);
    const [bad, good] = [addressesOf(names, 'x04'), 'http://good.example/x04-good.jpg'];
    const turning = 'http://turncoat.example/x04-turning.jpg';
    const came = await archive([...bad, good, turning]);
    for (const name of names) expect(net.dns.asked.some((one) => one.name === name)).toBe(true);
    expect(canaries()).toEqual([]);
    play.injected(`${names.length} names answered with private addresses, 0 connections`);
    expect(endsOf(came, bad)).toEqual(allTo(PRIVATE, bad));
    expect(bad.map((url) => heardAt(new URL(url).pathname))).toEqual(bad.map(() => 0));
    expect(endOf(came.of(good))).toBe('kept (live)');
    expect(endOf(came.of(turning))).toBe('kept (live)'); // from the address that was looked at
    play.outcome(PRIVATE);
  }),
);

fault('X05', 'ports of other services are refused', (play) =>
  withScene(play)(async ({ archive }) => {
    const addresses = ports.flatMap((port) =>
      ['http', 'https'].map((scheme) => `${scheme}://${world.other}:${port}/x05-${scheme}-${port}.jpg`),
    );
    const came = await archive(addresses);
    const dialled = () => net.talks.filter(({ port }) => ports.includes(port));
    expect(dialled()).toEqual([]);
    expect(endsOf(came, addresses)).toEqual(allTo('failed: refused-port', addresses));
    for (const port of ports) await reach(world.other, port);
    expect(dialled()).toHaveLength(ports.length); // the canaries do sing
    play.injected(`${ports.length} listening ports, 0 connections`);
    play.outcome('failed: refused-port');
  }),
);

const reach = (host: string, port: number) =>
  new Promise<void>((done, fail) => {
    const socket = connect(port, host).on('error', fail);
    socket.once('connect', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
    socket.once('data', () => done(void socket.destroy()));
  });
