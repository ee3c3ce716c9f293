import { describe, expect, test } from 'vitest';
import { surtOf } from '../../src/archive/surt.ts';
import { twinsOf } from '../../src/archive/twins.ts';

/** Those that an archive of the CDX kind would take for other addresses. */
const apart = (url: string) => twinsOf(url).filter((twin) => surtOf(twin) !== surtOf(url));

describe('an address', () => {
  test.each<[string, string, string[]]>([
    ['without anything to vary has none', 'https://blog.example/media/fern.jpg', []],
    ['with a query', 'https://blog.example/fern.jpg?w=300&s=1', ['https://blog.example/fern.jpg']],
    [
      'of WordPress in a small size',
      'https://blog.example/files/fern-300x200.jpg',
      ['https://blog.example/files/fern.jpg'],
    ],
    [
      'of WordPress, scaled',
      'https://blog.example/wp-content/uploads/2020/fern-scaled.jpg',
      [
        'https://blog.example/wp-content/uploads/2020/fern.jpg',
        'https://i0.wp.com/blog.example/wp-content/uploads/2020/fern-scaled.jpg',
      ],
    ],
    [
      'wrapped by a service',
      'https://i2.wp.com/blog.example/a/fern.jpg',
      ['https://blog.example/a/fern.jpg'],
    ],
    [
      'of old Tumblr',
      'http://25.media.tumblr.com/tumblr_fern_500.jpg',
      [
        'http://25.media.tumblr.com/tumblr_fern_1280.jpg',
        'http://25.media.tumblr.com/tumblr_fern_540.jpg',
        'http://64.media.tumblr.com/tumblr_fern_500.jpg',
        'http://media.tumblr.com/tumblr_fern_500.jpg',
        'http://66.media.tumblr.com/tumblr_fern_500.jpg',
        'http://25.media.tumblr.com/tumblr_fern_400.jpg',
        'http://25.media.tumblr.com/tumblr_fern_250.jpg',
      ],
    ],
    ['re-encoded as .gifv', 'https://blog.example/fern.gifv', ['https://blog.example/fern.gif']],
    ['re-encoded as .pnj', 'https://blog.example/fern.pnj', ['https://blog.example/fern.png']],
    ['that is none', 'not an address', []],
    ['that is too long', `https://blog.example/${'x'.repeat(5000)}?a`, []],
  ])('%s', (_, url, expected) => {
    expect(apart(url)).toEqual(expected);
  });

  test('has twins by scheme and www. for those who tell them apart', () => {
    expect(twinsOf('http://blog.example/fern.jpg')).toEqual([
      'https://blog.example/fern.jpg',
      'http://www.blog.example/fern.jpg',
    ]);
    expect(twinsOf('https://www.blog.example/fern.jpg')).toContain('https://blog.example/fern.jpg');
    expect(twinsOf('http://127.0.0.1:8080/fern.jpg')).toEqual([]);
  });

  test('is never its own twin', () => {
    for (const url of ['http://media.tumblr.com/tumblr_a_1280.png', 'https://64.media.tumblr.com/a.gif'])
      expect(twinsOf(url)).not.toContain(url);
  });
});

test.each([
  ['http://www.Blog.example:80/A.jpg?b=2&a=1', 'https://blog.example/a.jpg?a=1&b=2', true],
  ['https://www3.blog.example:443/a', 'http://blog.example/a', true],
  ['http://blog.example:8080/a', 'http://blog.example/a', false],
  ['http://blog.example/a?x', 'http://blog.example/a', false],
])('%s and %s have the same key: %o', (a, b, isSame) => {
  expect(surtOf(a) === surtOf(b)).toBe(isSame);
});
