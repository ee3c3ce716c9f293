import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { claimsTumblr, readTarget } from '../../../src/sources/tumblr/target.ts';

const blog = 'fern.tumblr.com';

describe('what of Tumblr a target names', () => {
  it.each([
    ['tumblr:fern', {}],
    ['tumblr:Fern', {}],
    ['fern.tumblr.com', {}],
    ['FERN.Tumblr.COM/', {}],
    ['http://fern.tumblr.com', {}],
    ['https://fern.tumblr.com:443/', {}],
    ['https://fern.tumblr.com./', {}],
    ['http://www.fern.tumblr.com/', {}],
    ['https://mia:secret@fern.tumblr.com/', {}],
    ['https://fern.tumblr.com/page/2', {}],
    ['https://fern.tumblr.com/archive', {}],
    ['https://fern.tumblr.com/archive/2019/4', {}],
    ['https://fern.tumblr.com/rss', {}],
    ['https://www.tumblr.com/fern', {}],
    ['www.tumblr.com/Fern/', {}],
    ['tumblr.com/@fern', {}],
    ['https://m.tumblr.com/fern', {}],
    ['https://www.tumblr.com/fern?source=share#top', {}],
    ['https://www.tumblr.com/blog/fern', {}],
    ['https://www.tumblr.com/blog/view/fern', {}],
    ['https://www.tumblr.com/dashboard/blog/fern', {}],
    ['https://www.tumblr.com/fern/archive', {}],
    ['tumblr:https://www.tumblr.com/fern', {}],
    ['tumblr:fern.tumblr.com/tagged/moss', { kind: 'tag of blog', tag: 'moss', name: `${blog}-tagged-moss` }],
    ['https://fern.tumblr.com/tagged/Two+Words/page/3', { kind: 'tag of blog', tag: 'Two Words' }],
    ['https://fern.tumblr.com/tagged/c%2B%2B', { kind: 'tag of blog', tag: 'c++' }],
    ['https://fern.tumblr.com/tagged/100%', { kind: 'tag of blog', tag: '100%' }],
    ['https://www.tumblr.com/fern/tagged/moss', { kind: 'tag of blog', tag: 'moss' }],
    ['https://fern.tumblr.com/post/712345678901234567/some-slug', { kind: 'post', id: '712345678901234567' }],
    ['https://fern.tumblr.com/image/7123', { kind: 'post', id: '7123' }],
    ['https://www.tumblr.com/fern/7123/slug', { kind: 'post', id: '7123', name: `${blog}-7123` }],
    ['https://www.tumblr.com/blog/view/fern/7123', { kind: 'post', id: '7123' }],
    ['https://www.tumblr.com/dashboard/blog/fern/7123', { kind: 'post', id: '7123' }],
    ['https://fern.tumblr.com/likes', { kind: 'likes', name: `${blog}-likes` }],
    ['https://www.tumblr.com/liked/by/Fern', { kind: 'likes' }],
    ['tumblr:likes:fern', { kind: 'likes' }],
    ['tumblr:likes:fern.tumblr.com', { kind: 'likes' }],
  ])('%s', (target, expected) => {
    expect(readTarget(target)).toMatchObject({
      kind: 'blog',
      blog,
      site: `https://${blog}`,
      ...named(expected),
    });
  });

  /** The name is the blog's where a case says nothing else, and leaves it open where it is of a part. */
  const named = (expected: object) => ('kind' in expected ? expected : { name: blog, ...expected });

  it.each([
    ['https://www.tumblr.com/tagged/moss', 'moss', 'tumblr-tagged-moss'],
    ['https://www.tumblr.com/tagged/Two+Words', 'Two Words', 'tumblr-tagged-two_words-a03f1d61'],
    ['tumblr:tag:#moss', 'moss', 'tumblr-tagged-moss'],
    ['tumblr:tag:../../etc', '../../etc', 'tumblr-tagged-.._.._etc-74ccf3c5'],
  ])('a tag over all of Tumblr: %s', (target, tag, name) => {
    expect(readTarget(target)).toEqual({ kind: 'tagged', blog: null, site: null, tag, name });
  });

  it('two tags are never one archive, save for their case', () => {
    const name = (tag: string) => readTarget(`tumblr:tag:${tag}`).name;
    expect(name('c++')).not.toBe(name('c--'));
    expect(name('a/b')).not.toBe(name('a_b'));
    expect(name('x'.repeat(70))).not.toBe(name('x'.repeat(71)));
    expect(name('Moss')).toBe(name('moss'));
  });

  it.each([
    ['t:Ab12_cd-34EF', { blog: 't:Ab12_cd-34EF', site: null, name: 'tumblr-Ab12_cd-34EF' }],
    [
      'tumblr:https://Fern.example/',
      { blog: 'fern.example', site: 'https://fern.example', name: 'fern.example' },
    ],
    ['tumblr:http://fern.example/post/12', { kind: 'post', id: '12', site: 'http://fern.example' }],
    ['tumblr:fern.example', { blog: 'fern.example' }],
    ['https://fern.example/tagged/moss', { kind: 'tag of blog', tag: 'moss' }],
    [
      'tumblr:http://127.0.0.1:8080',
      { blog: '127.0.0.1:8080', site: 'http://127.0.0.1:8080', name: '127.0.0.1_8080' },
    ],
    ['tumblr:likes:t:Ab12', { kind: 'likes', blog: 't:Ab12' }],
    ['tumblr:likes:https://fern.example', { kind: 'likes', blog: 'fern.example' }],
  ])('a blog that has no name of Tumblr: %s', (target, expected) => {
    expect(readTarget(target)).toMatchObject(expected);
  });

  it.each([
    ['https://www.tumblr.com/explore/trending', 'a page of Tumblr itself'],
    ['https://www.tumblr.com/dashboard', 'a page of Tumblr itself'],
    ['https://www.tumblr.com/login', 'a page of Tumblr itself'],
    ['https://www.tumblr.com/likes', 'a page of Tumblr itself'],
    ['https://www.tumblr.com/', 'a page of Tumblr itself'],
    ['https://www.tumblr.com/tagged/', 'a page of Tumblr itself'],
    ['https://www.tumblr.com/blog/view', 'a page of Tumblr itself'],
    ['https://www.tumblr.com/fern/about-me', 'lists no posts'],
    ['https://fern.tumblr.com/ask', 'lists no posts'],
    ['https://fern.tumblr.com/post/soon', 'lists no posts'],
    ['https://tmblr.co/ZxY12', 'short link'],
    ['https://at.tumblr.com/fern/moss/1a2b', 'short link'],
    ['https://64.media.tumblr.com/0a/1b/s640x960/2c.jpg', 'a file'],
    ['https://www.tumblr.com/video_file/fern/1/tumblr_x', 'a file'],
    ['tumblr:www', 'not the name of a blog'],
    ['tumblr:', 'neither the name nor the address'],
    ['tumblr:a fern', 'neither the name nor the address'],
    ['tumblr:ftp://fern.example/', 'neither the name nor the address'],
    ['tumblr:tag: # ', 'no tag'],
    ['tumblr:likes:fern.tumblr.com/post/1', 'names no blog'],
    [`tumblr:${'x'.repeat(5000)}`, 'too long'],
    [`tumblr:${'likes:'.repeat(300)}`, 'neither the name nor the address'],
  ])('refuses %s with a sentence', (target, why) => {
    expect(() => readTarget(target)).toThrow(UsageError);
    expect(() => readTarget(target)).toThrow(why);
  });

  it('says nothing of a password in what it refuses', () => {
    expect(() => readTarget('tumblr:https://mia:secret@fern.tumblr.com/ask?k=secret')).toThrow(
      /^(?!.*secret)/s,
    );
  });
});

describe('what is claimed without a prefix', () => {
  it.each([
    ['fern.tumblr.com', true],
    ['https://fern.tumblr.com/post/1', true],
    ['www.tumblr.com/fern', true],
    ['t:Ab12cd', true],
    ['tumblr:fern', true],
    ['https://www.tumblr.com/explore', true],
    ['https://tmblr.co/ZxY12', true],
    ['fern', false],
    ['t:a', false],
    ['https://fern.example/post/1', false],
    ['https://nottumblr.com/', false],
    ['https://tumblr.com.example/', false],
    ['https://64.media.tumblr.com/0a/1b/s640x960/2c.jpg', false],
    ['https://va.media.tumblr.com/tumblr_x.mp4', false],
    ['https://media.tumblr.com/tumblr_x.jpg', false],
    ['https://assets.tumblr.com/x.png', false],
    ['https://www.tumblr.com/photo/1280/1/1/tumblr_x', false],
    ['fern.tumblr.com.json', false],
    ['./fern.tumblr.com', false],
    ['posts/fern.tumblr.com', false],
    [`${'a.'.repeat(40_000)}!`, false],
  ])('%s: %s', (target, expected) => expect(claimsTumblr(target)).toBe(expected));
});
