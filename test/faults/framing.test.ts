import { describe, expect } from 'vitest';
import { answer, cuts, goingOn, inTurn, serves } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import type { RawServer } from '../helpers/raw-server.ts';
import type { Script } from '../helpers/raw-talk.ts';
import { type Case, fault } from './fault.ts';
import { addressOf } from './scene.ts';
import { sumOf } from './sound.ts';

const jpeg = { 'Content-Type': 'image/jpeg' };
const versioned = { ...jpeg, ETag: '"one"' };

/** What was cut stays for the next run, which asks for the rest alone. */
async function goesOn(scene: Case, servers: readonly RawServer[], body: Buffer, had: number): Promise<void> {
  expect(scene.parts().map(({ bytes }) => bytes)).toEqual(servers.map(() => had));
  expect(scene.sidecars()).toHaveLength(servers.length);
  for (const server of servers) server.on('/a.jpg', serves(body, versioned));
  const before = servers.map((server) => server.heard.length);
  const healed = await scene.run(servers.map(addressOf));
  expect(healed.code).toBe(0);
  for (const [i, server] of servers.entries()) {
    const record = healed.record(addressOf(server));
    expect(record).toMatchObject({ status: 'kept', sha256: sumOf(body), attempts: 1 });
    expect(record.pieces).toBeGreaterThanOrEqual(2);
    const asked = server.heard.slice(before[i]);
    expect(asked).toHaveLength(1);
    expect(goingOn(had)).toContain(asked[0]!.header('range'));
    expect(asked[0]!.said).toBeLessThan(body.length - had + 500);
  }
  expect(scene.parts()).toEqual([]);
}

/** The first bytes of a body in chunks, and never the last, empty one. */
const chunksOf =
  (body: Buffer, count: number, size: number, leave: 'end' | 'reset'): Script =>
  async (exchange) => {
    await exchange.say(answer(200, { ...versioned, 'Content-Length': null, 'Transfer-Encoding': 'chunked' }));
    for (let i = 0; i < count; i++) {
      await exchange.say(`${size.toString(16)}\r\n`);
      await exchange.say(body.subarray(i * size, (i + 1) * size));
      await exchange.say('\r\n');
    }
    exchange[leave]();
  };

describe('bodies that are not what their frame says', () => {
  fault('A01', 'Content-Length larger than what arrives, then a clean close', async (scene) => {
    const body = photo(1, 400_000);
    const server = await scene.server({ '/a.jpg': cuts(body, 150_000, versioned) });
    const address = addressOf(server);
    const ran = await scene.run([address]);
    expect(ran.code).toBe(1);
    expect(ran.record(address)).toMatchObject({ status: 'failed', reason: { code: 'truncated' } });
    expect(server.heard.length).toBeGreaterThanOrEqual(5);
    expect(server.heard.length).toBeLessThanOrEqual(20); // bounded even if the same bytes again count as progress
    expect(scene.asked(address)).toBe(1);
    scene.injected(`${server.heard.length} answers of 150,000 of 400,000`, server);
    await goesOn(scene, [server], body, 150_000);
    scene.outcome('truncated; kept by next run');
  });

  fault('A02', 'Chunked body cut before the last chunk', async (scene) => {
    const body = photo(2, 50_000);
    const servers = await scene.servers([chunksOf(body, 3, 5000, 'end'), chunksOf(body, 3, 5000, 'reset')]);
    const addresses = servers.map(addressOf);
    const ran = await scene.run(addresses);
    expect(ran.code).toBe(1);
    for (const [i, address] of addresses.entries()) {
      expect(ran.record(address)).toMatchObject({ status: 'failed', reason: { code: 'truncated' } });
      expect(servers[i]!.heard.length).toBeGreaterThanOrEqual(5);
      expect(servers[i]!.heard.length).toBeLessThanOrEqual(20);
    }
    scene.injected(
      `no last chunk in ${servers.map(({ heard }) => heard.length).join(' + ')} answers`,
      ...servers,
    );
    await goesOn(scene, servers, body, 15_000);
    scene.outcome('truncated; kept by next run');
  });

  fault('A03', 'Connection reset part way, once', async (scene) => {
    const body = photo(3);
    const server = await scene.server({
      '/a.jpg': inTurn(
        async (exchange) => {
          await exchange.say(
            answer(200, { ...versioned, 'Content-Length': body.length }, body.subarray(0, 1000)),
          );
          exchange.reset();
        },
        serves(body, versioned),
      ),
    });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(0);
    expect(ran.record(addressOf(server))).toMatchObject({
      status: 'kept',
      attempts: 2,
      bytes: body.length,
      sha256: sumOf(body),
    });
    expect(server.heard).toHaveLength(2);
    scene.injected('1 reset after 1,000 bytes', server);
    scene.outcome('kept at the 2nd attempt');
  });

  fault('A10', 'More bytes than Content-Length', async (scene) => {
    const body = photo(10);
    const surplus = Buffer.alloc(40, 'x');
    const says =
      (announced: Buffer, more: Buffer): Script =>
      (exchange) =>
        exchange.say(
          answer(200, { ...jpeg, 'Content-Length': announced.length }, Buffer.concat([announced, more])),
        );
    const server = await scene.server({
      '/ten.jpg': says(body.subarray(0, 10), surplus),
      '/more.jpg': says(body, surplus),
      '/next.jpg': serves(photo(11), jpeg),
    });
    const [ten, more, next] = ['ten', 'more', 'next'].map((name) => `${server.url}/${name}.jpg`);
    const ran = await scene.run([ten!, more!, next!], '--per-host', '1');
    const surplusRequests = [...server.to('/ten.jpg'), ...server.to('/more.jpg')];
    const lastOf = new Map(server.heard.map((one) => [one.connection, one]));
    for (const one of surplusRequests)
      expect(lastOf.get(one.connection), 'the socket is not used again').toBe(one);
    scene.injected(`40 bytes too many, ${surplusRequests.length} times`, server);
    expect(ran.record(ten!).status).not.toBe('kept'); // ten bytes are no picture
    const taken = ran.record(more!);
    if (taken.status === 'kept') expect(taken).toMatchObject({ bytes: body.length, sha256: sumOf(body) });
    expect(ran.record(next!)).toMatchObject({ status: 'kept', sha256: sumOf(photo(11)) });
    expect(scene.filesWith('x'.repeat(40))).toEqual([]);
    scene.outcome(taken.status === 'kept' ? 'kept: what was announced' : 'nothing kept');
  });

  fault('A11', 'Contradictory framing', async (scene) => {
    const body = photo(12);
    const framed = (...lines: string[]) =>
      `HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n${lines.join('\r\n')}\r\n\r\n`;
    const heads = [
      framed(`Content-Length: ${body.length}`, `Content-Length: ${body.length - 1}`),
      framed(`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked'),
      framed('Content-Length: -5'),
      framed('Content-Length: 99999999999999999999'),
      `${framed('Transfer-Encoding: chunked')}ZZ\r\n`,
    ];
    const says =
      (head: string): Script =>
      async (exchange) => {
        await exchange.say(head);
        await exchange.say(body);
        exchange.end();
      };
    const servers = await scene.servers(heads.map(says));
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(1);
    scene.injected(`5 frames, ${servers.map(({ heard }) => heard.length).join('+')} answers`, ...servers);
    const met = servers.map((server) => {
      const { status, reason } = ran.record(addressOf(server));
      return `${status} ${reason?.code}, ${server.heard.length <= 3 ? 'at most 2 retries' : `${server.heard.length} requests`}`;
    });
    expect(met).toEqual(heads.map(() => 'failed protocol, at most 2 retries'));
    expect(scene.parts()).toEqual([]);
    scene.outcome('failed: protocol');
  });

  fault('A29', 'Status that makes no sense here', async (scene) => {
    const body = photo(29);
    const part = answer(
      206,
      { ...versioned, 'Content-Range': `bytes 0-4999/${body.length}` },
      body.subarray(0, 5000),
    );
    const bare = [204, 205, 304].map((status) =>
      answer(status, { ...versioned, 'Content-Length': status === 205 ? 0 : null }),
    );
    const servers = await scene.servers([...bare, part].map((bytes) => (exchange) => exchange.say(bytes)));
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(1);
    scene.injected('204, 205, 304 and 206 to plain requests', ...servers);
    for (const server of servers) {
      expect(ran.record(addressOf(server))).toMatchObject({
        status: 'failed',
        reason: { code: 'unexpected-status' },
      });
      expect(server.heard.length, 'tried again').toBeGreaterThanOrEqual(2);
      expect(server.ranges('/a.jpg')).toEqual(server.heard.map(() => undefined));
    }
    expect(scene.parts()).toEqual([]);
    scene.outcome('failed: unexpected-status');
  });

  fault('A30', 'Ancient or sloppy HTTP', async (scene) => {
    const body = photo(30);
    const says =
      (head: string): Script =>
      async (exchange) => {
        await exchange.say(head);
        await exchange.say(body);
        exchange.end();
      };
    const [ancient, sloppy, old, oldest] = await scene.servers([
      says(''),
      says(`HTTP/1.1 200 OK\nContent-Type: image/jpeg\nContent-Length: ${body.length}\n\n`),
      says(`HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: ${body.length}\r\n\r\n`),
      says('HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n'),
    ]);
    const ran = await scene.run([ancient!, sloppy!, old!, oldest!].map(addressOf));
    expect(ran.code).toBe(1);
    scene.injected('no head; LF line ends; HTTP/1.0 that closes', ...[ancient!, sloppy!, old!, oldest!]);
    for (const server of [old!, oldest!]) {
      expect(ran.record(addressOf(server))).toMatchObject({ status: 'kept', sha256: sumOf(body) });
      expect(server.heard).toHaveLength(1);
    }
    for (const server of [ancient!, sloppy!]) {
      expect(ran.record(addressOf(server))).toMatchObject({ status: 'failed', reason: { code: 'protocol' } });
      expect(server.heard.length).toBeGreaterThanOrEqual(1);
    }
    scene.outcome('protocol; protocol; kept');
  });
});
