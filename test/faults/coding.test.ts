import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { answers, serves } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import { atFullScale, fault } from './fault.ts';
import { addressOf } from './scene.ts';
import { sumOf } from './sound.ts';

const MiB = 2 ** 20;
const coded = (coding: string) => ({
  'Content-Type': 'image/jpeg',
  'Content-Encoding': coding,
  ETag: '"coded"',
});

describe('codings that nobody asked for', () => {
  fault('A12', 'Compression nobody asked for', async (scene) => {
    const body = photo(12);
    const wire = gzipSync(body);
    const server = await scene.server({ '/a.jpg': answers(200, coded('gzip'), wire) });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(0);
    expect(ran.record(addressOf(server))).toMatchObject({
      status: 'kept',
      bytes: body.length,
      sha256: sumOf(body),
    });
    expect(wire.length).not.toBe(body.length);
    expect(server.heard.map((one) => one.header('accept-encoding'))).toEqual(['identity']);
    scene.injected(`gzip, ${wire.length} bytes for ${body.length}`, server);
    scene.outcome('kept, decoded');
  });

  fault('A13', 'Damaged compression', async (scene) => {
    const body = photo(13);
    const good = gzipSync(body);
    const wrongSum = Buffer.from(good);
    wrongSum[good.length - 6]! ^= 0xff;
    const servers = await scene.servers([
      answers(200, coded('gzip'), wrongSum),
      answers(200, coded('gzip'), Buffer.concat([good, Buffer.alloc(500, 'garbage')])),
      answers(200, coded('gzip'), body),
      answers(200, coded('x-frob'), body),
    ]);
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(1);
    scene.injected('wrong sum, garbage after, no gzip, x-frob', ...servers);
    const met = servers.map((server) => {
      const { status, reason } = ran.record(addressOf(server));
      const { length } = server.heard;
      return `${status} ${reason?.code} ${length >= 2 && length <= 5 ? 'after retries' : `${length} requests`}`;
    });
    expect(met).toEqual(servers.map(() => 'failed decode after retries'));
    expect(servers[3]!.heard.length, 'an unknown coding stays unknown').toBeLessThanOrEqual(3);
    expect(scene.parts()).toEqual([]);
    scene.outcome('failed: decode');
  });

  fault('A14', 'Decompression bomb', async (scene) => {
    const opened = Buffer.alloc((atFullScale ? 200 : 20) * MiB);
    photo(14).copy(opened);
    const gzip = gzipSync(opened, { level: 9 });
    const br = brotliCompressSync(opened, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
    const bombs = [
      answers(200, coded('gzip'), gzip),
      answers(200, coded('br'), br),
      answers(200, coded('gzip, gzip'), gzipSync(gzip)),
    ];
    const servers = await scene.servers(bombs);
    const plain = await scene.servers(bombs.map((_, i) => serves(photo(140 + i))));
    const calm = await scene.run(plain.map(addressOf));
    const ran = await scene.run(servers.map(addressOf));
    scene.injected(
      `${gzip.length >> 10} KiB that open to ${opened.length / MiB} MiB, 3 ways`,
      ...plain,
      ...servers,
    );
    expect(ran.code).toBe(1);
    for (const server of servers) {
      expect(ran.record(addressOf(server))).toMatchObject({
        status: 'failed',
        reason: { code: 'refused-too-large' },
      });
      expect(server.heard).toHaveLength(1);
    }
    expect(ran.peak - calm.peak, 'MiB more than without a bomb').toBeLessThan(64);
    expect(scene.parts()).toEqual([]);
    scene.outcome('refused-too-large');
  });
});
