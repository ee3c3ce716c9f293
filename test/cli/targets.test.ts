import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { behaves, gone, serves } from '../../src/demo/behaviours.ts';
import { listOf, recordsOf, treeOf } from '../helpers/archives.ts';
import { oxbow } from '../helpers/cli.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const local = ['--allow-private', '--no-recovery', '--rate', 'unlimited'];

/** An export that ends in the middle of a post. */
function brokenExport(cwd: string, media: string): string {
  writeFileSync(join(cwd, 'broken.json'), `[{"id": 1, "media": ["${media}"]}, {"id": 2, "med`);
  return 'broken.json';
}

describe('several targets', () => {
  it('one that cannot be read is told of in one sentence, and the others are archived all the same', () =>
    withTempFolder(async (cwd) => {
      await withFakeBlog({ '/a.jpg': serves(photo(1)), '/b.jpg': gone() }, async ({ url }) => {
        writeFileSync(join(cwd, 'bad.json'), 'no JSON at all');
        listOf(cwd, [`${url}/a.jpg`], 'one.txt');
        listOf(cwd, [`${url}/b.jpg`], 'two.txt');
        writeFileSync(join(cwd, 'all'), 'bad.json\none.txt\nnowhere.txt\ntwo.txt\n');
        const ran = await oxbow(['--targets', 'all', ...local], { cwd });
        expect(ran.code).toBe(3);
        expect(ran.stderr).toMatch(/^oxbow: 'bad\.json' is not JSON.*\noxbow: .*'nowhere\.txt'.*\n$/);
        expect(recordsOf(join(cwd, 'one'))).toMatchObject([{ status: 'kept' }]);
        expect(recordsOf(join(cwd, 'two'))).toMatchObject([{ status: 'missing' }]);
      });
    }));

  it('that end in the same archive: the first has it, the second is refused and leaves it as it is', () =>
    withTempFolder(async (cwd) => {
      await withFakeBlog({ '/a.jpg': serves(photo(1)), '/b.jpg': serves(photo(2)) }, async (blog) => {
        for (const name of ['a', 'b']) {
          mkdirSync(join(cwd, name));
          listOf(join(cwd, name), [`${blog.url}/${name}.jpg`]);
        }
        const words = ['-d', 'out', ...local];
        expect((await oxbow(['a/list.txt', ...words], { cwd })).code).toBe(0);
        const before = treeOf(join(cwd, 'out', 'list'));
        const ran = await oxbow(['a/list.txt', 'b/list.txt', '--json', ...words], { cwd });
        expect(ran.code).toBe(2);
        expect(ran.stderr).toMatch(/^oxbow: 'b\/list\.txt' .*'a\/list\.txt'.*\n$/);
        expect(ran.stdout.match(/"event":"(run|summary)"/g)).toHaveLength(2);
        expect(blog.requests.map(({ path }) => path)).toEqual(['/a.jpg']);
        expect(treeOf(join(cwd, 'out', 'list'))).toEqual(before);
        const alone = await oxbow(['b/list.txt', '-D', 'other', ...local], { cwd });
        expect(alone.code).toBe(0);
      });
    }));

  it('Ctrl-C ends the first in order, and the second is not begun', () =>
    withTempFolder(async (cwd) => {
      let interrupt = () => undefined as unknown;
      let heard = () => undefined as unknown;
      const told = new Promise<void>((resolve) => {
        heard = () => resolve();
      });
      const script = {
        '/a.jpg': behaves(async ({ response }) => {
          interrupt();
          await told;
          response.writeHead(200, { 'content-type': 'image/jpeg' }).end(photo(1));
        }),
      };
      await withFakeBlog(script, async ({ url }) => {
        // What is read on after the signal is broken: even then the loop ends.
        listOf(cwd, [`${url}/c.jpg`], 'second.txt');
        const ran = await oxbow([brokenExport(cwd, `${url}/a.jpg`), 'second.txt', ...local], {
          cwd,
          started: (child) => {
            interrupt = () => child.kill('SIGINT');
            child.stderr!.on('data', (text: Buffer) => String(text).includes('Stopping') && heard());
          },
        });
        expect([3, 130]).toContain(ran.code);
        expect(existsSync(join(cwd, 'second'))).toBe(false);
      });
    }));
});

it('a source that breaks midway: first what came of the rest, then the sentence', () =>
  withTempFolder(async (cwd) => {
    await withFakeBlog({ '/a.jpg': serves(photo(1)) }, async ({ url }) => {
      const ran = await oxbow([brokenExport(cwd, `${url}/a.jpg`), ...local], { cwd });
      expect(ran.code).toBe(3);
      expect(ran.stdout).toMatch(/^1 post, 1 media item.*\n +1 {2}kept\n/);
      expect(ran.stderr).toMatch(/^oxbow: .*broken\.json.*\n$/);
    });
  }));

describe('listing without fetching', () => {
  const lines = (date: string, name: string) =>
    `https://host.example/${name}\t${name}\t${date}\n`.repeat(2).concat('not an address\n');

  it('obeys the choice, prints each item once, and warns on stderr alone', () =>
    withTempFolder(async (cwd) => {
      const text =
        lines('2020-01-01', 'old.jpg') + lines('2022-01-01', 'new.jpg') + lines('2022-01-01', 'new.mp4');
      writeFileSync(join(cwd, 'list.txt'), text);
      const words = ['list.txt', '--type', 'image', '--date-after', '2021-01-01'];
      const counted = ['-s', '-o', 'simulateSample=0'];
      const addresses = await oxbow([...words, '-g'], { cwd });
      expect(addresses).toMatchObject({ code: 0, stdout: 'https://host.example/new.jpg\n' });
      expect(addresses.stderr).toMatch(/^warning: .*not an http address/);
      expect((await oxbow([...words, ...counted, '-q'], { cwd })).stderr).toBe('');
      expect((await oxbow([...words, ...counted], { cwd })).stdout).toContain('with 1 media item: 1 image\n');
      expect((await oxbow([...words, '-j'], { cwd })).stdout.trimEnd().split('\n')).toHaveLength(1);
      expect((await oxbow(['list.txt', '-g'], { cwd })).stdout.trimEnd().split('\n')).toHaveLength(3);
    }));
});
