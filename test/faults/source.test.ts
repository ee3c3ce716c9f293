import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { serves } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import { atFullScale, type Case, fault } from './fault.ts';
import { addressOf } from './scene.ts';

const svg = (inside: string, before = '') =>
  Buffer.from(
    `<?xml version="1.0"?>\n${before}<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8">${inside}</svg>\n`,
  );

/** What is opened as a picture, and never read as more than that: the very bytes are kept. */
async function keeps(scene: Case, picture: Buffer) {
  const server = await scene.server({ '/a.jpg': serves(picture, { 'Content-Type': 'image/svg+xml' }) });
  const ran = await scene.run([addressOf(server)]);
  expect(ran.code).toBe(0);
  const record = ran.record(addressOf(server));
  expect(record).toMatchObject({ status: 'kept', type: 'image/svg+xml' });
  expect(scene.bytesOf(record).equals(picture)).toBe(true);
  expect(server.heard).toHaveLength(1);
  scene.injected(`an SVG of ${picture.length} bytes`, server);
  scene.outcome('kept as it came');
}

/** Archives an export of these posts. */
async function runOver(scene: Case, posts: readonly object[], ...options: readonly string[]) {
  const file = join(scene.folder, 'export.json');
  writeFileSync(file, JSON.stringify({ posts }));
  return scene.runOn([file], ...options);
}

const post = (id: number, ...addresses: readonly string[]) => ({
  id,
  media: addresses.map((url) => ({ url })),
});

describe('pictures that are markup', () => {
  fault('G01', 'Entity expansion', async (scene) => {
    const levels = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`);
    const bomb = `<!DOCTYPE svg [<!ENTITY e0 "${'x'.repeat(100)}">${levels.join('')}]>`;
    await keeps(scene, svg('<text>&e9;</text>', bomb));
  });

  fault('G02', 'External entity', async (scene) => {
    const canary = await scene.server({ '/secret': serves(Buffer.from('secret')) });
    const outside = `<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY h SYSTEM "${canary.url}/secret">]>`;
    await keeps(scene, svg('<text>&f;&h;</text>', outside));
    expect(canary.heard).toEqual([]);
  });

  fault('G03', 'Character-reference flood and deep nesting', async (scene) => {
    const [references, depth] = atFullScale ? [2_000_000, 200_000] : [200_000, 50_000];
    const flood = `<text>${'&#65;'.repeat(references)}</text>`;
    await keeps(scene, svg(`${'<g>'.repeat(depth)}${flood}${'</g>'.repeat(depth)}`));
  });
});

describe('addresses of media', () => {
  fault('G12', 'Pattern bait', async (scene) => {
    const baits = ['a/', '?', '.', '%25', '&amp;', '//', '_500', '-300x200', 'aA'];
    const server = await scene.server({});
    const addresses = baits.map((bait) => `${server.url}/${bait.repeat(100_000 / bait.length)}.jpg`);
    const ran = await runOver(scene, [
      post(1, ...addresses.map((url) => url.slice(0, 16_000))),
      post(2, ...addresses),
    ]);
    expect(ran.records.length).toBeLessThanOrEqual(baits.length);
    expect(ran.records.every(({ status }) => status !== 'kept')).toBe(true);
    scene.injected(`${2 * baits.length} addresses of up to 100,000 letters`);
    scene.outcome('those beyond a bound are left out with a warning');
  });

  fault('G14', 'Address floods', async (scene) => {
    scene.most = 1200; // posts of up to 32 MiB are held whole while they are written: 400 MiB of heap are enough
    const many = atFullScale ? 100_000 : 10_000;
    const server = await scene.server({ '/a.jpg': serves(photo(14)) });
    // Beyond 32 MiB no post is read: test/sources/json-hostile.test.ts.
    const data = `data:image/png;base64,${'A'.repeat(atFullScale ? 25 * 2 ** 20 : 5 * 2 ** 20)}`;
    const flood = Array.from({ length: many }, (_, n) => `${server.url}/${n}.mp4`);
    const posts = [
      post(1, ...flood),
      post(2, `${server.url}/${'x'.repeat(1_000_000)}.jpg`),
      post(3, data),
      post(4, addressOf(server)),
    ];
    const ran = await runOver(scene, posts, '--type', 'image');
    expect(ran.record(addressOf(server))).toMatchObject({ status: 'kept' });
    expect(ran.records).toHaveLength(many + 1);
    expect(server.heard.map(({ path }) => path)).toEqual(['/a.jpg']);
    expect(ran.events.filter(({ event }) => event === 'warning').map(({ message }) => message)).toEqual([
      expect.stringContaining('endless'),
      expect.stringContaining('not http'),
    ]);
    expect(ran.events.at(-1)).toMatchObject({ filtered: many, kept: 1, balanced: true });
    scene.injected(
      `${many} media in a post, an address of 1 MB, one of ${data.length} bytes of data`,
      server,
    );
    scene.outcome('the flood is listed, both addresses are left out with a warning, the rest goes on');
  });

  fault('G15', 'The same media many times', async (scene) => {
    const server = await scene.server({ '/a.jpg': serves(photo(15)), '/b.jpg': serves(photo(16)) });
    const [host, port] = [new URL(server.url).hostname, new URL(server.url).port];
    const spellings = [
      `${server.url}/a.jpg`,
      `${server.url}/a.jpg#top`,
      `HTTP://${host}:${port}/x/../a.jpg`,
      `http://user@${host}:${port}/./a.jpg`,
    ];
    const posts = Array.from({ length: 1000 }, (_, n) => post(n, spellings[n % spellings.length]!));
    const ordered = [post(2001, `${server.url}/b.jpg?x=1&y=2`), post(2002, `${server.url}/b.jpg?y=2&x=1`)];
    const ran = await runOver(scene, [...posts, ...ordered]);
    expect(server.heard.filter(({ path }) => path.startsWith('/a.jpg'))).toHaveLength(1);
    expect(server.heard.filter(({ path }) => path.startsWith('/b.jpg'))).toHaveLength(2);
    expect(ran.records).toHaveLength(3);
    expect(ran.events.at(-1)).toMatchObject({ listed: 3, posts: 1002, balanced: true });
    scene.injected('1,000 posts with one address in 4 spellings', server);
    scene.outcome('asked for once');
  });
});
