import { describe, expect, it } from 'vitest';
import { readRules } from '../../../src/sources/site/rules.ts';
import { busyTime } from '../../helpers/busy.ts';

const at = 'https://pond.example/robots.txt';
const lines = (...of: readonly string[]) => of.join('\n');

/** What a robots.txt says, and what it lets us ask for. */
const table: readonly (readonly [
  words: string,
  text: string,
  free: readonly string[],
  shut: readonly string[],
])[] = [
  ['nothing', '', ['/', '/a'], []],
  ['only comments', '# User-agent: *\n#Disallow: /\n', ['/'], []],
  ['a page in its place', '<!doctype html><title>Not found</title><p>Sorry</p>', ['/'], []],
  ['lines that end with CR alone', 'User-agent: *\rDisallow: /a\rDisallow: /b', ['/c'], ['/a', '/b']],
  ['a byte order mark', '\ufeffUser-agent: *\nDisallow: /a', ['/b'], ['/a']],
  ['everything forbidden', lines('User-agent: *', 'Disallow: /'), [], ['/', '/a?b=c']],
  ['everything forbidden by a star', lines('User-agent: *', 'Disallow: *'), [], ['/', '/a']],
  ['an empty rule', lines('User-agent: *', 'Disallow:'), ['/'], []],
  ['a rule before any name', lines('Disallow: /', 'User-agent: *', 'Disallow: /a'), ['/b'], ['/a']],
  ['a name with its version', lines('user-agent:OXBOW/2.0', 'disallow:/a'), ['/b'], ['/a']],
  ['a name among others', lines('User-agent: heron', 'User-agent: Oxbow', 'Disallow: /a'), ['/b'], ['/a']],
  [
    'a line of another kind between two names',
    lines('User-agent: oxbow', 'Sitemap: https://pond.example/s.xml', 'User-agent: heron', 'Disallow: /a'),
    ['/b'],
    ['/a'],
  ],
  [
    'a group of our own beside the one for all',
    lines('User-agent: *', 'Disallow: /', '', 'User-agent: oxbow', 'Disallow: /a'),
    ['/b'],
    ['/a'],
  ],
  ['groups of others', lines('User-agent: heron', 'Disallow: /'), ['/a'], []],
  [
    'two groups for one name',
    lines(
      'User-agent: oxbow',
      'Disallow: /a',
      'User-agent: heron',
      'Disallow: /',
      'User-agent: oxbow',
      'Disallow: /b',
    ),
    ['/c'],
    ['/a', '/b'],
  ],
  [
    'the longer rule',
    lines('User-agent: *', 'Disallow: /private/', 'Allow: /private/open$'),
    ['/private/open', '/privateer'],
    ['/private/', '/private/open/more'],
  ],
  ['two rules of equal length', lines('User-agent: *', 'Disallow: /a', 'Allow: /a'), ['/a'], []],
  [
    'stars and an end',
    lines('User-agent: *', 'Disallow: /*?replytocom=', 'Disallow: /*.gif$'),
    ['/a?b=1', '/a.gif?x'],
    ['/a?replytocom=4', '/b/c.gif'],
  ],
  ['a letter that has to be escaped', lines('User-agent: *', 'Disallow: /a<d'), ['/a'], ['/a%3Cd', '/a%3cd']],
  ['the same, escaped', lines('User-agent: *', 'Disallow: /a%3cd'), ['/a'], ['/a%3Cd']],
  [
    'a letter that need not be escaped',
    lines('User-agent: *', 'Disallow: /%7Eann/'),
    ['/'],
    ['/~ann/', '/%7eann/x'],
  ],
  ['a comment behind a rule', lines('User-agent: * # all', 'Disallow: /a # not this'), ['/b'], ['/a']],
  [
    'names of what all objects have',
    lines('User-agent: __proto__', 'Disallow: /', 'constructor: /'),
    ['/'],
    [],
  ],
];

describe('a robots.txt', () => {
  it.each(table)('with %s', (_, text, free, shut) => {
    const rules = readRules(text, at);
    for (const path of free) expect(rules.allows(`https://pond.example${path}`), path).toBe(true);
    for (const path of shut) expect(rules.allows(`https://pond.example${path}`), path).toBe(false);
  });

  it('names sitemaps wherever it does so, and a delay in our group', () => {
    const text = lines(
      'Sitemap: https://cdn.example/a.xml',
      'User-agent: oxbow',
      'Crawl-delay: 2.5',
      'User-agent: *',
      'Crawl-delay: 1000000000',
      'sitemap:/b.xml',
      'Sitemap: ftp://pond.example/c.xml',
    );
    const { delay, sitemaps } = readRules(text, at);
    expect([delay, sitemaps]).toEqual([2.5, ['https://cdn.example/a.xml', 'https://pond.example/b.xml']]);
    for (const odd of ['-1', 'soon', '', 'NaN'])
      expect(readRules(lines('User-agent: *', `Crawl-delay: ${odd}`), at).delay).toBe(0);
  });

  it('takes little time however many stars it has, and what is cut then forbids more', () => {
    const rule = `/x${'*a'.repeat(900)}`;
    const rules = readRules(lines('User-agent: *', ...Array(250).fill(`Disallow: ${rule}`)), at);
    const busy = busyTime();
    expect(rules.allows(`https://pond.example/y${'a'.repeat(2000)}`)).toBe(true);
    expect(rules.allows('https://pond.example/x')).toBe(false);
    expect(busy()).toBeLessThan(1000);
  });
});
