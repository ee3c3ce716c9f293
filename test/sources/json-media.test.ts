import { expect, it } from 'vitest';
import { readMapping } from '../../src/sources/json-mapping.ts';
import { readPost } from '../../src/sources/json-post.ts';

function itemsOf(
  post: Record<string, unknown>,
  { base = null, ...settings }: { base?: string | null } & Record<string, string | null> = {},
) {
  const given = Object.entries(settings).map(([key, value]) => [`sources.json.${key}`, value as string]);
  const warnings: string[] = [];
  const mapping = readMapping(Object.fromEntries(given));
  const { items } = readPost({ id: 'p', ...post }, { mapping, base, warn: (text) => warnings.push(text) });
  return { items: items.map(({ id, kind, url, alternates }) => [id, kind, url, ...alternates]), warnings };
}

const a = 'https://m.example/a';
const jpg = 'https://m.example/a.jpg';

it.each([
  ['a text', { image: jpg }, [[jpg, 'image', jpg]]],
  [
    'several texts',
    { images: [jpg, `${a}.png`, jpg] },
    [
      [jpg, 'image', jpg],
      [`${a}.png`, 'image', `${a}.png`],
    ],
  ],
  ['an object', { audio: { src: a } }, [[a, 'audio', a]]],
  ['a type', { attachments: [{ url: a, mime_type: 'video/webm' }] }, [[a, 'video', a]]],
  ['a photo', { attachments: { href: a, type: 'photo' } }, [[a, 'image', a]]],
  [
    'a type that says nothing, and an ending that does',
    { media: [{ url: jpg, type: 'attachment' }] },
    [[jpg, 'image', jpg]],
  ],
  [
    'an ending against the name of the field',
    { photos: ['https://m.example/a.mp4'] },
    [['https://m.example/a.mp4', 'video', 'https://m.example/a.mp4']],
  ],
  ['a key', { media: { url: a, mediaKey: 'k/1' } }, [['json:k/1', 'file', a]]],
  [
    'keys that differ at one address',
    {
      media: [
        { url: a, key: 1 },
        { url: a, key: 2 },
      ],
    },
    [
      ['json:1', 'file', a],
      ['json:2', 'file', a],
    ],
  ],
  ['an object in an object', { media: { image: { url: jpg } } }, [[jpg, 'image', jpg]]],
  ['an address in a file', { media: [{ name: 'x', file: { url: jpg } }] }, [[jpg, 'image', jpg]]],
  [
    'alternates of many shapes',
    { media: { url: jpg, alternates: [`${a}2.jpg`, { url: `${a}3.jpg` }, jpg, 'data:,x'] } },
    [[jpg, 'image', jpg, `${a}2.jpg`, `${a}3.jpg`]],
  ],
  [
    'media by number',
    { attachments: { 5: { url: `${a}5.jpg` }, 6: { url: `${a}6.jpg` } } },
    [
      [`${a}5.jpg`, 'image', `${a}5.jpg`],
      [`${a}6.jpg`, 'image', `${a}6.jpg`],
    ],
  ],
  ['fields without an address', { images: 3, video: true, files: [], photo: null, pictures: 'none' }, []],
  ['markup', { image: '<img src="https://m.example/a.jpg">' }, []],
  [
    'an address anywhere, where no field has one',
    { body: { parts: [{ x: jpg }, { x: a }, { x: `see ${jpg}` }] } },
    [[jpg, 'image', jpg]],
  ],
  [
    'no address anywhere, where a field has one',
    { image: jpg, extra: 'https://m.example/b.jpg' },
    [[jpg, 'image', jpg]],
  ],
])('finds %s', (_, post, items) => expect(itemsOf(post).items).toEqual(items));

it.each([
  ['address in the post', { file: jpg, x: { big: a }, type: 'photo' }, { url: 'x.big' }, [[a, 'image', a]]],
  [
    'addresses in the post',
    { x: [a, jpg], key: 'of the post' },
    { url: 'x.*' },
    [
      [a, 'file', a],
      [jpg, 'image', jpg],
    ],
  ],
  [
    'objects',
    { x: [{ u: a, k: 7, t: 'audio/ogg' }] },
    { media: 'x', url: 'u', key: 'k', kind: 't' },
    [['json:7', 'audio', a]],
  ],
  [
    'several places',
    { x: a, y: { z: [jpg] } },
    { media: 'x, y.z' },
    [
      [a, 'file', a],
      [jpg, 'image', jpg],
    ],
  ],
  [
    'every place',
    { x: { l: { url: a }, r: { url: jpg } } },
    { media: 'x.*' },
    [
      [a, 'file', a],
      [jpg, 'image', jpg],
    ],
  ],
  ['sizes of one', { x: [{ v: { l: a, s: jpg } }] }, { media: 'x', url: 'v.*' }, [[a, 'file', a, jpg]]],
  ['nothing', { image: jpg }, { media: 'x' }, []],
])('follows a mapping to %s', (_, post, settings, items) =>
  expect(itemsOf(post, settings as Record<string, string>).items).toEqual(items),
);

it('resolves relative addresses by the link of the post, then by the export', () => {
  expect(itemsOf({ image: '../a.jpg', link: 'https://b.example/x/y/z' }).items).toEqual([
    ['https://b.example/x/a.jpg', 'image', 'https://b.example/x/a.jpg'],
  ]);
  expect(
    itemsOf({ image: 'a.jpg', link: '/x/y' }, { base: 'https://e.example/out/posts.json' }).items[0]![2],
  ).toBe('https://e.example/x/a.jpg');
  expect(itemsOf({ image: 'a.jpg' }, { base: 'https://e.example/out/posts.json' }).items[0]![2]).toBe(
    'https://e.example/out/a.jpg',
  );
  expect(itemsOf({ images: ['a.jpg', 'b.jpg'] })).toEqual({
    items: [],
    warnings: ["post 'p' has a relative address and none that it is relative to (2 ×); left out."],
  });
});

it('never keeps the password of an address', () => {
  const { items } = itemsOf({
    image: 'https://mia:secret@m.example/a.jpg',
    url: 'https://mia:secret@m.example/p',
  });
  expect(items).toEqual([[jpg, 'image', jpg]]);
});
