import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { keyIn, keyOf, readPlace, unwrapped } from '../../../src/sources/wayback/place.ts';
import { postIdOf, roleOf } from '../../../src/sources/wayback/roles.ts';

describe('the place that a target names', () => {
  it.each([
    ['pondlog.tumblr.com', 'pondlog.tumblr.com', 'pondlog.tumblr.com/'],
    ['https://Pond.example/', 'pond.example', 'pond.example/'],
    ['http://www.pond.example', 'www.pond.example', 'pond.example/'],
    ['https://pond.example/~ann/', 'pond.example_ann', 'pond.example/~ann'],
    ['pond.example/blog/*', 'pond.example_blog', 'pond.example/blog'],
    ['http://127.0.0.1:8080/x?y=1#z', '127.0.0.1_8080_x', '127.0.0.1:8080/x'],
    ['https://mia:secret@pond.example/', 'pond.example', 'pond.example/'],
    ['https://web.archive.org/web/2015*/http://pond.example/', 'pond.example', 'pond.example/'],
    ['https://web.archive.org/web/20150203040506/pond.example/a', 'pond.example_a', 'pond.example/a'],
    ['b\u00fccher.example', 'xn--bcher-kva.example', 'xn--bcher-kva.example/'],
  ])('%s', (text, name, prefix) => expect(readPlace(text)).toMatchObject({ name, prefix }));

  it.each([
    '',
    'pondlog',
    'ftp://pond.example',
    'http://',
    'http://x y/',
    `http://${'a'.repeat(20_000)}.example`,
  ])('is not %j', (text) => expect(() => readPlace(text)).toThrow(UsageError));

  it.each([
    ['http://pond.example/ann', 'pond.example/ann'],
    ['https://www.pond.example/Ann/', 'pond.example/ann'],
    ['http://pond.example:80/ann/Post?B=1#c', 'pond.example/ann/post?b=1'],
    ['http://pond.example/ann?p=3', 'pond.example/ann?p=3'],
    ['http://pond.example/anna', undefined],
    ['http://pond.example/', undefined],
    ['http://pond.example.org/ann', undefined],
    ['http://other.example/ann', undefined],
    ['dns:pond.example', undefined],
    ['', undefined],
  ])('holds %s as %s', (address, key) => expect(keyIn(readPlace('pond.example/ann'), address)).toBe(key));
});

describe('an address wrapped by an archive', () => {
  it.each([
    ['https://web.archive.org/web/20150203im_/http://a.example/b.jpg?c=d', 'http://a.example/b.jpg?c=d'],
    ['https://web.archive.org/web/20150203/https:/a.example/b.jpg', 'https://a.example/b.jpg'],
    ['http://web.archive.org/web/20150203/a.example/b.jpg', 'http://a.example/b.jpg'],
    ['http://pond.example/web/20150203im_/http://a.example/b.jpg', 'http://a.example/b.jpg'],
    [
      'https://web.archive.org/web/2015/https://web.archive.org/web/2014im_/http://a.example/',
      'http://a.example/',
    ],
    ['http://pond.example/web/2015/b.jpg', 'http://pond.example/web/2015/b.jpg'],
    ['http://a.example/b.jpg', 'http://a.example/b.jpg'],
    ['https://web.archive.org/static/logo.png', 'https://web.archive.org/static/logo.png'],
  ])('%s stood for %s', (address, original) => expect(unwrapped(address)).toBe(original));

  it('G12 is unwrapped a few times and no more', () => {
    const bait = 'https://web.archive.org/web/2015/'.repeat(400);
    const started = performance.now();
    expect(unwrapped(`${bait}http://a.example/`)).toContain('web.archive.org/web/2015/');
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('what an address promises', () => {
  it.each([
    ['http://pond.tumblr.com/post/712345678901', 'post', '712345678901'],
    ['http://pond.tumblr.com/post/712345678901/a-heron', 'post', '712345678901'],
    ['http://pond.tumblr.com/post/7/photoset_iframe/x/500/false', 'post', '7'],
    ['http://pond.example/2014/05/herons/', 'post', 'pond.example/2014/05/herons'],
    ['http://pond.example/2014/05/06/herons', 'post', 'pond.example/2014/05/06/herons'],
    ['http://pond.example/2014/05/herons.html', 'post', 'pond.example/2014/05/herons.html'],
    ['http://pond.example/p/herons', 'post', 'pond.example/p/herons'],
    ['http://pond.example/?p=12', 'post', 'pond.example/?p=12'],
    ['http://pond.example/archives/000123.html', 'post', 'pond.example/archives/000123.html'],
    ['http://pond.example/herons/', 'page', 'pond.example/herons'],
    ['http://pond.example/rss', 'page', 'pond.example/rss'],
    ['http://pond.example/feed/', 'page', 'pond.example/feed'],
    ['http://pond.example/about', 'page', 'pond.example/about'],
    ['http://pond.example/', 'index', 'pond.example/'],
    ['http://pond.example/?page=2', 'index', 'pond.example/?page=2'],
    ['http://pond.example/page/2', 'index', 'pond.example/page/2'],
    ['http://pond.example/2014/05/page/2', 'index', 'pond.example/2014/05/page/2'],
    ['http://pond.example/2014/05', 'index', 'pond.example/2014/05'],
    ['http://pond.example/tagged/heron', 'index', 'pond.example/tagged/heron'],
    ['http://pond.example/archive', 'index', 'pond.example/archive'],
    ['http://pond.example/archive/2014/5', 'index', 'pond.example/archive/2014/5'],
    ['http://pond.example/2014/05/herons/?share=email', 'index', 'pond.example/2014/05/herons?share=email'],
    ['http://pond.example/2014/05/herons/feed/', 'index', 'pond.example/2014/05/herons/feed'],
    ['http://pond.example/herons/comment-page-2', 'index', 'pond.example/herons/comment-page-2'],
  ])('%s is a %s, %s', (address, role, id) => {
    const key = keyOf(address);
    expect([roleOf(key), postIdOf(key)]).toEqual([role, id]);
  });

  it('G12 costs no more than it weighs', () => {
    const started = performance.now();
    for (const bait of [
      '/',
      '/2014',
      '/2014/05/',
      '/post/',
      '?p=',
      '&p=',
      '/archive/1',
      '/page/',
      '0',
      '/0/',
    ])
      roleOf(keyOf(`http://pond.example/${bait.repeat(8000 / bait.length)}`));
    expect(performance.now() - started).toBeLessThan(500);
  });
});
