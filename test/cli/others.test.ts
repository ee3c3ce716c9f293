import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gone, serves } from '../../src/demo/behaviours.ts';
import { listOf, recordsOf, treeOf } from '../helpers/archives.ts';
import { oxbow } from '../helpers/cli.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const local = ['--allow-private', '--no-recovery', '--rate', 'unlimited'];

it('the demonstration comes out as planned, and run again downloads nothing and writes nothing', () =>
  withTempFolder(async (cwd) => {
    const first = await oxbow(['demo'], { cwd });
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toContain('would end with exit code 1');
    expect(first.stdout.trimEnd().split('\n')).toHaveLength(10);
    for (const line of first.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(79);
    const before = treeOf(join(cwd, 'demo-archive'));
    const second = await oxbow(['demo'], { cwd });
    expect(second.code, second.stderr).toBe(0);
    expect(second.stdout).toContain('0 media bytes were downloaded');
    expect(treeOf(join(cwd, 'demo-archive'))).toEqual(before);
  }));

it('verify finds what is damaged, names it, and remembers that it looked', () =>
  withTempFolder(async (cwd) => {
    await withFakeBlog({ '/a.jpg': serves(photo(1)), '/b.jpg': serves(photo(2)) }, async ({ url }) => {
      await oxbow([listOf(cwd, [`${url}/a.jpg`, `${url}/b.jpg`]), ...local], { cwd });
    });
    expect(await oxbow(['verify', 'list'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('all sound'),
    });
    const path = recordsOf(join(cwd, 'list'))[0]!.path!;
    const bytes = readFileSync(join(cwd, 'list', path));
    bytes[100]! ^= 1;
    writeFileSync(join(cwd, 'list', path), bytes);
    expect(await oxbow(['verify', 'list'], { cwd })).toMatchObject({
      code: 8,
      stdout: expect.stringContaining(`checksum: ${path}`),
    });
    const audits = readFileSync(join(cwd, 'list', 'audits.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(audits.map((line) => (JSON.parse(line) as { sound: boolean }).sound)).toEqual([true, false]);
  }));

it('status tells what is held, what is missing, and where it was looked for', () =>
  withTempFolder(async (cwd) => {
    await withFakeBlog({ '/a.jpg': serves(photo(1)), '/b.jpg': gone() }, async ({ url }) => {
      await oxbow([listOf(cwd, [`${url}/a.jpg`, `${url}/b.jpg`]), ...local], { cwd });
      const told = await oxbow(['status', 'list'], { cwd });
      expect(told.stdout).toMatch(/1 {2}kept.*\n.*1 {2}missing/);
      const missing = await oxbow(['status', 'list', '--missing'], { cwd });
      expect(missing.stdout).toContain(`missing: ${url}/b.jpg`);
      expect(missing.stdout).toContain('live: gone from its server (status 410)');
      expect(JSON.parse((await oxbow(['status', 'list', '--json'], { cwd })).stdout)).toMatchObject({
        posts: 2,
        items: 2,
        kept: 1,
        missing: 1,
        failed: 0,
        open: 0,
        closed: true,
      });
    });
  }));

it('a second run beside one that works is refused and told who works', () =>
  withTempFolder(async (cwd) => {
    await withFakeBlog({ '/a.jpg': serves(photo(1)) }, async ({ url, server }) => {
      const target = listOf(cwd, [`${url}/held.jpg`]);
      let refused: Promise<{ code: number | null; stderr: string }> | undefined;
      const { behaves } = await import('../../src/demo/behaviours.ts');
      server.add(
        '/held.jpg',
        behaves(async ({ response }) => {
          refused = oxbow([target, '-D', 'out', ...local], { cwd });
          await refused;
          response.end(photo(1));
        }),
      );
      const first = await oxbow([target, '-D', 'out', ...local], { cwd });
      expect(first.code).toBe(0);
      expect(await refused).toMatchObject({
        code: 6,
        stderr: expect.stringMatching(/in use by process \d+/),
      });
      expect(readdirSync(join(cwd, 'out'))).toContain('bagit.txt');
      expect(existsSync(join(cwd, 'out', '.oxbow', 'lock'))).toBe(false);
    });
  }));
