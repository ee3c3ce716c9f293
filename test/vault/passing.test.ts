import { expect, it } from 'vitest';
import { withoutPassing } from '../../src/vault/passing.ts';

const post = {
  id: 1,
  notes: 5,
  blog: { name: 'fern', posts: 3 },
  trail: [{ blog: { posts: 1 }, text: 'a' }],
};

it.each<[string, string[], unknown]>([
  ['nothing', [], post],
  ['what is not there', ['a.b.c', 'trail.x'], post],
  ['a field', ['notes'], { id: 1, blog: post.blog, trail: post.trail }],
  ['a field of an object', ['blog.posts'], { ...post, blog: { name: 'fern' } }],
  ['a field of every entry', ['trail.*.blog', 'notes'], { id: 1, blog: post.blog, trail: [{ text: 'a' }] }],
])('leaves out %s', (_, paths, expected) => expect(withoutPassing(post, paths)).toEqual(expected));

it('leaves what was given as it was, and the prototypes of all others', () => {
  const raw = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
  expect(JSON.stringify(withoutPassing(raw, ['x']))).toBe('{"__proto__":{"a":1},"constructor":2}');
  expect(JSON.stringify(withoutPassing(raw, ['__proto__.a', 'constructor']))).toBe('{"__proto__":{}}');
  expect(({} as { a?: number }).a).toBe(undefined);
});
