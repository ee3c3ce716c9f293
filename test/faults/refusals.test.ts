import { describe, expect } from 'vitest';
import { answers, inTurn, serves } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import type { RawServer } from '../helpers/raw-server.ts';
import { fault } from './fault.ts';
import { addressOf, type Finished } from './scene.ts';

const jpeg = { 'Content-Type': 'image/jpeg' };
const body = photo(23);
/** A timer may go off a moment early. */
const SLACK = 20;

/** What a run said of its waits for an address, and the server of its requests: the same. */
function waitsOf(ran: Finished, server: RawServer): number[] {
  const waits = ran.events.flatMap(({ event, url, wait }) =>
    event === 'retry' && url === addressOf(server) ? [Number(wait)] : [],
  );
  for (const [i, wait] of waits.entries()) {
    const gap = server.heard[i + 1]!.at - server.heard[i]!.at;
    expect(gap, 'ms between two requests').toBeGreaterThanOrEqual(wait - SLACK);
  }
  return waits;
}

/** 429 once, with what is made of the moment for a Retry-After. */
const slowsDown = (after: () => string | null) =>
  inTurn((exchange) => answers(429, { 'Retry-After': after() }, 'slowly')(exchange), serves(body, jpeg));

describe('servers that refuse', () => {
  fault('A23', '5xx once, three times, always', async (scene) => {
    const BASE = 40;
    const statuses = [500, 502, 503, 504];
    const fails = statuses.map((status) => answers(status, {}, 'in trouble'));
    const once = await scene.servers(fails.map((fail) => inTurn(fail, serves(body, jpeg))));
    const thrice = await scene.servers(fails.map((fail) => inTurn(fail, fail, fail, serves(body, jpeg))));
    const always = await scene.servers(fails);
    const all = [...once, ...thrice, ...always];
    const ran = await scene.run(all.map(addressOf), '--backoff-base', String(BASE / 1000));
    expect(ran.code).toBe(1);
    scene.injected(`${all.map(({ heard }) => heard.length).join('+')} requests`, ...all);
    for (const server of once)
      expect(ran.record(addressOf(server))).toMatchObject({ status: 'kept', attempts: 2 });
    for (const server of thrice)
      expect(ran.record(addressOf(server))).toMatchObject({ status: 'kept', attempts: 4 });
    for (const server of always) {
      expect(ran.record(addressOf(server))).toMatchObject({
        status: 'failed',
        reason: { code: 'server-error' },
      });
      expect(server.heard).toHaveLength(5);
      expect(scene.asked(addressOf(server))).toBe(1);
    }
    const waits = all.map((server) => waitsOf(ran, server));
    for (const some of waits)
      for (const [i, wait] of some.entries()) expect(wait).toBeLessThanOrEqual(BASE * 2 ** i + 1);
    expect(Math.max(...waits.flat()), 'waits grow').toBeGreaterThan(BASE);
    expect(new Set(waits.flat()).size, 'and differ').toBeGreaterThan(4);

    const again = await scene.run(always.map(addressOf), '-R', '0');
    expect(again.code).toBe(1);
    for (const server of always) expect(server.heard, 'asked again by the next run').toHaveLength(6);
    scene.outcome('kept, kept, failed: server-error');
  });

  fault('A24', '429 in every dress', async (scene) => {
    const WAIT = 2;
    const host = (after: () => string | null) =>
      scene.server({ '/a.jpg': slowsDown(after), '/b.jpg': serves(photo(24), jpeg) });
    let until = '';
    const inAMoment = () => {
      until = new Date(Date.now() + (WAIT + 1) * 1000).toUTCString();
      return until;
    };
    const [bySeconds, byDate] = [await host(() => String(WAIT)), await host(inAMoment)];
    const shrugs = [await host(() => null), await host(() => '0'), await host(() => '-5')];
    const tenYears = new Date(Date.now() + 315_360_000_000).toUTCString();
    const never = [await host(() => '315360000'), await host(() => tenYears)];
    const other = await scene.server({
      '/a.jpg': serves(photo(25), jpeg),
      '/b.jpg': serves(photo(26), jpeg),
    });
    const hosts = [bySeconds, byDate, ...shrugs, ...never, other];
    const limits = ['-o', 'retryAfterMax=10', '--per-host', '1'];
    const both = ({ url }: RawServer) => [`${url}/a.jpg`, `${url}/b.jpg`];
    const ran = await scene.run(hosts.flatMap(both), ...limits);
    expect(ran.code).toBe(1);

    scene.injected(`429 from ${hosts.length - 1} hosts: 2 s, a date, none, 0, -5, 10 years`, ...hosts);
    const [first, ...later] = bySeconds.heard.map(({ at }) => at);
    for (const at of later) expect(at - first!).toBeGreaterThanOrEqual(WAIT * 1000 - SLACK);
    for (const { at } of byDate.heard.slice(1))
      expect(performance.timeOrigin + at).toBeGreaterThanOrEqual(Date.parse(until) - SLACK);
    for (const { at } of other.heard) expect(at, 'others go on').toBeLessThan(later[0]!);
    for (const server of [bySeconds, byDate, ...shrugs, other])
      for (const address of both(server)) expect(ran.record(address).status).toBe('kept');
    for (const server of [bySeconds, byDate, ...shrugs]) expect(server.heard).toHaveLength(3);

    const met = never.map((server) => [
      server.heard.length,
      ...both(server).map((address) => `${ran.record(address).status} ${ran.record(address).reason?.code}`),
    ]);
    expect(met).toEqual(never.map(() => [1, 'failed rate-limited', 'failed rate-limited']));
    scene.outcome('kept after the wait; rate-limited');
  });

  fault('A25', 'Gone for good', async (scene) => {
    const statuses = [404, 410, 451];
    const servers = await scene.servers(statuses.map((status) => answers(status, {}, 'gone')));
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(1);
    for (const [i, server] of servers.entries()) {
      const record = ran.record(addressOf(server));
      expect(record).toMatchObject({ status: 'missing', reason: { code: 'gone' } });
      expect(record.tried?.[0]?.detail).toContain(String(statuses[i]));
      expect(server.heard).toHaveLength(1);
      expect(scene.asked(addressOf(server))).toBe(1);
    }
    scene.injected('404, 410, 451: one request each', ...servers);
    scene.outcome('missing: gone');
  });

  fault('A26', 'Forbidden', async (scene) => {
    const servers = await scene.servers([401, 403].map((status) => answers(status, {}, 'not for you')));
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(1);
    for (const server of servers) {
      expect(ran.record(addressOf(server))).toMatchObject({
        status: 'missing',
        reason: { code: 'forbidden' },
      });
      expect(server.heard).toHaveLength(1);
      expect(scene.asked(addressOf(server))).toBe(1);
    }
    scene.injected('401, 403: one request each', ...servers);
    scene.outcome('missing: forbidden');
  });
});
