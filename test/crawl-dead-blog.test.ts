import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { archive } from '../src/archiving.ts';
import { type Behaviour, behaves, fails, redirects, serves, servesHtml } from '../src/demo/behaviours.ts';
import type { Capture } from '../src/demo/captures.ts';
import type { Post } from '../src/model.ts';
import type { GivenOptions } from '../src/options.ts';
import { outcomeOf, quick, recordsOf } from './helpers/archives.ts';
import { withFakeArchive } from './helpers/fake-archive.ts';
import { type Running, withFakeBlog } from './helpers/fake-blog.ts';
import { mp3, photo } from './helpers/media.ts';
import { answersPrefix, webPage } from './helpers/prefix-index.ts';
import { withTempFolder } from './helpers/temp-folder.ts';
import { withUpgrading } from './helpers/upgrading.ts';

const img = (address: string) => `<p><img src="${address}"></p>`;
const published = '<meta property="article:published_time" content="2014-02-03T10:00:00Z">';
const feed = (home: string) => `<?xml version="1.0"?>
<rss version="2.0"><channel><title>Pondlog</title><item><title>Frogs</title><link>${home}/post/100</link>
<pubDate>Sat, 01 Feb 2014 08:00:00 GMT</pubDate><description>&lt;img src="/frog.jpg"&gt;</description>
<enclosure url="${home}/song.mp3" type="audio/mpeg" length="1"/></item></channel></rss>`;

/** Three posts, two lists of posts and a feed, as they were captured; and some of their media. */
const deadBlog = (home: string): Capture[] => [
  webPage(`${home}/`, '20150101000000', `<h1>Pondlog</h1>${img('/heron.jpg')}${img('header.jpg')}`),
  webPage(`${home}/page/2`, '20150102000000', img('/newt.jpg')),
  webPage(`${home}/post/101/heron`, '20140301000000', img('/draft.jpg')),
  webPage(`${home}/post/101/heron`, '20150301000000', published + img('/heron.jpg')),
  webPage(`${home}/post/102`, '20150302000000', img('/newt.jpg')),
  webPage(`${home}/post/103`, '20150303000000', img(`/web/20150303im_/${home}/reed.jpg`) + img('/gone.jpg')),
  webPage(`${home}/post/104`, '20150304000000', img('/of-no-post.jpg'), { status: 404 }),
  webPage(`${home}/style`, '20150303000000', 'body {}', { type: 'text/css' }),
  webPage(`${home}/rss`, '20150305000000', feed(home), { type: 'application/rss+xml' }),
  { url: `${home}/newt.jpg`, time: '20150302000001', body: photo(2), type: 'image/jpeg' },
  { url: `${home}/reed.jpg`, time: '20150303000001', body: photo(3), type: 'image/jpeg' },
  { url: `${home}/song.mp3`, time: '20150305000001', body: mp3, type: 'audio/mpeg' },
];

interface Scene {
  readonly out: string;
  readonly home: string;
  readonly target: string;
  /** What is left of the blog's own server: some media, and 404 for the rest. */
  readonly blog: Running;
  readonly web: Running;
  readonly options: GivenOptions;
}

interface Trouble {
  readonly captures?: (home: string) => readonly Capture[];
  readonly index?: Behaviour | ((proper: Behaviour) => Behaviour);
}

async function withDeadBlog(test: (scene: Scene) => Promise<void>, given: Trouble = {}): Promise<void> {
  const live = { '/heron.jpg': serves(photo(1)), '/header.jpg': serves(photo(4)) };
  await withTempFolder((dir) =>
    withFakeBlog(live, (blog) => {
      const captures = (given.captures ?? deadBlog)(blog.url);
      const { index = (proper: Behaviour) => proper } = given;
      const proper = (demo: Behaviour) => answersPrefix(captures)(demo);
      const behaving = typeof index === 'function' ? (demo: Behaviour) => index(proper(demo)) : index;
      return withFakeArchive(captures, { index: behaving }, (web) => {
        const out = join(dir, 'out');
        const settings = { 'sources.wayback.rows': '3', 'sources.wayback.pages': '1' };
        const patience = { retries: 1, waybackPause: 5 };
        const options = { ...quick, ...patience, recovery: true, wayback: web.url, directory: out, settings };
        const target = `wayback:${new URL(blog.url).host}`;
        return test({ out, home: blog.url, target, blog, web, options });
      });
    }),
  );
}

/** Pages of the blog that the web archive was asked for; media and questions to the index left out. */
const pagesAsked = ({ web, home }: Scene): string[] =>
  web.requests.flatMap(({ path }) => {
    const [, time, page] = /^\/web\/(\d+)id_\/(.+)$/.exec(path) ?? [];
    return time && page && !/\.(jpg|mp3)$/.test(page) ? [`${time} ${page.replace(home, '')}`] : [];
  });

const questions = ({ web }: Scene): URLSearchParams[] =>
  web.requests
    .filter(({ path }) => path.startsWith('/cdx/'))
    .map(({ path }) => new URL(path, 'http://index').searchParams)
    .filter((asked) => asked.get('matchType') === 'prefix');

const postsIn = (out: string): Post[] =>
  readdirSync(join(out, 'data/posts'))
    .flatMap((file) =>
      readFileSync(join(out, 'data/posts', file), 'utf8')
        .split('\n')
        .filter(Boolean),
    )
    .map((line) => JSON.parse(line))
    .filter(({ line }) => line === 'post')
    .map(({ post, ...rest }) => ({ ...rest, id: post }));

describe('a blog that is gone', () => {
  it('becomes an archive, from the captures of its pages', () =>
    withDeadBlog(async (scene) => {
      const { out, home, blog, target, options } = scene;
      const summary = await archive(target, options).finished;
      expect(summary).toMatchObject({
        posts: 6,
        listed: 7,
        kept: 2,
        recovered: 3,
        missing: 2,
        failed: 0,
        unread: 0,
        balanced: true,
        exitCode: 1,
      });
      const found = recordsOf(out).map(({ url, post, status, origin }) =>
        [url.replace(home, ''), post!.replace(new URL(home).host, 'host'), origin ?? status].join(' '),
      );
      expect(found.sort()).toEqual([
        '/frog.jpg 100 missing',
        '/gone.jpg 103 missing',
        '/header.jpg host/ live',
        '/heron.jpg 101 live',
        '/newt.jpg 102 snapshot',
        '/reed.jpg 103 snapshot',
        '/song.mp3 100 snapshot',
      ]);
      // The living web was asked for media alone, and for each once or, to see whether it means it, twice.
      expect(blog.requests.filter(({ path }) => !/\.(jpg|mp3)$/.test(path))).toEqual([]);
    }));

  it('lists its posts before its lists of posts, each page once, by its newest capture', () =>
    withDeadBlog(async (scene) => {
      await archive(scene.target, scene.options).finished;
      expect(pagesAsked(scene)).toEqual([
        '20150301000000 /post/101/heron',
        '20150302000000 /post/102',
        '20150303000000 /post/103',
        '20150305000000 /rss',
        '20150101000000 /',
        '20150102000000 /page/2',
      ]);
      const keys = questions(scene).map((asked) => asked.get('resumeKey'));
      expect(new Set(keys).size).toBe(3); // three rows of nine at a time, so the keys were in use
    }));

  it('keeps what each post says, and where and when it was captured', () =>
    withDeadBlog(async ({ out, home, target, options }) => {
      await archive(target, options).finished;
      const posts = new Map(postsIn(out).map((post) => [post.id, post]));
      expect(posts.get('101')).toMatchObject({
        date: '2014-02-03T10:00:00.000Z',
        url: `${home}/post/101/heron`,
        raw: {
          page: `${home}/post/101/heron`,
          capture: '20150301000000',
          captured: '2015-03-01T00:00:00.000Z',
          datedBy: 'meta',
          html: expect.stringContaining('heron.jpg'),
        },
      });
      expect(posts.get('100')).toMatchObject({
        date: '2014-02-01T08:00:00.000Z',
        url: `${home}/post/100`,
        raw: { title: 'Frogs' },
      });
      const undated = posts.get('102')!;
      expect([undated.date, undated.items[0]!.date, undated.items[0]!.seen]).toEqual([
        null,
        null,
        '2015-03-02T00:00:00.000Z',
      ]);
    }));

  it.each([1, 2, 4])(
    'goes on where it was interrupted (after %i posts), and asks for no page twice',
    (after) =>
      withDeadBlog(async (scene) => {
        const { out, target, options } = scene;
        let posts = 0;
        const run = archive(target, options);
        run.on('post', () => ++posts === after && run.stop());
        expect(await run.finished).toMatchObject({ posts: after, exitCode: 130 });
        expect(pagesAsked(scene)).toHaveLength(after);
        const summary = await archive(target, options).finished;
        expect(summary).toMatchObject({ posts: 6 - after, balanced: true, exitCode: 1 });
        const asked = pagesAsked(scene);
        expect(asked).toHaveLength(6);
        expect(new Set(asked).size).toBe(6);
        await withDeadBlog(async (undisturbed) => {
          await archive(undisturbed.target, undisturbed.options).finished;
          expect(outcomeOf(out)).toEqual(outcomeOf(undisturbed.out));
        });
      }),
  );

  it('is listed anew if another span of time is asked for than when it was interrupted', () =>
    withDeadBlog(async (scene) => {
      const run = archive(scene.target, { ...scene.options, waybackTo: '2015-03-02T12:00:00Z' });
      run.on('post', () => run.stop());
      await run.finished;
      expect(pagesAsked(scene)).toEqual(['20150301000000 /post/101/heron']);
      await archive(scene.target, scene.options).finished;
      expect(pagesAsked(scene).slice(1)).toHaveLength(6);
    }));

  it('goes on where its index failed', () => {
    let isDown = false;
    const index = (proper: Behaviour) =>
      behaves((exchange) => (isDown ? fails(503) : proper).answer(exchange));
    return withDeadBlog(
      async (scene) => {
        const { target, options } = scene;
        const run = archive(target, options);
        run.on('post', ({ post }) => {
          isDown = post === '102';
        });
        await expect(run.finished).rejects.toMatchObject({ code: 'ERR_SOURCE', exitCode: 3 });
        const before = pagesAsked(scene);
        expect(before.length).toBeGreaterThan(0);
        isDown = false;
        expect(await archive(target, options).finished).toMatchObject({ balanced: true, exitCode: 1 });
        const asked = pagesAsked(scene);
        expect([asked.length, new Set(asked).size]).toEqual([6, 6]);
      },
      { index },
    );
  });

  it('finds nothing new when it is archived again', () =>
    withDeadBlog(async ({ out, target, options }) => {
      await archive(target, options).finished;
      const before = postsIn(out).length;
      const summary = await archive(target, options).finished;
      expect(summary).toMatchObject({ listed: 7, recalled: 5, missing: 2, kept: 0, recovered: 0 });
      expect(postsIn(out)).toHaveLength(before);
    }));

  it('is listed as it was in a span of time', () =>
    withDeadBlog(async (scene) => {
      const span = { waybackFrom: '2014-01-01', waybackTo: '2015-03-02T12:00:00Z' };
      await archive(scene.target, { ...scene.options, ...span }).finished;
      for (const asked of questions(scene))
        expect([asked.get('from'), asked.get('to')]).toEqual(['20140101000000', '20150302120000']);
      expect(pagesAsked(scene)).toEqual([
        '20150301000000 /post/101/heron',
        '20150302000000 /post/102',
        '20150101000000 /',
        '20150102000000 /page/2',
      ]);
    }));
});

describe('G16 what is no answer is never taken for an empty blog', () => {
  it.each([
    ['an index that fails', fails(503), /^The index of http:\S+ cannot be read: it answers 503\.$/],
    ['an index that keeps its secrets', fails(403), /it answers 403\.$/],
    ['a page in place of an index', servesHtml(), /it answers with something that is no index\.$/],
    [
      'a cut index',
      serves('[["timestamp","orig', { type: 'application/json' }),
      /something that is no index\.$/,
    ],
    [
      'an index that knows nothing',
      serves('[]', { type: 'application/json' }),
      /^The web archive holds no page of /,
    ],
  ])('%s', (_, index, sentence) =>
    withDeadBlog(
      async ({ out, target, options, web }) => {
        const run = archive(target, options).finished;
        await expect(run).rejects.toMatchObject({
          code: 'ERR_SOURCE',
          exitCode: 3,
          message: expect.stringMatching(sentence),
        });
        expect(web.requests.length).toBeGreaterThan(0);
        expect(existsSync(out)).toBe(false);
      },
      { index },
    ),
  );

  it('nobody at all', () =>
    withDeadBlog(async ({ target, options, web }) => {
      await web.server.close();
      await expect(archive(target, options).finished).rejects.toMatchObject({ exitCode: 3 });
    }));
});

it('is asked for as gently as the archive wants it where nothing is to be recovered', () =>
  withDeadBlog(
    async ({ target, options }) => {
      const paused: string[] = [];
      const run = archive(target, { ...options, recovery: false });
      run.on('pause', ({ host, ms }) => paused.push(`${host} ${ms}`));
      expect(await run.finished).toMatchObject({ posts: 6, kept: 2, recovered: 0 });
      expect(paused).toEqual(expect.arrayContaining(['wayback index 5', 'wayback replay 5']));
    },
    { index: (proper) => fails(429).times(1).then(proper) },
  ));

it('is listed also where the archive leads from http to https, which is the same archive', () =>
  withDeadBlog(({ target, options, web }) =>
    withUpgrading(web.url, async ({ options: way, plain }) => {
      const given = { ...options, ...way, wayback: 'http://media.example', recovery: false };
      expect(await archive(target, given).finished).toMatchObject({ posts: 6, unread: 0, kept: 2 });
      const asked = web.requests.map(({ path }) => `http://media.example${path}`);
      expect(asked).toEqual(plain);
      expect(asked.filter((url) => url.includes('/web/'))).toHaveLength(6);
    }),
  ));

describe('pages that cannot be had', () => {
  const at = (home: string, time: string, more: Partial<Capture>) =>
    webPage(`${home}/post/1`, time, img('/heron.jpg') + time, more);

  it('are read by their next capture', () =>
    withDeadBlog(
      async (scene) => {
        const summary = await archive(scene.target, scene.options).finished;
        expect(summary).toMatchObject({ posts: 1, unread: 0, kept: 1, exitCode: 0 });
        expect(pagesAsked(scene)).toEqual(
          ['2013', '2012', '2011'].map((year) => `${year}0101000000 /post/1`),
        );
      },
      {
        captures: (home) => [
          at(home, '20110101000000', {}),
          at(home, '20120101000000', { behaviour: fails(404) }),
          at(home, '20130101000000', { memento: false }),
        ],
      },
    ));

  it('are told, and keep those behind them from being read in no run', () =>
    withDeadBlog(
      async (scene) => {
        for (let run = 0; run < 2; run++) {
          const summary = await archive(scene.target, scene.options).finished;
          expect(summary).toMatchObject({ posts: 1, listed: 1, unread: 1, exitCode: 1 });
        }
        const asked = ['20140301000000 /post/1', '20150101000000 /'];
        expect(pagesAsked(scene)).toEqual([...asked, ...asked]);
      },
      {
        captures: (home) => [
          webPage(`${home}/`, '20150101000000', img('/heron.jpg')),
          at(home, '20140301000000', { behaviour: redirects('http://elsewhere.example/') }),
        ],
      },
    ));

  it('are counted and named if there is none', () =>
    withDeadBlog(
      async ({ target, options }) => {
        const warnings: string[] = [];
        const run = archive(target, options).on('warning', ({ message }) => warnings.push(message));
        expect(await run.finished).toMatchObject({ posts: 1, unread: 1, kept: 1, exitCode: 1 });
        expect(warnings).toHaveLength(1);
        expect(warnings[0]).toMatch(
          /^The archived page '\S+\/post\/1' cannot be read: the web archive answers 200/,
        );
      },
      {
        captures: (home) => [
          at(home, '20130101000000', { memento: false }),
          webPage(`${home}/post/2`, '20130101000000', img('/header.jpg')),
        ],
      },
    ));
});
