import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { crawl } from '../src/crawl.ts';
import { fails, serves } from '../src/demo/behaviours.ts';
import type { GivenOptions } from '../src/options.ts';
import { verifyArchive } from '../src/vault/fixity.ts';
import { listOf, outcomeOf, quick, recordsOf, treeOf } from './helpers/archives.ts';
import { askedFor, questionsTo, withFakeArchive } from './helpers/fake-archive.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { gif, mp3, photo } from './helpers/media.ts';
import { openFiles } from './helpers/source-suite.ts';
import { withTempFolder } from './helpers/temp-folder.ts';
import { type ZipEntry, zipOf } from './helpers/zip-file.ts';

const page = (body: string) =>
  `<html><body>${body}<div id="footer"><span id="timestamp"> March 1st, 2014 1:30pm </span></div></body></html>`;
const shown = (name: string, more = '') => `<img src="../../media/${name}"${more}>`;

/** The last record about each item, by its address in the export. */
const lastOf = (root: string) => new Map(recordsOf(root).map((record) => [record.url, record]));

async function written(dir: string, entries: readonly ZipEntry[]): Promise<string> {
  for (const { name, body } of entries) {
    await mkdir(dirname(join(dir, String(name))), { recursive: true });
    await writeFile(join(dir, String(name)), body);
  }
  return dir;
}

const whole: readonly ZipEntry[] = [
  { name: 'posts/html/400000001.html', body: page(shown('400000001_0.jpg') + shown('400000001_1.gif')) },
  { name: 'posts/html/400000002.html', body: page(shown('400000002_0.jpg')), packed: true },
  { name: 'posts/html/400000003.html', body: page('<audio src="../../media/400000003_0.mp3">') },
  { name: 'media/400000001_0.jpg', body: photo(1) },
  { name: 'media/400000001_1.gif', body: gif },
  { name: 'media/400000002_0.jpg', body: photo(1), packed: true },
  { name: 'media/400000002_1.jpg', body: photo(2, 700_000), packed: true },
  { name: 'media/400000003_0.mp3', body: mp3 },
];

describe('an archive of an export', () => {
  it('holds all that the export has, as adopted; a second run recalls it all, from a folder or a zip', () =>
    withTempFolder(async (dir) => {
      const folder = await written(join(dir, 'fern'), whole);
      const root = join(dir, 'out');
      const options: GivenOptions = { ...quick, directory: root };
      const first = await crawl(folder, options);
      expect(first).toMatchObject({
        posts: 3,
        listed: 5,
        kept: 4,
        duplicate: 1,
        requests: 0,
        exitCode: 0,
        suspects: 0,
      });
      const records = lastOf(root);
      expect([...records.keys()].sort()).toEqual([
        'export:media/400000001_0.jpg',
        'export:media/400000001_1.gif',
        'export:media/400000002_0.jpg',
        'export:media/400000002_1.jpg',
        'export:media/400000003_0.mp3',
      ]);
      const origins = [...records.values()].map(({ origin }) => origin).sort();
      expect(origins).toEqual(['adopted', 'adopted', 'adopted', 'adopted', 'duplicate']);
      expect(records.get('export:media/400000001_1.gif')).toMatchObject({
        path: expect.stringMatching(/^data\/media\/2014\/03\/400000001_1_[0-9a-f]{8}\.gif$/),
        from: 'export:media/400000001_1.gif',
        attempts: 1,
        response: {},
      });
      expect(await verifyArchive(root)).toMatchObject({
        sound: true,
        closed: true,
        files: expect.any(Number),
      });
      expect(JSON.stringify([...records.values()])).not.toContain(dir);

      const before = treeOf(root);
      const zip = join(dir, 'fern.zip');
      await writeFile(zip, zipOf(whole));
      for (const target of [folder, zip])
        expect(await crawl(target, options)).toMatchObject({ listed: 5, recalled: 5, kept: 0, exitCode: 0 });
      expect(await crawl(folder, { ...options, refresh: true })).toMatchObject({
        recalled: 5,
        requests: 0,
        exitCode: 0,
      });
      expect(treeOf(root).filter((file) => file.startsWith('data/media'))).toEqual(
        before.filter((file) => file.startsWith('data/media')),
      );

      const nested = join(dir, 'nested.zip');
      const posts = whole.filter(({ name }) => String(name).startsWith('posts/'));
      const rest = whole.filter((entry) => !posts.includes(entry));
      await writeFile(nested, zipOf([...rest, { name: 'posts.zip', body: zipOf(posts), packed: true }]));
      await mkdir(join(dir, 'temporary'));
      vi.stubEnv('TMPDIR', join(dir, 'temporary'));
      expect(await crawl(nested, options)).toMatchObject({ recalled: 5, exitCode: 0 });
      expect(await readdir(join(dir, 'temporary'))).toEqual([]);
      vi.unstubAllEnvs();

      const fromZip = join(dir, 'from-zip');
      expect(await crawl(zip, { ...quick, directory: fromZip })).toMatchObject({
        kept: 4,
        duplicate: 1,
        requests: 0,
      });
      expect(outcomeOf(fromZip)).toEqual(outcomeOf(root));
      expect(openFiles().filter((file) => file.startsWith(dir))).toEqual([]);
    }));

  it('has from the web, or from a web archive, what the export lacks and names an address of', () =>
    withTempFolder((dir) =>
      withFakeBlog({ '/b.jpg': serves(photo(12)), '/c.jpg': fails(404) }, async ({ url }) => {
        const twin = (name: string) => ` data-orig-src="${url}/${name}.jpg"`;
        const target = join(dir, 'fern.zip');
        await writeFile(
          target,
          zipOf([
            { name: 'posts/html/400000001.html', body: page(shown('400000001_0.jpg', twin('b'))) },
            { name: 'posts/html/400000002.html', body: page(shown('400000002_0.jpg', twin('c'))) },
            { name: 'posts/html/400000003.html', body: page(shown('400000003_0.jpg')) },
            { name: 'posts/html/400000004.html', body: page(shown('400000004_0.jpg')) },
            { name: 'media/400000002_0.jpg', body: photo(13), crc: 1 },
            { name: 'media/400000004_0.jpg', body: photo(14), packed: true, crc: 1 },
          ]),
        );
        const captures = [
          { url: `${url}/c.jpg`, time: '20140102030405', body: photo(13), type: 'image/jpeg' },
        ];
        await withFakeArchive(captures, {}, async (web) => {
          const root = join(dir, 'out');
          const options = { ...quick, recovery: true, wayback: web.url, directory: root };
          expect(await crawl(target, options)).toMatchObject({
            kept: 1,
            recovered: 1,
            missing: 2,
            failed: 0,
            exitCode: 1,
          });
          const records = lastOf(root);
          expect(records.get('export:media/400000001_0.jpg')).toMatchObject({
            origin: 'alternate',
            from: `${url}/b.jpg`,
            tried: [{ where: 'adopted', outcome: 'lacking', detail: 'the export has no such file' }],
          });
          expect(records.get('export:media/400000002_0.jpg')).toMatchObject({
            origin: 'snapshot',
            tried: [
              { where: 'adopted', outcome: 'checksum' },
              { where: 'adopted', outcome: 'checksum' }, // a second look
              { where: 'alternate', outcome: 'gone' },
            ],
          });
          expect(records.get('export:media/400000003_0.jpg')).toMatchObject({
            status: 'missing',
            reason: { code: 'lacking' },
          });
          expect(records.get('export:media/400000004_0.jpg')).toMatchObject({
            status: 'missing',
            reason: { code: 'checksum', detail: expect.stringMatching(/CRC-32/) },
          });
          const asked = questionsTo(web).map(({ path }) => askedFor(path));
          expect(asked.length).toBeGreaterThan(0);
          for (const address of asked) expect(address).not.toContain('export:');
          expect(await verifyArchive(root)).toMatchObject({ sound: true });
        });
      }),
    ));

  it('lacks what is not at hand, until the export is given again, repaired', () =>
    withTempFolder(async (dir) => {
      const root = join(dir, 'out');
      const options = { ...quick, directory: root };
      const posts = { name: 'posts/html/400000001.html', body: page(shown('400000001_0.jpg')) };
      const folder = await written(join(dir, 'fern'), [posts]);
      const url = 'export:media/400000001_0.jpg';
      expect(await crawl(folder, options)).toMatchObject({ missing: 1, exitCode: 1 });
      expect(await crawl(folder, options)).toMatchObject({ missing: 1, exitCode: 1 });

      await withFakeBlog({ '/a.jpg': serves(photo(1)) }, async (blog) => {
        const list = listOf(dir, [`${blog.url}/a.jpg`]);
        expect(await crawl(list, options)).toMatchObject({ kept: 1, failed: 1, exitCode: 1 });
      });
      expect(lastOf(root).get(url)).toMatchObject({ status: 'failed', reason: { code: 'not-at-hand' } });

      await written(folder, [{ name: 'media/400000001_0.jpg', body: photo(2) }]);
      await rename(folder, join(dir, 'moved'));
      expect(await crawl(join(dir, 'moved'), options)).toMatchObject({ kept: 1, failed: 0, exitCode: 0 });
      expect(lastOf(root).get(url)).toMatchObject({ status: 'kept', origin: 'adopted' });
    }));
});
