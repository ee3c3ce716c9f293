import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fails, gone, serves } from '../../src/demo/behaviours.ts';
import type { MediaRecord } from '../../src/model.ts';
import { base32 } from '../../src/sums.ts';
import { listOf, recordsOf, treeOf } from '../helpers/archives.ts';
import { oxbow } from '../helpers/cli.ts';
import { withFakeArchive } from '../helpers/fake-archive.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const polite = ['--allow-private', '--rate', 'unlimited'];
const local = [...polite, '--no-recovery'];
const grey = photo(900, 3000);
const greys = ['ash', 'birch', 'cedar', 'elm', 'fir', 'hazel'];
const script = {
  ...Object.fromEntries(greys.map((tree) => [`/${tree}.jpg`, serves(grey)])),
  '/heron.jpg': serves(photo(1)),
};

it('what status finds suspect is a list that --placeholders takes as it is, in the same archive and in a new one', () =>
  withTempFolder(async (cwd) => {
    await withFakeBlog(script, async ({ url }) => {
      listOf(
        cwd,
        Object.keys(script).map((path) => url + path),
      );
      const ran = await oxbow(['-i', 'list.txt', ...local], { cwd });
      expect(ran.code).toBe(0);
      expect(ran.stdout).toContain('1 file looks like a placeholder: oxbow status ./list --suspects');
      const before = treeOf(join(cwd, 'list'));
      const suspects = await oxbow(['status', 'list', '--suspects'], { cwd });
      expect(suspects).toMatchObject({ code: 0, stderr: '' });
      expect(treeOf(join(cwd, 'list'))).toEqual(before);
      expect(await oxbow(['status', 'list', '--suspects', '--json'], { cwd })).toMatchObject({
        stdout: suspects.stdout,
      });
      expect(JSON.parse(suspects.stdout)).toEqual({
        version: 2,
        placeholders: [
          {
            sha256: createHash('sha256').update(grey).digest('hex'),
            sha1: base32(createHash('sha1').update(grey).digest()),
            bytes: 3000,
            seen: expect.stringMatching(
              /^127\.0\.0\.1:\d+, which gave the same bytes for 6 items since 2\d{3}-/,
            ),
            host: new URL(url).host,
            items: 6,
            posts: 0,
            examples: expect.arrayContaining([expect.stringMatching(/^http.*\.jpg$/)]),
            first: expect.any(String),
            path: recordsOf(join(cwd, 'list')).find(({ bytes }) => bytes === 3000)!.path,
          },
        ],
      });
      writeFileSync(join(cwd, 'suspects.json'), suspects.stdout);
      const captures = [
        { url: `${url}/ash.jpg`, time: '20180102030405', body: photo(2), type: 'image/jpeg' },
      ];
      await withFakeArchive(captures, {}, async (web) => {
        for (const folder of ['list', 'new']) {
          const words = [
            '-i',
            'list.txt',
            '-D',
            folder,
            '--placeholders',
            'suspects.json',
            '--wayback',
            web.url,
          ];
          const again = await oxbow([...words, ...polite, '-o', 'waybackIndexRate=unlimited', '--json'], {
            cwd,
          });
          const summary = JSON.parse(again.stdout.trimEnd().split('\n').at(-1)!) as object;
          expect(summary).toMatchObject({
            listed: 7,
            recovered: 1,
            missing: 5,
            suspects: 0,
            balanced: true,
            exitCode: 1,
          });
        }
      });
      const last = new Map(recordsOf(join(cwd, 'list')).map((record) => [record.url, record]));
      expect(last.get(`${url}/elm.jpg`)).toMatchObject({
        status: 'missing',
        reason: { code: 'placeholder', detail: expect.stringContaining('seen at 127.0.0.1') },
      });
      expect(existsSync(join(cwd, 'list', JSON.parse(suspects.stdout).placeholders[0].path))).toBe(true);
      expect(await oxbow(['verify', 'list'], { cwd })).toMatchObject({ code: 0 });
    });
  }));

it('a suspect whose file was damaged is told without the sum that cannot be made of it', () =>
  withTempFolder(async (cwd) => {
    await withFakeBlog(script, async ({ url }) => {
      await oxbow(
        [
          listOf(
            cwd,
            Object.keys(script).map((path) => url + path),
          ),
          ...local,
        ],
        { cwd },
      );
    });
    const { path } = recordsOf(join(cwd, 'list')).find(({ bytes }) => bytes === 3000)!;
    const bytes = readFileSync(join(cwd, 'list', path!));
    bytes[1000]! ^= 1;
    writeFileSync(join(cwd, 'list', path!), bytes);
    const told = await oxbow(['status', 'list', '--suspects'], { cwd });
    expect(told).toMatchObject({ code: 0, stderr: expect.stringContaining(`warning: ${path}`) });
    expect(JSON.parse(told.stdout).placeholders).toEqual([
      expect.not.objectContaining({ sha1: expect.anything() }),
    ]);
  }));

it('--suspects of an archive without any is an empty list, and of no archive an error', () =>
  withTempFolder(async (cwd) => {
    await withFakeBlog(script, async ({ url }) => {
      await oxbow([listOf(cwd, [`${url}/ash.jpg`, `${url}/heron.jpg`]), ...local], { cwd });
    });
    const told = await oxbow(['status', 'list', '--suspects'], { cwd });
    expect(JSON.parse(told.stdout)).toEqual({ version: 2, placeholders: [] });
    expect(await oxbow(['status', 'nothing', '--suspects'], { cwd })).toMatchObject({ code: 6, stdout: '' });
  }));

it('with --strict status tells why they failed, where their bytes lie, and that they are asked for again', () =>
  withTempFolder(async (cwd) => {
    await withFakeBlog(script, async ({ url }) => {
      const ran = await oxbow(
        [
          listOf(
            cwd,
            Object.keys(script).map((path) => url + path),
          ),
          ...local,
          '--strict',
        ],
        { cwd },
      );
      expect(ran.code).toBe(1);
      expect(ran.stdout).toContain('6  failed: the same bytes at many unrelated addresses');
      expect(ran.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
      const told = (await oxbow(['status', 'list', '--missing'], { cwd })).stdout;
      expect(told).toContain(`failed: ${url}/elm.jpg — the same bytes at many unrelated addresses`);
      expect(told.match(/what came lies in data\/media\//g)).toHaveLength(6);
      expect(told.match(/the next run tries again/g)).toHaveLength(6);
      const verbose = await oxbow(['list.txt', ...local, '-v', '-D', 'other'], { cwd });
      expect(verbose.stderr).toMatch(/\.jpg: [56] items of 127\.0\.0\.1:\d+ have the same bytes/);
    });
  }));

it('status --missing tells of each loss every place that was asked, and when it is asked again', () =>
  withTempFolder(async (cwd) => {
    await withFakeBlog({ '/ash.jpg': gone(), '/elm.jpg': fails(503) }, async ({ url }) => {
      await withFakeArchive([], {}, async (web) => {
        writeFileSync(
          join(cwd, 'blog.json'),
          JSON.stringify({
            posts: ['ash', 'elm'].map((tree) => ({ id: `of-${tree}`, media: [`${url}/${tree}.jpg`] })),
          }),
        );
        const words = [
          'blog.json',
          ...polite,
          '--wayback',
          web.url,
          '--retries',
          '0',
          '-o',
          'waybackIndexRate=unlimited',
        ];
        expect((await oxbow(words, { cwd })).code).toBe(1);
        const told = (await oxbow(['status', 'blog', '--missing'], { cwd })).stdout.split('\n');
        const [missing] = recordsOf(join(cwd, 'blog')).filter(({ status }) => status === 'missing');
        const due = new Date(Date.parse(missing!.at) + 30 * 86_400_000).toISOString();
        const at = told.indexOf(`missing: ${url}/ash.jpg (post of-ash) — gone from its server`);
        expect(told.slice(at + 1, at + 4)).toEqual([
          '    live: gone from its server (status 410)',
          expect.stringMatching(/^ {4}wayback: http.*cdx.* no web archive has it \(the index has none\)$/),
          `    asked again from ${due.slice(0, 10)}`,
        ]);
        expect(told.join('\n')).toMatch(
          /failed: .*elm\.jpg .*\n.*live: .*503.*\n.*wayback.*\n {4}the next run tries again/,
        );
        const data = JSON.parse((await oxbow(['status', 'blog', '--missing', '--json'], { cwd })).stdout) as {
          lost: (MediaRecord & { askedAgain: string | null })[];
        };
        expect(
          data.lost.map(({ post, askedAgain, tried }) => [post, askedAgain, tried!.length]).sort(),
        ).toEqual([
          ['of-ash', due, 2],
          ['of-elm', null, 2],
        ]);
      });
    });
  }));
