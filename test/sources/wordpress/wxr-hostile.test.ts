import { expect, it } from 'vitest';
import { withElements } from '../../../src/sources/wordpress/wxr-content.ts';
import { attachment, foot, head, item, listedOf, post, uploads } from './wxr-made.ts';

const idsOf = (found: { readonly posts: readonly { readonly id: string }[] }) =>
  found.posts.map(({ id }) => id);

/** What a reader must come through: the posts around it are there. */
const amid = (trouble: string) => listedOf({ 'a.xml': head() + post('1') + trouble + post('2') + foot });

it('leaves out what is secret, and data of those who comment', async () => {
  const words = {
    'wp:post_id': '5',
    'wp:post_password': 'heron',
    'wp:comment':
      '<wp:comment_author>Teal</wp:comment_author><wp:comment_author_email>t@mail.example</wp:comment_author_email><wp:comment_author_IP>192.0.2.7</wp:comment_author_IP><wp:comment_content>Lovely</wp:comment_content><wp:commentmeta><wp:meta_key>k</wp:meta_key><wp:meta_value>192.0.2.8</wp:meta_value></wp:commentmeta>',
    'wp:postmeta': '<wp:meta_key>mood</wp:meta_key><wp:meta_value>calm</wp:meta_value>',
  };
  const { posts } = await listedOf({ 'a.xml': head() + item(words) + foot });
  expect(posts[0]!.raw).toEqual({
    'wp:post_id': '5',
    'wp:postmeta': { mood: 'calm' },
    'wp:comment': [{ 'wp:comment_author': 'Teal', 'wp:comment_content': 'Lovely' }],
  });
});

it('keeps what the authors of shown attachments say of them', async () => {
  const shown = item({
    title: 'Pond',
    'wp:post_id': '7',
    'wp:post_type': 'attachment',
    'wp:attachment_url': `${uploads}pond.jpg`,
    'content:encoded': 'By the weir',
  });
  const { posts } = await listedOf({
    'a.xml': head() + post('1', `<img src="${uploads}pond-300x200.jpg">`) + shown + foot,
  });
  expect(posts).toHaveLength(1);
  expect(posts[0]!.raw).toMatchObject({
    attachments: [{ id: '7', title: 'Pond', description: 'By the weir' }],
  });
});

it('keeps what has a text, whatever type it is of, and tells what it leaves out', async () => {
  const of = (type: string, id: string, text: string) =>
    item({ 'wp:post_id': id, 'wp:post_type': type, 'content:encoded': text });
  const found = await amid(
    of('recipe', '3', 'Two eggs') +
      of('shop_order', '4', '') +
      of('acf-field', '5', 'a:1:{}') +
      of('revision', '6', 'Old'),
  );
  expect(idsOf(found)).toEqual(['1', '3', '2']);
  expect(found.warnings).toEqual([
    expect.stringMatching(/2 items of such types as 'shop_order', 'acf-field'/),
  ]);
});

it('counts videos that only WordPress.com can tell the address of', async () => {
  const { posts } = await amid(post('3', '[wpvideo aBcD1234] [videopress aBcD1234 w="640"]'));
  expect(posts[1]!.unknown).toEqual(['video of VideoPress']);
});

it('expands no entity of the document, and reads no file that one names', async () => {
  const entities = Array.from({ length: 20 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join(
    '',
  );
  const bomb = `<!DOCTYPE rss [<!ENTITY e0 "lol"><!ENTITY f SYSTEM "file:///etc/passwd">${entities}]>`;
  const text =
    head().replace('<rss', `${bomb}<rss`) + item({ title: '&e20; &f; &#65;', 'wp:post_id': '1' }) + foot;
  const { posts } = await listedOf({ 'a.xml': text });
  expect(posts[0]!.raw).toMatchObject({ title: '&e20; &f; A' });
});

it.each([
  ['open tags', `<item><wp:post_id>7</wp:post_id>${'<a>'.repeat(200_000)}`],
  ['open fields', `<item><wp:post_id>7</wp:post_id>${'<wp:postmeta><wp:meta_key>'.repeat(30_000)}</item>`],
  ['tags in a body', `<item><wp:post_id>7</wp:post_id><content:encoded>${'<b>'.repeat(50_000)}</item>`],
  ['closing tags', '</a>'.repeat(200_000)],
  ['numeric references', `<item><wp:post_id>7</wp:post_id><title>${'&#65;'.repeat(200_000)}</title></item>`],
])('comes through a flood of %s', async (_, trouble) => {
  const start = process.cpuUsage();
  const found = await amid(trouble);
  expect(process.cpuUsage(start).user).toBeLessThan(3e6);
  expect(idsOf(found)).toEqual(expect.arrayContaining(['1', '2']));
});

it('is not silent where a flood of open items takes what stands behind it', async () => {
  const found = await amid('<item>'.repeat(20_000));
  expect(idsOf(found)).toEqual(['1']);
  expect(found.unread).toBe(1);
});

it('skips an item that is too large, tells which, and goes on', async () => {
  const found = await amid(post('7', 'x'.repeat(34 * 2 ** 20)));
  expect(idsOf(found)).toEqual(['1', '2']);
  expect(found.warnings).toEqual(["Item '7' of the export is larger than 32 MiB; it is skipped."]);
  expect(found.unread).toBe(1);
});

const megabytes = process.env.OXBOW_LARGE === 'full' ? 50 : 8;

it(`reads a line of ${megabytes} MB`, async () => {
  const line = Array.from({ length: megabytes }, (_, i) => post(`1${i}`, 'y'.repeat(2 ** 20)).trim()).join(
    '',
  );
  expect((await amid(line)).posts).toHaveLength(megabytes + 2);
});

it('bounds the media of a post, and tells how many are left out', async () => {
  const images = Array.from({ length: 12_000 }, (_, i) => `<img src="/${i}.jpg">`).join('');
  const found = await amid(post('7', images));
  expect(found.posts[1]!.items).toHaveLength(10_000);
  expect(found.warnings.join()).toContain('names more media than a post may have; left out: 2000');
});

it('bounds galleries that each show everything', async () => {
  const attachments = Array.from({ length: 500 }, (_, i) =>
    attachment(String(1000 + i), `${i}.jpg`, '7'),
  ).join('');
  const start = process.cpuUsage();
  const found = await amid(post('7', '[gallery]'.repeat(5000)) + attachments);
  expect(process.cpuUsage(start).user).toBeLessThan(3e6);
  expect(found.posts[1]!.items).toHaveLength(500);
});

it.each([
  '[gallery'.repeat(12_500),
  '<!-- wp:a {'.repeat(9000),
  '<!-- wp:a {}'.repeat(9000),
  '[audio a='.repeat(11_000),
  `[audio ${'a '.repeat(45_000)}]`,
  `[audio ${'="'.repeat(4500)}]`,
  '<a "'.repeat(25_000),
  '<a \'"'.repeat(20_000),
  ' https://'.repeat(11_000),
  ` https://${'a.jpg?'.repeat(16_000)}`,
  `<img src="${'a-1x1'.repeat(1600)}.jpg">`,
])('takes the time of its length for a text made to be slow: %#', (text) => {
  const start = process.cpuUsage();
  withElements(text);
  expect(process.cpuUsage(start).user).toBeLessThan(4e5);
});

it.each([
  'null',
  '[]',
  '{}',
  '-1',
  '0',
  '1e999',
  '\u0000',
  'a:1:{',
  '<b>',
  '9'.repeat(500),
  '__proto__',
  'http://[',
  'x'.repeat(20_000),
])('takes %j in any field', async (value) => {
  const names = [
    'title',
    'link',
    'pubDate',
    'guid',
    'content:encoded',
    'category',
    'wp:post_date_gmt',
    'wp:post_parent',
    'wp:post_type',
    'wp:attachment_url',
    'wp:status',
  ];
  const safe = value.replaceAll('<', '&lt;');
  const metas = [
    '_thumbnail_id',
    '_wp_attachment_metadata',
    '_wp_attachment_backup_sizes',
    'enclosure',
    '_product_image_gallery',
  ].map(
    (key) =>
      `<wp:postmeta><wp:meta_key>${key}</wp:meta_key><wp:meta_value>${safe}</wp:meta_value></wp:postmeta>`,
  );
  const items = names.map((name, i) =>
    item({ 'wp:post_id': String(10 + i), 'wp:post_type': 'post', [name]: safe, mark: metas.join('') }),
  );
  const found = await amid(items.join(''));
  expect(idsOf(found)).toEqual(expect.arrayContaining(['1', '2', '10', '11', '12', '13', '14', '15', '16']));
  for (const { date } of found.posts) expect(date).toBeNull();
});

it('keeps ids apart that are larger than numbers can be', async () => {
  const found = await amid(post('90071992547409931') + post('90071992547409930'));
  expect(idsOf(found)).toEqual(['1', '90071992547409931', '90071992547409930', '2']);
});
