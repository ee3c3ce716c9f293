import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { archive } from '../src/archiving.ts';
import { Losses } from '../src/cli/closing.ts';
import {
  type Behaviour,
  behaves,
  cuts,
  fails,
  gone,
  placeholder,
  redirects,
  serves,
  servesHtml,
  servesPlaceholder,
} from '../src/demo/behaviours.ts';
import type { Capture } from '../src/demo/captures.ts';
import { listOf, outcomeOf, quick, recordsOf, treeOf } from './helpers/archives.ts';
import { withFakeArchive } from './helpers/fake-archive.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { photo, photos } from './helpers/media.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

const recovering = { ...quick, recovery: true } as const;

/** A promise to be kept from outside. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('a crawl', () => {
  it('keeps what is good, retries what stumbles, refuses what is false, recovers what is lost', () =>
    withTempFolder(async (dir) => {
      const [a, b, c, d, e, f, g] = photos(7);
      const script = {
        '/a.jpg': serves(a!),
        '/b.jpg': cuts(b!).after(9000).times(1).then(serves(b!)),
        '/c.jpg': fails(503).times(2).then(serves(c!)),
        '/d.jpg': servesPlaceholder(),
        '/e.jpg': servesHtml(),
        '/f.jpg': redirects('/a2.jpg'),
        '/a2.jpg': serves(a!),
        '/g.jpg': gone(),
        '/h.jpg': fails(404),
      };
      await withFakeBlog(script, async ({ url, requests }) => {
        const captures: Capture[] = [
          { url: `${url}/e.jpg`, time: '20180102030405', body: e!, type: 'image/jpeg' },
          { url: `${url}/g.jpg`, time: '20170102030405', body: g!, type: 'image/jpeg' },
        ];
        await withFakeArchive(captures, {}, async (web) => {
          const listed = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `${url}/${name}.jpg`);
          const placeholders = join(dir, 'placeholders.json');
          writeFileSync(
            placeholders,
            JSON.stringify({ version: 1, placeholders: [{ sha256: placeholder.sha256, seen: 'test' }] }),
          );
          const summary = await archive(listOf(dir, listed), {
            ...recovering,
            directory: join(dir, 'out'),
            wayback: web.url,
            placeholders,
          }).finished;
          expect(summary).toMatchObject({
            listed: 8,
            kept: 3,
            recovered: 2,
            duplicate: 1,
            missing: 2,
            failed: 0,
            filtered: 0,
            open: 0,
            balanced: true,
            exitCode: 1,
          });
        });
        const records = new Map(
          recordsOf(join(dir, 'out')).map((record) => [new URL(record.url).pathname, record]),
        );
        expect(records.get('/b.jpg')).toMatchObject({
          status: 'kept',
          attempts: 2,
          pieces: 2,
          origin: 'live',
        });
        expect(
          requests.find(({ path, range }) => path === '/b.jpg' && range === 'bytes=9000-')?.ifRange,
        ).toMatch(/^"/);
        expect(records.get('/c.jpg')).toMatchObject({ status: 'kept', attempts: 3 });
        expect(records.get('/d.jpg')).toMatchObject({ status: 'missing', reason: { code: 'placeholder' } });
        expect(records.get('/d.jpg')!.tried!.map(({ where, outcome }) => `${where} ${outcome}`)).toEqual([
          'live placeholder',
          'wayback no-capture',
        ]);
        expect(records.get('/e.jpg')).toMatchObject({
          status: 'kept',
          origin: 'snapshot',
          snapshot: { archive: 'wayback', time: '2018-01-02T03:04:05Z' },
        });
        expect(requests.filter(({ path }) => path === '/e.jpg')).toHaveLength(2); // a second look before the web archive
        expect([records.get('/a.jpg')!.origin, records.get('/f.jpg')!.origin].sort()).toEqual([
          'duplicate',
          'live',
        ]);
        expect(records.get('/a.jpg')!.path).toBe(records.get('/f.jpg')!.path);
        for (const record of records.values())
          if (record.path) expect(existsSync(join(dir, 'out', record.path))).toBe(true);
        expect(readFileSync(join(dir, 'out', records.get('/c.jpg')!.path!))).toEqual(c);
        execFileSync('sha256sum', ['--quiet', '-c', 'manifest-sha256.txt'], { cwd: join(dir, 'out') });
        execFileSync('sha256sum', ['--quiet', '-c', 'tagmanifest-sha256.txt'], { cwd: join(dir, 'out') });
        void [d, f];
      });
    }));

  it('writes nothing at all and asks for no media when everything is held', () =>
    withTempFolder(async (dir) => {
      const script = Object.fromEntries(photos(12).map((body, i) => [`/${i}.jpg`, serves(body)]));
      await withFakeBlog(script, async ({ url, requests }) => {
        const target = listOf(
          dir,
          Object.keys(script).map((path) => url + path),
        );
        const options = { ...quick, directory: join(dir, 'out') };
        await archive(target, options).finished;
        const [before, asked] = [treeOf(join(dir, 'out')), requests.length];
        const summary = await archive(target, options).finished;
        expect(summary).toMatchObject({ listed: 12, kept: 0, recalled: 12, exitCode: 0, requests: 0 });
        expect(treeOf(join(dir, 'out'))).toEqual(before);
        expect(requests.length).toBe(asked);
      });
    }));

  it('does not ask again for what is known to be missing, until that is due or a place was not asked', () =>
    withTempFolder(async (dir) => {
      await withFakeBlog({ '/a.jpg': gone() }, async ({ url, requests }) => {
        const target = listOf(dir, [`${url}/a.jpg`]);
        const options = { ...quick, directory: join(dir, 'out') };
        await archive(target, options).finished;
        const again = await archive(target, options).finished;
        expect(again).toMatchObject({ listed: 1, missing: 1, requests: 0, exitCode: 1 });
        expect(requests).toHaveLength(1);
        const body = photo(3);
        await withFakeArchive(
          [{ url: `${url}/a.jpg`, time: '20180102030405', body, type: 'image/jpeg' }],
          {},
          async (web) => {
            const summary = await archive(target, { ...options, recovery: true, wayback: web.url }).finished;
            expect(summary).toMatchObject({ recovered: 1, missing: 0, exitCode: 0 });
          },
        );
      });
    }));

  it('tries what failed again at once, and ends the same as a run without the failure', () =>
    withTempFolder(async (dir) => {
      await withFakeBlog(
        {
          '/a.jpg': fails(503)
            .times(1)
            .then(serves(photo(1))),
          '/b.jpg': serves(photo(2)),
        },
        async ({ url }) => {
          const target = listOf(dir, [`${url}/a.jpg`, `${url}/b.jpg`]);
          const first = await archive(target, { ...quick, retries: 0, directory: join(dir, 'out') }).finished;
          expect(first).toMatchObject({ kept: 1, failed: 1, exitCode: 1 });
          const second = await archive(target, { ...quick, directory: join(dir, 'out') }).finished;
          expect(second).toMatchObject({ kept: 1, recalled: 1, failed: 0, exitCode: 0 });
          await archive(target, { ...quick, directory: join(dir, 'straight') }).finished;
          expect(outcomeOf(join(dir, 'out'))).toEqual(outcomeOf(join(dir, 'straight')));
        },
      );
    }));

  it('wants again what an interrupted run left open, without asking the source for it', () =>
    withTempFolder(async (dir) => {
      const [one, two] = photos(2);
      let posts: object[] = [];
      const hold = gate();
      const script = {
        '/posts.json': behaves(
          ({ response }) =>
            void response
              .writeHead(200, { 'content-type': 'application/json' })
              .end(JSON.stringify({ posts })),
        ),
        '/one.jpg': serves(one!),
        '/two.jpg': behaves(async ({ response, nth }) => {
          if (nth === 0) await hold.opened;
          response.end(two);
        }),
      };
      await withFakeBlog(script, async ({ url, requests }) => {
        posts = [
          { id: '1', media: [`${url}/one.jpg`] },
          { id: '2', media: [`${url}/two.jpg`] },
        ];
        const options = { ...quick, directory: join(dir, 'out') };
        const run = archive(`${url}/posts.json`, options);
        run.on('item', () => run.cancel()); // the first is kept, the second is under way
        await expect(run.finished).rejects.toThrow();
        hold.open();
        posts = [];
        const summary = await archive(`${url}/posts.json`, options).finished;
        expect(summary).toMatchObject({ listed: 1, posts: 0, kept: 1, exitCode: 0 });
        expect(requests.filter(({ path }) => path === '/one.jpg')).toHaveLength(1);
        expect(outcomeOf(join(dir, 'out')).map((line) => line.split(' ')[1])).toEqual(['kept', 'kept']);
      });
    }));

  it('lets what is not lost pass while the web archive does not answer, and recovers the rest at the end', () =>
    withTempFolder(async (dir) => {
      const good = 300;
      const lost = 600;
      const released = gate();
      let served = 0;
      const bodies = new Map<string, Buffer>();
      await withFakeBlog({}, async ({ url, server }) => {
        for (let i = 0; i < good; i++) {
          server.add(
            `/good-${i}.jpg`,
            behaves(({ response }) => {
              response.end(photo(1000 + i, 500));
              if (++served === good) released.open();
            }),
          );
        }
        for (let i = 0; i < lost; i++) bodies.set(`${url}/lost-${i}.jpg`, photo(5000 + i, 500));
        const captures: Capture[] = [...bodies].map(([address, bytes]) => ({
          url: address,
          time: '20180102030405',
          body: bytes,
          type: 'image/jpeg',
        }));
        // Every question waits until all that is not lost has come: were that held up, nothing would ever end.
        const index = (proper: Behaviour) =>
          behaves(async (exchange) => {
            await released.opened;
            return proper.answer(exchange);
          });
        await withFakeArchive(captures, { index }, async (web) => {
          const addresses = [
            ...bodies.keys(),
            ...Array.from({ length: good }, (_, i) => `${url}/good-${i}.jpg`),
          ];
          const options = {
            ...recovering,
            directory: join(dir, 'out'),
            wayback: web.url,
            room: 16,
            recoveries: 4,
            timeout: 600_000,
            headerTimeout: 600_000,
          };
          const summary = await archive(listOf(dir, addresses), options).finished;
          expect(summary).toMatchObject({
            listed: good + lost,
            kept: good,
            recovered: lost,
            failed: 0,
            missing: 0,
            balanced: true,
            exitCode: 0,
          });
          const putOff = recordsOf(join(dir, 'out')).filter(
            ({ reason }) => reason?.code === 'recovery-pending',
          );
          expect(putOff.length).toBeGreaterThanOrEqual(lost - 16 - 4 - 1);
          expect(web.requests.filter(({ path }) => path.startsWith('/cdx/'))).toHaveLength(lost);
        });
      });
    }));
});

it('a run that cannot store ends at once, whatever else is under way, and says where and why', () =>
  withTempFolder(async (dir) => {
    const out = join(dir, 'out');
    const hung = gate();
    const script = {
      '/endless.jpg': behaves(async ({ response }) => {
        response.writeHead(200, { 'content-type': 'image/jpeg' }).write(photo(1, 1000));
        hung.open();
        await once(response, 'close'); // it never ends by itself
      }),
      '/a.jpg': behaves(async ({ response }) => {
        await hung.opened;
        // The folder that the picture is to go to is a file now.
        mkdirSync(join(out, 'data'), { recursive: true });
        writeFileSync(join(out, 'data', 'media'), 'in the way');
        response.end(photo(2));
      }),
    };
    await withFakeBlog(script, async ({ url, requests }) => {
      const options = { ...quick, timeout: 3_600_000, directory: out };
      const run = archive(listOf(dir, [`${url}/endless.jpg`, `${url}/a.jpg`]), options);
      await expect(run.finished).rejects.toMatchObject({
        code: 'ERR_STORAGE',
        message: expect.stringContaining(out),
      });
      expect(requests).toHaveLength(2);
      expect(existsSync(join(out, '.oxbow', 'lock'))).toBe(false);
    });
  }));

it('asks in the same run at the address that the source has renewed, after the old one turned out to be gone', () =>
  withTempFolder(async (dir) => {
    let signature = 'one';
    const posts = (url: string) => [
      { id: '1', media: [{ key: 'k1', url: `${url}/a.jpg?signed=${signature}` }] },
    ];
    const signed = behaves(({ request, response }) => {
      const isValid = request.url!.endsWith(`signed=${signature}`) && signature === 'two';
      if (isValid) response.end(photo(1));
      else response.writeHead(signature === 'one' ? 503 : 403).end();
    });
    await withFakeBlog({ '/a.jpg': signed }, async ({ url, server, requests }) => {
      server.add(
        '/posts.json',
        behaves(
          ({ response }) =>
            void response
              .writeHead(200, { 'content-type': 'application/json' })
              .end(JSON.stringify(posts(url))),
        ),
      );
      const options = { ...quick, retries: 0, directory: join(dir, 'out') };
      expect(await archive(`${url}/posts.json`, options).finished).toMatchObject({ listed: 1, failed: 1 });
      signature = 'two';
      const summary = await archive(`${url}/posts.json`, options).finished;
      expect(summary).toMatchObject({
        listed: 1,
        kept: 1,
        missing: 0,
        failed: 0,
        balanced: true,
        exitCode: 0,
      });
      expect(
        requests
          .filter(({ path }) => path.startsWith('/a.jpg'))
          .map(({ path, status }) => `${path.slice(-3)} ${status}`),
      ).toEqual(['one 503', 'one 403', 'two 200']);
    });
  }));

it('stops gently although the source does not answer any more', () =>
  withTempFolder(async (dir) => {
    const script = { '/posts.jsonl': behaves(({ response }) => void response.write('{"id":"1"}\n')) };
    await withFakeBlog(script, async ({ url }) => {
      const run = archive(`${url}/posts.jsonl`, {
        ...quick,
        timeout: 3_600_000,
        directory: join(dir, 'out'),
      });
      run.on('run', () => run.stop());
      expect(await run.finished).toMatchObject({ listed: 0, balanced: true, exitCode: 130 });
    });
  }));

it('is not all well when posts cannot be read: they are counted, and the exit code says it', () =>
  withTempFolder(async (dir) => {
    const target = join(dir, 'posts.jsonl');
    writeFileSync(target, '{"id":"1"}\n{"id":"2", cut\n[]\n');
    const summary = await archive(target, { ...quick, directory: join(dir, 'out') }).finished;
    expect(summary).toMatchObject({ posts: 1, unread: 2, listed: 0, exitCode: 1 });
  }));

it('the reasons on the last screen add up where an address was renewed', () =>
  withTempFolder(async (dir) => {
    let signature = 'one';
    const signed = behaves(({ request, response }) => {
      if (request.url!.endsWith('signed=two') && signature === 'two') response.end(photo(1));
      else response.writeHead(signature === 'one' ? 503 : 410).end();
    });
    await withFakeBlog({ '/a.jpg': signed }, async ({ url }) => {
      const target = join(dir, 'blog.json');
      const write = () =>
        writeFileSync(
          target,
          JSON.stringify({
            posts: [{ id: '1', media: [{ key: 'k1', url: `${url}/a.jpg?signed=${signature}` }] }],
          }),
        );
      const options = { ...quick, retries: 0, directory: join(dir, 'out') };
      write();
      await archive(target, options).finished;
      signature = 'two';
      write();
      const losses = new Losses();
      expect(await archive(target, { ...options, report: losses.see }).finished).toMatchObject({
        kept: 1,
        missing: 0,
        failed: 0,
      });
      expect(losses.lines(5)).toEqual([]);
    });
  }));
