import { expect, it } from 'vitest';
import { Addresses, keyOf, tidy } from '../../../src/sources/site/addresses.ts';
import { isWithin, placeOf } from '../../../src/sources/site/place.ts';
import { site } from '../../../src/sources/site/site.ts';
import { isSitemap, latestOf } from '../../../src/sources/site/sitemap.ts';
import { isEntry, isList, trapIn, Variants } from '../../../src/sources/site/traps.ts';
import { wordsOf } from '../../../src/sources/words.ts';
import { busyTime } from '../../helpers/busy.ts';

it.each([
  ['https://pond.example', {}, 'pond.example', '/', 'https://pond.example/'],
  ['pond.example', {}, 'pond.example', '/', 'https://pond.example/'],
  ['http://www.pond.example:8080/', {}, 'www.pond.example_8080', '/', 'http://www.pond.example:8080/'],
  ['https://home.example/~ann', {}, 'home.example_~ann', '/~ann/', 'https://home.example/~ann'],
  ['https://home.example/~ann/me.htm', {}, 'home.example_~ann', '/~ann/', 'https://home.example/~ann/me.htm'],
  ['https://pond.example/2014/reeds/', { isArticle: true }, 'pond.example', '/', 'https://pond.example/'],
  [
    'https://home.example/~ann/a/',
    { isArticle: true },
    'home.example_~ann',
    '/~ann/',
    'https://home.example/~ann/',
  ],
  ['https://pond.example/a/sitemap.xml', { isSitemap: true }, 'pond.example', '/', 'https://pond.example/'],
])('%s names a site', (target, known, name, path, start) => {
  expect(placeOf(target, known)).toMatchObject({ name, path, start });
});

it('takes what is no address for a mistake', () => {
  for (const text of ['', 'http://', 'ftp://pond.example/', 'http://['])
    expect(() => placeOf(text)).toThrow('does not fit site');
});

it('claims what is named as a sitemap, and nothing on the disk', () => {
  const taken = [
    'site:pond.example',
    'https://pond.example/wp-sitemap-posts-post-1.xml',
    'https://pond.example/a/Sitemap.xml.gz?x',
    'http://pond.example/sitemap.txt',
  ];
  for (const target of taken) expect(site.claims(target), target).toBe(true);
  for (const target of [
    'https://pond.example/',
    'sitemap.xml',
    'https://pond.example/feed.xml',
    'https://sitemap.xml/',
  ])
    expect(site.claims(target), target).toBe(false);
});

it('knows what belongs to a site', () => {
  const place = placeOf('https://www.pond.example/~ann/');
  const within = (address: string) => isWithin(place, new URL(address));
  for (const address of [
    'http://pond.example/~ann',
    'https://pond.example/~ann/a',
    'https://www.pond.example/~ann/?b',
  ])
    expect(within(address), address).toBe(true);
  for (const address of [
    'https://pond.example/',
    'https://pond.example/~anna/',
    'https://pond.example:8443/~ann/',
    'https://a.pond.example/~ann/',
  ])
    expect(within(address), address).toBe(false);
});

it('takes spellings of an address for one page', () => {
  const one = [
    'http://pond.example/a/',
    'https://www.pond.example/a',
    'https://pond.example/a/index.html',
    'https://POND.example/a/?utm_source=x&fbclid=y#top',
    'https://pond.example/a;jsessionid=1A2B',
  ];
  expect(new Set(one.map((address) => keyOf(tidy(address)!)))).toEqual(new Set(['pond.example/a']));
  const others = [
    'https://pond.example/A',
    'https://pond.example/a?b=1',
    'https://pond.example/a?b=2',
    'https://pond.example/a/b',
  ];
  expect(new Set(others.map((address) => keyOf(tidy(address)!))).size).toBe(others.length);
  expect(tidy(`https://pond.example/${'a'.repeat(3000)}`)).toBeUndefined();
  expect(tidy('mailto:ann@pond.example')).toBeUndefined();
  const seen = new Addresses();
  expect([seen.add('a'), seen.add('a'), seen.add('b'), seen.size]).toEqual([true, false, true, 2]);
});

const at = (path: string) => new URL(path, 'https://pond.example');

it('tells lists and entries by their addresses', () => {
  const lists = [
    '/tag/reeds/',
    '/category/birds/page/2',
    '/author/ann',
    '/page/3/',
    '/2024/05/',
    '/2024',
    '/archive',
    '/archives/2024/05',
    '/?paged=2',
    '/?s=reeds',
    '/?cat=4',
  ];
  for (const path of lists) expect(isList(at(path)), path).toBe(true);
  const entries = ['/2024/05/reeds/', '/2024/05/06/reeds', '/p/reeds', '/post/12/reeds', '/blog/reeds'];
  for (const path of entries) expect([isList(at(path)), isEntry(at(path))], path).toEqual([false, true]);
  for (const path of ['/', '/about', '/reeds.html', '/?p=12', '/pages/tagged-birds'])
    expect([isList(at(path)), isEntry(at(path))], path).toEqual([false, false]);
});

it('does not walk into traps', () => {
  const now = new Date('2026-11-01T00:00:00Z');
  const deep = Array.from({ length: 25 }, (_, n) => `s${n}`).join('/');
  const traps = ['/a/b/a/b/a/b/', `/${deep}`, '/calendar/2041/05', '/events?month=1702-04', '/cal/1870-01/'];
  for (const path of traps) expect(trapIn(at(path), now), path).toMatch(/^a /);
  for (const path of [
    '/a?replytocom=3',
    '/wp-admin/',
    '/a.css',
    '/a.jpg',
    '/feed/',
    '/a?x=1&sort=up',
    '/login',
  ])
    expect(trapIn(at(path), now), path).toBeDefined();
  const plain = ['/', '/2024/05/reeds/', '/reeds.html', '/view.php?id=12', '/1944/06/diary', '/10/10/10/a'];
  for (const path of [...plain, '/feeding-birds/', '/cgi/view?a=1'])
    expect(trapIn(at(path), now), path).toBeUndefined();
});

it('asks for so many forms of a path and no more', () => {
  const variants = new Variants();
  const added = (of: (n: number) => string) =>
    Array.from({ length: 3000 }, (_, n) => variants.add(at(of(n)))).filter(Boolean).length;
  expect(added((n) => `/list?page=${n}`)).toBe(2000);
  expect(added((n) => `/shop?colour=${n}&size=${n}`)).toBe(50);
  expect(added((n) => `/plain/${n}`)).toBe(3000);
});

it.each([
  ['2024', '2025-01-01T14:00:00.000Z'],
  ['2024-05', '2024-06-01T14:00:00.000Z'],
  ['2024-05-06', '2024-05-07T14:00:00.000Z'],
  ['2024-12', '2025-01-01T14:00:00.000Z'],
  ['2024-05-06T07:08:09+02:00', '2024-05-06T05:08:09.000Z'],
  ['soon', null],
  [undefined, null],
])('%s is at the latest %s', (lastmod, latest) => {
  const found = latestOf(lastmod);
  expect(found === undefined ? null : new Date(found).toISOString()).toBe(latest);
});

it('hears the words of a page, not its machinery, in linear time', () => {
  const page =
    '<head><title>Reeds</title><STYLE>a{}</STYLE><script>var a = "<p>no</p>"</script></head><!-- no <b>no</b> --><p id=x1>Tall\n ones</p>';
  expect(wordsOf(page)).toBe('Reeds Tall ones');
  for (const bait of ['<script', '<!--', '<', '<script>', '</script>', '<style>a']) {
    const busy = busyTime();
    wordsOf(bait.repeat(2 ** 20 / bait.length));
    expect(busy(), bait).toBeLessThan(500);
  }
});

it.each([
  ['<?xml version="1.0"?><?xml-stylesheet href="a.xsl"?><!-- made by hand --><urlset>', true],
  ['\n<s:sitemapindex xmlns:s="http://www.google.com/schemas/sitemap/0.84">', true],
  ['<sitemapindex xmlns="https://www.sitemaps.org/schemas/sitemap/0.9">', true],
  ['<rss version="2.0">', false],
  ['<html><urlset>', false],
  ['{"urlset":1}', false],
  ['<!---->'.repeat(10_000), false],
])('tells a sitemap by its beginning: %#', (start, is) => {
  const busy = busyTime();
  expect(isSitemap(start)).toBe(is);
  expect(busy()).toBeLessThan(500);
});
