import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { blogger } from '../../../src/sources/blogger/blogger.ts';
import { readTarget } from '../../../src/sources/blogger/target.ts';
import { lookAt } from '../../../src/sources/sight.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { minutes, says, withFakeBlogger } from './fake-blogger.ts';

const fern = 'https://fern.blogspot.com/feeds';
const number = 'https://www.blogger.com/feeds/4100000000000000001';

it.each([
  ['https://fern.blogspot.com', fern, 'fern.blogspot.com'],
  ['http://fern.blogspot.com/', fern, 'fern.blogspot.com'],
  ['fern.blogspot.com', fern, 'fern.blogspot.com'],
  ['http://www.fern.blogspot.com/2019_05_01_archive.html', fern, 'fern.blogspot.com'],
  ['https://fern.blogspot.co.uk/2019/05/moss.html?m=1', fern, 'fern.blogspot.com'],
  ['https://fern.blogspot.de', fern, 'fern.blogspot.com'],
  ['https://fern.blogspot.com.br/', fern, 'fern.blogspot.com'],
  ['https://fern.blogspot.com/feeds/posts/default?alt=rss', fern, 'fern.blogspot.com'],
  ['blogger:fern', fern, 'fern.blogspot.com'],
  ['blogger:Fern.blogspot.com', fern, 'fern.blogspot.com'],
  ['blogger:moss.example', 'https://moss.example/feeds', 'moss.example'],
  ['blogger:http://moss.example:8080/', 'http://moss.example:8080/feeds', 'moss.example_8080'],
  [
    'blogger:https://moss.example/sub/feeds/posts/default',
    'https://moss.example/sub/feeds',
    'moss.example_sub',
  ],
  ['blogger:4100000000000000001', number, 'blogger-4100000000000000001'],
  [`${number}/posts/default`, number, 'blogger-4100000000000000001'],
  ['https://www.blogger.com/blog/posts/4100000000000000001', number, 'blogger-4100000000000000001'],
  [
    'https://www.blogger.com/blogger.g?blogID=4100000000000000001#allposts',
    number,
    'blogger-4100000000000000001',
  ],
])('%s is a blog', (target, feeds, name) => {
  expect(readTarget(target)).toMatchObject({ feeds, name });
  expect(readTarget(target)).not.toHaveProperty('label');
  expect(blogger.claims(target)).toBe(true);
  expect(blogger.nameOf?.(target)).toBe(name);
});

it.each([
  ['https://fern.blogspot.com/search/label/Moss', 'Moss', 'fern.blogspot.com-label-Moss'],
  [
    'https://fern.blogspot.com/search/label/Wet%20days?max-results=20',
    'Wet days',
    /-label-Wet_days-[0-9a-f]{8}$/,
  ],
  ['https://fern.blogspot.com/feeds/posts/default/-/Wet+days', 'Wet days', /-label-Wet_days-[0-9a-f]{8}$/],
  [`${number}/posts/default/-/Moos`, 'Moos', 'blogger-4100000000000000001-label-Moos'],
  ['https://fern.blogspot.com/search/label/100%', '100%', /-label-100_-[0-9a-f]{8}$/],
])('%s is a label', (target, label, name) => {
  expect(readTarget(target)).toMatchObject({ label, name: expect.stringMatching(name) });
});

it.each([
  'https://www.blogger.com/profile/07000000000000000001',
  'https://1.bp.blogspot.com/-a/b/c/d/s1600/e.jpg',
  'https://fern.example/2019/05/moss.html',
  'fern.example',
  'fern',
  'https://blogspot.com.fern.example/',
  'https://fern.blogspot.example/',
])('%s is not claimed', (target) => {
  expect(blogger.claims(target)).toBe(false);
});

it.each([
  'blogger:',
  'blogger:https://www.blogger.com/profile/07000000000000000001',
  'blogger:https://1.bp.blogspot.com/-a/b/c/d/s1600/e.jpg',
  `blogger:${'x'.repeat(3000)}`,
  'blogger:a b',
])('%.80s is refused with what can be named', (target) => {
  expect(() => readTarget(target)).toThrow(UsageError);
  expect(() => readTarget(target)).toThrow(/Blogger has nothing to list at .*What can be named: a blog/);
  expect(blogger.nameOf?.(target)).toBeNull();
});

describe('a blog at an address of its own', () => {
  const head = "<meta content='blogger' name='generator'/>";
  const seen = (html: string, path = '/2019/05/moss.html', hasFeed = true) =>
    withFakeBlogger(
      minutes(3),
      async ({ base }) => {
        const context = testContext();
        const sight = await lookAt(base + path, context);
        const found = await blogger.recognises?.(sight, context).catch(() => undefined);
        return found && { why: found.why, target: found.target.replace(base, '') };
      },
      (_, call) => {
        if (!call.path.startsWith('/feeds/')) return says(200, html, 'text/html');
        return hasFeed ? undefined : says(200, '<html></html>', 'text/html');
      },
    );

  it('is known by what made its page, wherever that stands', async () => {
    const feed = '/feeds/posts/default';
    expect(await seen(head)).toEqual({ why: 'its page says that Blogger made it', target: feed });
    expect(
      await seen("<link rel='alternate' type='application/atom+xml' href='/feeds/posts/default'>"),
    ).toEqual({
      why: 'its page names the feeds of a blog on Blogger',
      target: feed,
    });
  });

  it('is taken for what it is by its feed alone', async () => {
    expect(await seen(head, '/', false)).toBeUndefined();
    expect(await seen('<p>Nothing</p>')).toBeUndefined();
    expect(await seen("<meta name='generator' content='WordPress'>")).toBeUndefined();
  });
});

it('says that there is nothing at a path, and names no blog by it', () =>
  withTempFolder(async (dir) => {
    const open = (target: string) => blogger.open(target, testContext());
    await expect(open(`blogger:${join(dir, 'blog.xml')}`)).rejects.toThrow(/There is nothing at/);
    await expect(open('blogger:blog.xml')).rejects.toThrow(/There is nothing at/);
    writeFileSync(join(dir, 'feed.xml'), '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>');
    mkdirSync(join(dir, 'empty'));
    expect(blogger.claims(join(dir, 'feed.xml'))).toBe(false);
    expect(blogger.claims(join(dir, 'empty'))).toBe(false);
    await expect(open(join(dir, 'empty'))).rejects.toThrow(/no backup of a blog \(feed\.atom\)/);
  }));
