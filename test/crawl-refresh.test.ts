import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { archive } from '../src/archiving.ts';
import {
  type Behaviour,
  behaves,
  cuts,
  fails,
  gone,
  hangs,
  ignoresRange,
  placeholder,
  redirects,
  serves,
  servesHtml,
  servesPlaceholder,
} from '../src/demo/behaviours.ts';
import type { Capture } from '../src/demo/captures.ts';
import type { Asked } from '../src/demo/server.ts';
import type { MediaRecord, Summary } from '../src/model.ts';
import type { GivenOptions } from '../src/options.ts';
import { readHoldings } from '../src/vault/holdings.ts';
import { listOf, quick, recordsOf, treeOf } from './helpers/archives.ts';
import { withFakeArchive } from './helpers/fake-archive.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { latch } from './helpers/parcels.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

const date = 'Tue, 05 Mar 2019 10:00:00 GMT';

/** A path counts its questions from the first archiving on: `times(2)` is once more. */
const once = 2;

/** A blog of these files, archived once; `behave` changes how it answers from then on. */
interface Scene {
  readonly url: string;
  readonly dir: string;
  readonly root: string;
  behave(path: string, behaviour: Behaviour): void;
  /** Asks again; the rest as the first time. */
  refresh(given?: GivenOptions): Promise<Summary>;
  /** What was asked since the archive was made. */
  asked(): readonly Asked[];
  /** Every line about an address. */
  lines(path: string): MediaRecord[];
  last(path: string): MediaRecord;
  readonly warnings: string[];
}

async function withKept(
  script: Record<string, Behaviour>,
  work: (scene: Scene) => Promise<void>,
  first: GivenOptions = {},
): Promise<void> {
  await withTempFolder((dir) =>
    withFakeBlog(script, async ({ url, server, requests }) => {
      const root = join(dir, 'out');
      const warnings: string[] = [];
      const target = listOf(
        dir,
        Object.keys(script).map((path) => url + path),
      );
      const run = async (given: GivenOptions) => {
        const held = archive(target, { ...quick, directory: root, ...given });
        held.on('warning', ({ message }) => warnings.push(message));
        return held.finished;
      };
      expect(await run(first)).toMatchObject({ listed: Object.keys(script).length, missing: 0, failed: 0 });
      const before = requests.length;
      const lines = (path: string) => recordsOf(root).filter((record) => record.url === url + path);
      await work({
        url,
        dir,
        root,
        behave: (path, behaviour) => server.add(path, behaviour),
        refresh: (given = {}) => run({ refresh: true, ...given }),
        asked: () => requests.slice(before),
        lines,
        last: (path) => lines(path).at(-1)!,
        warnings,
      });
    }),
  );
}

const isSound = (root: string) =>
  execFileSync('sha256sum', ['--quiet', '-c', 'manifest-sha256.txt'], { cwd: root });

describe('a refresh of what has not changed', () => {
  test('asks by what the server said of it then, moves no bytes and writes nothing, however often', () =>
    withKept(
      {
        '/tag.jpg': serves(photo(1), { lastModified: date }),
        '/weak.jpg': serves(photo(2), { etag: 'W/"v1"' }),
        '/date.jpg': serves(photo(3), { etag: null, lastModified: date }),
        '/bare.jpg': serves(photo(4), { etag: null }),
        '/led.jpg': redirects('/there.jpg'),
        '/there.jpg': serves(photo(5)),
      },
      async ({ root, refresh, asked }) => {
        const before = treeOf(root);
        for (let round = 0; round < 2; round++)
          expect(await refresh()).toMatchObject({
            listed: 6,
            recalled: 6,
            kept: 0,
            requests: 7,
            exitCode: 0,
            balanced: true,
          });
        expect(treeOf(root)).toEqual(before);
        const told = asked().map(({ path, headers, range, status, sent }) =>
          [path, headers['if-none-match'] ?? headers['if-modified-since'] ?? range, status, sent].join(' '),
        );
        const tagOf = (path: string) => recordsOf(root).find(({ url }) => url.endsWith(path))!.response!.etag;
        const each = [
          `/tag.jpg ${tagOf('/tag.jpg')} 304 0`,
          '/weak.jpg W/"v1" 304 0',
          `/date.jpg ${date} 304 0`,
          '/bare.jpg bytes=0-0 206 1',
          `/led.jpg ${tagOf('/led.jpg')} 302 11`,
          `/there.jpg ${tagOf('/led.jpg')} 304 0`, // as the second one of the way
          `/there.jpg ${tagOf('/there.jpg')} 304 0`,
        ];
        expect(told.sort()).toEqual([...each, ...each].sort());
      },
    ));

  test('goes over the same few connections', () => {
    const ports = new Set<number | undefined>();
    const noted = (behaviour: Behaviour) =>
      behaves(async (exchange) => {
        ports.add(exchange.request.socket.remotePort);
        await behaviour.answer(exchange);
      });
    const traits = [{}, { etag: null }];
    const script = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`/${n}.jpg`, noted(serves(photo(n + 1, 500), traits[n % 2]))]),
    );
    return withKept(script, async ({ refresh, asked }) => {
      ports.clear();
      expect(await refresh()).toMatchObject({ recalled: 40 });
      expect(new Set(asked().map(({ status }) => status))).toEqual(new Set([304, 206]));
      expect(ports.size).toBeLessThan(20); // one each if a body were broken off
    });
  });

  test('writes nothing where the server is deaf to conditions and ranges, and sends it all again', () =>
    withKept(
      { '/a.jpg': ignoresRange(photo(1)), '/b.jpg': ignoresRange(photo(2), { etag: null }) },
      async ({ root, refresh, asked }) => {
        const before = treeOf(root);
        expect(await refresh()).toMatchObject({ recalled: 2, kept: 0, exitCode: 0 });
        expect(asked().map(({ status }) => status)).toEqual([200, 200]); // injected: neither 304 nor 206
        expect(treeOf(root)).toEqual(before);
      },
    ));

  test('asks also for what the source does not list any more, and for each once', () =>
    withKept(
      { '/a.jpg': serves(photo(1)), '/b.jpg': serves(photo(2)) },
      async ({ url, dir, root, refresh, asked }) => {
        writeFileSync(join(dir, 'list.txt'), `${url}/a.jpg\n`);
        const before = treeOf(root);
        expect(await refresh()).toMatchObject({ listed: 2, recalled: 2, balanced: true });
        expect(
          asked()
            .map(({ path }) => path)
            .sort(),
        ).toEqual(['/a.jpg', '/b.jpg']);
        expect(treeOf(root)).toEqual(before);
      },
    ));

  test('leaves alone what came from a web archive, and what the options leave out', () =>
    withTempFolder((dir) =>
      withFakeBlog({ '/lost.jpg': gone(), '/a.jpg': serves(photo(2)) }, async ({ url, requests }) => {
        const captures = [captureOf(`${url}/lost.jpg`, photo(1))];
        await withFakeArchive(captures, {}, async (web) => {
          const target = listOf(dir, [`${url}/lost.jpg`, `${url}/a.jpg`]);
          const given = { ...quick, directory: join(dir, 'out'), recovery: true, wayback: web.url };
          expect(await archive(target, given).finished).toMatchObject({ recovered: 1, kept: 1 });
          const [before, asked] = [treeOf(join(dir, 'out')), requests.length + web.requests.length];
          const again = { ...given, refresh: true, type: ['video'] } as const;
          expect(await archive(target, again).finished).toMatchObject({ recalled: 2, requests: 0 });
          expect(await archive(target, { ...given, refresh: true }).finished).toMatchObject({ requests: 1 });
          expect(requests.length + web.requests.length).toBe(asked + 1);
          expect(treeOf(join(dir, 'out'))).toEqual(before);
        });
      }),
    ));

  test('asks for what was got at an alternate where it was got', () =>
    withTempFolder((dir) =>
      withFakeBlog({ '/small.jpg': serves(photo(1)) }, async ({ url, requests }) => {
        const post = { id: '1', media: [{ url: `${url}/large.jpg`, alternates: [`${url}/small.jpg`] }] };
        const target = join(dir, 'blog.json');
        writeFileSync(target, JSON.stringify({ posts: [post] }));
        const given = { ...quick, directory: join(dir, 'out') };
        expect(await archive(target, given).finished).toMatchObject({ kept: 1 });
        const [before, asked] = [treeOf(join(dir, 'out')), requests.length];
        expect(await archive(target, { ...given, refresh: true }).finished).toMatchObject({ recalled: 1 });
        expect(requests.slice(asked).map(({ path, status }) => `${path} ${status}`)).toEqual([
          '/small.jpg 304',
        ]);
        expect(treeOf(join(dir, 'out'))).toEqual(before);
      }),
    ));
});

describe('a file that has changed', () => {
  test.each<[string, Behaviour, Behaviour, (string | undefined)[]]>([
    ['by its tag', serves(photo(1)), serves(photo(2)), [undefined]],
    [
      'by its date',
      serves(photo(1), { etag: null, lastModified: date }),
      serves(photo(2), { etag: null, lastModified: 'Wed, 06 Mar 2019 10:00:00 GMT' }),
      [undefined],
    ],
    [
      'by its length, where that is all there is',
      serves(photo(1), { etag: null }),
      serves(photo(2, 30_000), { etag: null }),
      ['bytes=0-0', undefined],
    ],
    [
      'by its length, in the very answer where ranges are ignored',
      ignoresRange(photo(1), { etag: null }),
      ignoresRange(photo(2, 30_000), { etag: null }),
      ['bytes=0-0'],
    ],
  ])('%s is a new file and a new line, and the old one stays', (_, before, after, ranges) =>
    withKept({ '/a.jpg': before }, async ({ root, behave, refresh, asked, lines }) => {
      const manifest = readFileSync(join(root, 'manifest.jsonl'), 'utf8');
      behave('/a.jpg', after);
      expect(await refresh()).toMatchObject({ listed: 1, kept: 1, recalled: 0, balanced: true, exitCode: 0 });
      expect(asked().map(({ range }) => range)).toEqual(ranges);
      expect(readFileSync(join(root, 'manifest.jsonl'), 'utf8').startsWith(manifest)).toBe(true);
      const [old, fresh, ...more] = lines('/a.jpg');
      expect(more).toEqual([]);
      expect(fresh).toMatchObject({ status: 'kept', origin: 'live' });
      expect(fresh!.path).not.toBe(old!.path);
      expect(fresh!.sha256).not.toBe(old!.sha256);
      expect(readFileSync(join(root, old!.path!))).toEqual(photo(1));
      expect(readFileSync(join(root, fresh!.path!)).subarray(0, 20_000)).not.toEqual(photo(1));
      isSound(root);
      const tree = treeOf(root);
      expect(await refresh()).toMatchObject({ recalled: 1, kept: 0 });
      expect(treeOf(root)).toEqual(tree);
    }),
  );

  test('that is cut off is gone on with by the next refresh, and nothing is changed before', () =>
    withKept({ '/a.jpg': serves(photo(1)) }, async ({ root, behave, refresh, asked, last }) => {
      const fresh = photo(2, 400_000);
      const before = treeOf(root);
      const half = cuts(fresh, { etag: '"v2"' }).after(300_000).times(once).then(fails(503));
      behave('/a.jpg', half);
      expect(await refresh({ retries: 0 })).toMatchObject({ recalled: 1, failed: 0, exitCode: 0 });
      expect(treeOf(root)).toEqual(before);
      behave('/a.jpg', serves(fresh, { etag: '"v2"' }));
      expect(await refresh()).toMatchObject({ kept: 1 });
      expect(last('/a.jpg')).toMatchObject({ bytes: fresh.length, pieces: 2 });
      expect(readFileSync(join(root, last('/a.jpg').path!))).toEqual(fresh);
      expect(asked().at(-1)).toMatchObject({ status: 206, ifRange: '"v2"' });
    }));

  test('to something that the options do not want stays as it was', () =>
    withKept({ '/a.jpg': serves(photo(1)) }, async ({ root, behave, refresh }) => {
      const before = treeOf(root);
      behave('/a.jpg', serves(photo(2, 5000)));
      expect(await refresh({ filesizeMin: 10_000 })).toMatchObject({ recalled: 1, filtered: 0, exitCode: 0 });
      expect(treeOf(root)).toEqual(before);
    }));
});

const captureOf = (url: string, body: Buffer): Capture => ({
  url,
  time: '20180102030405',
  body,
  type: 'image/jpeg',
});

const isQuestion = ({ path }: Asked) => path.startsWith('/cdx/');

describe('a file that is gone', () => {
  test('stays, is marked once, and is known for the only copy if no web archive has it', () =>
    withKept(
      { '/here.jpg': serves(photo(1)), '/alone.jpg': serves(photo(2)), '/captured.jpg': serves(photo(3)) },
      async ({ url, root, behave, refresh, lines, last, warnings }) => {
        behave('/alone.jpg', gone());
        behave('/captured.jpg', fails(404));
        await withFakeArchive([captureOf(`${url}/captured.jpg`, photo(3))], {}, async (web) => {
          const given = { recovery: true, wayback: web.url };
          const summary = await refresh(given);
          expect(summary).toMatchObject({ listed: 3, recalled: 3, missing: 0, failed: 0, exitCode: 0 });
          expect(summary.balanced).toBe(true);
          expect(web.requests.map(isQuestion)).toEqual([true, true]); // and no capture was fetched
          expect(lines('/here.jpg')).toHaveLength(1);
          const { run: _r, at, gone: mark, ...rest } = last('/alone.jpg');
          const { run: _o, at: _at, ...first } = lines('/alone.jpg')[0]!;
          expect(rest).toEqual(first);
          expect(mark).toEqual({
            code: 'gone',
            detail: 'status 410',
            at: expect.stringMatching(/^\d{4}-/),
            elsewhere: null,
          });
          expect(last('/captured.jpg')).toMatchObject({
            status: 'kept',
            gone: { code: 'gone', elsewhere: `${web.url}/web/20180102030405id_/${url}/captured.jpg` },
          });
          expect(existsSync(join(root, rest.path!))).toBe(true);
          isSound(root);
          expect(warnings).toEqual([
            expect.stringMatching(/Gone from their servers since they were kept: 2\./),
          ]);
          const holdings = await readHoldings(root);
          expect(holdings).toMatchObject({ kept: 3, missing: 0, gone: 2, unsought: 0 });
          expect(holdings.onlyCopies).toEqual([
            {
              path: rest.path,
              bytes: 20_000,
              item: rest.item,
              post: null,
              url: `${url}/alone.jpg`,
              since: mark!.at,
              asked: at,
              reason: 'gone',
              detail: 'status 410',
            },
          ]);
          const tree = treeOf(root);
          expect(await refresh(given)).toMatchObject({ recalled: 3, requests: 3 });
          expect(treeOf(root)).toEqual(tree);
          expect(web.requests).toHaveLength(2);
        });
      },
    ));

  test('and back again loses its mark', () =>
    withKept({ '/a.jpg': serves(photo(1)) }, async ({ root, behave, refresh, lines, last }) => {
      behave('/a.jpg', gone());
      await refresh();
      expect(last('/a.jpg').gone).toMatchObject({ code: 'gone' });
      behave('/a.jpg', serves(photo(1)));
      expect(await refresh()).toMatchObject({ recalled: 1 });
      expect(lines('/a.jpg').map((record) => 'gone' in record)).toEqual([false, true, false]);
      expect(await readHoldings(root)).toMatchObject({ kept: 1, gone: 0, onlyCopies: [] });
      const tree = treeOf(root);
      await refresh();
      expect(treeOf(root)).toEqual(tree);
    }));

  test('what is missing and not due is asked for by a refresh all the same', () =>
    withTempFolder((dir) =>
      withFakeBlog(
        {
          '/a.jpg': gone()
            .times(1)
            .then(serves(photo(1))),
        },
        async ({ url, requests }) => {
          const given = { ...quick, directory: join(dir, 'out') };
          const target = listOf(dir, [`${url}/a.jpg`]);
          expect(await archive(target, given).finished).toMatchObject({ missing: 1 });
          expect(await archive(target, given).finished).toMatchObject({ missing: 1, requests: 0 }); // not due
          expect(await archive(target, { ...given, refresh: true }).finished).toMatchObject({
            kept: 1,
            missing: 0,
          });
          expect(requests.map(({ status }) => status)).toEqual([410, 200]);
        },
      ),
    ));

  const oneOfTwo = { '/a.jpg': serves(photo(1)), '/z.jpg': serves(photo(2)) };

  test.each<[string, Behaviour]>([
    ['a refusal', fails(403)],
    ['a login page', servesHtml()],
  ])('with %s in place of everything, which proves nothing, nothing is marked', (_, behaviour) =>
    withKept(oneOfTwo, async ({ root, behave, refresh, asked, warnings }) => {
      const tree = treeOf(root);
      for (const path of Object.keys(oneOfTwo)) behave(path, behaviour);
      expect(await refresh()).toMatchObject({ recalled: 2, gone: 0, missing: 0 });
      expect(asked().length).toBeGreaterThanOrEqual(2); // injected
      expect(treeOf(root)).toEqual(tree);
      expect(warnings.join()).toMatch(/2/);
    }),
  );

  test.each<[string, Behaviour, Partial<MediaRecord['gone']>, number]>([
    ['a placeholder in its place', servesPlaceholder(), { code: 'placeholder' }, 1],
    ['a page in its place, twice', servesHtml(), { code: 'wrong-type' }, 2],
    ['a door in front of it', fails(403), { code: 'forbidden' }, 1],
    ['a law against it', fails(451), { code: 'gone', detail: 'status 451' }, 1],
    ['a login before it', fails(401), { code: 'forbidden', detail: 'status 401' }, 1],
  ])('with %s is marked, too', (_, behaviour, mark, times) =>
    withKept(oneOfTwo, async ({ dir, root, behave, refresh, asked, last }) => {
      const placeholders = join(dir, 'placeholders.json');
      const known = { version: 1, placeholders: [{ sha256: placeholder.sha256, seen: 'test' }] };
      writeFileSync(placeholders, JSON.stringify(known));
      behave('/a.jpg', behaviour);
      const sums = { recalled: 2, gone: 1, missing: 0, exitCode: 0 };
      expect(await refresh({ placeholders })).toMatchObject(sums);
      expect(asked().filter(({ path }) => path === '/a.jpg')).toHaveLength(times);
      expect(last('/a.jpg')).toMatchObject({ status: 'kept', gone: mark });
      expect(readFileSync(join(root, last('/a.jpg').path!))).toEqual(photo(1));
    }),
  );

  test('with a page in its place that was but a mood is not marked', () =>
    withKept({ '/a.jpg': serves(photo(1)) }, async ({ root, behave, refresh, asked }) => {
      const before = treeOf(root);
      behave(
        '/a.jpg',
        servesHtml()
          .times(once)
          .then(serves(photo(1))),
      );
      expect(await refresh()).toMatchObject({ recalled: 1 });
      expect(asked().map(({ status }) => status)).toEqual([200, 304]);
      expect(treeOf(root)).toEqual(before);
    }));

  test('is not called the only copy while nobody looked elsewhere, and the next refresh does', () =>
    withKept({ '/a.jpg': serves(photo(1)) }, async ({ root, behave, refresh, lines }) => {
      behave('/a.jpg', gone());
      await refresh();
      expect(await readHoldings(root)).toMatchObject({ gone: 1, unsought: 1, onlyCopies: [] });
      await withFakeArchive([], { index: fails(503) }, async (web) => {
        const tree = treeOf(root);
        await refresh({ recovery: true, wayback: web.url, retries: 0 });
        expect(web.requests.map(({ status }) => status)).toEqual([503]); // asked, and no answer
        expect(treeOf(root)).toEqual(tree);
      });
      await withFakeArchive([], {}, async (web) => {
        await refresh({ recovery: true, wayback: web.url });
      });
      const marks = lines('/a.jpg').map((record) => record.gone);
      expect(marks).toEqual([undefined, marks[1], { ...marks[1], elsewhere: null }]);
      expect(await readHoldings(root)).toMatchObject({ unsought: 0, onlyCopies: [{ since: marks[1]!.at }] });
    }));

  test('is not the only copy while another address gives the same bytes', () =>
    withKept(
      { '/a.jpg': serves(photo(1)), '/b.jpg': serves(photo(1)) },
      async ({ root, behave, refresh }) => {
        await withFakeArchive([], {}, async (web) => {
          const given = { recovery: true, wayback: web.url };
          behave('/a.jpg', gone());
          await refresh(given);
          expect(await readHoldings(root)).toMatchObject({ kept: 2, gone: 1, onlyCopies: [] });
          behave('/b.jpg', gone());
          await refresh(given);
          const { onlyCopies } = await readHoldings(root);
          expect(onlyCopies.map(({ path }) => path)).toEqual([recordsOf(root)[0]!.path]);
        });
      },
    ));

  test('among more than there is room for is marked at once and looked for at the end, by one question each', () =>
    withKept(
      Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`/${n}.jpg`, serves(photo(n + 1, 500))])),
      async ({ root, refresh, behave, asked }) => {
        for (let n = 0; n < 40; n++) behave(`/${n}.jpg`, gone());
        const answered = latch();
        const index = (proper: Behaviour) =>
          behaves(async (exchange) => {
            await answered.opened;
            await proper.answer(exchange);
          });
        await withFakeArchive([], { index }, async (web) => {
          const given = { recovery: true, wayback: web.url, recoveries: 1, room: 2 };
          let marks = 0;
          const report: GivenOptions['report'] = (event) => {
            if (event.event === 'item' && event.record.gone && ++marks === 37) answered.open();
          };
          expect(await refresh({ ...given, report })).toMatchObject({
            listed: 40,
            recalled: 40,
            balanced: true,
          });
          expect(asked()).toHaveLength(40);
          expect(web.requests).toHaveLength(40);
          const holdings = await readHoldings(root);
          expect(holdings).toMatchObject({ gone: 40, unsought: 0 });
          expect(holdings.onlyCopies).toHaveLength(40);
        });
      },
    ));
});

describe('no clear answer', () => {
  test.each<[string, Behaviour, number]>([
    ['a server in trouble', fails(503), 503],
    ['a request to come back much later', fails(429, { 'retry-after': '9999' }), 429],
    ['a request that is not proper', fails(418), 418],
  ])('such as %s leaves all as it was, and is told', (_, behaviour, status) =>
    withKept({ '/a.jpg': serves(photo(1)) }, async ({ root, behave, refresh, asked, warnings }) => {
      const before = treeOf(root);
      behave('/a.jpg', behaviour);
      expect(await refresh({ retries: 1 })).toMatchObject({
        recalled: 1,
        failed: 0,
        missing: 0,
        exitCode: 0,
      });
      expect(asked().map((one) => one.status)).toContain(status);
      expect(treeOf(root)).toEqual(before);
      expect(warnings).toContainEqual(expect.stringMatching(/no clear answer whether they changed: 1\./));
    }),
  );

  test('such as a sudden 403 to everything marks nothing that stays marked', () =>
    withKept(
      Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`/${n}.jpg`, serves(photo(n + 1, 500))])),
      async ({ root, behave, refresh, asked, lines, warnings }) => {
        const believed = latch();
        const refusesLater = behaves(async (exchange) => {
          await believed.opened;
          await fails(403).answer(exchange);
        });
        for (let n = 0; n < 10; n++)
          behave(
            `/${n}.jpg`,
            serves(photo(n + 1, 500))
              .times(once)
              .then(fails(403)),
          );
        for (let n = 10; n < 60; n++) behave(`/${n}.jpg`, n === 11 ? refusesLater : fails(403));
        const report: GivenOptions['report'] = (event) => {
          if (event.event === 'item' && event.record.gone) believed.open();
        };
        const given = { perHost: 1, rate: 500, throttlePause: 5, hostRest: 3_600_000, report };
        expect(await refresh(given)).toMatchObject({ listed: 60, recalled: 60, missing: 0, balanced: true });
        expect(asked().filter(({ status }) => status === 304)).toHaveLength(10);
        expect(asked().filter(({ status }) => status === 403).length).toBeGreaterThan(20); // injected
        expect(lines('/10.jpg').map((record) => 'gone' in record)).toEqual([false, true, false]); // believed too soon
        expect(await readHoldings(root)).toMatchObject({ kept: 60, gone: 0 });
        expect(warnings).toEqual([expect.stringMatching(/no clear answer whether they changed: 50\./)]);
      },
    ));

  test('because the run was ended half-way leaves all as it was', () =>
    withKept(
      { '/a.jpg': serves(photo(1)), '/b.jpg': serves(photo(2)), '/c.jpg': serves(photo(3)) },
      async ({ root, url, dir, behave, refresh, asked }) => {
        const before = treeOf(root);
        behave('/b.jpg', hangs());
        behave('/c.jpg', fails(503));
        const now = new AbortController();
        const report: GivenOptions['report'] = (event) => {
          if (event.event === 'item') now.abort();
        };
        await expect(refresh({ signal: now.signal, report, backoffBase: 60_000 })).rejects.toThrow();
        expect(asked().map(({ path }) => path)).toContain('/b.jpg'); // it was under way
        expect(treeOf(root)).toEqual(before);
        const gently = new AbortController();
        const stop: GivenOptions['report'] = (event) => {
          if (event.event === 'retry') gently.abort();
        };
        behave('/b.jpg', serves(photo(2)));
        const stopped = await refresh({ stop: gently.signal, report: stop, backoffBase: 60_000 });
        expect(stopped).toMatchObject({ failed: 0, missing: 0, balanced: true, exitCode: 130 });
        expect(stopped.open).toBeGreaterThan(0);
        expect(treeOf(root)).toEqual(before);
        behave('/c.jpg', serves(photo(3)));
        expect(
          await archive(listOf(dir, [`${url}/a.jpg`]), { ...quick, directory: root, refresh: true }).finished,
        ).toMatchObject({ recalled: 3 });
        expect(treeOf(root)).toEqual(before);
      },
    ));
});

describe('what was put off by an earlier refresh', () => {
  test('is counted once, as recalled', () =>
    withKept(
      Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`/${n}.jpg`, serves(photo(n + 1, 500))])),
      async ({ root, refresh, behave }) => {
        for (let n = 0; n < 40; n++) behave(`/${n}.jpg`, gone());
        expect(await refresh()).toMatchObject({ recalled: 40, kept: 0, bytes: 0 }); // recovery is off
        expect(await readHoldings(root)).toMatchObject({ gone: 40, unsought: 40 });
        const answered = latch();
        const index = (proper: Behaviour) =>
          behaves(async (exchange) => {
            await answered.opened;
            await proper.answer(exchange);
          });
        await withFakeArchive([], { index }, async (web) => {
          let n = 0;
          const report: GivenOptions['report'] = (event) => {
            if (event.event === 'item' && ++n === 37) answered.open();
          };
          const given = { recovery: true, wayback: web.url, recoveries: 1, room: 2, report };
          const summary = await refresh(given);
          expect(summary).toMatchObject({ listed: 40, recalled: 40, kept: 0, bytes: 0, balanced: true });
        });
      },
    ));
});

describe('what is missing again', () => {
  test('is counted so also where a run had no room for it at first', () =>
    withTempFolder(async (dir) => {
      const paths = Array.from({ length: 20 }, (_, n) => `/${n}.jpg`);
      await withFakeBlog(Object.fromEntries(paths.map((p) => [p, gone()])), async ({ url }) => {
        const root = join(dir, 'out');
        const target = listOf(
          dir,
          paths.map((p) => url + p),
        );
        const answered = latch();
        let pending = 0;
        const index = (proper: Behaviour) =>
          behaves(async (exchange) => {
            await answered.opened;
            await proper.answer(exchange);
          });
        await withFakeArchive([], { index }, async (web) => {
          const report: GivenOptions['report'] = (event) => {
            if (
              event.event === 'item' &&
              event.record.reason?.code === 'recovery-pending' &&
              ++pending === 17
            )
              answered.open();
          };
          const given = {
            ...quick,
            directory: root,
            recovery: true,
            wayback: web.url,
            recoveries: 1,
            room: 2,
            report,
          };
          expect(await archive(target, given).finished).toMatchObject({ missing: 20 });
          const old = recordsOf(root).map((record) => ({ ...record, at: '2001-01-01T00:00:00.000Z' }));
          writeFileSync(
            join(root, 'manifest.jsonl'),
            old.map((line) => `${JSON.stringify(line)}\n`).join(''),
          );
          expect(await archive(target, { ...given, report: () => undefined }).finished).toMatchObject({
            missing: 20,
          });
        });
        const last = new Map(recordsOf(root).map((r) => [r.item, r.losses ?? 1]));
        expect(new Set(last.values())).toEqual(new Set([2]));
      });
    }));
});
