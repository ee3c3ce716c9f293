import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it, test, vi } from 'vitest';
import { SourceError } from '../../../src/errors.ts';
import type { Listing, Source } from '../../../src/sources/source.ts';
import { claimsExport, openExport } from '../../../src/sources/tumblr/export.ts';
import { postsInXml } from '../../../src/sources/tumblr/export-xml.ts';
import { openFiles, pagesOf, postsOf, testContext, testSource } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { type ZipEntry, zipOf } from '../../helpers/zip-file.ts';

const folder = 'fixtures/tumblr-export';
const fern = join(folder, 'fern', 'input');

const source: Source = {
  name: 'tumblr',
  takes: 'an export',
  settings: {},
  claims: claimsExport,
  open: openExport,
};

testSource(source, folder);

/** Every file below a folder, as entries of a zip. */
async function packed(from: string, under = ''): Promise<ZipEntry[]> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => ({
      name: under + relative(from, file).replaceAll('\\', '/'),
      body: await readFile(file),
      packed: file.endsWith('.html'),
    })),
  );
}

async function written(dir: string, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  for (const [name, body] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), body);
  }
  return dir;
}

async function bytesOf({ files }: Listing, url: string): Promise<Buffer | undefined> {
  const opened = await files!.open(url);
  if (!opened) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.body) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** What an export lists, and the bytes of all that it hands over. */
async function allOf(target: string) {
  const context = testContext();
  const listing = await openExport(target, context);
  const posts = await postsOf(listing);
  const bytes: Record<string, string | undefined> = {};
  for (const { url } of posts.flatMap(({ items }) => items))
    if (url.startsWith('export:')) bytes[url] = (await bytesOf(listing, url))?.toString('base64');
  await listing.close?.();
  return { posts, bytes, warnings: context.warnings };
}

const page = (body: string) => `<html><body>${body}<div id="footer"></div></body></html>`;

describe('an export', () => {
  it('is the same as a folder, a zip, a zip with a folder around it, and one whose posts are a zip of their own', async () => {
    const expected = await allOf(fern);
    expect(Object.values(expected.bytes).filter((bytes) => bytes === undefined)).toHaveLength(1); // the missing one
    const entries = await packed(fern);
    const isPost = ({ name }: ZipEntry) => String(name).startsWith('posts/');
    const posts = zipOf(
      entries.filter(isPost).map((entry) => ({ ...entry, name: String(entry.name).slice('posts/'.length) })),
    );
    const rest = entries.filter((entry) => !isPost(entry));
    const media = rest.filter(({ name }) => String(name).startsWith('media/'));
    const zips = {
      'plain.zip': zipOf(entries),
      'large.zip': zipOf(entries, { large: true }),
      'around.zip': zipOf(await packed(fern, 'fern-2024/')),
      'stored.zip': zipOf([...rest, { name: 'posts.zip', body: posts }]),
      'deflated.zip': zipOf([...rest, { name: 'posts.zip', body: posts, packed: true }]),
      'of-1.zip': zipOf(entries.filter((entry) => !media.includes(entry))),
      'of-2.zip': zipOf(media),
    };
    await withTempFolder(async (dir) => {
      vi.stubEnv('TMPDIR', dir);
      for (const [name, bytes] of Object.entries(zips)) await writeFile(join(dir, name), bytes);
      for (const name of ['plain.zip', 'large.zip', 'around.zip', 'stored.zip', 'deflated.zip', 'of-*.zip']) {
        const target = join(dir, name);
        expect(claimsExport(target), name).toBe(true);
        const { posts, bytes } = await allOf(target);
        expect({ posts, bytes }, name).toEqual({ posts: expected.posts, bytes: expected.bytes });
        expect(openFiles().filter((file) => file.startsWith(dir))).toEqual([]);
      }
      await written(join(dir, 'unpacked'), { 'posts.zip': posts });
      await cp(join(fern, 'media'), join(dir, 'unpacked', 'media'), { recursive: true });
      expect(claimsExport(join(dir, 'unpacked'))).toBe(true);
      expect((await allOf(join(dir, 'unpacked'))).posts).toEqual(expected.posts);
      expect((await readdir(dir)).filter((name) => name.startsWith('oxbow-export-'))).toEqual([]);
      vi.unstubAllEnvs();
    });
  });

  it('lists by the number of the post, the newest first, by pages of a hundred', async () => {
    await withTempFolder(async (dir) => {
      const ids = [
        ...Array.from({ length: 249 }, (_, n) => String(n + 1)),
        '712345678901234567',
        '712345678901234568',
      ];
      await written(dir, Object.fromEntries(ids.map((id) => [`posts/html/${id}.html`, page('<p>x</p>')])));
      const pages: number[] = [];
      const listed: string[] = [];
      for await (const { posts } of (await openExport(dir, testContext())).pages(undefined)) {
        pages.push(posts.length);
        listed.push(...posts.map(({ id }) => id));
      }
      expect(pages).toEqual([100, 100, 51]);
      expect(listed).toEqual(ids.reverse());
    });
  });

  it('hands over nothing but its media, whatever is asked of it', async () => {
    const listing = await openExport(fern, testContext());
    for (const url of [
      'export:media/%2e%2e/payload-0.json',
      'export:media/../payload-0.json',
      'export:payload-0.json',
      'export:/etc/passwd',
      'export:media/%',
      'export:',
    ])
      expect(await bytesOf(listing, url)).toBeUndefined();
    expect(await bytesOf(listing, 'export:media/header.webp')).toBeDefined();
  });

  it('gives names of any letters addresses that lead back to them', async () => {
    await withTempFolder(async (dir) => {
      const names = ['ä ö.jpg', '100%.jpg', 'a#b?c.jpg', '%41.jpg'];
      await written(dir, {
        'posts/html/1.html': page('<img src="../../media/%C3%A4%20%C3%B6.jpg?size=1">'),
        ...Object.fromEntries(names.map((name) => [`media/${name}`, name])),
      });
      const listing = await openExport(dir, testContext());
      const posts = await postsOf(listing);
      expect(posts[0]!.items.map(({ url }) => url)).toEqual(['export:media/%C3%A4%20%C3%B6.jpg']);
      const urls = new Set(posts.flatMap(({ items }) => items.map(({ url }) => url)));
      const given = await Promise.all([...urls].map((url) => bytesOf(listing, url)));
      expect(given.map(String).sort()).toEqual([...names].sort());
    });
  });

  it('has what was uploaded before what the web has of it, and says of no address the size of another', async () => {
    await withTempFolder(async (dir) => {
      const remote = 'https://pictures.heron.example/a.jpg';
      const names = `src="../../media/400000001_0.jpg" srcset="${remote} 1280w"`;
      await written(dir, { 'posts/html/400000001.html': page(`<img ${names}>`) });
      const [post] = await postsOf(await openExport(dir, testContext()));
      const url = 'export:media/400000001_0.jpg';
      expect(post!.items).toEqual([
        {
          id: expect.any(String),
          kind: 'image',
          url,
          alternates: [remote],
          post: '400000001',
          index: 0,
          date: null,
        },
      ]);
    });
  });

  it('of an older kind, with its pictures in images/, is read alike', async () => {
    await withTempFolder(async (dir) => {
      await written(dir, {
        'index.html': '<html></html>',
        'posts/512345678.html': page('<img src="../images/512345678.jpg">'),
        'images/512345678.jpg': 'x',
      });
      expect(claimsExport(dir)).toBe(true);
      const [post] = await postsOf(await openExport(dir, testContext()));
      expect(post!.items.map(({ url }) => url)).toEqual(['export:images/512345678.jpg']);
    });
  });

  it('that has a thousand posts in XML is read as they stand, whatever else is written in XML there', async () => {
    await withTempFolder(async (dir) => {
      const all = Array.from({ length: 1000 }, (_, n) =>
        post(String(712_345_678_900 - n), `Moss &amp; ${n}`),
      );
      await written(dir, { 'posts/posts.xml': xml(...all), 'posts/style.xml': '<theme><a/></theme>' });
      const context = testContext();
      const pages = await pagesOf(await openExport(dir, context));
      expect(pages.map(({ posts }) => posts.length)).toEqual(Array.from({ length: 10 }, () => 100));
      const posts = pages.flatMap(({ posts }) => posts);
      expect(posts.map(({ id }) => id)).toEqual(all.map((_, n) => String(712_345_678_900 - n)));
      expect(posts.at(-1)!.raw).toEqual({ id: '712345677901', 'regular-body': 'Moss & 999' });
      expect(context.warnings).toEqual(["'posts/style.xml' in the export is not read."]);
    });
  });

  it('has each post once, of pages and XML', async () => {
    await withTempFolder(async (dir) => {
      await written(dir, {
        'posts/html/400000001.html': page('page'),
        'posts/a.xml': xml(post('400000001', 'xml'), post('400000002', 'first'), post('7', 'short')),
        'posts/b.xml': xml(post('400000002', 'second')),
        'media/400000002_0.jpg': 'a',
        'media/7.jpg': 'b',
        'media/8.jpg': 'c',
      });
      const { posts } = await allOf(dir);
      expect(posts.map(({ id, items }) => [id, items.map(({ url }) => url)])).toEqual([
        ['400000002', ['export:media/400000002_0.jpg']],
        ['7', ['export:media/7.jpg']],
        ['400000001', []],
        ['export:media/8.jpg', ['export:media/8.jpg']],
      ]);
      expect(posts[0]!.raw).toMatchObject({ 'regular-body': 'first' });
    });
  });
});

const post = (id: string, body: string) => `<post id="${id}"><regular-body>${body}</regular-body></post>`;
const xml = (...posts: readonly string[]) => `<tumblr><posts>${posts.join('')}</posts></tumblr>`;

describe('what is wrong with an export', () => {
  test('F11 pages that are damaged, endless or encrypted are skipped, and their media are not', async () => {
    await withTempFolder(async (dir) => {
      const file = join(dir, 'a.zip');
      const huge = Buffer.alloc(32 * 2 ** 20 + 1, 'x');
      await writeFile(
        file,
        zipOf([
          { name: 'posts/html/400000001.html', body: page('one') },
          { name: 'posts/html/400000002.html', body: page('two'), crc: 1 },
          { name: 'posts/html/400000003.html', body: huge, packed: true },
          { name: 'posts/html/400000004.html', body: page('four'), flags: 0x801 },
          { name: 'posts/html/../400000005.html', body: page('five') },
          { name: 'media/400000002_0.jpg', body: 'picture' },
        ]),
      );
      const unread: string[] = [];
      const context = testContext({
        report: (event) =>
          void (event.event !== 'post' && unread.push('message' in event ? event.message : event.event)),
      });
      const posts = await postsOf(await openExport(file, context));
      expect(posts.map(({ id, items }) => [id, items.length])).toEqual([
        ['400000002', 1],
        ['400000001', 0],
      ]);
      expect(unread).toEqual([
        '1 entry of the export left out: links, doubles, or names that lead out of it.',
        'unread',
        "'posts/html/400000004.html' cannot be read, and is skipped: it is encrypted.",
        'unread',
        "'posts/html/400000003.html' cannot be read, and is skipped: it is larger than 32 MiB.",
        'unread',
        expect.stringMatching(/^'posts\/html\/400000002\.html' cannot be read, and is skipped: its checksum/),
      ]);
    });
  });

  test.each<[string, string, readonly string[], RegExp | undefined]>([
    [
      'that was cut',
      xml(post('1', 'one'), post('2', 'two')).slice(0, -40),
      ['1'],
      /cannot be read to its end: it ends in the middle, after 1 whole post\.$/,
    ],
    [
      'that was cut behind its last post',
      xml(post('1', 'one')).slice(0, -12),
      ['1'],
      /ends in the middle, after 1 whole post/,
    ],
    ['that was cut at its beginning', '<tumblr', [], /is not read\.$/],
    ['without a word', '', [], /is not read\.$/],
    [
      'with a post that is nested without end',
      xml(post('1', 'one'), post('2', '<a>'.repeat(100_000))),
      ['1'],
      /it is nested deeper than 32 levels, after 1 whole post/,
    ],
    [
      'with a post of elements without end',
      xml(post('1', 'one'), post('2', '<a/>'.repeat(100_000))),
      ['1'],
      /more elements and attributes than there can be in a post, after 1 whole post/,
    ],
    [
      'with a tag of attributes without end',
      xml(post('1', 'one'), `<post ${Array.from({ length: 100_001 }, (_, n) => `a${n}=""`).join(' ')}/>`),
      ['1'],
      /more elements and attributes/,
    ],
    [
      'with as many elements as there may be, and that twice',
      xml(post('1', '<a/>'.repeat(99_990)), post('2', '<a/>'.repeat(99_990))),
      ['1', '2'],
      undefined,
    ],
  ])('F11 XML %s gives what comes before that, and is told of', async (_, text, ids, warning) => {
    await withTempFolder(async (dir) => {
      await written(dir, { 'posts/posts.xml': text });
      const events: string[] = [];
      const context = testContext({
        report: (event) => void events.push('message' in event ? event.message : event.event),
      });
      expect((await postsOf(await openExport(dir, context))).map(({ id }) => id)).toEqual(ids);
      expect(events).toEqual(warning ? ['unread', expect.stringMatching(warning)] : []);
    });
  });

  test.each<[string, string]>([
    ['text', ''],
    ['a part that is not parsed', '<![CDATA['],
    ['a comment', '<!--'],
    ['a tag', '<a b="'],
  ])('F11 no post in XML is larger than 32 MiB, be it of %s', async (_, before) => {
    const much = Buffer.alloc(65_536, 'x');
    let taken = 0;
    async function* bytes() {
      yield Buffer.from(`<tumblr><posts>${post('1', 'one')}<post>${before}`);
      for (; taken < 50_000_000; taken += much.length) yield much;
    }
    const ids: unknown[] = [];
    const reading = async () => {
      for await (const { id } of postsInXml(bytes(), () => undefined)) ids.push(id);
    };
    await expect(reading()).rejects.toThrow(
      /^it has a post, or a single tag, larger than 32 MiB, after 1 whole post$/,
    );
    expect([ids, taken]).toEqual([['1'], 2 ** 25]);
  });

  test('F11 XML of any size is read in little memory, whatever lies between its posts', async () => {
    const between = Buffer.from(`${' '.repeat(60_000)}<!-- moss --><more>fern</more>${post('1', 'one')}`);
    const [begun, ended] = xml('|').split('|') as [string, string];
    let most = 0;
    async function* bytes() {
      yield Buffer.from(begun);
      for (let n = 0; n < 1500; n++) {
        yield between;
        if (n % 500 === 499) most = Math.max(most, process.memoryUsage().heapUsed);
      }
      yield Buffer.from(ended);
    }
    let count = 0;
    const before = process.memoryUsage().heapUsed;
    for await (const _ of postsInXml(bytes(), () => undefined)) count++;
    expect(count).toBe(1500);
    expect(most - before).toBeLessThan(60 * 2 ** 20); // of 90 MB
  });

  test('F11 XML expands no entity of its own, and opens none from elsewhere', async () => {
    const grown = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join(
      '',
    );
    const head = `<?xml version="1.0"?><!DOCTYPE t [<!ENTITY e0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">${grown}]>`;
    await withTempFolder(async (dir) => {
      await written(dir, { 'posts/posts.xml': head + xml(post('1', '&e9;&f;&#33;&quot;')) });
      const { posts, warnings } = await allOf(dir);
      expect(posts.map(({ raw }) => raw)).toEqual([{ id: '1', 'regular-body': '&e9;&f;!"' }]);
      expect(warnings).toEqual([]);
    });
  });

  test('F11 links in a folder are not followed', async () => {
    await withTempFolder(async (dir) => {
      const secret = await mkdtemp(join(tmpdir(), 'oxbow-secret-'));
      await written(secret, { 'secret.jpg': 'secret', 'deep/400000009_0.jpg': 'secret' });
      await written(dir, {
        'posts/html/400000001.html': page('<img src="../../media/link.jpg">'),
        'media/a.jpg': 'a',
      });
      await symlink(join(secret, 'secret.jpg'), join(dir, 'media', 'link.jpg'));
      await symlink(join(secret, 'deep'), join(dir, 'media', 'more'));
      const context = testContext();
      const listing = await openExport(dir, context);
      const posts = await postsOf(listing);
      expect(posts.flatMap(({ items }) => items.map(({ url }) => url))).toEqual([
        'export:media/link.jpg',
        'export:media/a.jpg',
      ]);
      expect(await bytesOf(listing, 'export:media/link.jpg')).toBeUndefined();
      expect(context.warnings).toEqual([expect.stringMatching(/^2 entries of the export left out: links/)]);
      await rm(secret, { recursive: true });
    });
  });

  test.each<[string, Record<string, string | Buffer>, string, RegExp]>([
    [
      'a zip that was cut short',
      { 'a.zip': zipOf([{ name: 'a', body: 'a' }]).subarray(0, 40) },
      'a.zip',
      /a\.zip' is no whole zip file/,
    ],
    [
      'a zip of something else',
      { 'a.zip': zipOf([{ name: 'a', body: 'a' }]) },
      'a.zip',
      /^There is neither a post nor a medium/,
    ],
    ['a folder of something else', { 'd/a.txt': 'a' }, 'd', /^There is neither a post nor a medium/],
    [
      'posts in a zip that is damaged',
      { 'a.zip': zipOf([{ name: 'posts.zip', body: 'none', packed: true, crc: 1 }]) },
      'a.zip',
      /^'posts\.zip' within the export is damaged: its checksum/,
    ],
    [
      'posts in a zip that is none',
      { 'a.zip': zipOf([{ name: 'posts.zip', body: 'none' }]) },
      'a.zip',
      /^'posts\.zip' is no whole zip file/,
    ],
  ])('%s is told of in a sentence', async (_, files, target, message) => {
    await withTempFolder(async (dir) => {
      await written(dir, files);
      const opening = openExport(join(dir, target), testContext());
      await expect(opening).rejects.toThrow(SourceError);
      await expect(opening).rejects.toThrow(message);
    });
  });
});

describe('what is claimed', () => {
  test.each<[string, boolean, Record<string, string | Buffer>, string]>([
    ['a folder in a folder', true, { 'x/fern/posts/html/1.html': '', 'x/fern/media/1_0.jpg': '' }, 'x'],
    ['text alone', true, { 'x/posts/html/1.html': '' }, 'x'],
    ['posts without a folder of their own, and no media', false, { 'x/posts/1.html': '' }, 'x'],
    [
      'pages that are not called by numbers',
      false,
      { 'x/posts/html/about.html': '', 'x/media/1.jpg': '' },
      'x',
    ],
    ['a zip of pictures', false, { 'a.zip': zipOf([{ name: 'media/1_0.jpg', body: '' }]) }, 'a.zip'],
    [
      'a zip in which text looks like names',
      false,
      { 'a.zip': zipOf([{ name: 'a', body: 'posts/html/1.html' }]) },
      'a.zip',
    ],
    ['what is no zip', false, { 'a.zip': 'moss' }, 'a.zip'],
    ['an empty file', false, { 'a.zip': '' }, 'a.zip'],
    ['nothing', false, {}, 'x'],
  ])('%s: %s', async (_, isClaimed, files, target) => {
    await withTempFolder(async (dir) => {
      await written(dir, files);
      expect(claimsExport(join(dir, target))).toBe(isClaimed);
    });
  });

  it('is not an address, nor a bare name', () => {
    expect(claimsExport('https://fern.tumblr.com/')).toBe(false);
    expect(claimsExport('fern')).toBe(false);
  });
});
