import { join } from 'node:path';
import { expect, it } from 'vitest';
import { archive } from '../../../src/archiving.ts';
import type { GivenOptions } from '../../../src/options.ts';
import { quick, recordsOf } from '../../helpers/archives.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { postLines } from '../../helpers/vaults.ts';
import { type FakeWordPress, medium, refuses, rows, withWordPress } from './fake-wordpress.ts';

/** Posts of which each shows the picture of its number, somewhere in the blog itself. */
const pictured = (...given: Parameters<typeof rows>) =>
  rows(...given).map(({ link: _, ...row }) => ({
    ...row,
    content: { rendered: `<img src="/wp-content/uploads/${row.id}.jpg">` },
  }));

async function run({ url }: FakeWordPress, directory: string, given: GivenOptions = {}) {
  const settings = { 'sources.wordpress.limit': '10' };
  return archive(url, { ...quick, settings, directory, ...given }).finished;
}

const idsOf = (root: string) => [...new Set(postLines(root).flatMap(({ post }) => post ?? []))];

it('archives a blog, then what is new of it and what is edited, with few questions', () =>
  withTempFolder(async (dir) => {
    const root = join(dir, 'blog');
    await withWordPress({ posts: pictured(45) }, async (blog) => {
      blog.has.media.push(medium(900, 0, { source_url: `${blog.url}wp-content/uploads/900.jpg` }));
      expect(await run(blog, root)).toMatchObject({
        kept: 46,
        newPosts: 46,
        failed: 0,
        missing: 0,
        exitCode: 0,
      });
      const before = blog.calls.length;
      const still = await run(blog, root);
      expect(still).toMatchObject({ kept: 0, newPosts: 0, editedPosts: 0, exitCode: 0 });
      expect(blog.calls.length - before).toBeLessThanOrEqual(12);

      blog.has.posts.push(...pictured(23, (n) => 60 * 45 + n, 46));
      blog.has.posts[3] = {
        ...blog.has.posts[3]!,
        modified: '2099-01-01T00:00:00',
        title: { rendered: 'Another title' },
      };
      expect(await run(blog, root)).toMatchObject({ kept: 23, newPosts: 23, editedPosts: 1, exitCode: 0 });
      expect(idsOf(root)).toHaveLength(69);
    });
  }));

it('goes on after a run that was broken off, without a hole', () =>
  withTempFolder(async (dir) => {
    const root = join(dir, 'blog');
    let isBroken = true;
    await withWordPress(
      { posts: pictured(60) },
      async (blog) => {
        await expect(run(blog, root, { retries: 0 })).rejects.toThrow(/cannot be listed/);
        const had = idsOf(root).length;
        expect([had > 0, had < 60]).toEqual([true, true]);
        isBroken = false;
        blog.has.posts.push(...pictured(15, (n) => 60 * 60 + n, 61));
        expect(await run(blog, root)).toMatchObject({ failed: 0, exitCode: 0 });
        expect(idsOf(root)).toHaveLength(75);
        expect(
          new Set(
            recordsOf(root)
              .filter(({ status }) => status === 'kept')
              .map(({ item }) => item),
          ).size,
        ).toBe(75);
      },
      {
        misbehaves: ({ query }) =>
          isBroken && (query.get('before') ?? '9') < '2023-11-15T00:40'
            ? (response) => void response.writeHead(418).end('{}')
            : undefined,
      },
    );
  }));

it('takes nothing for gone of a type that the blog refuses while all is listed again', () =>
  withTempFolder(async (dir) => {
    const root = join(dir, 'blog');
    let isClosed = false;
    await withWordPress(
      { posts: pictured(3) },
      async (blog) => {
        blog.has.media.push(medium(900, 0, { source_url: `${blog.url}wp-content/uploads/900.jpg` }));
        expect(await run(blog, root)).toMatchObject({ newPosts: 4, exitCode: 0 });
        isClosed = true;
        blog.has.posts.pop();
        expect(await run(blog, root, { full: true })).toMatchObject({ gonePosts: 0, unread: 1, exitCode: 1 });
        isClosed = false;
        expect(await run(blog, root, { full: true })).toMatchObject({ gonePosts: 1, unread: 0, exitCode: 0 });
      },
      {
        misbehaves: ({ path }) =>
          isClosed && path === 'wp/v2/media' ? refuses(403, 'rest_forbidden') : undefined,
      },
    );
  }));
