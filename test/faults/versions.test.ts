import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { answer, answers, byRange, canary, cuts, page, rest, serves, startOf } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import type { RawServer } from '../helpers/raw-server.ts';
import type { Exchange, Script } from '../helpers/raw-talk.ts';
import { type Case, fault } from './fault.ts';
import {
  afterCut,
  CUT,
  fresh,
  jpeg,
  keptWhole,
  leavesPart,
  old,
  renewed,
  strong,
  wentOn,
} from './partial.ts';
import { addressOf } from './scene.ts';
import { sumOf } from './sound.ts';

const asPage = { 'Content-Type': 'text/html', ETag: '"page"' };

/** An export whose media have keys that last, and addresses that are signed anew; and what signs them. */
function signedFeed(scene: Case, { url }: RawServer, keys: readonly string[]) {
  const feed = join(scene.folder, 'blog.json');
  const sign = (signature: string): void => {
    const media = (key: string) => ({ key, type: 'image', url: `${url}/${key}.jpg?sig=${signature}` });
    writeFileSync(feed, JSON.stringify({ posts: keys.map((key) => ({ id: key, media: [media(key)] })) }));
  };
  return [feed, sign] as const;
}

describe('what changes while it is fetched', () => {
  fault('B10', 'Error page during resume', async (scene) => {
    const bytes = Buffer.from(page);
    const pages: readonly (readonly [Script, string])[] = [
      [answers(200, asPage, page), 'missing wrong-type'],
      [
        (exchange) => {
          const from = startOf(exchange);
          if (from === undefined) return exchange.say(answer(200, asPage, page));
          const where = { 'Content-Range': `bytes ${from}-${from + bytes.length - 1}/${old.length}` };
          return exchange.say(answer(206, { ...asPage, ETag: '"old"', ...where }, page));
        },
        'missing wrong-type',
      ],
      [answers(403, asPage, page), 'missing forbidden'],
      [answers(503, asPage, page), 'failed server-error'],
    ];
    const servers = await Promise.all(pages.map(() => scene.server({})));
    const before = await leavesPart(scene, servers);
    const asked = servers.map((server) => server.heard.length);
    for (const [i, server] of servers.entries()) server.on('/a.jpg', pages[i]![0]);
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(1);
    for (const [i, server] of servers.entries())
      expect(server.heard[asked[i]!]!.header('range')).toBe(`bytes=${CUT}-`);
    scene.injected('200, 206, 403 and 503 with a page to a Range', ...servers);
    const met = servers.map((server) => {
      const { status, reason } = ran.record(addressOf(server));
      return `${status} ${reason?.code}`;
    });
    expect(met).toEqual(pages.map(([, outcome]) => outcome));
    expect(scene.parts(), 'what was there is as it was').toEqual(before);
    expect(scene.sidecars()).toHaveLength(servers.length);
    expect(scene.filesWith(canary)).toEqual([]);

    const last = servers.at(-1)!;
    last.on('/a.jpg', serves(old, strong));
    const healed = await scene.run([addressOf(last)]);
    expect(healed.record(addressOf(last))).toMatchObject({ status: 'kept', sha256: sumOf(old), pieces: 2 });
    scene.outcome('as A05, A26, A23; the part unchanged');
  });

  fault('B11', 'File changed, server honours If-Range', async (scene) => {
    const server = await scene.server({ '/a.jpg': afterCut(strong, serves(fresh, renewed)) });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(0);
    wentOn(server);
    expect(server.heard).toHaveLength(2);
    expect(keptWhole(scene, ran, server, fresh)).toMatchObject({ pieces: 1, response: { etag: '"new"' } });
    scene.injected('200 with a new ETag to If-Range', server);
    scene.outcome('kept: the new file');
  });

  fault('B12', 'File changed, server ignores If-Range', async (scene) => {
    const deaf: Script = (exchange) => exchange.say(rest(fresh, startOf(exchange)!, renewed));
    const server = await scene.server({ '/a.jpg': afterCut(strong, byRange(deaf, serves(fresh, renewed))) });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(0);
    wentOn(server);
    expect(server.ranges('/a.jpg')).toEqual([undefined, `bytes=${CUT}-`, undefined]);
    keptWhole(scene, ran, server, fresh);
    scene.injected('206 with a new ETag', server);
    scene.outcome('kept: the new file');
  });

  fault('B13', 'No validator was ever given', async (scene) => {
    const server = await scene.server({ '/a.jpg': afterCut(jpeg, serves(old, jpeg)) });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(0);
    keptWhole(scene, ran, server, old);
    expect(server.ranges('/a.jpg')).toEqual([undefined, undefined]);
    scene.injected(`cut at ${CUT}, neither ETag nor date`, server);
    scene.outcome('kept, no Range on the wire');
  });

  fault('B14', 'Weak validator', async (scene) => {
    const now = new Date().toUTCString();
    const weak = [
      { ...jpeg, ETag: 'W/"old"' },
      { ...jpeg, 'Last-Modified': now, Date: now },
    ];
    const servers = await scene.servers(weak.map((headers) => afterCut(headers, serves(fresh, headers))));
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(0);
    for (const server of servers) {
      const record = ran.record(addressOf(server));
      expect(record).toMatchObject({ status: 'kept', sha256: sumOf(fresh) });
      expect(server.heard.map((one) => one.header('if-range'))).toEqual([undefined, undefined]);
      expect(server.ranges('/a.jpg')).toEqual([undefined, undefined]);
    }
    expect(scene.parts()).toEqual([]);
    scene.injected(`cut at ${CUT}, W/ and a date of now`, ...servers);
    scene.outcome('kept, started over');
  });

  fault('B17', 'Little progress each time', async (scene) => {
    const STEP = 1000;
    const body = photo(17, 60_000);
    const little: Script = async (exchange) => {
      const from = startOf(exchange) ?? 0;
      const whole = from === 0 ? answer(200, strong, body) : rest(body, from, strong);
      await exchange.say(whole.subarray(0, whole.length - (body.length - from) + STEP));
      exchange.end();
    };
    const server = await scene.server({ '/a.jpg': little });
    const address = addressOf(server);
    const ran = await scene.run([address]);
    scene.injected(`${server.heard.length} answers cut after 1,000 bytes`, server);
    expect(ran.code).toBe(1);
    expect(ran.record(address)).toMatchObject({ status: 'failed', reason: { code: 'truncated' } });
    expect(server.heard).toHaveLength(20);
    expect(server.ranges('/a.jpg').slice(1)).toEqual(
      Array.from({ length: 19 }, (_, i) => `bytes=${(i + 1) * STEP}-`),
    );
    expect(scene.parts().map(({ bytes }) => bytes)).toEqual([20 * STEP]);
    server.on('/a.jpg', serves(body, strong));
    const healed = await scene.run([address]);
    expect(server.ranges('/a.jpg').slice(20)).toEqual([`bytes=${20 * STEP}-`]);
    keptWhole(scene, healed, server, body);
    scene.outcome('truncated; kept by next run from 20,000');
  });

  fault('B18', 'Address changed between runs', async (scene) => {
    const dated = {
      ...jpeg,
      'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT',
      Date: new Date().toUTCString(),
    };
    const held = { same: strong, other: strong, dated };
    const keys = Object.keys(held) as (keyof typeof held)[];
    const server = await scene.server({});
    const [feed, sign] = signedFeed(scene, server, keys);
    for (const key of keys)
      server.on(`/${key}.jpg`, (exchange) =>
        exchange.nth === 0 ? cuts(old, CUT, held[key])(exchange) : exchange.reset(),
      );
    sign('OLD-SIGNATURE');
    expect((await scene.runOn([feed], '-R', '0')).code).toBe(1);
    expect(scene.parts().map(({ bytes }) => bytes)).toEqual([CUT, CUT, CUT]);
    const signed = () => scene.filesWith('OLD-SIGNATURE').filter((file) => file.includes('parts'));
    expect(signed()).toEqual([]);

    for (const key of keys) server.on(`/${key}.jpg?sig=OLD-SIGNATURE`, answers(403, {}, 'expired'));
    server.on('/same.jpg', serves(old, strong));
    server.on('/other.jpg', serves(fresh, renewed)); // as long, but another version
    server.on('/dated.jpg', serves(old, dated));
    sign('NEW-SIGNATURE');
    const ran = await scene.runOn([feed]);
    scene.injected('3 cut addresses, signed anew, the old ones 403', server);
    expect(ran.code).toBe(0);
    const ranged = keys.map((key) => {
      const [first] = server.to(`/${key}.jpg?sig=NEW-SIGNATURE`);
      return first?.header('if-range');
    });
    expect([undefined, '"old"'], 'only a strong validator may go on').toContain(ranged[0]);
    expect(ranged[2], 'a date is not enough for another address').toBeUndefined();
    const sums = keys.map((key) => ran.record(`json:${key}`).sha256);
    expect(sums).toEqual([old, fresh, old].map(sumOf));
    expect(scene.parts()).toEqual([]);
    expect(signed(), 'what the posts say stays as it was said').toEqual([]);
    scene.outcome(`kept, ${ranged[0] ? 'one gone on with' : 'all started over'}`);
  });

  fault('B19', 'Different bytes on each request', async (scene) => {
    const version = (n: number) => ({
      body: photo(190 + n, old.length),
      headers: { ...jpeg, ETag: `"v${n}"` },
    });
    let versions = 0;
    /** A new version for each request, cut when asked for the whole, until so many whole ones were asked for. */
    const dynamic = (wholeAfter: number): Script => {
      let plain = 0;
      const ranged = (exchange: Exchange) => {
        const { body, headers } = version(++versions);
        return exchange.say(rest(body, startOf(exchange)!, headers));
      };
      return byRange(ranged, (exchange) => {
        const { body, headers } = version(++versions);
        return ++plain > wholeAfter ? serves(body, headers)(exchange) : cuts(body, CUT, headers)(exchange);
      });
    };
    const settles = await scene.server({ '/a.jpg': dynamic(4) });
    const never = await scene.server({ '/a.jpg': dynamic(Number.POSITIVE_INFINITY) });
    const ran = await scene.run([settles, never].map(addressOf));
    scene.injected(
      `${versions} versions in ${settles.heard.length} + ${never.heard.length} requests`,
      never,
      settles,
    );
    expect(ran.code).toBe(1);
    const ranges = (server: typeof settles) =>
      server.ranges('/a.jpg').filter((one) => one !== undefined).length;
    const record = ran.record(addressOf(settles));
    expect(record).toMatchObject({ status: 'kept', pieces: 1 });
    const served = Array.from({ length: versions }, (_, i) => sumOf(version(i + 1).body));
    expect(served, 'one version, not a mixture').toContain(record.sha256);
    expect(ranges(settles), 'not gone on after 3 restarts').toBeLessThanOrEqual(3);
    expect(ran.record(addressOf(never))).toMatchObject({ status: 'failed', reason: { code: 'truncated' } });
    expect(never.heard.length).toBeLessThanOrEqual(20);
    scene.outcome(`kept after ${ranges(settles)} restarts; bounded`);
  });
});
