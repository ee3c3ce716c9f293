import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SourceError } from '../../../src/errors.ts';
import type { Post } from '../../../src/model.ts';
import { BackupReader } from '../../../src/sources/blogger/backup-xml.ts';
import { blogger } from '../../../src/sources/blogger/blogger.ts';
import { busyTime } from '../../helpers/busy.ts';
import { postsOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { zipOf } from '../../helpers/zip-file.ts';

const blog = 'tag:blogger.com,1999:blog-4100000000000000003';
const head = `<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom' xmlns:b='http://schemas.google.com/blogger/2018'><id>${blog}.archive</id>`;
const entry = (n: number | string, inside = '<content type="html">&lt;p>Moss&lt;/p></content>') =>
  `<entry><id>${blog}.post-${n}</id><b:type>POST</b:type>${inside}</entry>`;

async function read(content: string | Buffer, name = 'blog.xml') {
  return withTempFolder(async (dir) => {
    const file = join(dir, name);
    writeFileSync(file, content);
    const context = testContext();
    const isClaimed = blogger.claims(file);
    const listing = await blogger.open(file, context);
    const posts = await postsOf(listing).catch((error: Error) => error);
    await listing.close?.();
    const list: readonly Post[] = posts instanceof Error ? [] : posts;
    const error = posts instanceof Error ? posts : undefined;
    return { isClaimed, ids: list.map(({ id }) => id), posts: list, error, warnings: context.warnings };
  });
}

it('keeps the words of a post in the form that the feed has', async () => {
  const inside = `<title>A &amp; B</title><published/><b:created>2019-05-06T07:08:09Z</b:created><b:status>DRAFT</b:status>
    <author><name>Ida</name><b:type>BLOGGER</b:type></author><category scheme='${blog}' term='Moss'/><category term='Fern'/>
    <link rel='alternate' href='https://fern.example/1.html'/><content type='html'><![CDATA[<p>Wet & dry</p>]]></content>`;
  const { isClaimed, posts } = await read(`${head}${entry(1, inside)}</feed>`);
  expect(isClaimed).toBe(true);
  expect(posts).toMatchObject([
    {
      id: '1',
      date: '2019-05-06T07:08:09.000Z',
      url: 'https://fern.example/1.html',
      tags: ['Moss', 'Fern'],
      dialect: 'backup',
      raw: {
        title: { $t: 'A & B' },
        blogger$type: { $t: 'POST' },
        blogger$status: { $t: 'DRAFT' },
        author: [{ name: { $t: 'Ida' }, blogger$type: { $t: 'BLOGGER' } }],
        content: { type: 'html', $t: '<p>Wet & dry</p>' },
      },
    },
  ]);
});

it('is read in a zip and packed with gzip, too', async () => {
  const feed = `${head}${entry(1)}${entry(2)}</feed>`;
  const zip = zipOf([{ name: 'Takeout/Blogger/Blogs/Fern/feed.atom', body: feed, packed: true }]);
  expect(await read(zip, 'takeout.zip')).toMatchObject({ isClaimed: true, ids: ['1', '2'], warnings: [] });
  expect(await read(gzipSync(feed), 'blog.xml')).toMatchObject({ ids: ['1', '2'], warnings: [] });
});

it('is read in several files or zips, each post once', () =>
  withTempFolder(async (dir) => {
    const feed = (...ns: number[]) => `${head}${ns.map((n) => entry(n)).join('')}</feed>`;
    writeFileSync(join(dir, 'blog-1.xml'), feed(1, 2));
    writeFileSync(join(dir, 'blog-2.xml'), feed(2, 3));
    for (const n of [1, 2]) {
      const entries = [{ name: `Takeout/Blogger/Blogs/Fern ${n}/feed.atom`, body: feed(n, 2) }];
      writeFileSync(join(dir, `takeout-00${n}.zip`), zipOf(entries));
    }
    for (const [pattern, ids] of [
      ['blog-*.xml', ['1', '2', '3']],
      ['takeout-*.zip', ['1', '2']],
    ] as const) {
      const target = join(dir, pattern);
      expect(blogger.claims(target)).toBe(true);
      expect(blogger.nameOf?.(target)).toBeNull();
      const listing = await blogger.open(target, testContext());
      expect((await postsOf(listing)).map(({ id }) => id)).toEqual(ids);
      await listing.close?.();
    }
  }));

describe('what is hostile', () => {
  it.each([
    ['between posts', `${head}${entry(1)}`],
    ['within one', `${head}${entry(1)}<entry><id>${blog}.post-2</id><content>half`],
    ['within a tag', `${head}${entry(1)}<entry><id>${blog}.po`],
  ])('tells of a file that ends %s, and gives what is whole', async (_, content) => {
    const { ids, warnings } = await read(content);
    expect(ids).toEqual(['1']);
    expect(warnings).toMatchObject([
      expect.stringMatching(/cannot be read to its end: it ends in the middle, after 1 whole entry\./),
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a web page', '<html><body>x</body></html>'],
    ['a head alone', head],
  ])('says so where there is %s', async (_, content) => {
    const { error } = await read(content);
    expect(error).toBeInstanceOf(SourceError);
    expect(error!.message).toMatch(/cannot be read: it (is no feed|ends in the middle)/);
  });

  it('is an empty one where it says so', async () => {
    expect(await read(`${head}</feed>`)).toMatchObject({ ids: [], warnings: [], error: undefined });
  });

  it('G06 G08 gives plain data, and keeps long ids apart', async () => {
    const odd = `<__proto__ polluted="1">x</__proto__><constructor a="1"/><title __proto__="x" $t="y">T</title>`;
    const { posts } = await read(
      `${head}${entry('123456789012345678901', odd)}${entry('123456789012345678902')}</feed>`,
    );
    expect(posts.map(({ id }) => id)).toEqual(['123456789012345678901', '123456789012345678902']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(posts[0]!.raw).toMatchObject({ title: { $t: 'T' } });
  });

  it('G01 G03 is read in time, whatever it nests or refers to', () => {
    const busy = busyTime();
    for (const bait of [
      '<author>'.repeat(40_000),
      '<x>'.repeat(40_000),
      '&#77;'.repeat(100_000),
      '<category term="x"/>'.repeat(30_000),
      '<entry>'.repeat(40_000),
    ]) {
      const reader = new BackupReader();
      const text = `<!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${head}<entry><id>&b;</id><content>${bait}`;
      const found = [reader.take(text), reader.take(`</content></entry>${entry(9)}`)].flat();
      reader.end();
      expect(found.length).toBeGreaterThan(0);
      expect(JSON.stringify(found).length).toBeLessThan(3_000_000);
    }
    expect(busy()).toBeLessThan(15_000);
  });

  it('G13 replaces what is no text, and says so', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${head}${entry(1)}`),
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from(`${entry(2)}</feed>`),
    ]);
    expect(await read(bytes)).toMatchObject({
      ids: ['1', '2'],
      warnings: [expect.stringMatching(/replaced by U\+FFFD/)],
    });
    const wide = Buffer.from(`\ufeff${head.replace('UTF-8', 'UTF-16')}${entry(1)}</feed>`, 'utf16le');
    expect(await read(wide)).toMatchObject({ ids: ['1'], warnings: [] });
  });
});

it('G05 is read in flat memory, however large it is', () =>
  withTempFolder(async (dir) => {
    const file = join(dir, 'blog.xml');
    const out = createWriteStream(file);
    out.write(head);
    const words = `<content type="html">&lt;p>${'slow water under the alder, a heron, then nothing; '.repeat(1000)}</content>`;
    for (let n = 1; n <= 700; n++) if (!out.write(entry(n, words))) await once(out, 'drain');
    out.end('</feed>');
    await once(out, 'close');
    const program = `
      import { openSource } from ${JSON.stringify(pathToFileURL(resolve('dist/sources/index.js')).href)};
      const signal = new AbortController().signal;
      const { listing } = await openSource(${JSON.stringify(file)}, { settings: {}, signal, report() {} });
      let posts = 0;
      for await (const page of listing.pages()) posts += page.posts.length;
      console.log(posts);`;
    const heap = ['--max-old-space-size=32', '--max-semi-space-size=4'];
    const child = spawn(process.execPath, [...heap, '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(Number(await text(child.stdout))).toBe(700);
  }));
