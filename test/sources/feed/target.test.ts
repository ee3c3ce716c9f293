import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { choose, claimed } from '../../../src/sources/choose.ts';
import { feed } from '../../../src/sources/feed/feed.ts';
import { sources } from '../../../src/sources/index.ts';
import type { Source } from '../../../src/sources/source.ts';
import { postsOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { alone, atom, withFakeFeed } from './fake-feed.ts';

describe('an address of which nobody knows what stands there', () => {
  const chosen = (target: string) => choose(target, { sources: [feed], named: null, context: testContext() });
  const page = (head: string) => ({ type: 'text/html', text: `<html><head>${head}</head><body>hello` });

  it('is a feed, whatever its server calls it', () =>
    withFakeFeed({ entries: [1], form: alone }, async (server) => {
      server.instead.set('/x', { type: 'text/plain', text: `\n${atom('', [1])}` });
      expect((await chosen(`${server.url}/x`)).chosen).toMatchObject({ target: `${server.url}/x` });
    }));

  it('is a page that names one, or one that is closed and has one at a usual place', () =>
    withFakeFeed({ entries: [1], form: alone }, async (server) => {
      server.instead.set('/a', page('<link rel="alternate" type="application/atom+xml" href="/feed">'));
      expect((await chosen(`${server.url}/a`)).chosen.target).toBe(`${server.url}/feed`);
      server.instead.set('/', { status: 403 });
      server.instead.set('/atom.xml', { text: atom('', [1]) });
      server.log.length = 0;
      expect((await chosen(`${server.url}/`)).chosen.target).toBe(`${server.url}/atom.xml`);
      expect(server.log.map(({ path }) => path)).toEqual(['/', '/feed/', '/rss.xml', '/atom.xml']);
    }));

  it('gives way to whoever lists more than its newest posts, unless it leads on to the older ones', () =>
    withFakeFeed({}, async (server) => {
      const named = page('<link rel="alternate" type="application/atom+xml" href="/feed">');
      server.instead.set('/', named);
      server.instead.set('/feed', { text: atom('', [1]) });
      const all: Source = {
        ...feed,
        name: 'all',
        breadth: 'anything',
        recognises: async () => ({ target: 'x', why: 'y' }),
      };
      const chosenOf = (sources: readonly Source[]) =>
        choose(`${server.url}/`, { sources, named: null, context: testContext() });
      expect((await chosenOf([feed, all])).chosen.source.name).toBe('all');
      expect((await chosenOf([feed])).chosen).toMatchObject({
        isPartial: true,
        why: expect.stringContaining('newest'),
      });
      server.instead.set('/feed', { text: atom('<link rel="next" href="/feed?p=2"/>', [1]) });
      expect((await chosenOf([feed, all])).chosen.source.name).toBe('feed');
    }));

  it('is no feed where there is none: few questions, and none beside the target', () =>
    withFakeFeed({}, async (server) => {
      server.instead.set('/ann/', { status: 403 });
      await expect(chosen(`${server.url}/ann/`)).rejects.toThrow('its server answers 403');
      expect(server.log).toHaveLength(7);
      expect(server.log.every(({ path }) => path.startsWith('/ann/'))).toBe(true);
      server.log.length = 0;
      server.instead.set('/ann/2014/post', page(''));
      await expect(chosen(`${server.url}/ann/2014/post`)).rejects.toThrow('No source takes');
      expect(server.log).toHaveLength(1);
    }));

  it('is found behind feed: too, though it is a page', () =>
    withFakeFeed({ entries: [2, 1], form: alone }, async (server) => {
      server.instead.set('/blog', page('<link rel="alternate" type="application/rss+xml" href="/feed">'));
      const posts = await postsOf(await feed.open(`feed:${server.url}/blog`, testContext()));
      expect(posts.map(({ id }) => id)).toEqual(['e2', 'e1']);
    }));
});

describe('a target', () => {
  it.each([
    ['feed:https://pond.example/rss', 'pond.example'],
    ['feed://pond.example/atom.xml', 'pond.example'],
    ['https://pond.example/blog/feed.json', 'pond.example-blog'],
    ['feed:https://pond.example/feeds/posts/default', 'pond.example'],
    ['feed:https://pond.example/cast/morning.xml', 'pond.example-morning'],
  ])('names its archive: %s', (target, name) => {
    expect(claimed(target, sources, null)?.source.name).toBe('feed');
    expect(feed.nameOf!(target)).toBe(name);
  });

  it('on the disk is a feed by what it holds', () =>
    withTempFolder(async (dir) => {
      const file = (name: string, text: string | Buffer) => {
        writeFileSync(join(dir, name), text);
        return join(dir, name);
      };
      const sourceOf = (target: string) => claimed(target, sources, null)?.source.name;
      const old = file('a.xml', atom('', [2, 1]));
      expect(sourceOf(old)).toBe('feed');
      expect(sourceOf(file('b.json', '{"version":"https://jsonfeed.org/version/1.1","items":[]}'))).toBe(
        'feed',
      );
      expect(sourceOf(file('c.json', '{"items":[]}'))).toBe('json');
      expect(sourceOf(file('d.xml', '<urlset></urlset>'))).not.toBe('feed');
      expect(sourceOf(file('e.xml', '<rss xmlns:wp="http://wordpress.org/export/1.2/">'))).not.toBe('feed');
      const packed = file('f.xml.gz', gzipSync(atom('', [3])));
      const ids = async (target: string) =>
        (await postsOf(await feed.open(target, testContext()))).map(({ id }) => id);
      expect(await ids(old)).toEqual(['e2', 'e1']);
      expect(await ids(`feed:${packed}`)).toEqual(['e3']);
      await expect(ids(`feed:${join(dir, 'd.xml')}`)).rejects.toThrow(
        "is no feed: it begins with '<urlset></urlset>'",
      );
      await expect(ids(`feed:${file('g.xml', '')}`)).rejects.toThrow('is empty');
    }));
});
