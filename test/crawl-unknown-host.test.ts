import { join } from 'node:path';
import { expect, it } from 'vitest';
import { crawl } from '../src/crawl.ts';
import { fails, gone, serves } from '../src/demo/behaviours.ts';
import type { GivenOptions } from '../src/options.ts';
import type { Report } from '../src/progress.ts';
import { quick, recordsOf } from './helpers/archives.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { withTempFolder } from './helpers/temp-folder.ts';
import { postsFrom, sendJson, withGhost } from './sources/ghost/fake-ghost.ts';

it('asks for what the archive lacks, though nobody can tell any more what stood at its address', () =>
  withTempFolder((dir) =>
    withFakeBlog(
      {
        // looked at, and read; then it is gone
        '/blog': serves(JSON.stringify([{ id: 'a', image: '/a.jpg' }]), { type: 'application/json' })
          .times(2)
          .then(gone()),
        '/a.jpg': fails(503)
          .times(2)
          .then(serves(photo(1))),
      },
      async ({ url, requests }) => {
        const options = { ...quick, retries: 1, destination: dir, recovery: false };
        expect(await crawl(`${url}/blog`, options)).toMatchObject({ failed: 1, exitCode: 1 });
        await expect(crawl(`${url}/blog`, options)).rejects.toMatchObject({
          code: 'ERR_SOURCE',
          exitCode: 3,
        });
        expect(requests.filter(({ path }) => path === '/a.jpg')).toHaveLength(3);
        const name = `${new URL(url).host.replace(':', '_')}-blog`;
        expect(recordsOf(join(dir, name)).at(-1)).toMatchObject({ status: 'kept' });
        await expect(crawl(`${url}/blog`, { ...options, destination: join(dir, 'other') })).rejects.toThrow(
          'is gone',
        );
      },
    ),
  ));

it('puts no pages among the posts that a platform has listed, where that cannot be asked for once', () =>
  withTempFolder((dir) =>
    withGhost(async (blog) => {
      blog.posts.push(...postsFrom(0, 3));
      const warnings: string[] = [];
      const report: Report = (event) => event.event === 'warning' && warnings.push(event.message);
      const run = (name: string, more: GivenOptions = {}) =>
        crawl(`${blog.url}/welcome/`, {
          ...quick,
          directory: join(dir, name),
          type: ['audio'],
          report,
          ...more,
        });
      expect(await run('held')).toMatchObject({ newPosts: 3, exitCode: 0 });

      blog.calls.length = 0;
      blog.before = ({ path }, response) =>
        path.includes('/ghost/api/') && sendJson(response, { errors: [{ message: 'closed' }] }, 403);
      await expect(run('held')).rejects.toMatchObject({ code: 'ERR_AUTH' });
      expect(blog.calls.filter(({ path }) => path.includes('/ghost/api/'))).not.toHaveLength(0);
      expect(warnings.at(-1)).toBe(
        'This archive was listed by the source ghost; --source site goes on by another.',
      );
      await run('fresh').catch(() => undefined); // its page shows nothing by itself
      expect(warnings.at(-1)).toMatch(/The source site takes it in place of ghost, and may find less\.$/);

      blog.before = ({ path }, response) =>
        path === '/welcome/' &&
        Boolean(
          response.writeHead(200, { 'content-type': 'text/html' }).end('<p>We move. <a href="/x">Soon</a>'),
        );
      await expect(run('held')).rejects.toMatchObject({
        exitCode: 3,
        message: expect.stringContaining('the source ghost, which does not know the address any more'),
      });

      blog.before = () => false;
      expect(await run('held')).toMatchObject({ newPosts: 0, postsHeld: 3, exitCode: 0 });
    }),
  ));
