import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { behaves, serves } from '../../../src/demo/behaviours.ts';
import { site } from '../../../src/sources/site/site.ts';
import { recordsOf } from '../../helpers/archives.ts';
import { withFakeBlog } from '../../helpers/fake-blog.ts';
import { photo } from '../../helpers/media.ts';
import { pagesOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { postLines } from '../../helpers/vaults.ts';
import { page, paths, picture, run, sitemap, text } from './runs.ts';

const home = { '/': page('Home', ['/a', '/b']), '/robots.txt': text('Sitemap: /sitemap.xml', 'text/plain') };

describe('a site with a sitemap', () => {
  it('is read whole; a second run asks for what is new or newer alone, and --full for all', () =>
    withTempFolder(async (dir) => {
      let entries: [string, string?][] = [['/a', '2001-01-01'], ['/b/'], ['/c']];
      const script = {
        ...home,
        '/sitemap.xml': behaves(({ response }) => void response.end(sitemap(entries))),
        '/a': page('A', [], ['/a.jpg']),
        '/b/': page('B', [], ['/b.jpg']),
        '/c': behaves(({ response }) => void response.writeHead(301, { location: '/c/' }).end()),
        '/c/': page('C', [], ['/a.jpg']),
        '/d': page('D', [], ['/d.jpg']),
        ...{ '/a.jpg': picture(photo(1)), '/b.jpg': picture(photo(2)), '/d.jpg': picture(photo(3)) },
      };
      await withFakeBlog(script, async (blog) => {
        const root = join(dir, 'marsh');
        const first = await run(`site:${blog.url}/`, root);
        expect(first.summary).toMatchObject({ kept: 2, newPosts: 3, exitCode: 0 });
        expect(
          paths(blog)
            .filter((path) => !path.endsWith('.jpg'))
            .slice(0, 4),
        ).toEqual(['/', '/robots.txt', '/sitemap.xml', '/a']);

        let from = blog.requests.length;
        const second = await run(`site:${blog.url}/`, root);
        expect(second.summary).toMatchObject({ newPosts: 0, editedPosts: 0, exitCode: 0 });
        expect(paths(blog, from)).toEqual(['/', '/robots.txt', '/sitemap.xml']);

        entries = [['/d'], ['/a', '2001-01-01'], ['/b/', new Date().toISOString()], ['/c']];
        blog.server.add('/b/', page('B, again', [], ['/b.jpg']));
        from = blog.requests.length;
        const third = await run(`site:${blog.url}/`, root);
        expect(third.summary).toMatchObject({ newPosts: 1, editedPosts: 1, kept: 1 });
        expect(paths(blog, from)).toEqual(['/', '/robots.txt', '/sitemap.xml', '/d', '/b/', '/d.jpg']);

        from = blog.requests.length;
        const full = await run(`site:${blog.url}/`, root, { full: true });
        expect(full.summary).toMatchObject({ newPosts: 0, editedPosts: 0, gonePosts: 0 });
        expect(paths(blog, from).slice(3).sort()).toEqual(['/a', '/b/', '/c', '/c/', '/d']);

        from = blog.requests.length;
        await run(`site:${blog.url}/`, root);
        expect(paths(blog, from)).toEqual(['/', '/robots.txt', '/sitemap.xml']);
      });
    }));

  it('is gone on with where it was interrupted, and no page is left out', () =>
    withTempFolder(async (dir) => {
      const names = Array.from({ length: 30 }, (_, n) => `/${n}`);
      const script = {
        ...home,
        '/sitemap.xml': text(sitemap(names.map((name) => [name, '2020-01-01']))),
        ...Object.fromEntries(names.map((name) => [name, page(`Page ${name}`)])),
      };
      await withFakeBlog(script, async (blog) => {
        const root = join(dir, 'marsh');
        const stop = new AbortController();
        const report = ({ event }: { event: string }) => void (event === 'post' && stop.abort());
        const first = await run(`site:${blog.url}/`, root, { stop: stop.signal, report });
        expect(first.summary?.exitCode).toBe(130);
        const before = new Set(postLines(root).map(({ post }) => post));
        expect(before.size).toBeGreaterThan(0);
        expect(before.size).toBeLessThan(30);

        const from = blog.requests.length;
        const second = await run(`site:${blog.url}/`, root);
        expect(second.summary).toMatchObject({ exitCode: 0, newPosts: 30 - before.size });
        const again = paths(blog, from).filter((path) => /^\/\d/.test(path));
        expect(again).toHaveLength(30 - before.size);
        expect(new Set(postLines(root).map(({ post }) => post)).size).toBe(30);
      });
    }));

  it('that was asked for anew, and interrupted, is asked for whole once more', () =>
    withTempFolder(async (dir) => {
      const names = Array.from({ length: 12 }, (_, n) => `/${n}`);
      const script = {
        ...home,
        '/sitemap.xml': text(sitemap(names.map((name) => [name]))),
        ...Object.fromEntries(names.map((name) => [name, page(`Page ${name}`)])),
      };
      await withFakeBlog(script, async (blog) => {
        const root = join(dir, 'marsh');
        await run(`site:${blog.url}/`, root);
        const stop = new AbortController();
        const report = ({ event }: { event: string }) => void (event === 'post' && stop.abort());
        await run(`site:${blog.url}/`, root, { stop: stop.signal, report, full: true });
        const from = blog.requests.length;
        const again = await run(`site:${blog.url}/`, root);
        expect(again.summary).toMatchObject({ gonePosts: 0, newPosts: 0, exitCode: 0 });
        expect(paths(blog, from)).toHaveLength(3 + 12);
      });
    }));

  it('is gone through part by part where it does not fit, each page once', async () => {
    const count = 12;
    const names = Array.from({ length: count }, (_, n) => `/${n}`);
    const pictures = (n: number) =>
      Array.from(
        { length: 1000 },
        (_, i) => `<image:image><image:loc>/${n}-${i}-${'x'.repeat(240)}.jpg</image:loc></image:image>`,
      ).join('');
    const map = `<urlset xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">${names.map((name, n) => `<url><loc>${name}</loc>${pictures(n)}</url>`).join('')}</urlset>`;
    const script = {
      ...home,
      '/sitemap.xml': serves(gzipSync(map)),
      ...Object.fromEntries(names.map((name) => [name, page(`Page ${name}`)])),
    };
    await withFakeBlog(script, async (blog) => {
      const listing = await site.open(`${blog.url}/`, testContext());
      let items = 0;
      for await (const { posts } of listing.pages(undefined))
        for (const post of posts) items += post.items.length;
      expect(items).toBe(count * 1000);
      const asked = paths(blog);
      expect(asked.filter((path) => path === '/sitemap.xml')).toHaveLength(2);
      expect(asked.filter((path) => /^\/\d/.test(path)).sort()).toEqual(names.sort());
    });
  });

  it('of a great many pages that are held costs the reading of it', async () => {
    const count = 10_000;
    const lines = Array.from({ length: count }, (_, n) => `/page/of/long/ago/${n}.html`).map(
      (path) => `https://marsh.example${path}`,
    );
    const body = gzipSync(lines.join('\n'));
    const context = testContext({
      fetch: async () => {
        throw new Error('not asked');
      },
    });
    await withFakeBlog({ '/sitemap.txt': serves(body) }, async (blog) => {
      const real = testContext();
      const fetch = (url: string) => real.fetch(url.replace('https://marsh.example', blog.url));
      const listing = await site.open('https://marsh.example/sitemap.txt', { ...context, fetch });
      const way = {
        order: 'newest',
        covered: [],
        isHeld: async () => true,
        memory: { since: '2026-01-01T00:00:00Z' },
      } as const;
      const pages = [];
      for await (const one of listing.pages(undefined, way)) pages.push(one);
      expect(pages).toHaveLength(1);
      expect(pages[0]).toMatchObject({ posts: [], memory: { whole: true } });
      expect(paths(blog)).toEqual(['/robots.txt', '/sitemap.txt']);
    });
  });

  it('stops at so many pages, and says so; the next run goes further', () =>
    withTempFolder(async (dir) => {
      const names = Array.from({ length: 10 }, (_, n) => `/${n}`);
      const script = {
        ...home,
        '/sitemap.xml': text(sitemap(names.map((name) => [name]))),
        ...Object.fromEntries(names.map((name) => [name, page(`Page ${name}`)])),
      };
      await withFakeBlog(script, async (blog) => {
        const root = join(dir, 'marsh');
        for (const [newPosts, exitCode] of [
          [4, 1],
          [4, 1],
          [2, 0],
        ]) {
          const ran = await run(`site:${blog.url}/`, root, { maxPages: 4 });
          expect(ran.summary).toMatchObject({ newPosts, exitCode });
          expect(ran.warnings.some((one) => one.includes('--max-pages'))).toBe(exitCode === 1);
        }
      });
    }));

  it('whose sitemap is in trouble is not taken for another one, nor for an empty one', () =>
    withTempFolder(async (dir) => {
      const script = {
        ...home,
        '/sitemap.xml': text('wait', 'text/html', 503),
        '/a': page('A'),
        '/b': page('B'),
      };
      await withFakeBlog(script, async (blog) => {
        const { error } = await run(`site:${blog.url}/`, join(dir, 'marsh'), { retries: 1 });
        expect(error).toMatchObject({ code: 'ERR_SOURCE', message: expect.stringContaining('503') });
        expect(paths(blog).filter((path) => path === '/sitemap.xml')).toHaveLength(2);
        expect(paths(blog)).not.toContain('/a');
      });
    }));

  it('that is cut keeps what it named, and counts as unread', () =>
    withTempFolder(async (dir) => {
      const map = sitemap([['/a'], ['/b']]);
      const script = { ...home, '/sitemap.xml': text(map.slice(0, map.indexOf('/b'))), '/a': page('A') };
      await withFakeBlog(script, async (blog) => {
        const ran = await run(`site:${blog.url}/`, join(dir, 'marsh'));
        expect(ran.summary).toMatchObject({ newPosts: 1, unread: 1, exitCode: 1 });
        expect(ran.warnings.join()).toContain('ends in the middle');
      });
    }));

  it.each([
    [
      'that names itself',
      { '/sitemap.xml': text('<sitemapindex><sitemap><loc>/sitemap.xml</loc></sitemap></sitemapindex>') },
    ],
    ['that is another page', { '/sitemap.xml': text('<!doctype html><p>Hello') }],
    ['that is JSON', { '/sitemap.xml': text('{"urls":[]}', 'application/json') }],
    ['that is empty', { '/sitemap.xml': text('') }],
    ['that names only others', { '/sitemap.xml': text(sitemap([['https://elsewhere.example/']])) }],
  ])('by one %s is crawled', (_, script) =>
    withTempFolder(async (dir) => {
      await withFakeBlog({ ...home, ...script, '/a': page('A'), '/b': page('B') }, async (blog) => {
        const { summary } = await run(`site:${blog.url}/`, join(dir, 'marsh'));
        expect(summary).toMatchObject({ newPosts: 3 });
      });
    }),
  );

  it('follows indexes three levels deep, and no further', async () => {
    const index = (to: string) => text(`<sitemapindex><sitemap><loc>${to}</loc></sitemap></sitemapindex>`);
    const script = {
      ...home,
      '/sitemap.xml': index('/2.xml'),
      '/2.xml': index('/3.xml'),
      '/3.xml': index('/4.xml'),
      '/a': page('A'),
      '/b': page('B'),
    };
    await withFakeBlog(script, async (blog) => {
      const context = testContext();
      await pagesOf(await site.open(`${blog.url}/`, context));
      expect(paths(blog)).not.toContain('/4.xml');
      expect(context.warnings.join()).toContain('an index in an index in an index');
    });
  });

  it('asks nobody else for pages of other hosts, unless their robots.txt names the sitemap', async () => {
    await withFakeBlog({ '/a': page('A') }, async (other) => {
      const script = {
        ...home,
        '/sitemap.xml': text(sitemap([[`${other.url}/a`], ['/a']])),
        '/a': page('A here'),
      };
      await withFakeBlog(script, async (blog) => {
        const open = async () =>
          (await pagesOf(await site.open(`${blog.url}/`, testContext()))).flatMap(({ posts }) =>
            posts.map(({ id }) => id),
          );
        expect(await open()).toEqual([`${blog.url}/a`]);
        expect(paths(other)).toEqual(['/robots.txt']);
        other.server.add('/robots.txt', text(`Sitemap: ${blog.url}/sitemap.xml`, 'text/plain'));
        expect(await open()).toEqual([`${other.url}/a`, `${blog.url}/a`]);
      });
    });
  });
});

it('keeps what a robots.txt forbids as failed, without asking for it', () =>
  withTempFolder(async (dir) => {
    const script = {
      '/': page('Home', [], ['/free.jpg', '/shut/closed.jpg']),
      '/robots.txt': text('User-agent: oxbow\nDisallow: /shut/', 'text/plain'),
      '/free.jpg': picture(photo(1)),
      '/shut/closed.jpg': picture(photo(2)),
    };
    await withFakeBlog(script, async (blog) => {
      const root = join(dir, 'marsh');
      for (const _ of [1, 2]) {
        const { summary } = await run(`site:${blog.url}/`, root);
        expect(summary).toMatchObject({ failed: 1, exitCode: 1, balanced: true });
        expect(recordsOf(root).findLast(({ url }) => url.endsWith('closed.jpg'))).toMatchObject({
          status: 'failed',
          reason: { code: 'refused-robots' },
        });
      }
      expect(paths(blog)).not.toContain('/shut/closed.jpg');
      const own = await run(`site:${blog.url}/`, root, {
        settings: { 'sources.site.robots': 'false' },
        full: true,
      });
      expect(own.warnings.join()).toContain('as you said');
      const { summary } = await run(`site:${blog.url}/`, root, {
        settings: { 'sources.site.robots': 'false' },
      });
      expect(summary).toMatchObject({ failed: 0, exitCode: 0 });
    });
  }));
