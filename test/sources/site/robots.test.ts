import { describe, expect, it } from 'vitest';
import { behaves } from '../../../src/demo/behaviours.ts';
import { openRobots } from '../../../src/sources/site/robots.ts';
import { site } from '../../../src/sources/site/site.ts';
import { withFakeBlog } from '../../helpers/fake-blog.ts';
import { pagesOf } from '../../helpers/source-suite.ts';
import { contextOf, page, paths, text } from './runs.ts';

const plain = (body: string, status = 200) => text(body, 'text/plain', status);
const says = (status: number, headers: Record<string, string> = {}) =>
  behaves(({ response }) => void response.writeHead(status, headers).end());

describe('a robots.txt', () => {
  it.each([
    ['404', says(404), 'all'],
    ['401', says(401), 'all'],
    ['a redirect in a circle', says(302, { location: '/robots.txt' }), 'all'],
    ['a redirect to another place', says(301, { location: '/other/robots.txt' }), 'some'],
    ['rules', plain('User-agent: *\nDisallow: /shut'), 'some'],
    [
      'rules in UTF-16',
      behaves(
        ({ response }) => void response.end(Buffer.from('\ufeffUser-agent: *\nDisallow: /shut', 'utf16le')),
      ),
      'some',
    ],
    ['503', says(503), 'nothing'],
    ['429', says(429), 'nothing'],
    ['a connection that is cut', behaves(({ request }) => void request.socket.destroy()), 'nothing'],
  ])('that answers with %s', async (_, answer, free) => {
    const script = {
      '/robots.txt': answer,
      '/other/robots.txt': plain('User-agent: oxbow\nDisallow: /shut'),
    };
    await withFakeBlog(script, async ({ url, requests }) => {
      const robots = openRobots({ context: contextOf(), longestDelay: 0 });
      const rules = await robots.of(`${url}/a`);
      expect([rules.allows(`${url}/a`), rules.allows(`${url}/shut`)]).toEqual([
        free !== 'nothing',
        free === 'all',
      ]);
      expect(robots.trouble(`${url}/a`) !== undefined).toBe(free === 'nothing');
      const asked = requests.length;
      await robots.of(`${url}/b`);
      expect(requests.length).toBe(asked);
    });
  });

  it('counts up to 500 KiB, and is read no further', async () => {
    const line = 'Disallow: /long/ago\n';
    const before = `User-agent: *\n${line.repeat(20_000)}`;
    const script = {
      '/robots.txt': behaves(({ response }) => {
        response.write(`${before}Disallow: /counts\n`);
        const more = () => {
          while (response.write(`Disallow: /late\n${line.repeat(5000)}`));
        };
        response.on('drain', more);
        more();
      }),
    };
    await withFakeBlog(script, async ({ url }) => {
      const rules = await openRobots({ context: contextOf(), longestDelay: 0 }).of(`${url}/`);
      expect(rules.allows(`${url}/counts`)).toBe(false);
      expect(rules.allows(`${url}/a`)).toBe(true);
    });
  });

  it('that cannot be had ends the run of its site, and says what to do', async () => {
    await withFakeBlog({ '/': page('Home'), '/robots.txt': says(503) }, async (blog) => {
      const opened = site.open(`${blog.url}/`, contextOf());
      await expect(opened).rejects.toMatchObject({
        code: 'ERR_SOURCE',
        message: expect.stringContaining('sources.site.robots=false'),
      });
      const settings = { 'sources.site.robots': 'false' };
      expect(await pagesOf(await site.open(`${blog.url}/`, contextOf({ settings })))).toHaveLength(2);
    });
  });

  it('that forbids the whole site is not taken for an empty one', async () => {
    await withFakeBlog(
      { '/': page('Home'), '/robots.txt': plain('User-agent: *\nDisallow: /') },
      async (blog) => {
        const listing = await site.open(`${blog.url}/`, contextOf());
        await expect(pagesOf(listing)).rejects.toMatchObject({
          code: 'ERR_SOURCE',
          message: expect.stringContaining('forbids'),
        });
        expect(paths(blog)).toEqual(['/', '/robots.txt']);
      },
    );
  });

  it('may ask for a wait between two pages, up to a bound', async () => {
    const script = {
      '/robots.txt': plain('User-agent: *\nCrawl-delay: 1000000000'),
      '/': page('Home', ['/a', '/b']),
      '/a': page('A'),
      '/b': page('B'),
    };
    await withFakeBlog(script, async (blog) => {
      const settings = { 'sources.site.delay': '0.2' };
      await pagesOf(await site.open(`${blog.url}/`, contextOf({ settings })));
      const times = blog.requests.slice(-3).map(({ at }) => at);
      expect(paths(blog).slice(-3)).toEqual(['/', '/a', '/b']);
      expect(times[1]! - times[0]!).toBeGreaterThan(195);
      expect(times[2]! - times[1]!).toBeGreaterThan(195);
    });
  });
});
