import { describe, expect, it } from 'vitest';
import { kindOfAddress, nameOfAddress, normalise, resolveMedia, stemOf } from '../../src/sources/address.ts';

describe('the identity of an address', () => {
  it.each([
    ['https://Blog.Example/a.jpg', 'https://blog.example/a.jpg'],
    ['HTTPS://blog.example:443/a.jpg', 'https://blog.example/a.jpg'],
    ['http://blog.example:80', 'http://blog.example/'],
    ['http://blog.example:8080/a', 'http://blog.example:8080/a'],
    ['https://blog.example/a/./b/../c.jpg', 'https://blog.example/a/c.jpg'],
    ['https://blog.example/a.jpg#part', 'https://blog.example/a.jpg'],
    ['https://blog.example/a.jpg#', 'https://blog.example/a.jpg'],
    ['https://mia:secret@blog.example/a.jpg', 'https://blog.example/a.jpg'],
    ['https://blog.example/A.jpg?b=2&a=1', 'https://blog.example/A.jpg?b=2&a=1'],
    ['https://blog.example/é.jpg', 'https://blog.example/%C3%A9.jpg'],
    [' https://blog.example/a.jpg\n', 'https://blog.example/a.jpg'],
  ])('G15 of %j is %j', (address, identity) => {
    expect(normalise(address)).toBe(identity);
    expect(normalise(identity)).toBe(identity);
  });

  it('G15 keeps addresses apart that differ in the order of the query, in case, in a slash', () => {
    const all = ['?a=1&b=2', '?b=2&a=1', 'x', 'X', 'x/'].map((end) =>
      normalise(`https://blog.example/${end}`),
    );
    expect(new Set(all).size).toBe(5);
  });

  it.each([
    'ftp://blog.example/a',
    'data:image/gif;base64,AA==',
    'blog.example/a',
    'https://',
    'javascript:alert(1)',
    '',
    '/a.jpg',
  ])('there is none of %j', (address) => expect(normalise(address)).toBeUndefined());

  it('G14 there is none of an address of a megabyte', () => {
    expect(normalise(`https://blog.example/${'a'.repeat(2 ** 20)}`)).toBeUndefined();
  });
});

describe('the kind of an address', () => {
  it.each([
    ['https://a.example/b.jpg', 'image'],
    ['https://a.example/b.JPEG?name=c.mp4', 'image'],
    ['https://a.example/b.pnj', 'image'],
    ['https://a.example/b.tar.jxl', 'image'],
    ['https://a.example/b.MOV', 'video'],
    ['https://a.example/b.opus', 'audio'],
    ['https://a.example/b.gifv', 'file'],
    ['https://a.example/b?name=c.jpg', 'file'],
    ['https://a.example/jpg', 'file'],
    ['https://mp4.jpg/', 'file'],
    ['https://a.example/b.constructor', 'file'],
  ])('%s is %s', (url, kind) => expect(kindOfAddress(url)).toBe(kind));
});

describe('an address in a post', () => {
  const base = 'https://blog.example/2020/05/post';
  it.each([
    ['a.jpg', base, { url: 'https://blog.example/2020/05/a.jpg' }],
    ['/a.jpg', base, { url: 'https://blog.example/a.jpg' }],
    ['//cdn.example/a.jpg', 'http://blog.example/', { url: 'http://cdn.example/a.jpg' }],
    ['//cdn.example/a.jpg', null, { url: 'https://cdn.example/a.jpg' }],
    ['https://cdn.example/a.jpg', null, { url: 'https://cdn.example/a.jpg' }],
    ['a.jpg', null, { refused: 'relative' }],
    ['data:image/gif;base64,AA==', base, { refused: 'not http' }],
    ['mailto:mia@blog.example', base, { refused: 'not http' }],
    ['https://', base, { refused: 'unusable' }],
    [`/${'a'.repeat(2 ** 20)}`, base, { refused: 'unusable' }],
  ])('%.40j beside %j is %j', (address, where, resolved) =>
    expect(resolveMedia(address, where)).toEqual(resolved),
  );
});

describe('the name of an archive', () => {
  it.each([
    ['https://blog.example/posts.json', 'blog.example'],
    ['https://blog.example/api/Feed.JSON?page=1', 'blog.example'],
    ['https://blog.example/api/heron.json', 'blog.example-heron'],
    ['http://127.0.0.1:8080/export.jsonl.gz', '127.0.0.1_8080'],
    ['http://[::1]:8080/a%20b.json', '_1_8080-a_20b'],
    ['https://blog.example/', 'blog.example'],
  ])('of %s is %s', (address, name) => expect(nameOfAddress(address)).toBe(name));

  it.each([
    ['export.json', 'export'],
    ['lists/my.own.list', 'my.own'],
    ['a/export.json.gz', 'export'],
    ['folder', 'folder'],
    ['.hidden', '.hidden'],
  ])('of a file %s is %s', (path, stem) => expect(stemOf(path)).toBe(stem));
});
