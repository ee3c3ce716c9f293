import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crawl } from '../src/crawl.ts';
import { serves } from '../src/demo/behaviours.ts';
import { quick, recordsOf } from './helpers/archives.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { type FakeTumblr, withFakeTumblr } from './helpers/fake-tumblr.ts';
import { type FakeV1, withFakeV1 } from './helpers/fake-tumblr-v1.ts';
import { photo } from './helpers/media.ts';
import { withTempFolder } from './helpers/temp-folder.ts';
import { postLines } from './helpers/vaults.ts';

const key = '0123456789abcdef0123456789abcdef';
/** A picture of each kind of address, by the post that shows it. */
const paths = {
  '712345678901234568': `/${key}/fedcba9876543210-1a/s1280x1920/9f8e7d6c5b4a.jpg`,
  '712345678901234567': `/${key}/tumblr_fern77o1_1280.jpg`,
} as const;
type Id = keyof typeof paths;
const ids = Object.keys(paths) as Id[];
const keys = { [ids[0]!]: `${key}:fedcba9876543210-1a`, [ids[1]!]: 'fern77o1' };
const timestamps = { [ids[0]!]: 1_500_000_060, [ids[1]!]: 1_500_000_000 };

/** Two posts as the API shows them, as the older API does, and as they stand in an export. */
interface World {
  readonly root: string;
  readonly v2: FakeTumblr;
  readonly asked: () => number;
  readonly byApi: () => ReturnType<typeof crawl>;
  readonly byOldApi: () => ReturnType<typeof crawl>;
  readonly byExport: () => ReturnType<typeof crawl>;
}

const inWorld = (test: (world: World) => Promise<void>) =>
  withTempFolder((dir) =>
    withFakeBlog(
      Object.fromEntries(ids.map((id, n) => [paths[id], serves(photo(n))])),
      async ({ url, requests }) => {
        const folder = await exported(join(dir, 'export'));
        const posts = ids.map((id) => ({ id, timestamp: timestamps[id]!, fields: blocks(url + paths[id]) }));
        const old = ids.map((id) => ({
          ...{ id, type: 'photo', 'unix-timestamp': timestamps[id]! },
          'photo-url-1280': url + paths[id],
        }));
        await withFakeTumblr(posts, (v2) =>
          withFakeV1(old, (v1) => test(worldOf(join(dir, 'out'), { folder, v2, v1 }, () => requests.length))),
        );
      },
    ),
  );

interface Servers {
  readonly folder: string;
  readonly v2: FakeTumblr;
  readonly v1: FakeV1;
}

function worldOf(root: string, { folder, v2, v1 }: Servers, asked: () => number): World {
  const run = (target: string, settings: Record<string, string> = {}) =>
    crawl(target, { ...quick, directory: root, full: true, settings });
  return {
    ...{ root, v2, asked },
    byApi: () => run('tumblr:fern', { 'sources.tumblr.api': v2.api, 'sources.tumblr.key': v2.key }),
    byOldApi: () => run('tumblr:fern', { 'sources.tumblr.v1': v1.base }),
    byExport: () => run(folder),
  };
}

const blocks = (url: string) => ({
  content: [{ type: 'image', media: [{ url, width: 1280, height: 960, has_original_dimensions: true }] }],
});

async function exported(dir: string): Promise<string> {
  for (const [n, id] of ids.entries()) {
    const block = { type: 'image', media: [{ media_key: keys[id], url: `../../media/${id}_0.jpg` }] };
    const body = `<figure data-npf='${JSON.stringify(block)}'><img src="../../media/${id}_0.jpg"></figure>`;
    const files = { [`posts/html/${id}.html`]: body, [`media/${id}_0.jpg`]: photo(n) };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), content);
    }
  }
  return dir;
}

const formsIn = (root: string) =>
  postLines(root)
    .filter(({ line }) => line === 'post')
    .map(({ post }) => post);

describe('a blog archived by the API, by the older one and from an export into one folder', () => {
  it('has each post in each form once, however often they take turns, and its media once', () =>
    inWorld(async ({ root, asked, byApi, byOldApi, byExport }) => {
      expect(await byApi()).toMatchObject({ newPosts: 2, editedPosts: 0, kept: 2, exitCode: 0 });
      for (const by of [byOldApi, byExport])
        expect(await by()).toMatchObject({ newPosts: 0, editedPosts: 0, recalled: 2, kept: 0, exitCode: 0 });
      expect(formsIn(root)).toEqual([...ids, ...ids, ...ids]);
      for (const by of [byApi, byExport, byOldApi, byApi])
        expect(await by()).toMatchObject({ newPosts: 0, editedPosts: 0, recalled: 2, kept: 0, exitCode: 0 });
      expect(formsIn(root)).toHaveLength(6);
      expect(postLines(root).filter(({ line }) => line === 'gone')).toEqual([]);
      const items = ids.map((id) => `tumblr:${keys[id]}`);
      expect(
        recordsOf(root)
          .map(({ item }) => item)
          .sort(),
      ).toEqual(items.sort());
      expect(asked()).toBe(2);
    }));

  it('begun from the export asks for no picture that it has given', () =>
    inWorld(async ({ root, asked, byApi, byExport }) => {
      expect(await byExport()).toMatchObject({ newPosts: 2, kept: 2, exitCode: 0 });
      expect(await byApi()).toMatchObject({ newPosts: 0, editedPosts: 0, recalled: 2, kept: 0, exitCode: 0 });
      expect(recordsOf(root).map(({ origin }) => origin)).toEqual(['adopted', 'adopted']);
      expect(asked()).toBe(0);
    }));

  it('tells what is gone from the blog, though the export has it still', () =>
    inWorld(async ({ root, v2, byApi, byExport }) => {
      await byApi();
      await byExport();
      v2.remove(ids[1]!);
      await byApi();
      const gone = () => postLines(root).filter(({ line }) => line === 'gone');
      expect(gone().map(({ post }) => post)).toEqual([ids[1]]);
      await byExport();
      await byApi();
      expect(gone()).toHaveLength(1);
      expect(formsIn(root)).toHaveLength(4);
    }));
});
