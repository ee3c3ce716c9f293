import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { archive } from '../src/archiving.ts';
import { type Behaviour, fails, serves, servesHtmlAs } from '../src/demo/behaviours.ts';
import type { Asked } from '../src/demo/server.ts';
import type { MediaItem, MediaRecord, Summary } from '../src/model.ts';
import type { GivenOptions } from '../src/options.ts';
import { sources } from '../src/sources/index.ts';
import type { Source } from '../src/sources/source.ts';
import { openLarger } from '../src/sources/tumblr/larger.ts';
import { listOf, quick, recordsOf } from './helpers/archives.ts';
import { askedFor, questionsTo, withFakeArchive } from './helpers/fake-archive.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { answersPrefix } from './helpers/prefix-index.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

const key = (n: number) => `${String(n).padStart(32, '0')}/00112233445566aa-1f`;
const paths = (n: number) => ({
  reduced: `/${key(n)}/s2048x3072/ab.jpg`,
  page: `/${key(n)}/s99999x99999/ab.jpg`,
  original: `/${key(n)}/s4000x6000/cd.jpg`,
});
const { reduced, page, original } = paths(1);

/** A picture that says of itself that it is so large. */
function picture(n: number, side: number): Buffer {
  const bytes = photo(n);
  const frame = bytes.indexOf(Buffer.from('ffc0', 'hex'));
  bytes.writeUInt16BE(side, frame + 5);
  bytes.writeUInt16BE(side, frame + 7);
  return bytes;
}
const small = picture(1, 20);
const full = picture(2, 64);

/** The page of a picture that names its sizes, each of so many points a side. */
const names = (sizes: Readonly<Record<string, number>>, n = 1): Behaviour => {
  const images = Object.entries(sizes).map(([url, side]) => ({
    mediaKey: key(n).replace('/', ':'),
    url,
    type: 'image/jpeg',
    width: side,
    height: side,
  }));
  const state = JSON.stringify({ ImageUrlPage: { photo: { imageResponse: images } } });
  return servesHtmlAs('text/html', `<script id="___INITIAL_STATE___">${state}</script>`);
};

/** A source whose target is the address of a server: a post a picture, all of them reduced. */
const reducing: Source = {
  name: 'reducing',
  takes: 'a server of a test',
  settings: {},
  claims: () => false,
  open: async (target, context) => {
    const [base, count] = target.split('#') as [string, string];
    const items = Array.from({ length: Number(count) }, (_, i): MediaItem => {
      const at = paths(i + 1);
      return {
        id: `tumblr:${key(i + 1)}`,
        kind: 'image',
        url: base + at.reduced,
        alternates: [],
        post: `${i + 1}`,
        index: 0,
        date: '2020-01-02T03:04:05Z',
        width: 20,
        height: 20,
        larger: base + at.page,
      };
    });
    const posts = items.map((item) => ({
      id: item.post!,
      date: item.date,
      url: null,
      raw: {},
      items: [item],
    }));
    return {
      name: 'reducing',
      trusted: [base],
      larger: openLarger(context),
      async *pages() {
        yield { posts };
      },
    };
  },
};
(sources as Source[]).push(reducing); // of this file alone: it has a process of its own

interface Scene {
  readonly url: string;
  readonly requests: readonly Asked[];
  behave(path: string, behaviour: Behaviour): void;
  run(given?: GivenOptions): Promise<Summary>;
  records(): MediaRecord[];
  readonly warnings: string[];
  /** Where the archive lies. */
  readonly root: string;
}

/** A blog of reduced pictures, and an archive of it. */
const withBlog = (work: (scene: Scene) => Promise<void>, count = 1): Promise<void> =>
  withTempFolder((dir) =>
    withFakeBlog({}, async ({ url, requests, server }) => {
      const directory = join(dir, 'out');
      const warnings: string[] = [];
      await work({
        url,
        requests,
        warnings,
        root: directory,
        behave: (path, behaviour) => server.add(path, behaviour),
        run(given = {}) {
          const run = archive(`${url}#${count}`, { ...quick, source: 'reducing', directory, ...given });
          run.on('warning', ({ message }) => warnings.push(message));
          return run.finished;
        },
        records: () => recordsOf(directory),
      });
    }),
  );

const pathsOf = (requests: readonly Asked[]) => requests.map(({ path }) => path);

describe('a picture that is listed reduced', () => {
  test('is kept as its original, once, and a refresh asks where that was got from', () =>
    withBlog(async ({ url, requests, behave, run, records }) => {
      behave(reduced, serves(small));
      behave(page, names({ [url + reduced]: 20, [url + original]: 64 }));
      behave(original, serves(full));
      expect(await run()).toMatchObject({ kept: 1, missing: 0, failed: 0, exitCode: 0 });
      expect(pathsOf(requests)).toEqual([page, original]);
      const [record] = records();
      expect(record).toMatchObject({
        item: `tumblr:${key(1)}`,
        status: 'kept',
        origin: 'live',
        url: url + reduced,
        from: url + original,
        got: { url: url + original, width: 64, height: 64 },
        measure: { width: 64, height: 64 },
        bytes: full.length,
      });
      expect(record).not.toHaveProperty('bestKnown');

      expect(await run()).toMatchObject({ kept: 0, recalled: 1 });
      expect(requests).toHaveLength(2);
      expect(await run({ refresh: true })).toMatchObject({ recalled: 1, exitCode: 0 });
      expect(requests.slice(2).map(({ path, status }) => [path, status])).toEqual([[original, 304]]);

      behave(original, serves(picture(3, 64)));
      expect(await run({ refresh: true })).toMatchObject({ kept: 1 });
      expect(records().at(-1)).toMatchObject({ got: { url: url + original, width: 64, height: 64 } });
      expect(records().at(-1)).not.toHaveProperty('bestKnown');
    }));

  test('is kept as it is listed where that is the largest, and is not marked', () =>
    withBlog(async ({ url, requests, behave, run, records }) => {
      behave(reduced, serves(small));
      behave(page, names({ [url + reduced]: 20 }));
      expect(await run()).toMatchObject({ kept: 1 });
      expect(pathsOf(requests)).toEqual([page, reduced]);
      expect(records()[0]).toMatchObject({ origin: 'live', from: url + reduced });
      for (const mark of ['got', 'bestKnown']) expect(records()[0]).not.toHaveProperty(mark);
    }));

  test.each<[string, Behaviour]>([
    ['is in trouble', fails(503)],
    ['says nothing', servesHtmlAs('text/html', '<p>Ferns</p>')],
  ])('is kept as it is listed where its page %s, and is marked as one that may be larger', (_, behaviour) =>
    withBlog(async ({ url, requests, behave, run, records }) => {
      behave(reduced, serves(small));
      behave(page, behaviour);
      expect(await run({ retries: 0 })).toMatchObject({ kept: 1, missing: 0, failed: 0, exitCode: 0 });
      expect(pathsOf(requests)).toEqual([page, reduced]);
      expect(records()[0]).toMatchObject({
        origin: 'live',
        got: { url: url + reduced, width: 20, height: 20 },
        bestKnown: { url: url + page },
      });
      expect(await run({ refresh: true, retries: 0 })).toMatchObject({ recalled: 1, reduced: 1 });
      expect(pathsOf(requests.slice(2))).toEqual([page, reduced]);
    }),
  );

  test.each<[string, Behaviour, string]>([
    ['is gone', fails(404), 'gone'],
    ['is larger than the options allow', serves(picture(2, 64), { etag: null }), 'refused-too-large'],
  ])(
    'is kept as it is listed where its original %s, and the record tells what there was',
    (_, behaviour, outcome) =>
      withBlog(async ({ url, requests, behave, run, records }) => {
        behave(reduced, serves(shorter(small)));
        behave(page, names({ [url + original]: 64 }));
        behave(original, behaviour);
        expect(await run({ filesizeMax: small.length - 1 })).toMatchObject({
          kept: 1,
          missing: 0,
          failed: 0,
        });
        expect(pathsOf(requests)).toEqual([page, original, reduced]);
        expect(records()[0]).toMatchObject({
          origin: 'alternate',
          url: url + reduced,
          got: { url: url + reduced, width: 20, height: 20 },
          bestKnown: { url: url + original, width: 64, height: 64 },
          tried: [{ where: 'live', url: url + original, outcome }],
        });
      }),
  );

  test('and that is lost everywhere is looked for in the web archives as its original first', () =>
    withBlog(async ({ url, behave, run, records }) => {
      behave(page, names({ [url + original]: 64 }));
      const capture = { time: '20200102030405', type: 'image/jpeg' };
      const captures = [
        { ...capture, url: url + reduced, body: small },
        { ...capture, url: url + original, body: full },
      ];
      await withFakeArchive(captures, {}, async (web) => {
        expect(await run({ recovery: true, wayback: web.url })).toMatchObject({ recovered: 1, missing: 0 });
      });
      expect(records()[0]).toMatchObject({ origin: 'snapshot', snapshot: { original: url + original } });
      expect(records()[0]).not.toHaveProperty('bestKnown');
    }));
});

describe('a picture that is kept reduced, for its page was in trouble,', () => {
  const DAY = 86_400_000;
  const trouble: GivenOptions = { retries: 0, full: true };
  const inTrouble = async ({ behave, run }: Scene) => {
    behave(reduced, serves(small));
    behave(page, fails(503));
    expect(await run(trouble)).toMatchObject({ kept: 1, reduced: 1, exitCode: 0 });
  };
  /** As if so many days had passed since; the ledger is made anew when its lines have changed. */
  const age = ({ root, records }: Scene, days: number) =>
    writeFileSync(
      join(root, 'manifest.jsonl'),
      records()
        .map(({ at, ...line }) => ({ ...line, at: new Date(Date.parse(at) - days * DAY).toISOString() }))
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
  const asks = async ({ run, requests }: Scene, given: GivenOptions = trouble) => {
    const before = requests.length;
    const summary = await run(given);
    return { paths: pathsOf(requests.slice(before)), summary };
  };

  test.each<[string, (scene: Scene) => void]>([
    ['', () => undefined],
    [', whatever became of the ledger', ({ root }) => rmSync(join(root, '.oxbow'), { recursive: true })],
  ])('is fetched as its original by the next run, and the reduced one stays%s', (_, between) =>
    withBlog(async (scene) => {
      const { url, behave, records, root } = scene;
      await inTrouble(scene);
      between(scene);
      behave(page, names({ [url + reduced]: 20, [url + original]: 64 }));
      behave(original, serves(full));
      const { paths, summary } = await asks(scene);
      expect(paths).toEqual([page, original]);
      expect(summary).toMatchObject({ kept: 1, recalled: 0, reduced: 0, bytes: full.length, exitCode: 0 });
      const [before, after] = records();
      expect(after).toMatchObject({
        origin: 'live',
        url: url + reduced,
        got: { url: url + original, width: 64, height: 64 },
        bytes: full.length,
      });
      for (const mark of ['bestKnown', 'losses']) expect(after).not.toHaveProperty(mark);
      expect(readFileSync(join(root, before!.path!))).toEqual(small);
      expect(readFileSync(join(root, after!.path!))).toEqual(full);
      between(scene);
      expect(await asks(scene)).toMatchObject({ paths: [], summary: { recalled: 1, reduced: 0 } });
      expect(records()).toHaveLength(2);
    }),
  );

  test('is asked for though the source lists it no more', () =>
    withBlog(async (scene) => {
      const { url, requests, behave, root } = scene;
      await inTrouble(scene);
      behave(page, names({ [url + original]: 64 }));
      behave(original, serves(full));
      const listsNothing = { ...quick, source: 'reducing', directory: root };
      expect(await archive(`${url}#0`, listsNothing).finished).toMatchObject({ posts: 0, kept: 1 });
      expect(pathsOf(requests.slice(2))).toEqual([page, original]);
    }));

  test('is settled for good once that says that there is nothing larger', () =>
    withBlog(async (scene) => {
      const { url, behave, records } = scene;
      await inTrouble(scene);
      behave(page, names({ [url + reduced]: 20 }));
      expect(await asks(scene)).toMatchObject({
        paths: [page],
        summary: { kept: 0, recalled: 1, reduced: 0, exitCode: 0 },
      });
      const { got: _, bestKnown: _best, run: _run, at: _at, ...before } = records()[0]!;
      const { run: _of, at: _since, ...after } = records()[1]!;
      expect(after).toEqual(before);
      expect((await asks(scene)).paths).toEqual([]);
      expect((await asks(scene, { refresh: true })).paths).toEqual([reduced]);
      expect(records()).toHaveLength(2);
    }));

  test('is asked for at once by two more runs, then ever more rarely, and each is counted', () =>
    withBlog(async (scene) => {
      await inTrouble(scene);
      for (const losses of [2, 3]) {
        expect(await asks(scene)).toMatchObject({ paths: [page], summary: { recalled: 1, reduced: 1 } });
        expect(scene.records().at(-1)).toMatchObject({ losses, bestKnown: { url: scene.url + page } });
      }
      const waits = [7, 14];
      for (const days of waits) {
        expect(await asks(scene)).toMatchObject({ paths: [], summary: { recalled: 1, reduced: 1 } });
        age(scene, days - 0.5);
        expect((await asks(scene)).paths).toEqual([]);
        age(scene, 0.5);
        expect((await asks(scene)).paths).toEqual([page]);
      }
      expect(scene.records()).toHaveLength(5);
      expect(scene.records().at(-1)).toMatchObject({ status: 'kept', losses: 5 });
      const refreshed = await asks(scene, { ...trouble, refresh: true });
      expect(refreshed).toMatchObject({ paths: [page, reduced], summary: { recalled: 1 } });
    }));

  test('is told as gone by a refresh if it is, and its page was asked, too', () =>
    withBlog(async (scene) => {
      const { url, behave, records } = scene;
      await inTrouble(scene);
      behave(page, names({ [url + reduced]: 20 }));
      behave(reduced, fails(404));
      const { paths, summary } = await asks(scene, { ...trouble, refresh: true });
      expect([paths, summary]).toMatchObject([[page, reduced], { recalled: 1, gone: 1, reduced: 0 }]);
      expect(records()).toHaveLength(2);
      expect(records()[1]).toMatchObject({ status: 'kept', gone: { code: 'gone' } });
      expect(records()[1]).not.toHaveProperty('bestKnown');
    }));

  test('is kept on where its original is lost, which is asked for as rarely as what is missing', () =>
    withBlog(async (scene) => {
      const { url, behave, records } = scene;
      await inTrouble(scene);
      behave(page, names({ [url + original]: 64 }));
      behave(original, fails(404));
      expect(await asks(scene, { ...trouble, recovery: true })).toMatchObject({
        paths: [page, original],
        summary: { recalled: 1, missing: 0, failed: 0, reduced: 1, exitCode: 0 },
      });
      expect(records()[1]).toMatchObject({
        status: 'kept',
        sha256: records()[0]!.sha256,
        got: { url: url + reduced },
        bestKnown: { url: url + original, width: 64, height: 64 },
        tried: [{ where: 'live', url: url + original, outcome: 'gone' }],
        losses: 2,
      });
      age(scene, 59);
      expect((await asks(scene)).paths).toEqual([]);
      age(scene, 1);
      behave(original, serves(full));
      expect(await asks(scene)).toMatchObject({ paths: [page, original], summary: { kept: 1, reduced: 0 } });
    }));

  test('is not replaced by an original that is smaller', () =>
    withBlog(async (scene) => {
      const { url, behave, records } = scene;
      await inTrouble(scene);
      behave(page, names({ [url + original]: 64 }));
      behave(original, serves(picture(2, 10)));
      expect(await asks(scene)).toMatchObject({ paths: [page, original], summary: { recalled: 1 } });
      expect(records()[1]).toMatchObject({
        sha256: records()[0]!.sha256,
        tried: [{ outcome: 'too-small' }],
      });
      expect((await asks(scene)).paths).toEqual([]);
    }));

  test('is not asked for where the options leave it out', () =>
    withBlog(async (scene) => {
      await inTrouble(scene);
      expect((await asks(scene, { ...trouble, type: ['video'] })).paths).toEqual([]);
    }));
});

test('a picture whose original is lost at first is asked for again, without the reduced one', () =>
  withBlog(async ({ url, requests, behave, run, records }) => {
    behave(reduced, serves(small));
    behave(page, names({ [url + original]: 64 }));
    behave(original, fails(503));
    expect(await run({ retries: 0 })).toMatchObject({ kept: 1, reduced: 1, exitCode: 0 });
    behave(original, serves(full));
    expect(await run()).toMatchObject({ kept: 1, reduced: 0 });
    expect(pathsOf(requests)).toEqual([page, original, reduced, page, original]);
    expect(records().at(-1)).toMatchObject({ bytes: full.length, got: { url: url + original } });
  }));

test('a host whose pages are in trouble is asked for a few of many', () =>
  withBlog(async ({ requests, behave, run, warnings }) => {
    for (let n = 1; n <= 25; n++) {
      behave(paths(n).reduced, serves(picture(n, 20)));
      behave(paths(n).page, fails(500));
    }
    expect(await run({ retries: 0 })).toMatchObject({ kept: 25, exitCode: 0 });
    expect(requests.filter(({ path }) => path.includes('s99999')).length).toBeLessThanOrEqual(5 + 7);
    expect(warnings).toEqual([expect.stringMatching(/larger originals did not say 5 times in a row/)]);

    const before = requests.length;
    expect(await run({ retries: 0 })).toMatchObject({ recalled: 25, reduced: 25, exitCode: 0 });
    expect(requests.length - before).toBeLessThanOrEqual(5 + 7);
    expect(warnings).toHaveLength(2);
  }, 25));

test('a picture that is gone is recovered in the largest size that was captured, and marked as less than was wanted', () =>
  withTempFolder((dir) =>
    withFakeBlog({}, async ({ url }) => {
      const { port } = new URL(url);
      const base = `http://64.media.tumblr.com:${port}`; // which leads here: nobody else is asked
      const at = (size: string) => `${base}/${key(1)}/${size}/cd.jpg`;
      const capture = { time: '20200102030405', type: 'image/jpeg' };
      const captures = [
        { ...capture, url: at('s640x960'), body: small },
        { ...capture, url: at('s1280x1920'), body: full },
        { ...capture, url: at('s75x75_c1'), body: picture(3, 10) },
      ];
      await withFakeArchive(captures, { index: answersPrefix(captures) }, async (web) => {
        const directory = join(dir, 'out');
        const options = { ...quick, recovery: true, wayback: web.url, directory };
        const resolve = [`64.media.tumblr.com:${port}:127.0.0.1`];
        const target = listOf(dir, [base + reduced]);
        expect(await archive(target, { ...options, resolve }).finished).toMatchObject({
          recovered: 1,
        });
        expect(recordsOf(directory)[0]).toMatchObject({
          origin: 'snapshot',
          snapshot: { original: at('s1280x1920') },
          got: { width: 64, height: 64 },
          bestKnown: { url: base + reduced },
        });
        expect(questionsTo(web).map(({ path }) => askedFor(path))).toEqual([`${base}/${key(1)}/`]);
      });
    }),
  ));

/** The same with less noise. */
function shorter(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, 10_000), bytes.subarray(-2)]);
}
