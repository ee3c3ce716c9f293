import { describe, expect } from 'vitest';
import { answers, sendsTo, serves } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import type { Script } from '../helpers/raw-talk.ts';
import { atFullScale, type Case, fault } from './fault.ts';
import { addressOf } from './scene.ts';

const page = (...pictures: readonly string[]) =>
  serves(
    Buffer.from(`<!doctype html><title>Marsh</title>${pictures.map((src) => `<img src="${src}">`).join('')}`),
    {
      'Content-Type': 'text/html',
    },
  );
const rules = (text: string): Script => serves(Buffer.from(text), { 'Content-Type': 'text/plain' });

/** Archives a site with one page, that shows one picture, by its robots.txt. */
async function runBy(scene: Case, robots: Script, ...options: readonly string[]) {
  const server = await scene.server({
    '/robots.txt': robots,
    '/': page('/a.jpg'),
    '/a.jpg': serves(photo(20)),
  });
  const ran = await scene.runOn([`${server.url}/`], '--retries', '2', ...options);
  const asked = (path: string) => server.heard.filter((heard) => heard.path === path);
  expect(asked('/robots.txt').length).toBeGreaterThan(0);
  scene.injected(`${asked('/robots.txt').length} requests for robots.txt`, server);
  return { server, ran, asked };
}

describe('robots.txt', () => {
  fault('G20', 'robots rules: disallow', async (scene) => {
    const { server, ran, asked } = await runBy(scene, rules('User-agent: oxbow\nDisallow: /a.jpg'));
    expect(ran.record(addressOf(server))).toMatchObject({
      status: 'failed',
      reason: { code: 'refused-robots' },
    });
    expect([ran.code, asked('/a.jpg').length, scene.asked(addressOf(server))]).toEqual([1, 0, 0]);
    scene.outcome('failed: refused-robots, and neither it nor a web archive is asked');
  });

  fault('G20', 'robots rules: 404, and a redirect loop', async (scene) => {
    for (const robots of [answers(404), sendsTo('/robots.txt')]) {
      const { server, ran } = await runBy(scene, robots);
      expect(ran.record(addressOf(server))).toMatchObject({ status: 'kept' });
    }
    scene.outcome('everything is allowed');
  });

  fault('G20', 'robots rules: 5xx', async (scene) => {
    scene.ends = [3];
    const { ran, asked } = await runBy(scene, answers(503));
    expect(ran.stdout + ran.stderr).toContain('robots.txt cannot be read');
    expect(asked('/robots.txt')).toHaveLength(3);
    expect([asked('/').length, asked('/a.jpg').length]).toEqual([1, 0]);
    scene.outcome('waited for, then nothing of the site is asked for');
  });

  fault('G20', 'robots rules: 10 MiB', async (scene) => {
    const line = 'Disallow: /long/ago\n';
    const size = (atFullScale ? 10 : 2) * 2 ** 20;
    const late = `User-agent: *\n${line.repeat(size / line.length)}Disallow: /a.jpg\n`;
    const { server, ran } = await runBy(scene, rules(late));
    expect(ran.record(addressOf(server))).toMatchObject({ status: 'kept' });
    scene.outcome('read up to 500 KiB');
  });

  fault('G20', 'robots rules: crawl delay 10^9', async (scene) => {
    const server = await scene.server({
      '/robots.txt': rules('User-agent: *\nCrawl-delay: 1000000000'),
      '/': serves(Buffer.from('<!doctype html><a href="/b">b</a>'), { 'Content-Type': 'text/html' }),
      '/b': page(),
    });
    const ran = await scene.runOn([`${server.url}/`], '-o', 'sources.site.delay=0.3');
    expect(ran.code).toBe(0);
    const at = (path: string) => server.heard.findLast((heard) => heard.path === path)!.at;
    expect(at('/b') - at('/')).toBeGreaterThan(290);
    scene.injected('a delay of 10^9 seconds', server);
    scene.outcome('waits as long as is allowed');
  });
});
