import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Behaviour, behaves } from '../../../src/demo/behaviours.ts';
import { withFakeBlog } from '../../helpers/fake-blog.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { postLines } from '../../helpers/vaults.ts';
import { page, paths, run, sitemap, text } from './runs.ts';

const challenge = text('<title>Just a moment...</title><script>window._cf_chl_opt={}</script>');
const login = text('<title>Log in</title><form><input type="password"></form>');
const leadsTo = (location: string): Behaviour =>
  behaves(({ response }) => void response.writeHead(302, { location }).end());

it.each([
  ['tests whether a person asks', { '/': challenge }, 'ERR_AUTH', /a page that tests whether a person asks/],
  ['asks to log in', { '/': login }, 'ERR_AUTH', /a page to log in.*--cookies FILE/],
  ['leads to a login', { '/': leadsTo('/sign-in'), '/sign-in': page('Welcome') }, 'ERR_AUTH', /to log in/],
  ['is for sale', { '/': page('This domain is for sale') }, 'ERR_SOURCE', /wayback: and its host/],
  [
    'only a script fills in',
    { '/': text('<title>Moss</title><div id=app></div><noscript>Enable it</noscript>') },
    'ERR_SOURCE',
    /No page of .* it shows nothing but what a script/,
  ],
])('a page that %s is no site', (_, script, code, message) =>
  withTempFolder((dir) =>
    withFakeBlog(script as Record<string, Behaviour>, async (blog) => {
      for (const target of [`${blog.url}/`, `site:${blog.url}/`]) {
        const { error } = await run(target, join(dir, 'marsh'), { retries: 0 });
        expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      }
    }),
  ),
);

it('is archived as it is where the user says so', () =>
  withTempFolder((dir) =>
    withFakeBlog({ '/': page('This domain is for sale') }, async (blog) => {
      const options = { settings: { 'sources.site.asIs': 'true' } };
      const { summary } = await run(`${blog.url}/`, join(dir, 'marsh'), options);
      expect(summary).toMatchObject({ posts: 1, exitCode: 0 });
    }),
  ));

it('never becomes a post in the middle of a site, and the page is asked for again', () =>
  withTempFolder((dir) => {
    const script: Record<string, Behaviour> = {
      '/': page('Home'),
      '/sitemap.xml': text(sitemap([['/a'], ['/b'], ['/c'], ['/d']])),
      '/a': page('A'),
      '/b': challenge,
      '/c': leadsTo('/login?next=c'),
      '/login?next=c': login,
      '/d': text('Briefly unavailable for scheduled maintenance.'),
    };
    return withFakeBlog(script, async (blog) => {
      const root = join(dir, 'marsh');
      const first = await run(`site:${blog.url}/`, root);
      expect(first.summary).toMatchObject({ posts: 1, exitCode: 1 });
      for (const path of ['/b', '/c', '/d']) blog.server.add(path, page(path));
      const from = blog.requests.length;
      const second = await run(`site:${blog.url}/`, root);
      expect(second.summary).toMatchObject({ newPosts: 3, exitCode: 0 });
      expect(paths(blog, from)).not.toContain('/a');
      expect(new Set(postLines(root).map(({ post }) => post)).size).toBe(4);
    });
  }));
