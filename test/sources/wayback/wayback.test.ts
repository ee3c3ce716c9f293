import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { behaves, fails } from '../../../src/demo/behaviours.ts';
import type { Capture } from '../../../src/demo/captures.ts';
import type { Page, Post } from '../../../src/model.ts';
import type { Listing } from '../../../src/sources/source.ts';
import { wayback } from '../../../src/sources/wayback/wayback.ts';
import { webPage } from '../../helpers/prefix-index.ts';
import { pagesOf, postsOf, testContext } from '../../helpers/source-suite.ts';
import { type WebPages, withWebPages } from '../../helpers/web-pages.ts';

const home = 'http://pond.example';
const picture = (name: string) => `<img src="/${name}.jpg">`;

interface Opened extends WebPages {
  readonly open: () => Promise<Listing>;
  readonly warnings: readonly string[];
  readonly unread: () => number;
}

/** The blog pond.example, as far as it was captured. */
async function withBlog(
  captures: readonly Capture[],
  test: (opened: Opened) => Promise<void>,
  given: Readonly<Record<string, string>> = {},
): Promise<void> {
  await withWebPages(captures, { retries: 1 }, async (pages) => {
    const warnings: string[] = [];
    let unread = 0;
    const settings = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [`sources.wayback.${key}`, value]),
    );
    const context = testContext({
      webArchive: pages.web,
      settings,
      report(event) {
        if (event.event === 'warning') warnings.push(event.message);
        if (event.event === 'unread') unread++;
      },
    });
    await test({
      ...pages,
      open: () => wayback.open('wayback:pond.example', context),
      warnings,
      unread: () => unread,
    });
  });
}

const post = (n: number, more: Partial<Capture> = {}, html = picture(`p${n}`)) =>
  webPage(`${home}/post/${n}`, '20150203040506', html, more);
const ids = (posts: readonly Post[]) => posts.map(({ id }) => id);
const urls = (posts: readonly Post[]) => posts.flatMap(({ items }) => items.map(({ url }) => url));

describe('the listing of a dead blog', () => {
  const blog = [
    webPage(`${home}/`, '20150101000000', picture('p1')),
    ...[1, 2, 3, 4, 5].map((n) => post(n)),
    webPage(`${home}/page/9`, '20150101000000', 'no pictures'),
    webPage(`${home}/sitemap`, '20150101000000', '<urlset><url>', { type: 'application/xml' }),
    webPage(`${home}/about`, '20150101000000', 'no pictures'),
    webPage(`${home}/essay`, '20150101000000', '<meta property="og:type" content="article">no pictures'),
  ];

  it('is named after the place, and its pages are trusted', () =>
    withBlog(blog, async ({ open }) => {
      expect(await open()).toMatchObject({
        name: 'pond.example',
        trusted: [`${home}/`, 'https://pond.example/'],
      });
    }));

  it('gives every page that is no list of posts, and of lists those that show something', () =>
    withBlog(blog, async ({ open }) => {
      const posts = await postsOf(await open());
      expect(ids(posts)).toEqual([
        '1',
        '2',
        '3',
        '4',
        '5',
        'pond.example/about',
        'pond.example/essay',
        'pond.example/',
      ]);
    }));

  it('gives the same again, stable, absolute and each once', () =>
    withBlog(blog, async ({ open }) => {
      const posts = await postsOf(await open());
      expect(await postsOf(await open())).toEqual(posts);
      for (const { items } of posts) {
        for (const { url } of items) expect(new URL(url).href).toBe(url);
        expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      }
      expect(JSON.parse(JSON.stringify(posts))).toEqual(posts);
    }));

  it.each([
    [1, 1],
    [2, 3],
    [3, 2],
    [100, 100],
  ])('continues after any cursor (%i pages and %i rows at a time)', (pages, rows) =>
    withBlog(
      blog,
      async ({ open }) => {
        const listing = await open();
        const all = await pagesOf(listing);
        for (const [n, { cursor }] of all.entries()) {
          const rest = all.slice(n + 1).flatMap(({ posts }) => posts);
          expect(await postsOf(listing, JSON.parse(JSON.stringify(cursor)))).toEqual(rest);
        }
      },
      { pages: String(pages), rows: String(rows) },
    ),
  );

  it('shows, where that is wanted, what a list has shown at any time', () => {
    const home2 = (time: string, name: string) => webPage(`${home}/`, time, picture(name));
    const captures = [
      home2('20110101000000', 'a'),
      home2('20120101000000', 'a'),
      home2('20130101000000', 'b'),
    ];
    return withBlog(
      captures,
      async ({ open }) => {
        const posts = await postsOf(await open());
        expect(urls(posts)).toEqual([`${home}/a.jpg`, `${home}/b.jpg`]);
        expect(new Set(ids(posts))).toEqual(new Set(['pond.example/']));
      },
      { captures: 'all' },
    );
  });

  it('takes what readers said for no post', () => {
    const item = (link: string, text: string) =>
      `<item><link>${link}</link><description>${text}</description></item>`;
    const posted = item(`${home}/post/1`, 'a post');
    const said = [
      item(`${home}/post/1#comment-7`, 'well said'),
      item(`${home}/post/1#c8`, '&lt;img src="/shown.jpg"&gt;'),
    ];
    const feed = webPage(
      `${home}/feed`,
      '20150101000000',
      `<rss><channel>${posted}${said.join('')}</channel></rss>`,
    );
    return withBlog([feed], async ({ open }) => {
      const posts = await postsOf(await open());
      expect([ids(posts), urls(posts)]).toEqual([['1', '1'], [`${home}/shown.jpg`]]);
    });
  });

  it('closes what it reads when told to stop', () =>
    withBlog(
      blog,
      async ({ open, archive }) => {
        for await (const _ of (await open()).pages(undefined)) break;
        expect(archive.requests.filter(({ path }) => path.startsWith('/web/'))).toHaveLength(2);
      },
      { pages: '2' },
    ));

  it.each([
    [{ captures: 'some' }, /'some' does not fit sources\.wayback\.captures: it takes newest or all\./],
    [{ rows: '0' }, /'0' does not fit sources\.wayback\.rows/],
    [{ pages: 'all' }, /'all' does not fit sources\.wayback\.pages/],
    [{ page: '1' }, /has no setting 'sources\.wayback\.page'; did you mean/],
  ])('refuses the settings %j', (settings, sentence) =>
    withBlog(
      blog,
      async ({ open }) => expect(open()).rejects.toThrow(sentence),
      settings as Record<string, string>,
    ),
  );
});

describe('an archived page', () => {
  it.each([
    ['as it is', {}],
    ['packed, and called so', { 'content-encoding': 'gzip' }],
    ['packed, and not called so', {}],
    ['packed in a newer way', { 'content-encoding': 'br' }],
    ['packed in an older way', { 'content-encoding': 'deflate' }],
  ])('may come %s', (how, headers) => {
    const html = picture('heron');
    const packed = how.includes('newer')
      ? brotliCompressSync(html)
      : how.includes('older')
        ? deflateSync(html)
        : gzipSync(html);
    const body = how === 'as it is' ? html : packed;
    const behaviour = behaves(({ response }) => void response.writeHead(200, headers).end(body));
    return withBlog([post(1, { behaviour })], async ({ open, warnings }) => {
      expect(urls(await postsOf(await open()))).toEqual([`${home}/heron.jpg`]);
      expect(warnings).toEqual([]);
    });
  });

  it.each([
    ['empty', behaves(({ response }) => void response.end()), 'was captured without any content.'],
    [
      'packed and cut',
      behaves(({ response }) => void response.end(gzipSync(picture('a').repeat(5000)).subarray(0, 60))),
      'its compression is cut short',
    ],
    [
      'broken off',
      behaves(({ response }) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('<p>', () => response.destroy());
      }),
      'broke off in the middle',
    ],
    [
      'in an unknown coding',
      behaves(({ response }) => void response.writeHead(200, { 'content-encoding': 'x-knot' }).end('x')),
      'comes in a coding that nothing here undoes: x-knot.',
    ],
    [
      'G05 without end',
      behaves(({ response }) => {
        const more = () => {
          while (!response.destroyed && response.write('<p>'.repeat(20_000)));
          response.once('drain', more);
        };
        more();
      }),
      'is larger than 32 MiB.',
    ],
  ])('is unread if it is %s, and the others are read', (_, behaviour, sentence) =>
    withBlog([post(1, { behaviour }), post(2)], async ({ open, warnings, unread }) => {
      expect(ids(await postsOf(await open()))).toEqual(['2']);
      expect(warnings.join()).toContain(sentence);
      expect([warnings.length, unread()]).toEqual([1, 1]);
    }),
  );

  it('G13 is read whatever its bytes are, and flagged if they were not all text', () => {
    const body = Buffer.concat([
      Buffer.from('<meta charset=utf-8>'),
      Buffer.from('ff', 'hex'),
      Buffer.from(picture('a')),
    ]);
    return withBlog([post(1, { body })], async ({ open, warnings }) => {
      const [found] = await postsOf(await open());
      expect(found!.raw).toMatchObject({ damaged: true });
      expect(urls([found!])).toEqual([`${home}/a.jpg`]);
      expect(warnings.join()).toContain('is not all in the encoding that it names');
    });
  });

  it('G14 tells of the pictures that lie within itself, and of addresses without end', () => {
    const html = `<img src="data:image/png;base64,${'A'.repeat(20_000)}"><img src="/${'a'.repeat(10_000)}.jpg">`;
    return withBlog([post(1, {}, html)], async ({ open, warnings, unread }) => {
      expect(urls(await postsOf(await open()))).toEqual([]);
      expect(warnings).toEqual([
        `${home}/post/1 holds media within itself (data:), which are not taken out of it: 1.`,
        `${home}/post/1 has addresses that make no sense or are endless: 1; left out.`,
      ]);
      expect(unread()).toBe(1);
    });
  });

  it('G14 whose base makes its addresses too long is read as far as there is room, and that is told', () => {
    const html = `<base href="/${'a'.repeat(8000)}/">${Array.from({ length: 3000 }, (_, n) => `<img src="${n}">`).join('')}`;
    return withBlog([post(1, {}, html), post(2)], async ({ open, warnings, unread }) => {
      const posts = await postsOf(await open());
      const kept = posts[0]!.items.length;
      expect([kept > 2000, kept < 3000, ids(posts)]).toEqual([true, true, ['1', '2']]);
      expect(warnings).toEqual([
        `${home}/post/1 names more media than one post may have: ${3000 - kept} are left out.`,
      ]);
      expect(unread()).toBe(1);
    });
  });

  it('G14 has an id of bounded length, which each of its items bears, however long its address is', () => {
    const long = 'a'.repeat(6000);
    const items = Array.from({ length: 1000 }, (_, n) => `<enclosure url="/${n}.mp3"/>`).join('');
    const entries = [`<link>/${long}</link>`, `<guid>${long}</guid>`, `<link>/${long}b</link>`];
    const feed = `<rss>${entries.map((entry) => `<item>${entry}${items}</item>`).join('')}</rss>`;
    const page = webPage(`${home}/${long}c`, '20150203040506', picture('a'));
    return withBlog([page, webPage(`${home}/feed`, '20150203040506', feed)], async ({ open }) => {
      const posts = await postsOf(await open());
      expect(posts.map((found) => found.items.length)).toEqual([1, 1000, 1000, 1000]);
      expect(new Set(ids(posts)).size).toBe(4);
      for (const { id, items } of posts)
        expect([id.length, items.every((item) => item.post === id)]).toEqual([64, true]);
    });
  });

  it.each([
    ['/post/1', '<time datetime="2014-01-02T03:04:05Z">', '2014-01-02T03:04:05.000Z', 'time'],
    ['/2014/05/06/heron', '', '2014-05-06T00:00:00.000Z', 'address'],
    [
      '/2014/05/06/heron',
      '<meta property="article:published_time" content="2014-05-06T07:08:09Z">',
      '2014-05-06T07:08:09.000Z',
      'meta',
    ],
    ['/2014/02/31/heron', '', null, undefined],
    ['/2014/05/heron', '', null, undefined],
    ['/page/2', '<time datetime="2014-01-02T03:04:05Z">', null, undefined],
  ])('at %s with %j is of %s, by its %s', (path, html, date, datedBy) =>
    withBlog([webPage(home + path, '20150203040506', html + picture('a'))], async ({ open }) => {
      const [found] = await postsOf(await open());
      expect([found!.date, found!.items[0]!.date, (found!.raw as { datedBy?: string }).datedBy]).toEqual([
        date,
        date,
        datedBy,
      ]);
      expect(found!.items[0]!.seen).toBe(date === null ? '2015-02-03T04:05:06.000Z' : undefined);
    }),
  );
});

describe('an archive out of order', () => {
  const isPage = ({ path }: { path: string }) => path.startsWith('/web/');
  const failing = [post(1, { behaviour: fails(404) }), post(2), post(3)];

  it('is asked again, after an interruption, for the pages that could not be had', () => {
    let isWell = false;
    const behaviour = behaves(
      ({ response }) => void response.writeHead(isWell ? 200 : 404).end(picture('p1')),
    );
    return withBlog(
      [post(1, { behaviour }), post(2), post(3)],
      async ({ open, archive, unread }) => {
        const pages = (await open()).pages(undefined)[Symbol.asyncIterator]();
        const [first, second] = [await pages.next(), await pages.next()] as { value: Page }[];
        await pages.return?.();
        expect([first!.value.posts, ids(second!.value.posts), unread()]).toEqual([[], ['2'], 1]);
        isWell = true;
        const before = archive.requests.filter(isPage).length;
        const cursor: unknown = JSON.parse(JSON.stringify(second!.value.cursor));
        expect(ids(await postsOf(await open(), cursor))).toEqual(['1', '3']);
        expect(archive.requests.filter(isPage)).toHaveLength(before + 2);
        expect(unread()).toBe(1);
      },
      { pages: '1' },
    );
  });

  const reset = () => behaves(({ response }) => void response.destroy());
  const silent = (...all: number[]) => all.map((n) => post(n, { behaviour: reset() }));

  /** What a listing gave until it ended, and how it ended. */
  async function listed(listing: Listing, cursor?: unknown): Promise<{ pages: Page[]; error: unknown }> {
    const pages: Page[] = [];
    try {
      for await (const page of listing.pages(cursor)) pages.push(page);
    } catch (error) {
      return { pages, error };
    }
    return { pages, error: undefined };
  }
  const found = (pages: readonly Page[]) => ids(pages.flatMap(({ posts }) => posts));

  it.each([
    ['1', ['2', '3', '4']],
    ['2', ['2', '3', '4']],
    ['10', ['2', '3', '4', '5']],
  ])(
    'ends the listing if it answers for none of several pages in a row, and what it gave is kept (%s at a time)',
    (at, missed) =>
      withBlog(
        [post(1), ...silent(2, 3, 4, 5)],
        async ({ open, unread }) => {
          const { pages, error } = await listed(await open());
          expect(error).toMatchObject({ code: 'ERR_SOURCE', exitCode: 3 });
          expect(found(pages)).toEqual(['1']);
          const { left } = pages.at(-1)!.cursor as { left: { key: string }[] };
          expect(left.map(({ key }) => key)).toEqual(missed.map((n) => `pond.example/post/${n}`));
          expect(unread()).toBe(missed.length);
        },
        { pages: at },
      ),
  );

  it('that never answers for some pages keeps none behind them from being read, run after run', () =>
    withBlog(
      [...silent(1, 2, 3, 4, 5, 6), post(7), webPage(`${home}/`, '20150101000000', picture('a'))],
      async ({ open }) => {
        const read: string[][] = [];
        let cursor: unknown;
        let error: unknown;
        do {
          const run = await listed(await open(), cursor);
          cursor = JSON.parse(JSON.stringify(run.pages.at(-1)!.cursor));
          error = run.error;
          read.push(found(run.pages));
        } while (error !== undefined && read.length < 9);
        expect(read).toEqual([[], [], ['7', 'pond.example/']]);
      },
      { pages: '1' },
    ));

  it('that does not answer for a page now and then is read to its end', () =>
    withBlog(
      [...silent(1, 2), post(3), ...silent(4, 5), post(6, { behaviour: fails(404) }), ...silent(7, 8)],
      async ({ open, unread }) => {
        const { pages, error } = await listed(await open());
        expect([error, found(pages), unread()]).toEqual([undefined, ['3'], 7]);
      },
      { pages: '1' },
    ));

  it('leaves no more to the next run than a cursor may hold: that begins with the pages themselves', () =>
    withBlog(
      [post(1000), ...silent(...Array.from({ length: 101 }, (_, n) => 1001 + n))],
      async ({ open }) => {
        const { pages, error } = await listed(await open());
        expect([found(pages), error]).toEqual([['1000'], expect.objectContaining({ code: 'ERR_SOURCE' })]);
        expect(pages.at(-1)!.cursor).toMatchObject({ from: { key: null, after: null }, left: [] });
      },
      { pages: '200' },
    ));

  it('that has lost single pages is read to its end', () =>
    withBlog(failing, async ({ open, unread, warnings }) => {
      expect(ids(await postsOf(await open()))).toEqual(['2', '3']);
      expect(unread()).toBe(1);
      expect(warnings[0]).toMatch(/^The archived page 'pond\.example\/post\/1' cannot be read: /);
    }));
});
