import { expect, it } from 'vitest';
import { readAttachment } from '../../../src/sources/wordpress/attachment.ts';
import { joined } from '../../../src/sources/wordpress/join.ts';
import { shownIn } from '../../../src/sources/wordpress/shown.ts';
import { busyTime } from '../../helpers/busy.ts';
import { medium } from './fake-wordpress.ts';

const uploads = 'https://blog.example/wp-content/uploads/2024/05';
const base = 'https://blog.example/pond/';
const attachment = (id: number, file: string, given = {}) =>
  readAttachment(medium(id, 1, { source_url: `${uploads}/${file}`, ...given }))!;

function itemsOf(html: string, own: readonly ReturnType<typeof attachment>[]) {
  const { media, ids } = shownIn(html, base);
  const named = new Map(
    [...ids].flatMap(([url, id]) => own.filter((one) => one.id === id).map((one) => [url, one] as const)),
  );
  return joined({ featured: undefined, media, named, uploads: own, others: [] });
}

it('knows a picture by the name of its file, on whatever host it is shown', () => {
  const html =
    '<img src="https://cdn.example/a/pond-640x480.jpg"><img src="https://cdn.example/a/reed-scaled.jpg">';
  const items = itemsOf(html, [
    attachment(1, 'pond.jpg'),
    attachment(2, 'reed-scaled.jpg', { media_details: { original_image: 'reed.jpg' } }),
  ]);
  expect(items.map(({ id, url }) => [id, url])).toEqual([
    [`${uploads}/pond.jpg`, `${uploads}/pond.jpg`],
    [`${uploads}/reed-scaled.jpg`, `${uploads}/reed.jpg`],
  ]);
});

it('guesses at none of several of one name, unless the post says which it is', () => {
  const own = [
    attachment(1, 'pond.jpg'),
    readAttachment(medium(2, 1, { source_url: 'https://blog.example/wp-content/uploads/2011/01/pond.jpg' }))!,
  ];
  const shown = 'https://cdn.example/a/pond-640x480.jpg';
  expect(itemsOf(`<img src="${shown}">`, own).map(({ id }) => id)).toEqual([
    shown,
    ...own.map(({ file }) => file),
  ]);
  expect(itemsOf(`<img class="wp-image-2" src="${shown}">`, own).map(({ id }) => id)).toEqual([
    own[1]!.file,
    own[0]!.file,
  ]);
});

it('believes no number that belongs to another picture', () => {
  const own = [attachment(7, 'heron.jpg')];
  const html = '<img class="wp-image-7" src="https://old.example/wp-content/uploads/fog.jpg">';
  expect(itemsOf(html, own).map(({ id }) => id)).toEqual([
    'https://old.example/wp-content/uploads/fog.jpg',
    own[0]!.file,
  ]);
});

it('takes time that grows with the length of a post alone (G12, G14)', () => {
  const own = Array.from({ length: 1000 }, (_, n) => attachment(n, `own-${n}.jpg`));
  const many = Array.from(
    { length: 2000 },
    (_, n) => `<img class="wp-image-${n}" src="/other-${n}-10x10.jpg">`,
  ).join('');
  const baits = [
    'wp-image-',
    '1'.repeat(9),
    ' ',
    '<a href="/wp-content/uploads/',
    '<script type="application/json" class="wp-playlist-script">',
    '<iframe src="https://videopress.com/embed/',
  ];
  const busy = busyTime();
  expect(itemsOf(many, own)).toHaveLength(3000);
  for (const bait of baits)
    shownIn(
      `<img class="${bait.repeat(100_000 / bait.length)}" src="/a.jpg">${bait.repeat(100_000 / bait.length)}`,
      base,
    );
  expect(busy()).toBeLessThan(5000);
});
