import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Losses } from '../../src/cli/closing.ts';
import { behaves, gone, serves } from '../../src/demo/behaviours.ts';
import type { MediaRecord, ReasonCode, Status } from '../../src/model.ts';
import { listOf } from '../helpers/archives.ts';
import { oxbow } from '../helpers/cli.ts';
import { withFakeArchive } from '../helpers/fake-archive.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const polite = ['--allow-private', '--rate', 'unlimited'];
const local = [...polite, '--no-recovery'];

describe('a file for messages that cannot be written', () => {
  for (const flag of ['--write-log', '-e']) {
    it(`${flag}: one sentence, exit 2, nothing begun, be it for one target or for several`, () =>
      withTempFolder(async (cwd) => {
        const targets = ['a', 'b'].map((name) => listOf(cwd, ['http://host.example/a.jpg'], `${name}.txt`));
        for (const words of [targets.slice(1), targets]) {
          const ran = await oxbow([...words, flag, 'no/such/x', ...local], { cwd });
          expect(ran).toMatchObject({ code: 2, stdout: '' });
          expect(ran.stderr).toMatch(/^oxbow: Cannot write to no\/such\/x: .*\n$/);
        }
        expect(existsSync(join(cwd, 'b'))).toBe(false);
      }));
  }
});

it('a pause is told once, with -v too', () =>
  withTempFolder(async (cwd) => {
    const proper = serves(photo(1));
    const busy = behaves((exchange) => {
      if (exchange.nth > 0) return proper.answer(exchange);
      exchange.response.writeHead(429, { 'retry-after': '1' }).end();
    });
    await withFakeBlog({ '/a.jpg': busy }, async ({ url }) => {
      const ran = await oxbow([listOf(cwd, [`${url}/a.jpg`]), '-v', ...local], { cwd });
      expect(ran.code).toBe(0);
      expect(ran.stderr.match(/rests for/g)).toHaveLength(1);
    });
  }));

it('what is put off and settled later in the run counts once, as what it came to', () =>
  withTempFolder(async (cwd) => {
    const paths = ['/a.jpg', '/b.jpg', '/c.jpg', '/d.jpg', '/e.jpg', '/f.jpg'];
    let putOff = () => undefined as unknown;
    const something = new Promise<void>((resolve) => {
      putOff = () => resolve();
    });
    await withFakeBlog(Object.fromEntries(paths.map((path) => [path, gone()])), async ({ url }) => {
      const index = {
        index: (proper: ReturnType<typeof behaves>) =>
          behaves(async (exchange) => {
            await something;
            return proper.answer(exchange);
          }),
      };
      await withFakeArchive([], index, async (web) => {
        const target = listOf(
          cwd,
          paths.map((path) => url + path),
        );
        const limits = ['room=1', 'recoveries=1', 'waybackIndexRate=unlimited'].flatMap((one) => ['-o', one]);
        const words = [target, '-v', '-e', 'lost.txt', '--wayback', web.url, ...limits, ...polite];
        const ran = await oxbow(words, {
          cwd,
          started: (child) =>
            child.stderr!.on('data', (text: Buffer) => String(text).includes('not yet looked') && putOff()),
        });
        expect(ran.code, ran.stderr).toBe(1);
        expect(ran.stdout).toMatch(/not held:\n +6 {2}missing: gone from its server\nlook/);
        const lost = readFileSync(join(cwd, 'lost.txt'), 'utf8').trimEnd().split('\n');
        expect(lost.sort()).toEqual(paths.map((path) => url + path));
      });
    });
  }));

it('what stays put off is counted as that, and is among the pending', () => {
  const losses = new Losses();
  const see = (item: string, status: Status, code?: ReasonCode) => {
    const record = { item, status, ...(code && { reason: { code, detail: '' } }) } as MediaRecord;
    losses.see({ event: 'item', record, recalled: false });
  };
  for (const item of ['a', 'b', 'c']) see(item, 'failed', 'recovery-pending');
  see('a', 'kept');
  see('b', 'missing', 'gone');
  expect(losses.pending.map(({ item }) => item)).toEqual(['c']);
  expect(losses.lines(5).map((line) => line.trim())).toEqual([
    '1  failed: not yet looked for in the web archives',
    '1  missing: gone from its server',
  ]);
});
