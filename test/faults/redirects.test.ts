import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { answers, canary, serves } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import { fault } from './fault.ts';
import { addressOf } from './scene.ts';

const to = (Location: string) => answers(302, { Location });

describe('redirects', () => {
  fault('A20', 'Redirect loop and long chain', async (scene) => {
    const loop = await scene.server({ '/a.jpg': to('/a.jpg') });
    const hops = Array.from({ length: 10 }, (_, i) => [`/${i + 1}`, to(`/${i + 2}`)] as const);
    const chain = await scene.server({
      '/a.jpg': to('/1'),
      ...Object.fromEntries(hops),
      '/11': serves(photo(20)),
    });
    const ran = await scene.run([loop, chain].map(addressOf));
    expect(ran.code).toBe(1);
    scene.injected(`${loop.heard.length} times to itself; ${chain.heard.length} hops of 11`, chain, loop);
    for (const server of [loop, chain]) {
      expect(ran.record(addressOf(server))).toMatchObject({
        status: 'missing',
        reason: { code: 'redirects' },
      });
      expect(server.heard.length).toBeLessThanOrEqual(11);
      expect(server.heard.length).toBeGreaterThan(1);
      expect(scene.asked(addressOf(server))).toBe(1);
    }
    expect(chain.to('/11')).toEqual([]);
    scene.outcome('missing: redirects');
  });

  fault('A21', 'Redirect to another scheme', async (scene) => {
    const secret = join(scene.folder, 'secret.jpg');
    const picture = Buffer.concat([photo(21), Buffer.from(canary)]);
    writeFileSync(secret, picture);
    const target = await scene.server({});
    const { host } = new URL(target.url);
    const servers = await scene.servers(
      [
        `file://${secret}`,
        `ftp://${host}/a.jpg`,
        `data:image/jpeg;base64,${picture.toString('base64').slice(0, 4000)}`,
        'javascript:alert(1)',
        `gopher://${host}/a.jpg`,
      ].map(to),
    );
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(1);
    scene.injected('file, ftp, data, javascript, gopher', ...servers);
    for (const server of servers) {
      expect(ran.record(addressOf(server))).toMatchObject({
        status: 'failed',
        reason: { code: 'refused-scheme' },
      });
      expect(server.heard).toHaveLength(1);
    }
    expect(target.connections).toHaveLength(0);
    expect(scene.filesWith(canary)).toEqual([]);
    expect(scene.parts()).toEqual([]);
    scene.outcome('refused-scheme, no target opened');
  });

  fault('A22', 'Unusable redirect', async (scene) => {
    const far = `/${'x'.repeat(64 * 1024)}`;
    const servers = await scene.servers([
      answers(302),
      to(''),
      to(far),
      to('/caf\xe9\xff.jpg'), // no letters of UTF-8
    ]);
    const spelled = await scene.server({
      '/a.jpg': to(Buffer.from('/café.jpg').toString('latin1')),
      '/caf%C3%A9.jpg': serves(photo(22), { 'Content-Type': 'image/jpeg' }),
    });
    const ran = await scene.run([...servers, spelled].map(addressOf));
    expect(ran.code).toBe(1);
    scene.injected('no Location, empty, 64 KiB, no UTF-8', spelled, ...servers);
    const met = servers.map((server) => {
      const { status, reason } = ran.record(addressOf(server));
      const paths = server.heard.map(({ path }) => path.slice(0, 20));
      return `${status} ${reason?.code}, asked ${paths}, then the web archive ${scene.asked(addressOf(server))}`;
    });
    expect(met).toEqual(servers.map(() => 'missing redirects, asked /a.jpg, then the web archive 1'));
    expect(ran.record(addressOf(spelled)).status).toBe('kept');
    scene.outcome('missing: redirects');
  });
});
