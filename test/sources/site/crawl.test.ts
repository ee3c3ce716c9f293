import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Behaviour, behaves } from '../../../src/demo/behaviours.ts';
import type { Progress } from '../../../src/progress.ts';
import { site } from '../../../src/sources/site/site.ts';
import { withFakeBlog } from '../../helpers/fake-blog.ts';
import { photo } from '../../helpers/media.ts';
import { pagesOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { postLines } from '../../helpers/vaults.ts';
import { page, paths, picture, run, text } from './runs.ts';

const guesses = ['/sitemap.xml', '/sitemap_index.xml', '/wp-sitemap.xml', '/sitemap.xml.gz', '/sitemap.txt'];
const asked = (of: readonly string[]) =>
  of.filter((path) => !guesses.includes(path) && path !== '/robots.txt');

describe('a site without a sitemap', () => {
  it('is read from link to link; later runs ask for lists, and for posts only where they are new', () =>
    withTempFolder(async (dir) => {
      const script = {
        '/': page('Home', ['/2024/05/new/', '/page/2/', '/about']),
        '/page/2/': page('Older', ['/2024/04/old/', '/page/3/'], ['/a.jpg']),
        '/page/3/': page('Oldest', ['/2023/01/first/']),
        '/2024/05/new/': page('New', ['/2024/04/old/'], ['/a.jpg']),
        '/2024/04/old/': page('Old', ['/2023/01/first/', '/hidden']),
        '/2023/01/first/': page('First'),
        '/about': page('About'),
        '/hidden': page('Hidden'),
        '/a.jpg': picture(photo(1)),
      };
      await withFakeBlog(script, async (blog) => {
        const root = join(dir, 'marsh');
        const first = await run(`site:${blog.url}/`, root);
        expect(first.summary).toMatchObject({ newPosts: 7, kept: 1, exitCode: 0 }); // one list shows something
        let from = blog.requests.length;
        const second = await run(`site:${blog.url}/`, root);
        expect(second.summary).toMatchObject({ newPosts: 0, editedPosts: 0, exitCode: 0 });
        const again = asked(paths(blog, from));
        expect(again).toEqual(['/', '/', '/2024/05/new/', '/page/2/', '/about', '/page/3/']);

        blog.server.add('/2024/05/new/', page('New', ['/2024/06/newest/']));
        blog.server.add('/2024/06/newest/', page('Newest'));
        from = blog.requests.length;
        const third = await run(`site:${blog.url}/`, root);
        expect(third.summary).toMatchObject({ newPosts: 1, editedPosts: 1 });
        const full = await run(`site:${blog.url}/`, root, { full: true });
        expect(full.summary?.posts).toBe(8);
      });
    }));

  it('that had trouble, or was interrupted behind what is new, leaves out no page that only a held post leads to', () =>
    withTempFolder(async (dir) => {
      const script: Record<string, Behaviour> = {
        '/': page('Home', ['/page/2/']),
        '/page/2/': page('Older', ['/p/1']),
        '/p/1': page('One', ['/p/2']),
        '/p/2': text('Not now', 'text/html', 500),
      };
      await withFakeBlog(script, async (blog) => {
        const [root, target] = [join(dir, 'marsh'), `site:${blog.url}/`];
        const first = await run(target, root, { retries: 0 });
        expect(first.summary).toMatchObject({ newPosts: 2, exitCode: 1 });
        blog.server.add('/p/2', page('Two'));
        const second = await run(target, root);
        expect(second.summary).toMatchObject({ newPosts: 1, exitCode: 0 });

        blog.server.add('/page/2/', page('Older', ['/p/1', '/p/3']));
        blog.server.add('/p/3', page('Three', ['/p/4']));
        blog.server.add('/p/4', page('Four'));
        const stop = new AbortController();
        const report = (one: Progress) => void (one.event === 'post' && one.change === 'new' && stop.abort());
        await run(target, root, { stop: stop.signal, report });
        expect(postLines(root).map(({ post }) => post)).not.toContain(`${blog.url}/p/4`);
        const last = await run(target, root);
        expect(last.summary).toMatchObject({ exitCode: 0 });
        const held = postLines(root).map(({ post }) => post.replace(/.*(?=\/p\/)/, ''));
        expect(held).toEqual(expect.arrayContaining(['/p/1', '/p/2', '/p/3', '/p/4']));
      });
    }));

  it('that was interrupted is begun again, and no page is left out', () =>
    withTempFolder(async (dir) => {
      const names = Array.from({ length: 20 }, (_, n) => `/2024/05/p${n}/`);
      const script = {
        '/': page('Home', names),
        ...Object.fromEntries(names.map((name, n) => [name, page(name, [`/only-here-${n}`])])),
        ...Object.fromEntries(names.map((name, n) => [`/only-here-${n}`, page(`By ${name}`)])),
      };
      await withFakeBlog(script, async (blog) => {
        const root = join(dir, 'marsh');
        const stop = new AbortController();
        let posts = 0;
        const report = ({ event }: { event: string }) =>
          void (event === 'post' && ++posts > 5 && stop.abort());
        const first = await run(`site:${blog.url}/`, root, { stop: stop.signal, report });
        expect(first.summary?.exitCode).toBe(130);
        expect(postLines(root).length).toBeLessThan(41);
        const second = await run(`site:${blog.url}/`, root);
        expect(second.summary).toMatchObject({ exitCode: 0, posts: 41 });
        expect(new Set(postLines(root).map(({ post }) => post)).size).toBe(41);
      });
    }));

  it('that has no end is left behind so many pages, with a word', async () => {
    let made = 0;
    const endless = behaves(({ request, response }) => {
      made++;
      const { pathname } = new URL(request.url!, 'http://marsh');
      const links = Array.from(
        { length: 50 },
        (_, n) => `<a href="${pathname}x${n}/">on</a><a href="?f=${n}&g=${made}">facet</a>`,
      );
      response
        .writeHead(pathname.length > 1900 ? 404 : 200, { 'content-type': 'text/html' })
        .end(`<p>${made}${links.join('')}`);
    });
    await withFakeBlog(
      {
        ...Object.fromEntries(guesses.map((path) => [path, text('', 'text/plain', 404)])),
        '/robots.txt': text('', 'text/plain', 404),
      },
      async (blog) => {
        const context = testContext({ reach: { depth: 30, pages: 60 } });
        const pages = await pagesOf(await site.open(`${blog.url}/`, context));
        expect(pages.flatMap(({ posts }) => posts).length).toBe(60);
        expect(context.warnings.join()).toContain('--max-pages');
        expect(pages.at(-1)).not.toHaveProperty('memory.whole');
      },
      { otherwise: endless },
    );
  });

  it('does not leave its host, nor the folder that was named', async () => {
    await withFakeBlog({ '/': page('Other') }, async (other) => {
      const script = {
        '/~ann/': page('Ann', [
          '/~bob/',
          `${other.url}/`,
          'here',
          'away',
          '//elsewhere.invalid/',
          'javascript:void(0)',
          'mailto:a@b.example',
        ]),
        '/~ann/here': page('Here', ['../~ann/../~bob/']),
        '/~ann/away': behaves(
          ({ response }) => void response.writeHead(302, { location: `${other.url}/` }).end(),
        ),
        '/~bob/': page('Bob'),
      };
      await withFakeBlog(script, async (blog) => {
        const context = testContext();
        const found = (await pagesOf(await site.open(`${blog.url}/~ann/`, context))).flatMap(
          ({ posts }) => posts,
        );
        expect(found.map(({ id }) => id)).toEqual([`${blog.url}/~ann/`, `${blog.url}/~ann/here`]);
        expect(paths(blog)).not.toContain('/~bob/');
        expect(context.warnings.join()).toContain('Leading away');
      });
    });
  });

  it('goes no further than it is told', async () => {
    const script = {
      '/': page('0', ['/1']),
      '/1': page('1', ['/2']),
      '/2': page('2', ['/3']),
      '/3': page('3'),
    };
    await withFakeBlog(script, async (blog) => {
      for (const depth of [0, 1, 2, 9]) {
        const context = testContext({ reach: { depth, pages: 100 } });
        const found = (await pagesOf(await site.open(`${blog.url}/`, context))).flatMap(({ posts }) => posts);
        expect(found.length).toBe(Math.min(depth + 1, 4));
        expect(context.warnings.some((one) => one.includes('--depth'))).toBe(depth < 3);
      }
    });
  });

  it('keeps one page of several that say the same, and those that do not', async () => {
    const lying = (words: string) => text(`<link rel="canonical" href="/"><p>${words}`);
    const script = {
      '/': page('Home', ['/a', '/a?ref=x', '/a/?utm_source=y', '/b?part=2', '/b', '/a/index.html']),
      '/a': lying('A'),
      '/a/': lying('A'),
      '/b': behaves(
        ({ request, response }) =>
          void response
            .writeHead(200, { 'content-type': 'text/html' })
            .end(`<link rel=canonical href=/b>${request.url}`),
      ),
    };
    await withFakeBlog(script, async (blog) => {
      const found = (await pagesOf(await site.open(`${blog.url}/`, testContext()))).flatMap(
        ({ posts }) => posts,
      );
      expect(found.map(({ id }) => id.slice(blog.url.length))).toEqual(['/', '/a', '/b?part=2', '/b']);
    });
  });

  it('that nobody answers for any more ends the run, and is no site of few pages', () =>
    withTempFolder(async (dir) => {
      const links = Array.from({ length: 30 }, (_, n) => `/p${n}`);
      const gone = behaves(({ request }) => void request.socket.destroy());
      const script = { '/': page('Home', links), ...Object.fromEntries(links.map((link) => [link, gone])) };
      await withFakeBlog(script, async (blog) => {
        const { error } = await run(`site:${blog.url}/`, join(dir, 'marsh'), { retries: 0 });
        expect(error).toMatchObject({ code: 'ERR_SOURCE' });
        expect(paths(blog)).toContain('/p0');
        expect(paths(blog)).not.toContain('/p29');
      });
    }));

  it.each([
    ['401', text('', 'text/html', 401), 'ERR_AUTH'],
    ['403', text('', 'text/html', 403), 'ERR_AUTH'],
    ['404', text('', 'text/html', 404), 'ERR_SOURCE'],
    ['500', text('', 'text/html', 500), 'ERR_SOURCE'],
    ['an empty page', text(''), 'ERR_SOURCE'],
    ['a picture', text('x', 'image/png'), 'ERR_SOURCE'],
  ])('that answers with %s cannot be read', (_, answer, code) =>
    withTempFolder(async (dir) => {
      await withFakeBlog({ '/': answer }, async (blog) => {
        const { error } = await run(`site:${blog.url}/`, join(dir, 'marsh'), { retries: 0 });
        expect(error).toMatchObject({ code });
      });
    }),
  );
});

describe('a hostile page', () => {
  const readAll = async (html: string, type = 'text/html') => {
    let found = 0;
    await withFakeBlog({ '/': text(html, type) }, async (blog) => {
      const context = testContext({ reach: { depth: 0, pages: 10 } });
      found = (await pagesOf(await site.open(`${blog.url}/`, context))).flatMap(({ posts }) => posts).length;
    });
    return found;
  };

  it.each([
    ['a hundred thousand links', Array.from({ length: 100_000 }, (_, n) => `<a href=/${n}>`).join('')],
    ['tags that never close', `x${'<div><a><span>'.repeat(30_000)}`],
    ['one line without end', `<p>${'x'.repeat(8 * 2 ** 20)}`],
    ['an attribute without end', `x<a href="${'a/'.repeat(2 ** 21)}">`],
    ['a meta refresh of blanks', `<meta http-equiv=refresh content="${' '.repeat(2 ** 20)}">x`],
    ['robots without end', `<meta name=robots content="${'noindex,'.repeat(2 ** 18)}">x`],
    [
      'wrong types in JSON-LD',
      '<script type="application/ld+json">{"@type":[1,{}],"image":[[],{"url":{"a":1}},7],"datePublished":{"__proto__":1}}</script><p>x',
    ],
  ])('with %s is read in little time', async (_, html) => {
    const began = process.cpuUsage();
    expect(await readAll(html)).toBe(1);
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1e6).toBeLessThan(8);
  });

  it('says what it wants of copies, and when it was written, only in ways that make sense', async () => {
    const html =
      '<meta name="robots" content="NOARCHIVE"><meta property="article:published_time" content="0000-13-45"><meta property="article:tag" content="reeds"><p>x';
    const script = {
      '/': behaves(
        ({ response }) =>
          void response.writeHead(200, { 'content-type': 'text/html', 'x-robots-tag': 'noindex' }).end(html),
      ),
    };
    await withFakeBlog(script, async (blog) => {
      const [post] = (await pagesOf(await site.open(`${blog.url}/`, testContext()))).flatMap(
        ({ posts }) => posts,
      );
      expect(post).toMatchObject({
        date: null,
        tags: ['reeds'],
        raw: { robots: 'noindex, NOARCHIVE', html },
      });
    });
  });
});
