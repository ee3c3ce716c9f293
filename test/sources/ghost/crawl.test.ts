import { join } from 'node:path';
import { expect, it } from 'vitest';
import { archive } from '../../../src/archiving.ts';
import { quick, recordsOf } from '../../helpers/archives.ts';
import { photos } from '../../helpers/media.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { type FakeGhost, postsFrom, sendJson, withGhost } from './fake-ghost.ts';

/** Serves a picture to each post, and to every second one its original beside it. */
function servePictures(blog: FakeGhost): void {
  const [reduced, originals] = [photos(10), photos(20).slice(10)];
  blog.before = ({ path }, response) => {
    const [, id, original] = /^\/content\/images\/2024\/01\/(\d+?)(_o)?\.jpg$/.exec(path) ?? [];
    const nth = blog.posts.findIndex((post) => post.id === id);
    if (id === undefined || nth < 0 || (original && nth % 2 === 1)) return false;
    const body = (original ? originals : reduced)[nth]!;
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': body.length }).end(body);
    return true;
  };
}

it('archives a blog with its originals, and once more for a few questions', () =>
  withTempFolder((dir) =>
    withGhost(async (blog) => {
      blog.posts.push(...postsFrom(0, 8));
      servePictures(blog);
      const directory = join(dir, 'out');
      const run = () => archive(`${blog.url}/welcome/`, { ...quick, directory }).finished;
      expect(await run()).toMatchObject({ kept: 8, posts: 8, postsStated: 8, postsHeld: 8, exitCode: 0 });
      const from = recordsOf(directory).map((record) => record.from!.includes('_o.jpg'));
      expect(from.filter(Boolean)).toHaveLength(4);

      blog.calls.length = 0;
      Object.assign(blog.posts[2]!, { title: 'Edited', changed: Math.floor(Date.now() / 1000) });
      expect(await run()).toMatchObject({ kept: 0, newPosts: 0, editedPosts: 1, exitCode: 0 });
      expect(blog.calls.filter(({ path }) => path.includes('/api/')).length).toBeLessThanOrEqual(5);
      expect(blog.calls.filter(({ path }) => path.startsWith('/content/'))).toEqual([]);
    }),
  ));

it('goes on behind an interruption, and holds all posts in the end', () =>
  withTempFolder((dir) =>
    withGhost(async (blog) => {
      blog.posts.push(...postsFrom(0, 250));
      const directory = join(dir, 'out');
      const run = () => archive(`ghost:${blog.url}/`, { ...quick, directory, type: ['audio'] }).finished;
      blog.before = ({ path, query }, response) =>
        path.includes('/posts/') && blog.calls.filter((call) => call.query.get('limit') === '100').length > 3
          ? sendJson(response, { errors: [{ message: `down ${query.get('page')}` }] }, 404)
          : false;
      expect(await run().catch((error) => error.exitCode)).toBe(3);
      blog.before = () => false;
      blog.posts.push(...postsFrom(600, 5));
      expect(await run()).toMatchObject({ postsStated: 255, postsHeld: 255, exitCode: 0 });
      expect(await run()).toMatchObject({ newPosts: 0, editedPosts: 0, exitCode: 0 });
      blog.posts.push(...postsFrom(700, 2, 1_600_000_000)); // as an import puts them in
      expect(await run()).toMatchObject({ newPosts: 2, postsStated: 257, postsHeld: 257, exitCode: 0 });
      blog.calls.length = 0;
      expect(await run()).toMatchObject({ newPosts: 0, exitCode: 0 });
      expect(blog.calls.length).toBeLessThanOrEqual(5);
    }),
  ));
