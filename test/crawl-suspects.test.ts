import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { archive } from '../src/archiving.ts';
import { behaves, redirects, serves } from '../src/demo/behaviours.ts';
import type { Capture } from '../src/demo/captures.ts';
import type { GivenOptions } from '../src/options.ts';
import { base32 } from '../src/sums.ts';
import { verifyArchive } from '../src/vault/fixity.ts';
import { listOf, quick, recordsOf, treeOf } from './helpers/archives.ts';
import { withFakeArchive } from './helpers/fake-archive.ts';
import { type Running, withFakeBlog } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

const grey = photo(900, 3000);
/** Of twenty posts with a picture each, these have the same one at addresses of their own. */
const greyPosts = [2, 3, 5, 7, 11, 13];
const allPosts = Array.from({ length: 20 }, (_, i) => i + 1);

const script = Object.fromEntries(
  allPosts.map((n) => [`/heron-${n}.jpg`, serves(greyPosts.includes(n) ? grey : photo(n, 3000))]),
);

/** An export of these posts, in this order. */
function exportOf(dir: string, url: string, posts: readonly number[]): string {
  const file = join(dir, 'posts.json');
  const listed = posts.map((n) => ({ id: `post-${n}`, media: [`${url}/heron-${n}.jpg`] }));
  writeFileSync(file, JSON.stringify({ posts: listed }));
  return file;
}

const standing = (root: string) => [
  ...new Map(recordsOf(root).map((record) => [record.item, record])).values(),
];
const postsWith = (root: string, status: string) =>
  standing(root)
    .filter((record) => record.status === status)
    .map(({ post }) => Number(post!.slice(5)))
    .sort((a, b) => a - b);

/** Strangers agree: every file that a record names is there, once, and sound. */
async function expectSound(root: string, files: number): Promise<void> {
  execFileSync('sha256sum', ['--quiet', '-c', 'manifest-sha256.txt'], { cwd: root });
  expect((await verifyArchive(root)).damage).toEqual([]);
  const paths = new Set(standing(root).flatMap(({ path }) => path ?? []));
  expect(paths.size).toBe(files);
}

const withBlog = (test: (blog: Running, dir: string, options: GivenOptions) => Promise<void>) =>
  withTempFolder((dir) =>
    withFakeBlog(script, (blog) => test(blog, dir, { ...quick, directory: join(dir, 'out') })),
  );

describe('a picture that six of twenty posts have at addresses of their own', () => {
  it('is kept, told of with the evidence, and told of again when nothing is new', () =>
    withBlog(async ({ url }, dir, options) => {
      const root = join(dir, 'out');
      const run = archive(exportOf(dir, url, allPosts), options);
      const told: object[] = [];
      run.on('suspect', (event) => void told.push(event));
      expect(await run.finished).toMatchObject({
        listed: 20,
        kept: 15,
        duplicate: 5,
        suspects: 1,
        exitCode: 0,
      });
      expect(told).toEqual([
        expect.objectContaining({
          host: new URL(url).host,
          sha256: expect.any(String),
          posts: expect.any(Number),
        }),
      ]);
      const before = treeOf(root);
      const again = await archive(exportOf(dir, url, allPosts), options).finished;
      expect(again).toMatchObject({ recalled: 20, requests: 0, suspects: 1, exitCode: 0 });
      expect(treeOf(root)).toEqual(before);
      await expectSound(root, 15);
    }));

  const shuffles: [string, number[], number][] = [
    ['as they are', allPosts, 16],
    ['backwards', allPosts.toReversed(), 16],
    ['one at a time', allPosts, 1],
    ['all of them first', [...greyPosts, ...allPosts.filter((n) => !greyPosts.includes(n))], 16],
    ['all of them last, one at a time', [...allPosts.filter((n) => !greyPosts.includes(n)), ...greyPosts], 1],
  ];

  it.each(shuffles)('does not count as kept with --strict, listed %s', (_, order, concurrency) =>
    withBlog(async ({ url }, dir, options) => {
      const root = join(dir, 'out');
      const given = { ...options, strict: true, concurrency, perHost: concurrency };
      const summary = await archive(exportOf(dir, url, order), given).finished;
      expect(summary).toMatchObject({ listed: 20, kept: 14, duplicate: 0, failed: 6, suspects: 1 });
      expect(summary).toMatchObject({ balanced: true, exitCode: 1 });
      expect(postsWith(root, 'failed')).toEqual(greyPosts);
      for (const record of standing(root).filter(({ status }) => status === 'failed')) {
        expect(record).toMatchObject({ reason: { code: 'suspect' }, bytes: 3000, path: expect.any(String) });
      }
      await expectSound(root, 15);
    }),
  );

  it('does not count any more when a later, strict run finds the fifth of them', () =>
    withBlog(async ({ url }, dir, options) => {
      const root = join(dir, 'out');
      const some = allPosts.filter((n) => n < 10);
      expect(await archive(exportOf(dir, url, some), options).finished).toMatchObject({ suspects: 0 });
      const strict = { ...options, strict: true };
      const second = await archive(exportOf(dir, url, allPosts), strict).finished;
      expect(second).toMatchObject({ listed: 20, recalled: 5, kept: 9, failed: 6, balanced: true });
      expect(postsWith(root, 'failed')).toEqual(greyPosts);
      rmSync(join(root, '.oxbow'), { recursive: true }); // a ledger made anew knows the same
      const third = await archive(exportOf(dir, url, allPosts), strict).finished;
      expect(third).toMatchObject({ listed: 20, recalled: 14, failed: 6, balanced: true });
      expect(postsWith(root, 'failed')).toEqual(greyPosts);
      const lenient = await archive(exportOf(dir, url, allPosts), options).finished;
      expect(lenient).toMatchObject({ recalled: 14, duplicate: 6, failed: 0, suspects: 1, exitCode: 0 });
      await expectSound(root, 15);
    }));

  it('is looked for in the web archives by a strict run, which refuses it there as well', () =>
    withBlog(async ({ url, requests }, dir, options) => {
      const root = join(dir, 'out');
      await archive(exportOf(dir, url, allPosts), { ...options, strict: true }).finished;
      const asked = requests.length;
      const time = '20180102030405';
      const type = 'image/jpeg';
      const captures: Capture[] = [
        { url: `${url}/heron-2.jpg`, time, type, body: photo(2, 3000) },
        { url: `${url}/heron-3.jpg`, time, type, body: grey },
      ];
      await withFakeArchive(captures, {}, async (web) => {
        const given = { ...options, strict: true, recovery: true, wayback: web.url };
        const summary = await archive(exportOf(dir, url, allPosts), given).finished;
        expect(summary).toMatchObject({ recalled: 14, recovered: 1, failed: 5, balanced: true });
      });
      expect(requests.length - asked).toBe(6); // each once more: no second look at the same address
      const by = new Map(standing(root).map((record) => [record.post, record]));
      expect(by.get('post-2')).toMatchObject({ status: 'kept', origin: 'snapshot' });
      expect(by.get('post-3')!.tried!.map(({ where, outcome }) => `${where} ${outcome}`)).toEqual([
        'live suspect',
        'wayback suspect',
      ]);
      expect(by.get('post-5')!.tried!.map(({ where, outcome }) => `${where} ${outcome}`)).toEqual([
        'live suspect',
        'wayback no-capture',
      ]);
      expect(by.get('post-5')).toMatchObject({ status: 'failed', path: expect.any(String), bytes: 3000 });
      await expectSound(root, 16);
    }));
});

it('the same picture at many addresses of one post, or in many sizes, is nobody suspicious', () =>
  withTempFolder(async (dir) => {
    const paths = ['heron_100', 'heron_250', 'heron_400', 'heron_500', 'heron_1280', 'heron'];
    await withFakeBlog({}, async ({ url, server }) => {
      for (const path of [...paths, ...allPosts.map((n) => `divider-${n}`)])
        server.add(`/${path}.jpg`, serves(grey));
      const posts = [
        ...paths.map((path, i) => ({ id: `size-${i}`, media: [`${url}/${path}.jpg`] })),
        { id: 'long', media: allPosts.map((n) => `${url}/divider-${n}.jpg`) },
      ];
      writeFileSync(join(dir, 'posts.json'), JSON.stringify({ posts }));
      const given = { ...quick, strict: true, directory: join(dir, 'out') };
      expect(await archive(join(dir, 'posts.json'), given).finished).toMatchObject({
        listed: 26,
        kept: 1,
        duplicate: 25,
        suspects: 0,
        exitCode: 0,
      });
    });
  }));

it('a loss that run after run confirms is counted, and the count is gone when it is found', () =>
  withTempFolder(async (dir) => {
    let body: Buffer | undefined;
    const wavering = behaves(({ response }) => void response.writeHead(body ? 200 : 404).end(body));
    await withFakeBlog({ '/heron-1.jpg': wavering }, async ({ url }) => {
      const root = join(dir, 'out');
      const target = exportOf(dir, url, [1]);
      const given = { ...quick, directory: root };
      const losses = async (options: GivenOptions) => {
        await archive(target, options).finished;
        return recordsOf(root).at(-1)!.losses;
      };
      expect(await losses(given)).toBeUndefined();
      await withFakeArchive([], {}, async (web) => {
        const recovering = { ...given, recovery: true, wayback: web.url };
        expect(await losses(recovering)).toBe(2); // a place that was not asked before
        expect(await losses(recovering)).toBe(2); // not due
        expect(recordsOf(root)).toHaveLength(2);
      });
      body = photo(1, 3000);
      const lines = recordsOf(root).map((record) => ({ ...record, at: '2001-01-01T00:00:00.000Z' }));
      writeFileSync(join(root, 'manifest.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      expect(await losses(given)).toBeUndefined();
      expect(recordsOf(root).at(-1)).toMatchObject({ status: 'kept' });
    });
  }));

it.each(['sha256', 'sha1', 'address'] as const)(
  'what is kept and on the list by its %s is looked for again',
  (sign) =>
    withTempFolder((dir) =>
      withFakeBlog(
        { '/a.jpg': redirects('/removed/1.jpg'), '/removed/1.jpg': serves(photo(1)) },
        async ({ url }) => {
          const target = listOf(dir, [`${url}/a.jpg`]);
          const given = { ...quick, directory: join(dir, 'out') };
          expect(await archive(target, given).finished).toMatchObject({ kept: 1 });
          const entry = {
            sha256: { sha256: createHash('sha256').update(photo(1)).digest('hex') },
            sha1: { sha1: base32(createHash('sha1').update(photo(1)).digest()), bytes: photo(1).length },
            address: { address: `${url}/removed/*` },
          }[sign];
          const placeholders = join(dir, 'p.json');
          writeFileSync(
            placeholders,
            JSON.stringify({ version: 2, placeholders: [{ ...entry, seen: 'here' }] }),
          );
          expect(await archive(target, { ...given, placeholders }).finished).toMatchObject({
            recalled: 0,
            missing: 1,
          });
        },
      ),
    ),
);
