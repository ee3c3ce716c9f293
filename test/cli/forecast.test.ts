import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Forecast, leastSeconds, type Outlook } from '../../src/cli/forecast.ts';
import { linesOf } from '../../src/cli/outlook.ts';
import { weighAll } from '../../src/cli/weigh.ts';
import { behaves, fails, gone, hangs, redirects, serves } from '../../src/demo/behaviours.ts';
import { archive } from '../../src/index.ts';
import type { MediaItem } from '../../src/model.ts';
import { checkOptions, type GivenOptions } from '../../src/options.ts';
import { DamagedFile } from '../../src/sources/source.ts';
import { openNet } from '../../src/world.ts';
import { listOf, quick } from '../helpers/archives.ts';
import { oxbow } from '../helpers/cli.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

async function withNet<T>(
  given: GivenOptions,
  work: (means: { options: ReturnType<typeof checkOptions>; net: ReturnType<typeof openNet> }) => Promise<T>,
): Promise<T> {
  const options = checkOptions({ ...quick, ...given });
  const net = openNet(options);
  try {
    return await work({ options, net });
  } finally {
    await net.close();
  }
}

const itemAt = (url: string): MediaItem => ({
  id: url,
  kind: 'image',
  url,
  alternates: [],
  post: null,
  index: 0,
  date: null,
});

const sized = (bytes: number) =>
  behaves(({ response }) => void response.writeHead(200, { 'content-length': bytes }).end());

describe('a server asked for the size of a file', () => {
  const script = {
    '/a.jpg': sized(1234),
    '/moved.jpg': redirects('/a.jpg'),
    '/ranged.jpg': fails(405).times(1).then(serves('0123456789')),
    '/plain.jpg': fails(501).times(1).then(sized(77)),
    '/gone.jpg': gone(),
    '/forbidden.jpg': fails(403),
    '/page.jpg': behaves(({ response }) => void response.writeHead(200).flushHeaders()),
    '/large.jpg': sized(1e6 + 1),
    '/small.jpg': sized(9),
    '/odd.jpg': behaves(({ response }) => void response.writeHead(204).end()),
    '/busy.jpg': fails(503),
    '/dead.jpg': behaves(({ request }) => void request.socket.destroy()),
  };

  test('answers by its head alone, or by a byte where it knows no HEAD; trouble is counted, not thrown', () =>
    withFakeBlog(script, ({ url, requests }) =>
      withNet({ filesizeMin: 10, filesizeMax: 1e6 }, async ({ net, options }) => {
        const paths = Object.keys(script);
        const weights = await weighAll(
          net,
          paths.map((path) => `${url}${path}`),
          { ...options, patience: 60_000 },
        );
        expect(
          Object.fromEntries(weights.map((one, i) => [paths[i], 'bytes' in one ? one.bytes : one.state])),
        ).toEqual({
          '/a.jpg': 1234,
          '/moved.jpg': 1234,
          '/ranged.jpg': 10,
          '/plain.jpg': 77,
          '/gone.jpg': 'gone',
          '/forbidden.jpg': 'gone',
          '/page.jpg': 'unsized',
          '/large.jpg': 'unwanted',
          '/small.jpg': 'unwanted',
          '/odd.jpg': 'unsized',
          '/busy.jpg': 'unsized',
          '/dead.jpg': 'silent',
        });
        const got = requests.filter(({ method }) => method !== 'HEAD');
        expect(got.map(({ path, range }) => [path, range])).toEqual([
          ['/ranged.jpg', 'bytes=0-0'],
          ['/plain.jpg', 'bytes=0-0'],
        ]);
      }),
    ));

  test('is not asked where content must not lead', () =>
    withFakeBlog({ '/a.jpg': sized(1) }, ({ url, requests }) =>
      withNet({ allowPrivate: false }, async ({ net, options }) => {
        expect(await weighAll(net, [`${url}/a.jpg`], { ...options, patience: 60_000 })).toEqual([
          { state: 'silent' },
        ]);
        expect(requests).toEqual([]);
      }),
    ));
});

describe('who does not answer', () => {
  test('is waited for only as long as there is patience', () =>
    withFakeBlog({ '/a.jpg': hangs() }, ({ url }) =>
      withNet({ headerTimeout: 3_600_000 }, async ({ net, options }) => {
        const weights = await weighAll(net, [`${url}/a.jpg`], { ...options, patience: 300 });
        expect(weights).toEqual([{ state: 'silent' }]);
      }),
    ));

  test('does not keep whoever stops the whole', () =>
    withFakeBlog({ '/a.jpg': hangs() }, ({ url }) => {
      const stopped = AbortSignal.abort(new Error('stopped'));
      return withNet({ signal: stopped }, async ({ net, options }) => {
        const weights = weighAll(net, [`${url}/a.jpg`], { ...options, patience: 60_000 });
        await expect(weights).rejects.toThrow('stopped');
      });
    }));
});

describe('a forecast', () => {
  test('asks about a random few and scales them to all', () =>
    withTempFolder((destination) =>
      withFakeBlog(
        {},
        ({ url, requests }) =>
          withNet({ destination, simulateSample: 5, random: () => 0.5 }, async (means) => {
            const forecast = await Forecast.open({ ...means, name: 'fern' });
            for (let n = 0; n < 50; n++) forecast.see(itemAt(`${url}/${n}.jpg`));
            expect(await forecast.outlook(7)).toMatchObject({
              posts: 7,
              items: 50,
              kinds: { image: 50 },
              held: 0,
              requests: 0,
              asked: 5,
              sized: 5,
              bytes: { sum: 50_000, least: 50_000, most: 50_000 },
              path: join(destination, 'fern'),
              free: expect.any(Number),
              fits: true,
            });
            expect(requests.map(({ method }) => method)).toEqual(Array(5).fill('HEAD'));
            expect(existsSync(join(destination, 'fern'))).toBe(false);
          }),
        { otherwise: sized(1000) },
      ),
    ));

  test('knows the sizes of what the source hands over, without asking anybody', () =>
    withTempFolder((destination) =>
      withNet({ destination }, async ({ options, net: { http, gate } }) => {
        const bodies: Readable[] = [];
        const files = {
          async open(url: string) {
            if (url.endsWith('torn.jpg')) throw new DamagedFile('torn');
            if (url.endsWith('lost.jpg')) return undefined;
            bodies.push(Readable.from(['x']));
            return { body: bodies.at(-1)!, bytes: 1000 };
          },
        };
        const forecast = await Forecast.open({ options, net: { http, gate, files }, name: 'fern' });
        for (const name of ['a', 'b', 'lost', 'torn']) forecast.see(itemAt(`export:media/${name}.jpg`));
        const outlook = await forecast.outlook(4);
        expect(outlook).toMatchObject({ asked: 4, sized: 2, gone: 2, silent: 0, seconds: 0 });
        expect(outlook.bytes).toEqual({ sum: 2000, least: 2000, most: 2000 });
        expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true, true]);
        expect(http.requests).toBe(0);
      }),
    ));

  test('leaves out what the archive keeps already, and takes no lock for that', () =>
    withTempFolder((dir) =>
      withFakeBlog({ '/a.jpg': serves(photo(1)), '/b.jpg': gone() }, async ({ url }) => {
        const addresses = [`${url}/a.jpg`, `${url}/b.jpg`];
        await archive(listOf(dir, addresses), { ...quick, destination: dir }).finished;
        await withNet({ destination: dir, simulateSample: 0 }, async (means) => {
          const forecast = await Forecast.open({ ...means, name: 'list' });
          for (const address of addresses) forecast.see(itemAt(address));
          expect(await forecast.outlook(2)).toMatchObject({
            items: 2,
            held: 1,
            asked: 0,
            bytes: null,
            fits: null,
          });
        });
        expect(existsSync(join(dir, 'list', '.oxbow', 'lock'))).toBe(false);
      }),
    ));

  test('says when it does not fit', () =>
    withTempFolder((destination) =>
      withFakeBlog({ '/a.mp4': sized(9e14) }, ({ url }) =>
        withNet({ destination, filesizeMax: 1e15 }, async (means) => {
          const forecast = await Forecast.open({ ...means, name: null });
          forecast.see(itemAt(`${url}/a.mp4`));
          expect(await forecast.outlook(1)).toMatchObject({ path: destination, fits: false });
        }),
      ),
    ));

  test('is a line of JSON where that is wanted, and a screen where not', () =>
    withTempFolder((cwd) =>
      withFakeBlog({ '/a.jpg': sized(1000), '/b.mp4': sized(9e14) }, async ({ url }) => {
        const words = [
          listOf(cwd, [`${url}/a.jpg`, `${url}/b.mp4`]),
          '-s',
          '--allow-private',
          '--filesize-max',
          '900T',
        ];
        const told = await oxbow([...words, '--json'], { cwd });
        expect(told.stdout.trimEnd().split('\n')).toHaveLength(1);
        expect(JSON.parse(told.stdout)).toMatchObject({
          event: 'forecast',
          kinds: { image: 1, video: 1 },
          bytes: { sum: 9e14 + 1000 },
          fits: false,
        });
        expect(told.stderr).toMatch(/^warning: it may not fit on the disk of .*list\n$/);
        expect((await oxbow(words, { cwd })).stdout).toMatch(
          /^2 posts with 2 media items: 1 image, 1 video\nsize: {4}900 TB \(all asked\)\nlisting: 0 requests\ntime: /,
        );
        expect(existsSync(join(cwd, 'list'))).toBe(false);
      }),
    ));
});

describe('the screen of a forecast', () => {
  const outlook: Outlook = {
    posts: 1203,
    stated: null,
    items: 4250,
    kinds: { image: 4000, video: 250 },
    held: 40,
    requests: 61,
    asked: 30,
    sized: 27,
    unwanted: 0,
    gone: 0,
    unsized: 0,
    silent: 0,
    bytes: { sum: 1.2e9, least: 9e8, most: 1.5e9 },
    seconds: 421,
    path: '/fern',
    free: 2.1e11,
    fits: true,
  };

  test('has a line for each number', () => {
    expect(linesOf({ ...outlook, gone: 3 })).toEqual([
      '1,203 posts with 4,250 media items: 4000 image, 250 video',
      '  40 of them are held in /fern already',
      'size:    about 1.2 GB (900 MB to 1.5 GB, from 30 of 4,210); of 30 asked, 3 are gone',
      'listing: 61 requests',
      'time:    7 min 1 s at the least for 4,210 media requests, by the rates in force',
      'disk:    210 GB free at /fern',
    ]);
  });

  test.each([
    [{ sized: 28, gone: 1, unsized: 1 }, /of 30 asked, 1 is gone, 1 does not say$/],
    [{ sized: 28, unwanted: 2 }, /from 30 of 4,210\); of 30 asked, 2 have a size that is not wanted$/],
    [{ sized: 0, silent: 30, bytes: null }, /unknown; of 30 asked, 30 do not answer$/],
    [{ asked: 0, sized: 0, bytes: null }, /unknown: nobody was asked$/],
    [
      { sized: 1, bytes: { sum: 5e6, least: 7, most: null } },
      /perhaps 5\.0 MB \(from 1 of 4,210: hardly more/,
    ],
    [{ bytes: { sum: 4.2e9, least: 4.2e9, most: 4.2e9 } }, /about 4\.2 GB \(from 27 of 4,210\)$/],
    [{ items: 67, bytes: { sum: 2.7e7, least: 2.7e7, most: 2.7e7 } }, /27\.0 MB \(all asked\)$/],
    [{ items: 41, sized: 1, bytes: { sum: 7, least: 7, most: 7 } }, /7 B \(all asked\)$/],
  ])('says what is not known: %j', (lacking, expected) => {
    expect(linesOf({ ...outlook, ...lacking })[2]).toMatch(expected);
  });

  test('of a part of a blog tells what all of it would come to', () => {
    const lines = linesOf({
      ...outlook,
      posts: 100,
      stated: 5000,
      items: 200,
      requests: 3,
      bytes: { sum: 4e6, least: 3e6, most: 5e6 },
    });
    expect(lines).toContain(
      'all:     perhaps 10,000 media items, 200 MB, 150 requests to list the 5,000 posts that the blog counts',
    );
    expect(linesOf({ ...outlook, posts: 100, stated: 100 }).join()).not.toContain('all: ');
  });

  test('of nothing is short', () => {
    const nothing = { items: 0, held: 0, kinds: {}, asked: 0, sized: 0, bytes: null, free: null };
    expect(linesOf({ ...outlook, ...nothing })).toEqual([
      '1,203 posts with 0 media items: none',
      'listing: 61 requests',
    ]);
  });
});

test.each([
  ['the longest of the hosts', [100, 601, 7], 0, {}, 60],
  ['the pauses before downloads', [100], 0, { sleep: [1000, 3000] as const }, 200],
  ['the bandwidth', [10], 5e6, { limitRate: 1e5 }, 50],
  ['nothing, without limits', [10], 5e6, { rate: Number.POSITIVE_INFINITY }, 0],
  ['nothing, where nothing is wanted', [], 0, {}, 0],
])('the time that media take at the least is that of %s', (_what, hosts, bytes, given, seconds) => {
  expect(leastSeconds(hosts, bytes, checkOptions(given))).toBe(seconds);
});
