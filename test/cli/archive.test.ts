import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { asksToWait, behaves, gone, says, serves } from '../../src/demo/behaviours.ts';
import { listOf, recordsOf } from '../helpers/archives.ts';
import { npmStart, oxbow } from '../helpers/cli.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo, photos } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const partsIn = (archive: string): string[] => {
  const parts = join(archive, '.oxbow', 'parts');
  return existsSync(parts) ? readdirSync(parts) : [];
};

const local = ['--allow-private', '--no-recovery', '--rate', 'unlimited'];

describe('oxbow archive', () => {
  it('takes a list, says in the end what came of it, and where to look', () =>
    withTempFolder(async (cwd) => {
      await withFakeBlog({ '/a.jpg': serves(photo(1)), '/b.jpg': gone() }, async ({ url }) => {
        listOf(cwd, [`${url}/a.jpg`, `${url}/b.jpg`]);
        const ran = await oxbow(['-i', 'list.txt', ...local], { cwd });
        expect(ran.code).toBe(1);
        expect(ran.stdout).toContain('1  kept');
        expect(ran.stdout).toContain('1  missing: gone from its server');
        expect(ran.stdout).toContain('./list/data/media');
        expect(ran.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
        expect(existsSync(join(cwd, 'list', 'bagit.txt'))).toBe(true);
      });
    }));

  it('takes addresses from stdin into the folder that is named', () =>
    withTempFolder(async (cwd) => {
      await withFakeBlog({ '/a.jpg': serves(photo(1)) }, async ({ url }) => {
        const ran = await oxbow(['-i', '-', '-D', 'here', ...local], {
          cwd,
          input: `# mine\n${url}/a.jpg\n`,
        });
        expect(ran).toMatchObject({ code: 0, stderr: '' });
        expect(recordsOf(join(cwd, 'here'))).toMatchObject([{ status: 'kept' }]);
        const nameless = await oxbow(['-i', '-', ...local], { cwd, input: `${url}/a.jpg\n` });
        expect(nameless).toMatchObject({ code: 2, stderr: expect.stringContaining('-D') });
      });
    }));

  it('ends with 4 where the source asks it to come back later, and says when', () =>
    withTempFolder(async (cwd) => {
      await withFakeBlog({ '/posts.json': asksToWait(3600) }, async ({ url, requests }) => {
        const ran = await oxbow([`${url}/posts.json`, '-D', 'out'], { cwd });
        expect(ran).toMatchObject({ code: 4, stderr: expect.stringMatching(/go on after 20\d\d-.*Z\./) });
        expect([requests.length, existsSync(join(cwd, 'out'))]).toEqual([1, false]);
      });
    }));

  it('with --json writes nothing but JSON lines on stdout, the summary last', () =>
    withTempFolder(async (cwd) => {
      await withFakeBlog({ '/a.jpg': serves(photo(1)), '/b.jpg': serves(photo(2)) }, async ({ url }) => {
        const ran = await oxbow([listOf(cwd, [`${url}/a.jpg`, `${url}/b.jpg`]), '--json', ...local], { cwd });
        const events = ran.stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as { event: string });
        expect(events[0]).toMatchObject({ event: 'run', source: 'list' });
        expect(events.filter(({ event }) => event === 'item')).toHaveLength(2);
        expect(events.at(-1)).toMatchObject({
          event: 'summary',
          listed: 2,
          kept: 2,
          balanced: true,
          exitCode: 0,
        });
        expect(ran).toMatchObject({ code: 0, stderr: '' });
      });
    }));

  it('with -q says nothing, with -v what became of each', () =>
    withTempFolder(async (cwd) => {
      await withFakeBlog({ '/a.jpg': serves(photo(1)) }, async ({ url }) => {
        const target = listOf(cwd, [`${url}/a.jpg`]);
        expect(await oxbow([target, '-q', '-D', 'q', ...local], { cwd })).toMatchObject({
          code: 0,
          stdout: '',
          stderr: '',
        });
        expect((await oxbow([target, '-v', '-D', 'v', ...local], { cwd })).stderr).toContain(
          'kept: data/media/',
        );
      });
    }));

  it('writes a log of events and the addresses of what is lost', () =>
    withTempFolder(async (cwd) => {
      await withFakeBlog({ '/b.jpg': gone() }, async ({ url }) => {
        await oxbow(
          [listOf(cwd, [`${url}/b.jpg`]), '-q', '--write-log', 'log.jsonl', '-e', 'lost.txt', ...local],
          { cwd },
        );
        expect(readFileSync(join(cwd, 'lost.txt'), 'utf8')).toBe(`${url}/b.jpg\n`);
        const log = readFileSync(join(cwd, 'log.jsonl'), 'utf8').trimEnd().split('\n');
        expect(JSON.parse(log.at(-1)!)).toMatchObject({ event: 'summary', missing: 1 });
      });
    }));

  it('lists without fetching: -s counts, -g prints addresses, -j prints items', () =>
    withTempFolder(async (cwd) => {
      const target = listOf(cwd, ['https://host.example/a.jpg', 'https://host.example/b.mp4']);
      const counted = await oxbow([target, '-s', '-o', 'simulateSample=0'], { cwd });
      expect(counted.stdout).toMatch(
        /^2 posts with 2 media items: 1 image, 1 video\nsize: {4}unknown: nobody was asked\n/,
      );
      expect((await oxbow([target, '-g'], { cwd })).stdout).toBe(
        'https://host.example/a.jpg\nhttps://host.example/b.mp4\n',
      );
      const [first] = (await oxbow([target, '-j'], { cwd })).stdout.split('\n');
      expect(JSON.parse(first!)).toEqual({
        item: 'https://host.example/a.jpg',
        url: 'https://host.example/a.jpg',
        kind: 'image',
        post: null,
        index: 0,
        alternates: [],
      });
      expect(existsSync(join(cwd, 'list'))).toBe(false);
    }));

  it('takes paths from where the user stands when npm runs it', () =>
    withTempFolder(async (cwd) => {
      await withFakeBlog({ '/a.jpg': serves(photo(1)) }, async ({ url }) => {
        listOf(cwd, [`${url}/a.jpg`]);
        const ran = await npmStart(['-i', 'list.txt', ...local], { env: { INIT_CWD: cwd } });
        expect(ran.code).toBe(0);
        expect(existsSync(join(cwd, 'list', 'manifest.jsonl'))).toBe(true);
      });
    }));
});

it('comes to its end although a server says more than it announced', () =>
  withTempFolder(async (cwd) => {
    const body = photo(1, 2000);
    const head = `HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n`;
    await withFakeBlog(
      { '/a.jpg': says(Buffer.concat([Buffer.from(head), body])) },
      async ({ url, requests }) => {
        const ran = await oxbow([listOf(cwd, [`${url}/a.jpg`]), '-D', 'out', '-R', '0', ...local], { cwd });
        expect(ran.code).toBe(1);
        expect(requests.length).toBeGreaterThan(0);
        const [record] = recordsOf(join(cwd, 'out'));
        expect(record?.bytes ?? 0).toBeLessThanOrEqual(1000);
      },
    );
  }));

describe('the first Ctrl-C', () => {
  it('finishes what is in hand, begins nothing new, and leaves an archive that a later run continues', () =>
    withTempFolder(async (cwd) => {
      let interrupt = () => undefined as unknown;
      const bodies = photos(30);
      const script = Object.fromEntries(bodies.map((body, i) => [`/${i}.jpg`, serves(body)]));
      // The one in hand comes to its end only after the process has said that it heard.
      let heard = () => undefined as unknown;
      const told = new Promise<void>((resolve) => {
        heard = () => resolve();
      });
      script['/0.jpg'] = behaves(async ({ response }) => {
        response.writeHead(200, { 'content-length': bodies[0]!.length });
        response.write(bodies[0]!.subarray(0, 5000));
        interrupt();
        await told;
        response.end(bodies[0]!.subarray(5000));
      });
      await withFakeBlog(script, async ({ url, requests }) => {
        const target = listOf(
          cwd,
          Object.keys(script).map((path) => url + path),
        );
        const words = [target, '-D', 'out', '-N', '1', '--json', ...local];
        const ran = await oxbow(words, {
          cwd,
          started: (child) => {
            interrupt = () => child.kill('SIGINT');
            child.stderr!.on('data', (text: Buffer) => String(text).includes('Stopping') && heard());
          },
        });
        expect(ran.code).toBe(130);
        expect(requests).toHaveLength(1);
        expect(JSON.parse(ran.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
          event: 'summary',
          kept: 1,
          balanced: true,
          exitCode: 130,
        });
        const again = await oxbow(words, { cwd });
        expect(again.code).toBe(0);
        expect(requests).toHaveLength(30);
      });
    }));

  it('and the second: ends at once, keeps the part file, and the next run goes on from it', () =>
    withTempFolder(async (cwd) => {
      const body = photo(1, 600_000);
      const cut = 400_000;
      const proper = serves(body);
      let child: { kill(signal: NodeJS.Signals): unknown } | undefined;
      const script = {
        '/a.jpg': behaves(async (exchange) => {
          if (exchange.nth > 0) return proper.answer(exchange);
          const { response } = exchange;
          response.writeHead(200, { 'content-length': body.length, etag: '"one"' });
          response.write(body.subarray(0, cut));
          while (!partsIn(join(cwd, 'out')).some((name) => name.endsWith('.part'))) await setImmediate();
          child!.kill('SIGINT');
          await once(response, 'close');
        }),
      };
      await withFakeBlog(script, async ({ url, requests }) => {
        const words = [listOf(cwd, [`${url}/a.jpg`]), '-D', 'out', ...local];
        const ran = await oxbow(words, {
          cwd,
          started: (started) => {
            child = started;
            started.stderr!.on(
              'data',
              (text: Buffer) => String(text).includes('Stopping') && started.kill('SIGINT'),
            );
          },
        });
        expect(ran).toMatchObject({ code: 130, stdout: '' });
        expect(ran.stderr).not.toContain('    at ');
        const again = await oxbow(words, { cwd });
        expect(again.code).toBe(0);
        expect(requests[1]).toMatchObject({ range: expect.stringMatching(/^bytes=\d+-$/), ifRange: '"one"' });
      });
    }));

  it('SIGTERM ends at once with 143', () =>
    withTempFolder(async (cwd) => {
      let child: { kill(signal: NodeJS.Signals): unknown } | undefined;
      const hangs = behaves(async ({ response }) => {
        child!.kill('SIGTERM');
        await once(response, 'close');
      });
      await withFakeBlog({ '/a.jpg': hangs }, async ({ url }) => {
        const ran = await oxbow([listOf(cwd, [`${url}/a.jpg`]), '-D', 'out', ...local], {
          cwd,
          started: (started) => {
            child = started;
          },
        });
        expect(ran.code).toBe(143);
        expect(existsSync(join(cwd, 'out', '.oxbow', 'lock'))).toBe(false);
      });
    }));
});

describe('what a person mistypes is answered in one sentence', () => {
  const cases: [string, string[], number, RegExp][] = [
    ['a command that looks like a target', ['verfy'], 2, /did you mean 'oxbow verify'/],
    [
      'a file that is not there',
      ['exprot.json'],
      2,
      /nothing at 'exprot\.json'.*did you mean 'export\.json'/,
    ],
    ['an unknown prefix', ['jsno:export.json'], 2, /did you mean 'json'/],
    ['nothing at all', [], 2, /name a target/],
    [
      'an address where nobody listens',
      ['http://127.0.0.1:1/posts.json'],
      3,
      /nobody listens at 127\.0\.0\.1:1/,
    ],
    [
      'a host that does not exist',
      ['http://nohost.invalid/posts.json'],
      3,
      /no host 'nohost\.invalid'|Cannot reach/,
    ],
    ['a scheme that nobody takes', ['ftp://host.example/a.jpg'], 2, /No source takes/],
    ['an unknown option', ['--retris', '3', 'export.json'], 2, /did you mean --retries/],
    ['a bad value', ['--rate', 'fast', 'export.json'], 2, /--rate.*5\/s/],
    ['an unknown name after -o', ['-o', 'rtae=1/s', 'export.json'], 2, /did you mean 'rate'/],
    [
      'an unknown setting of a source',
      ['-o', 'sources.json.ulr=x', 'export.json'],
      2,
      /did you mean 'sources\.json\.url'/,
    ],
    ['a destination that is a file', ['export.json', '-D', 'export.json'], 6, /is a file/],
    [
      'a destination where no folder can be',
      ['export.json', '-D', '/proc/nowhere/archive'],
      6,
      /Cannot make an archive at \/proc/,
    ],
    ['a destination that holds something else', ['export.json', '-D', 'other'], 6, /holds something else/],
    ['status of nothing', ['status', 'nowhere'], 6, /no archive at nowhere/],
  ];
  for (const [what, words, code, sentence] of cases) {
    it(`${what}: exit ${code}`, () =>
      withTempFolder(async (cwd) => {
        writeFileSync(join(cwd, 'export.json'), '[]');
        mkdirSync(join(cwd, 'other'));
        writeFileSync(join(cwd, 'other', 'mine.txt'), 'mine');
        const ran = await oxbow(words, { cwd });
        expect(ran.stderr).toMatch(sentence);
        expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
        expect(ran.stderr).not.toContain('    at ');
        expect(ran).toMatchObject({ code, stdout: '' });
        expect(readFileSync(join(cwd, 'export.json'), 'utf8')).toBe('[]');
      }));
  }
});
