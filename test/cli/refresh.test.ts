import { expect, test } from 'vitest';
import { archive } from '../../src/archiving.ts';
import { behaves, gone, hangs, serves } from '../../src/demo/behaviours.ts';
import { listOf, quick, recordsOf, treeOf } from '../helpers/archives.ts';
import { oxbow } from '../helpers/cli.ts';
import { withFakeArchive } from '../helpers/fake-archive.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

test('status names the files that are the only copy known, as far as a refresh has asked', () =>
  withTempFolder((cwd) =>
    withFakeBlog({ '/a.jpg': serves(photo(1)), '/b.jpg': serves(photo(2)) }, ({ url, server }) =>
      withFakeArchive([], {}, async (web) => {
        const words = [
          listOf(cwd, [`${url}/a.jpg`, `${url}/b.jpg`]),
          '--allow-private',
          '--rate',
          'unlimited',
        ];
        const status = async (...flags: string[]) =>
          (await oxbow(['status', 'list', ...flags], { cwd })).stdout;
        await oxbow([...words, '--wayback', web.url], { cwd });
        server.add('/b.jpg', gone());
        expect(await status()).not.toContain('only copy');
        expect(await status('--only-copies')).toBe(
          'nothing of that sort, as far as was asked (--refresh asks)\n',
        );
        const blind = await oxbow([...words, '--refresh', '--no-recovery'], { cwd });
        expect(blind).toMatchObject({ code: 0, stderr: expect.stringContaining('since they were kept: 1') });
        expect(await status()).toMatch(
          /1 kept item is gone from its server\n.*1 of them no web archive was asked/,
        );
        await oxbow([...words, '--refresh', '--wayback', web.url], { cwd });
        const { path, gone: mark, at } = recordsOf(`${cwd}/list`).at(-1)!;
        expect(await status()).toContain(`1 file is the only copy known, as of ${at.slice(0, 10)}: `);
        expect(await status('--only-copies')).toBe(
          `${path}\n    ${url}/b.jpg\n    gone from its server (status 410) since ${mark!.at}; no capture in a web archive on ${at}\n`,
        );
        expect(JSON.parse(await status('--json'))).toMatchObject({
          kept: 2,
          gone: 1,
          onlyCopies: 1,
          unsought: 0,
        });
        expect(JSON.parse(await status('--json', '--only-copies'))).toMatchObject({
          onlyCopies: 1,
          alone: [{ path, since: mark!.at, asked: at, reason: 'gone' }],
        });
      }),
    ),
  ));

test('a refresh that is killed half-way leaves all as it was, and the next one ends it', () =>
  withTempFolder((cwd) =>
    withFakeBlog({ '/a.jpg': serves(photo(1)), '/b.jpg': serves(photo(2)) }, async ({ url, server }) => {
      const target = listOf(cwd, [`${url}/a.jpg`, `${url}/b.jpg`]);
      await archive(target, { ...quick, directory: `${cwd}/list` }).finished;
      const before = treeOf(`${cwd}/list`);
      let kill: () => void = () => undefined;
      const fresh = photo(3, 400_000);
      const half = behaves(({ response }) => {
        response.writeHead(200, { etag: '"v2"', 'content-length': fresh.length });
        response.write(fresh.subarray(0, 300_000), () => kill()); // and never another byte
      });
      server.add('/b.jpg', half);
      server.add('/a.jpg', hangs());
      const killed = await oxbow([target, '--allow-private', '--no-recovery', '--refresh'], {
        cwd,
        started: (child) => {
          kill = () => child.kill('SIGKILL');
        },
      });
      expect(killed.signal).toBe('SIGKILL');
      expect(treeOf(`${cwd}/list`)).toEqual(before);
      server.add('/a.jpg', gone());
      server.add('/b.jpg', serves(fresh, { etag: '"v2"' }));
      const summary = await archive(target, { ...quick, directory: `${cwd}/list`, refresh: true }).finished;
      expect(summary).toMatchObject({ listed: 2, kept: 1, recalled: 1, missing: 0, balanced: true });
    }),
  ));
