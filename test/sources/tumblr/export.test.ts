import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it, test, vi } from 'vitest';
import { SourceError } from '../../../src/errors.ts';
import type { Listing, Source } from '../../../src/sources/source.ts';
import { claimsExport, openExport } from '../../../src/sources/tumblr/export.ts';
import { openFiles, postsOf, testContext, testSource } from '../../helpers/source-suite.ts';
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

  it('leaves posts in XML to whoever can read them, unless they have a page', async () => {
    await withTempFolder(async (dir) => {
      await written(dir, { 'posts/html/1.html': page('page'), 'posts/posts.xml': '<tumblr/>' });
      const handed: string[] = [];
      async function* readXml(bytes: AsyncIterable<Uint8Array>, name: string) {
        for await (const chunk of bytes) handed.push(`${name} ${Buffer.from(chunk)}`);
        for (const id of ['1', '2']) yield { id, date: null, url: null, raw: 'xml', items: [] };
      }
      const posts = await postsOf(await openExport(dir, testContext(), { readXml }));
      expect(posts.map(({ id, raw }) => [id, raw === 'xml'])).toEqual([
        ['1', false],
        ['2', true],
      ]);
      expect(handed).toEqual(["'posts/posts.xml' <tumblr/>"]);
      const context = testContext();
      await postsOf(await openExport(dir, context));
      expect(context.warnings).toEqual(["'posts/posts.xml' in the export is not read."]);
    });
  });
});

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
