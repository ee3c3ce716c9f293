import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import { answers, byRange, type Headers, rest, serves, startOf } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import type { Script } from '../helpers/raw-talk.ts';
import { fault } from './fault.ts';
import { afterCut, CUT, fresh, jpeg, keptWhole, old, strong, wentOn } from './partial.ts';
import { addressOf } from './scene.ts';

const base64 = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('base64');

/** CRC-32C, a bit at a time: an own one, to check that of the tool against. */
function crc32c(bytes: Uint8Array): string {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(~crc >>> 0);
  return sum.toString('base64');
}

/** Every way in which a server announces a digest, of the bytes that are handed in. */
const announcements: readonly ((bytes: Uint8Array) => Headers)[] = [
  (bytes) => ({ 'Content-Digest': `sha-256=:${base64('sha256', bytes)}:` }),
  (bytes) => ({ 'Content-Digest': `unknown=:AAAA:, sha-512=:${base64('sha512', bytes)}:` }),
  (bytes) => ({ 'Repr-Digest': `sha-256=:${base64('sha256', bytes)}:` }),
  (bytes) => ({ 'Content-MD5': base64('md5', bytes) }),
  (bytes) => ({ 'x-goog-hash': `md5=${base64('md5', bytes)}` }),
  (bytes) => ({ 'x-goog-hash': `crc32c=${crc32c(bytes)}` }),
  (bytes) => ({ 'x-goog-hash': [`crc32c=${crc32c(bytes)}`, `md5=${base64('md5', bytes)}`] }),
];

const wrong = photo(99);

describe('digests that a server announces', () => {
  fault('DG1', 'Digests that agree', async (scene) => {
    const bodies = announcements.map((_, i) => photo(100 + i));
    const servers = await scene.servers(
      announcements.map((announce, i) => answers(200, { ...strong, ...announce(bodies[i]!) }, bodies[i]!)),
    );
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(0);
    for (const [i, server] of servers.entries()) {
      keptWhole(scene, ran, server, bodies[i]!);
      expect(server.heard).toHaveLength(1);
    }
    scene.injected(`${servers.length} ways to announce a digest`, ...servers);
    scene.outcome('kept at once');
  });

  fault('DG2', 'Digests that never agree', async (scene) => {
    const body = photo(102);
    const servers = await scene.servers(
      announcements.map((announce) => answers(200, { ...strong, ...announce(wrong) }, body)),
    );
    const ran = await scene.run(servers.map(addressOf));
    scene.injected(`${servers.length} wrong digests`, ...servers);
    expect(ran.code).toBe(1);
    const met = servers.map((server) => {
      const { status, reason } = ran.record(addressOf(server));
      return `${status} ${reason?.code}${server.heard.length >= 2 ? ' after a retry' : ''}`;
    });
    expect(met).toEqual(servers.map(() => 'failed digest after a retry'));
    for (const server of servers)
      expect(server.ranges('/a.jpg'), 'always from zero').toEqual(server.heard.map(() => undefined));
    expect(scene.parts()).toEqual([]);
    expect(scene.size()).toBeLessThan(body.length);
    scene.outcome('failed: digest, nothing stored');
  });

  fault('DG3', 'A digest that does not agree once', async (scene) => {
    const body = photo(103);
    const servers = await scene.servers(
      announcements.map((announce): Script => {
        const damaged = Buffer.from(body);
        damaged[5000]! ^= 1; // one bit on the way
        return (exchange) =>
          answers(200, { ...strong, ...announce(body) }, exchange.nth === 0 ? damaged : body)(exchange);
      }),
    );
    const ran = await scene.run(servers.map(addressOf));
    scene.injected('one bit wrong in the first answer', ...servers);
    expect(ran.code).toBe(0);
    for (const server of servers) {
      expect(server.ranges('/a.jpg')).toEqual([undefined, undefined]);
      expect(ran.record(addressOf(server))).toMatchObject({ status: 'kept', attempts: 2 });
    }
    scene.outcome('kept at the 2nd attempt');
  });

  fault('DG4', 'Joined bytes with a digest of the whole that does not agree', async (scene) => {
    const mixture = Buffer.concat([old.subarray(0, CUT), fresh.subarray(CUT)]);
    const whole = (bytes: Uint8Array): Headers => ({
      ...strong, // the server never says that it is another version
      'Repr-Digest': `sha-256=:${base64('sha256', bytes)}:`,
    });
    const spliced: Script = (exchange) => exchange.say(rest(fresh, startOf(exchange)!, whole(fresh)));
    const mends = await scene.server({
      '/a.jpg': afterCut(strong, byRange(spliced, serves(fresh, whole(fresh)))),
    });
    const never = await scene.server({
      '/a.jpg': afterCut(strong, byRange(spliced, answers(200, whole(old), fresh))),
    });
    const ran = await scene.run([mends, never].map(addressOf));
    scene.injected('206 of other bytes under the old ETag', mends, never);
    expect(ran.code).toBe(1);
    for (const server of [mends, never]) wentOn(server);
    expect(ran.record(addressOf(never))).toMatchObject({ status: 'failed', reason: { code: 'digest' } });
    keptWhole(scene, ran, mends, fresh);
    expect(scene.filesWith(mixture.subarray(CUT - 500, CUT + 500))).toEqual([]);
    scene.outcome('kept anew; failed: digest');
  });

  fault('DG5', 'Digests of a part and of the whole that agree', async (scene) => {
    const part = old.subarray(CUT);
    const honest: Headers = {
      ...strong,
      'Content-Digest': `sha-256=:${base64('sha256', part)}:`,
      'Repr-Digest': `sha-256=:${base64('sha256', old)}:`,
    };
    const server = await scene.server({
      '/a.jpg': afterCut(strong, (exchange) => exchange.say(rest(old, startOf(exchange)!, honest))),
    });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(0);
    wentOn(server);
    expect(keptWhole(scene, ran, server, old)).toMatchObject({ attempts: 2, pieces: 2 });
    scene.injected('206 with both digests', server);
    scene.outcome('kept, joined');
  });

  fault('DG6', 'Digests that cannot be read', async (scene) => {
    const odd: readonly Headers[] = [
      { 'Content-Digest': 'sha-256=nonsense' },
      { 'Repr-Digest': 'sha-256=:AAAA:' },
      { 'Content-MD5': 'x'.repeat(8000) },
      { 'x-goog-hash': 'md5=, crc32c' },
    ];
    const body = photo(106);
    const servers = await scene.servers(odd.map((headers) => answers(200, { ...jpeg, ...headers }, body)));
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(0);
    for (const server of servers) {
      expect(ran.record(addressOf(server)).status).toBe('kept');
      expect(server.heard).toHaveLength(1);
    }
    scene.injected(`${odd.length} malformed digests`, ...servers);
    scene.outcome('kept: as if there were none');
  });
});
