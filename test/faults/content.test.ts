import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { answers, canary, page, serves } from '../helpers/answers.ts';
import { photo, png } from '../helpers/media.ts';
import type { Script } from '../helpers/raw-talk.ts';
import { type Case, fault } from './fault.ts';
import { addressOf } from './scene.ts';
import { sumOf } from './sound.ts';

/** Lost for good at the origin, so the web archive is asked, which has nothing: missing, for this reason. */
async function ends(scene: Case, script: Script, code: string, requests: number): Promise<void> {
  const server = await scene.server({ '/a.jpg': script });
  const ran = await scene.run([addressOf(server)]);
  expect(ran.code).toBe(1);
  expect(ran.record(addressOf(server))).toMatchObject({ status: 'missing', reason: { code } });
  expect(server.heard).toHaveLength(requests);
  expect(scene.asked(addressOf(server))).toBe(1);
  expect(scene.parts()).toEqual([]);
  expect(scene.filesWith(canary)).toEqual([]);
  scene.outcome(`missing: ${code}`);
}

/** The file of a list of placeholders, and the option that names it. */
function placeholders(scene: Case, picture: Buffer): string[] {
  const file = join(scene.folder, 'placeholders.json');
  writeFileSync(file, JSON.stringify({ placeholders: [{ sha256: sumOf(picture), seen: 'a test' }] }));
  return ['--placeholders', file];
}

describe('bodies that are something else', () => {
  fault('A04', '200 with an empty body', async (scene) => {
    await ends(scene, answers(200, { 'Content-Type': 'image/jpeg' }), 'empty', 2);
    scene.injected('2 answers of Content-Length: 0');
  });

  fault('A05', 'HTML page in place of an image, honestly labelled', async (scene) => {
    await ends(scene, answers(200, { 'Content-Type': 'text/html' }, page), 'wrong-type', 2);
    scene.injected('2 pages as text/html');
  });

  fault('A06', 'HTML page labelled image/jpeg', async (scene) => {
    await ends(scene, answers(200, { 'Content-Type': 'image/jpeg', ETag: '"p"' }, page), 'wrong-type', 2);
    scene.injected('2 pages as image/jpeg');
  });

  fault('A07', 'Known placeholder picture', async (scene) => {
    const server = await scene.server({ '/a.jpg': serves(png, { 'Content-Type': 'image/png' }) });
    const address = addressOf(server);
    const ran = await scene.run([address], ...placeholders(scene, png));
    expect(ran.code).toBe(1);
    scene.injected('1 picture of the list', server);
    const record = ran.record(address);
    expect(record).toMatchObject({ status: 'missing', reason: { code: 'placeholder' } });
    expect(JSON.stringify(record)).toContain(sumOf(png));
    expect(server.heard).toHaveLength(1);
    expect(scene.asked(address)).toBe(1);
    expect(scene.filesWith(png.subarray(0, 64))).toEqual([]);
    scene.outcome('missing: placeholder, hash named');
  });

  fault('A08', 'Placeholder reached through a redirect', async (scene) => {
    const server = await scene.server({
      '/a.jpg': answers(302, { Location: '/removed.png' }),
      '/removed.png': serves(png, { 'Content-Type': 'image/png' }),
    });
    const address = addressOf(server);
    const ran = await scene.run([address], ...placeholders(scene, png));
    expect(ran.code).toBe(1);
    scene.injected('302 to a picture of the list', server);
    const record = ran.record(address);
    expect(record).toMatchObject({ status: 'missing', reason: { code: 'placeholder' } });
    expect(record.tried).toContainEqual(
      expect.objectContaining({ where: 'live', url: address, from: `${server.url}/removed.png` }),
    );
    expect(server.heard.map(({ path }) => path)).toEqual(['/a.jpg', '/removed.png']);
    expect(scene.asked(address)).toBe(1);
    expect(scene.filesWith(png.subarray(0, 64))).toEqual([]);
    scene.outcome('missing: placeholder');
  });

  fault('A09', 'Body under the minimum size for its kind', async (scene) => {
    await ends(scene, serves(photo(9).subarray(0, 40), { 'Content-Type': 'image/jpeg' }), 'too-small', 2);
    const dot = Buffer.from(
      '47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b',
      'hex',
    );
    const server = await scene.server({ '/dot.gif': serves(dot, { 'Content-Type': 'image/gif' }) });
    const ran = await scene.run([`${server.url}/dot.gif`]);
    expect(ran.record(`${server.url}/dot.gif`)).toMatchObject({ status: 'kept', bytes: dot.length });
    scene.injected(`2 stumps of 40 bytes, a GIF of ${dot.length}`, server);
    scene.outcome('the GIF: kept');
  });

  fault('A27', 'Type header absent or odd', async (scene) => {
    const types = [null, 'application/octet-stream', 'IMAGE/JPEG', 'image/jpeg; q="'];
    const servers = await scene.servers(
      types.map((type, i) => serves(photo(27 + i), { 'Content-Type': type })),
    );
    const ran = await scene.run(servers.map(addressOf));
    expect(ran.code).toBe(0);
    for (const [i, server] of servers.entries()) {
      const record = ran.record(addressOf(server));
      expect(record).toMatchObject({ status: 'kept', type: 'image/jpeg', sha256: sumOf(photo(27 + i)) });
      expect(record.response?.contentType ?? null).toBe(types[i]);
      expect(server.heard).toHaveLength(1);
    }
    scene.injected('4 odd types', ...servers);
    scene.outcome('kept, both types recorded');
  });

  fault('A28', 'Type header wrong within the family', async (scene) => {
    const server = await scene.server({ '/a.png': serves(photo(28), { 'Content-Type': 'image/png' }) });
    const ran = await scene.run([`${server.url}/a.png`]);
    expect(ran.code).toBe(0);
    const record = ran.record(`${server.url}/a.png`);
    expect(record).toMatchObject({
      status: 'kept',
      type: 'image/jpeg',
      response: { contentType: 'image/png' },
      path: expect.stringMatching(/\.jpg$/),
    });
    expect(scene.bytesOf(record)).toEqual(photo(28));
    expect(server.heard).toHaveLength(1);
    scene.injected('a JPEG as image/png', server);
    scene.outcome('kept as .jpg, both types recorded');
  });
});
