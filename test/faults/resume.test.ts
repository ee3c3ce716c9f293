import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import {
  answer,
  answers,
  byRange,
  canary,
  goingOn,
  inTurn,
  page,
  range,
  rest,
  serves,
  startOf,
} from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import type { RawServer } from '../helpers/raw-server.ts';
import type { Script } from '../helpers/raw-talk.ts';
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

/** In one run: cut, then a faulty answer to the range, then a sound server that holds `body`. */
async function startsOver(scene: Case, faulty: Script, body = old): Promise<RawServer> {
  const headers = body === old ? strong : renewed;
  const server = await scene.server({ '/a.jpg': afterCut(strong, faulty, serves(body, headers)) });
  const ran = await scene.run([addressOf(server)]);
  expect(ran.code).toBe(0);
  wentOn(server);
  const record = keptWhole(scene, ran, server, body);
  expect(record.attempts).toBe(server.heard.length);
  expect(server.heard.length).toBeLessThanOrEqual(3);
  scene.outcome(`kept whole, ${server.heard.length} requests`);
  return server;
}

/** Nothing of the faulty answer can be used, nor of the part: the third request is for the whole. */
async function startsAnew(scene: Case, faulty: Script, body = old): Promise<void> {
  const server = await startsOver(scene, faulty, body);
  expect(server.ranges('/a.jpg')).toEqual([undefined, `bytes=${CUT}-`, undefined]);
}

describe('going on where an answer was cut', () => {
  fault('B01', 'Server ignores Range', async (scene) => {
    await startsOver(scene, answers(200, strong, old));
    scene.injected('200 with all bytes to a Range');
  });

  fault('B02', 'Proper 206', async (scene) => {
    const server = await scene.server({ '/a.jpg': afterCut(strong, serves(old, strong)) });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(0);
    wentOn(server);
    expect(keptWhole(scene, ran, server, old)).toMatchObject({ attempts: 2, pieces: 2 });
    expect(server.heard).toHaveLength(2);
    const { said } = server.heard[1]!;
    expect(said).toBeGreaterThan(old.length - CUT);
    expect(said, 'only what was missing, and a head').toBeLessThan(old.length - CUT + 500);
    scene.injected(`206 of ${said} bytes, ${old.length - CUT} of the file`, server);

    const rotten = await scene.server({});
    const [part] = await leavesPart(scene, [rotten]);
    const file = join(scene.archive, '.oxbow', 'parts', part!.name);
    const bytes = readFileSync(file);
    bytes[CUT / 2]! ^= 0xff;
    writeFileSync(file, bytes);
    rotten.on('/a.jpg', serves(old, strong));
    keptWhole(scene, await scene.run([addressOf(rotten)]), rotten, old);
    scene.outcome('kept; a rotten prefix: kept whole');
  });

  fault('B03', '206 that starts earlier than asked', async (scene) => {
    await startsOver(scene, (exchange) => exchange.say(rest(old, startOf(exchange)! - 8, strong)));
    scene.injected('206 from 8 bytes before');
  });

  fault('B04', '206 that starts later than asked', async (scene) => {
    const server = await scene.server({});
    await leavesPart(scene, [server]);
    const later: Script = (exchange) => exchange.say(rest(old, startOf(exchange)! + 8, strong));
    server.on('/a.jpg', byRange(later, serves(old, strong)));
    const before = server.heard.length;
    const ran = await scene.run([addressOf(server)], '-R', '0'); // not a single failed try is allowed
    expect(ran.code).toBe(0);
    keptWhole(scene, ran, server, old);
    expect(server.ranges('/a.jpg').slice(before)).toEqual([`bytes=${CUT}-`, undefined]);
    scene.injected('206 from 8 bytes after', server);
    scene.outcome('kept whole, no try counted');
  });

  fault('B05', '206 without Content-Range', async (scene) => {
    await startsAnew(scene, (exchange) => exchange.say(answer(206, strong, old.subarray(startOf(exchange)))));
    scene.injected('206 without Content-Range');
  });

  fault('B06', '206 carrying the body from zero', async (scene) => {
    await startsOver(scene, (exchange) => exchange.say(rest(old, 0, strong)));
    scene.injected('206 with bytes 0-');
  });

  fault('B07', '206 with another total', async (scene) => {
    const longer = photo(42, old.length + 5000);
    await startsAnew(scene, (exchange) => exchange.say(rest(longer, startOf(exchange)!, strong)), longer);
    scene.injected('206 with a total 5,000 larger');
  });

  fault('B08', '416 when the partial is already whole', async (scene) => {
    const whole: Script = async (exchange) => {
      await exchange.say(answer(200, { ...strong, 'Content-Length': null, 'Transfer-Encoding': 'chunked' }));
      await exchange.say(`${old.length.toString(16)}\r\n`);
      await exchange.say(old);
      exchange.end(); // all bytes, but not the last chunk: nobody said that this is all
    };
    const refuses = (headers: Record<string, string>) =>
      answers(
        416,
        { ...headers, 'Content-Range': `bytes */${old.length}`, 'Content-Type': 'text/html' },
        page,
      );
    const same = await scene.server({
      '/a.jpg': inTurn(whole, byRange(refuses({ ETag: '"old"' }), serves(old, strong))),
    });
    const changed = await scene.server({
      '/a.jpg': inTurn(whole, byRange(refuses({ ETag: '"new"' }), serves(fresh, renewed))),
    });
    const ran = await scene.run([same, changed].map(addressOf));
    expect(ran.code).toBe(0);
    keptWhole(scene, ran, same, old);
    keptWhole(scene, ran, changed, fresh);
    for (const server of [same, changed]) expect(goingOn(old.length)).toContain(server.ranges('/a.jpg')[1]);
    expect(scene.filesWith(canary)).toEqual([]);
    scene.injected(`416 bytes */${old.length}, part of ${old.length}`, changed, same);
    scene.outcome('kept: the version that stands');
  });

  fault('B09', '416 when the file has shrunk', async (scene) => {
    const shorter = photo(43, 20_000);
    const server = await scene.server({
      '/a.jpg': afterCut(
        strong,
        byRange(answers(416, { 'Content-Range': 'bytes */20000' }, page), serves(shorter, renewed)),
      ),
    });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(0);
    wentOn(server);
    keptWhole(scene, ran, server, shorter);
    expect(server.ranges('/a.jpg')).toEqual([undefined, `bytes=${CUT}-`, undefined]);
    expect(scene.filesWith(canary)).toEqual([]);
    scene.injected('416 bytes */20000', server);
    scene.outcome('kept: the shorter file');
  });

  fault('B15', '206 with Content-Encoding', async (scene) => {
    await startsAnew(scene, (exchange) => {
      const from = startOf(exchange)!;
      const coded = { ...strong, 'Content-Encoding': 'gzip', 'Content-Range': range(from, old) };
      return exchange.say(answer(206, coded, gzipSync(old.subarray(from))));
    });
    scene.injected('206 with gzip over the part');
  });

  fault('B16', '304 to a range request', async (scene) => {
    await startsAnew(scene, answers(304, { ...jpeg, ETag: '"old"', 'Content-Length': null }));
    scene.injected('304 to a Range');
  });
});
