import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { behaves, cuts, fails, gone, redirects, serves, servesHtml } from '../src/demo/behaviours.ts';
import {
  archive,
  download,
  type Progress,
  StorageError,
  TransferError,
  UsageError,
  verifyArchive,
} from '../src/index.ts';
import { listOf, quick, recordsOf } from './helpers/archives.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { latch } from './helpers/parcels.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

describe('archive()', () => {
  it('tells typed events, and verifyArchive agrees with what it made', () =>
    withTempFolder(async (dir) => {
      await withFakeBlog(
        {
          '/a.jpg': serves(photo(1)),
          '/b.jpg': fails(503)
            .times(1)
            .then(serves(photo(2))),
        },
        async ({ url }) => {
          const [paths, retries]: [string[], string[]] = [[], []];
          const run = archive(listOf(dir, [`${url}/a.jpg`, `${url}/b.jpg`]), {
            ...quick,
            directory: join(dir, 'out'),
          });
          run
            .on('item', ({ record }) => paths.push(record.path!))
            .on('retry', ({ reason }) => retries.push(reason));
          const summary = await run.finished;
          expect(paths).toHaveLength(2);
          expect(retries).toEqual(['status 503']);
          expect(await verifyArchive(summary.path)).toMatchObject({
            sound: true,
            closed: true,
            files: 5 + 2,
          });
        },
      );
    }));

  it('lives on when a listener throws, and says so', () =>
    withTempFolder(async (dir) => {
      await withFakeBlog({ '/a.jpg': serves(photo(1)) }, async ({ url }) => {
        const warnings: string[] = [];
        const run = archive(listOf(dir, [`${url}/a.jpg`]), { ...quick, directory: join(dir, 'out') });
        run.on('item', () => {
          throw new Error('listener in trouble');
        });
        run.on('warning', ({ message }) => warnings.push(message));
        expect(await run.finished).toMatchObject({ kept: 1 });
        expect(warnings).toEqual([expect.stringContaining('listener in trouble')]);
      });
    }));

  it('refuses an option that it does not know with the nearest name', async () => {
    await expect(archive('x.json', { concurency: 3 } as never).finished).rejects.toThrow(UsageError);
    await expect(archive('x.json', { concurency: 3 } as never).finished).rejects.toThrow(
      /did you mean 'concurrency'/,
    );
  });

  it('stops gently from inside an event, with a balance that adds up', () =>
    withTempFolder(async (dir) => {
      const settled = latch();
      const afterTheFirst = (i: number) =>
        behaves(async (exchange) => {
          if (i >= 10) await settled.opened; // else all may be fetched before anything is settled
          await serves(photo(i)).answer(exchange);
        });
      const script = Object.fromEntries(
        Array.from({ length: 50 }, (_, i) => [`/${i}.jpg`, afterTheFirst(i)]),
      );
      await withFakeBlog(script, async ({ url, requests }) => {
        const target = listOf(
          dir,
          Object.keys(script).map((path) => url + path),
        );
        const events: Progress[] = [];
        const run = archive(target, {
          ...quick,
          concurrency: 2,
          directory: join(dir, 'out'),
          report: (event) => void events.push(event),
        });
        run.on('item', () => {
          run.stop();
          settled.open();
        });
        const summary = await run.finished;
        expect(summary).toMatchObject({ balanced: true, exitCode: 130, failed: 0, missing: 0 });
        expect(summary.kept + summary.open).toBe(summary.listed);
        expect(requests.length).toBeLessThan(20);
        const rest = await archive(target, { ...quick, directory: join(dir, 'out') }).finished;
        expect(rest).toMatchObject({ kept: 50 - summary.kept, recalled: summary.kept, exitCode: 0 });
        expect(requests).toHaveLength(50);
      });
    }));
});

describe('download()', () => {
  it('brings one file, resumed where it was cut, and says what it is', () =>
    withTempFolder(async (dir) => {
      const body = photo(1, 300_000);
      await withFakeBlog(
        { '/a.jpg': cuts(body).after(280_000).times(1).then(serves(body)) },
        async ({ url, requests }) => {
          const file = join(dir, 'new', 'photo.jpg');
          const got = await download(`${url}/a.jpg`, file, { backoffBase: 1 });
          expect(got).toMatchObject({
            path: file,
            bytes: 300_000,
            type: 'image/jpeg',
            attempts: 2,
            pieces: 2,
          });
          expect(readFileSync(file)).toEqual(body);
          expect(requests[1]!.range).toBeDefined();
          expect(existsSync(`${file}.part`)).toBe(false);
          expect(existsSync(`${file}.part.json`)).toBe(false);
        },
      );
    }));

  it('throws with the reason when the address does not give it, and leaves nothing behind', () =>
    withTempFolder(async (dir) => {
      await withFakeBlog({ '/a.jpg': gone(), '/b.jpg': servesHtml() }, async ({ url }) => {
        const failure = await download(`${url}/a.jpg`, join(dir, 'a.jpg')).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(TransferError);
        expect(failure).toMatchObject({ code: 'ERR_TRANSFER', reason: 'gone' });
        await expect(download(`${url}/b.jpg`, join(dir, 'b.jpg'))).rejects.toMatchObject({
          reason: 'wrong-type',
        });
        expect(existsSync(join(dir, 'a.jpg')) || existsSync(join(dir, 'b.jpg'))).toBe(false);
      });
    }));

  it('never writes over a file that is there', () =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'mine.jpg');
      writeFileSync(file, 'mine');
      await expect(download('http://127.0.0.1:1/a.jpg', file)).rejects.toThrow(StorageError);
      expect(readFileSync(file, 'utf8')).toBe('mine');
    }));
});

describe('what a program may hand over', () => {
  it('a backoff of its own says each wait, as long as that is no longer than the longest', () =>
    withTempFolder(async (dir) => {
      await withFakeBlog(
        {
          '/a.jpg': fails(500)
            .times(3)
            .then(serves(photo(1))),
        },
        async ({ url }) => {
          const [asked, waits]: [number[], number[]] = [[], []];
          const backoff = (attempt: number) => {
            asked.push(attempt);
            return attempt * 10;
          };
          const given = { ...quick, directory: join(dir, 'out'), backoff, backoffMax: 25 };
          const run = archive(listOf(dir, [`${url}/a.jpg`]), given);
          run.on('retry', ({ wait }) => waits.push(wait));
          expect(await run.finished).toMatchObject({ kept: 1 });
          expect([asked, waits]).toEqual([
            [1, 2, 3],
            [10, 20, 25],
          ]);
        },
      );
    }));

  it('other addresses of an item: the record says which one answered, and which was the best known', () =>
    withTempFolder(async (dir) => {
      await withFakeBlog(
        { '/large.jpg': gone(), '/small.jpg': redirects('/small-2.jpg'), '/small-2.jpg': serves(photo(1)) },
        async ({ url }) => {
          const post = { id: 1, media: [{ url: `${url}/large.jpg`, alternates: [`${url}/small.jpg`] }] };
          writeFileSync(join(dir, 'blog.json'), JSON.stringify({ posts: [post] }));
          const directory = join(dir, 'out');
          const summary = await archive(join(dir, 'blog.json'), { ...quick, directory }).finished;
          expect(summary).toMatchObject({ kept: 1, missing: 0 });
          expect(recordsOf(directory).at(-1)).toMatchObject({
            origin: 'alternate',
            url: `${url}/large.jpg`,
            bestKnown: { url: `${url}/large.jpg` },
            got: { url: `${url}/small.jpg` },
            from: `${url}/small-2.jpg`,
          });
        },
      );
    }));

  it('a picture much smaller than the post promises is kept and marked; one as promised is not', () =>
    withTempFolder(async (dir) => {
      await withFakeBlog(
        {
          '/a.jpg': serves(photo(1)),
          '/b.jpg': serves(photo(2)),
          '/c.jpg': gone(),
          '/d.jpg': serves(photo(3)),
        },
        async ({ url }) => {
          const media = [
            { url: `${url}/a.jpg`, width: 1280, height: 960 },
            { url: `${url}/b.jpg`, width: 64, height: 64 },
            { url: `${url}/c.jpg`, width: '64', height: '64', alternates: [`${url}/d.jpg`] },
          ];
          writeFileSync(join(dir, 'blog.json'), JSON.stringify({ posts: [{ id: 1, media }] }));
          const directory = join(dir, 'out');
          const summary = await archive(join(dir, 'blog.json'), { ...quick, directory }).finished;
          expect(summary).toMatchObject({ kept: 3, missing: 0 });
          const measure = { width: 64, height: 64 };
          const [a, b, c] = ['/a.jpg', '/b.jpg', '/c.jpg'].map((path) =>
            recordsOf(directory).find((record) => record.url === url + path),
          );
          expect(a).toMatchObject({
            measure,
            whole: 'structure',
            got: { url: `${url}/a.jpg`, ...measure },
            bestKnown: { url: `${url}/a.jpg`, width: 1280, height: 960 },
          });
          expect(c).toMatchObject({ got: { url: `${url}/d.jpg`, ...measure } });
          for (const other of [b, c]) {
            expect(other).toMatchObject({ status: 'kept', measure });
            expect(other).not.toHaveProperty('bestKnown'); // the alternate, too, is as large as was promised
          }
        },
      );
    }));

  it('a single download expects what the ending of its address promises', () =>
    withTempFolder(async (dir) => {
      await withFakeBlog({ '/a.jpg': serves('Notes that are no picture'.repeat(50)) }, async ({ url }) => {
        const got = download(`${url}/a.jpg`, join(dir, 'a.jpg'), { allowPrivate: true });
        await expect(got).rejects.toThrow('text/plain in place of an image');
        expect(existsSync(join(dir, 'a.jpg'))).toBe(false);
      });
    }));
});
