import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { claimsWxr } from '../../../src/sources/wordpress/wxr.ts';
import type { WxrItem } from '../../../src/sources/wordpress/wxr-item.ts';
import { wxrItems } from '../../../src/sources/wordpress/wxr-reader.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { zipOf } from '../../helpers/zip-file.ts';
import { attachment, foot, head, item, type Listed, listed, listedOf, post, uploads } from './wxr-made.ts';

const one = head() + post('1', `<img src="${uploads}a-300x200.jpg">`) + foot;
const two = head() + attachment('2', 'a.jpg', '1') + foot;

const claims = (name: string, body: string | Uint8Array, target = name) =>
  withTempFolder(async (dir) => {
    await writeFile(join(dir, name), body);
    return claimsWxr(join(dir, target));
  });

describe('what is taken for an export', () => {
  it.each<[string, string | Uint8Array]>([
    ['a.xml', one],
    ['a.xml', `\ufeff${one}`],
    ['a.xml', Buffer.from(`\ufeff${one}`, 'utf16le')],
    ['a.xml.gz', gzipSync(one)],
    ['a.xml', '<rss version="2.0"><channel><wp:wxr_version>1.2</wp:wxr_version>'],
    ['a.zip', zipOf([{ name: 'site.xml', body: one, packed: true }])],
    [
      'a.zip',
      zipOf([
        { name: 'd/', body: '' },
        { name: 'r.txt', body: 'x' },
        { name: 'd/x.xml', body: one },
      ]),
    ],
  ])('takes %s (%#)', async (name, body) => {
    expect(await claims(name, body)).toBe(true);
  });

  it.each<[string, string | Uint8Array]>([
    ['feed.xml', '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'],
    ['page.html', '<html><p>see xmlns:wp="http://wordpress.org/export/1.2/"'],
    ['empty.xml', ''],
    ['a.xml.gz', gzipSync('<rss>')],
    ['a.xml.gz', gzipSync(one).subarray(0, 3)],
    ['a.gz', gzipSync(Buffer.alloc(2 ** 27))],
    ['a.zip', zipOf([{ name: 'x.xml', body: '<posts/>' }])],
    ['a.zip', zipOf([{ name: 'x.txt', body: one }])],
    ['a.zip', Buffer.from('504b0304', 'hex')],
  ])('does not take %s (%#)', async (name, body) => {
    expect(await claims(name, body)).toBe(false);
  });

  it('takes nothing that is not there, and no pattern of which one file is none', async () => {
    expect(claimsWxr('/nowhere/at/all.xml')).toBe(false);
    await withTempFolder(async (dir) => {
      await writeFile(join(dir, 'a.xml'), one);
      await writeFile(join(dir, 'b.xml'), '<rss/>');
      expect(claimsWxr(join(dir, 'a*.xml'))).toBe(true);
      expect(claimsWxr(join(dir, '*.xml'))).toBe(false);
      expect(claimsWxr(dir)).toBe(false);
    });
  });
});

describe('several files', () => {
  it.each([
    [{ 'a.xml': one, 'b.xml': two }],
    [{ 'a.xml': two, 'b.xml': one }],
    [{ 'a.xml.gz': gzipSync(two), 'b.zip': zipOf([{ name: 'b.xml', body: one }]) }],
  ])('are one set, in whichever order (%#)', async (files) => {
    const { posts, warnings } = await listedOf(files, '*');
    expect(warnings).toEqual([]);
    expect(posts.map(({ id, items }) => [id, items.map(({ url }) => url)])).toEqual([
      ['1', [`${uploads}a.jpg`]],
    ]);
  });

  it('have to be of one blog', async () => {
    const files = { 'a.xml': one, 'b.xml': head('https://sedge.example') + foot };
    await expect(listedOf(files, '*.xml')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('archive each blog by itself'),
    });
  });

  it('may say http and www in one, and not in the other', async () => {
    const files = { 'a.xml': one, 'b.xml': head('http://www.reed.example/') + post('7') + foot };
    expect((await listedOf(files, '*.xml')).posts.map(({ id }) => id)).toEqual(['1', '7']);
  });

  it('may hold a post twice: the first counts, and it is told', async () => {
    const { posts, warnings, unread } = await listedOf({ 'a.xml': one, 'b.xml': one }, '*.xml');
    expect(posts).toHaveLength(1);
    expect(warnings).toEqual(['Of items of one id the first counts; left out of the export: 1 item.']);
    expect(unread).toBe(0);
  });

  it('list what is whole where one is cut', async () => {
    const { posts, warnings, unread } = await listedOf(
      { 'a.xml': one.slice(0, -60), 'b.xml': head() + post('7') + foot },
      '*.xml',
    );
    expect(posts.map(({ id }) => id)).toEqual(['7']);
    expect(warnings.join()).toContain('after 0 whole items: it ends in the middle');
    expect(unread).toBe(1);
  });
});

describe('letters', () => {
  const text = head() + item({ title: 'caf\u00e9', 'wp:post_id': '1' }) + foot;
  const titleIn = ({ posts }: Listed) => (posts[0]!.raw as Record<string, unknown>).title;

  it('are read by the mark of UTF-16, or by what the document declares', async () => {
    expect(titleIn(await listedOf({ 'a.xml': Buffer.from(`\ufeff${text}`, 'utf16le') }))).toBe('caf\u00e9');
    const declared = text.replace('UTF-8', 'ISO-8859-1');
    expect(titleIn(await listedOf({ 'a.xml': Buffer.from(declared, 'latin1') }))).toBe('caf\u00e9');
  });

  it('that make no sense are told of once, and the rest is there', async () => {
    const found = await listedOf({ 'a.xml': Buffer.from(text + text, 'latin1') });
    expect(titleIn(found)).toBe('caf\ufffd');
    expect(found.warnings.filter((one) => one.includes('make no sense in its encoding'))).toHaveLength(1);
  });
});

describe('what cannot be read', () => {
  const long =
    head() + Array.from({ length: 2000 }, (_, i) => post(String(i + 1), `${Math.sin(i)}`)).join('') + foot;

  it('lists what is whole of a compressed file that is cut', async () => {
    const packed = gzipSync(long);
    const { posts, warnings, unread } = await listedOf({
      'a.xml.gz': packed.subarray(0, packed.length - 3000),
    });
    expect(posts.length).toBeGreaterThan(1000);
    expect(posts.length).toBeLessThan(2000);
    expect(warnings.join()).toContain('its compression is cut short');
    expect(unread).toBe(1);
  });

  it('lists what is whole of an entry of a zip that is damaged', async () => {
    const zip = zipOf([{ name: 'a.xml', body: long, crc: 1 }]);
    const { posts, unread } = await listedOf({ 'a.zip': zip });
    expect(posts.length).toBeGreaterThan(0);
    expect(unread).toBe(1);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['a.xml', '', 'is empty'],
    ['a.xml', '<html>', 'is no export of WordPress (WXR): it begins with'],
    ['a.zip', zipOf([{ name: 'a.txt', body: one }]), 'There is no export of WordPress (WXR) in'],
    ['a.zip', zipOf([{ name: 'a.xml', body: one }]).subarray(0, 300), 'is no whole zip file'],
    ['a.xml', one.slice(0, one.indexOf('<item>') + 20), 'after 0 whole items: it ends in the middle'],
  ])('refuses %s (%#) with words', async (name, body, words) => {
    await expect(listedOf({ [name]: body })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(words),
    });
  });

  it('takes an export without a post for an empty blog', async () => {
    expect(await listedOf({ 'a.xml': head() + foot })).toMatchObject({ posts: [], warnings: [], unread: 0 });
  });

  it('asks for a file where a folder or nothing is named', async () => {
    await withTempFolder(async (dir) => {
      await expect(listed(dir)).rejects.toMatchObject({ exitCode: 2 });
      await expect(listed(join(dir, 'no.xml'))).rejects.toMatchObject({ exitCode: 2 });
      await expect(listed('/dev/null')).rejects.toMatchObject({ exitCode: 2 });
    });
  });
});

describe('a cut', () => {
  const posts = ['1', '2', '3'].map((id) => post(id, `<img src="${uploads}${id}.jpg"> ]]]]><![CDATA[> `));
  const text = head() + posts.join('') + item({ 'wp:post_id': '4', title: 'a &amp; b' }) + foot.trimEnd();
  const ends = [...text.matchAll(/<\/item>/g)].map(({ index }) => index + '</item>'.length);

  it('at any letter leaves what is whole before it, and is known', async () => {
    for (let length = 200; length < text.length; length++) {
      const found: WxrItem[] = [];
      const read = async () => {
        const bytes = [Buffer.from(text.slice(0, length))].values();
        for await (const one of wxrItems(Readable.from(bytes), () => undefined)) found.push(one);
      };
      await expect(read()).rejects.toMatchObject({ code: 'EDAMAGED' });
      expect(found).toHaveLength(ends.filter((end) => end <= length).length);
    }
  });

  it('is told, and leaves something to be done', async () => {
    const { posts, warnings, unread } = await listedOf({ 'a.xml': text.slice(0, ends[1]! + 30) });
    expect(posts.map(({ id }) => id)).toEqual(['1', '2']);
    expect(warnings.join()).toContain('after 2 whole items: it ends in the middle');
    expect(unread).toBe(1);
  });
});
