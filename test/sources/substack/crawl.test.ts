import { join } from 'node:path';
import { expect, it } from 'vitest';
import { archive } from '../../../src/archiving.ts';
import { quick } from '../../helpers/archives.ts';
import { photos } from '../../helpers/media.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { postsFrom, withSubstack } from './fake-substack.ts';

it('archives a publication, and once more for a single question', () =>
  withTempFolder((dir) =>
    withSubstack(async (fake) => {
      const pictures = photos(31);
      fake.posts = postsFrom(0, 30);
      fake.before = (path, response) => {
        const [, id] = /^\/pictures\/(\d+)\.png$/.exec(path) ?? [];
        if (id === undefined) return false;
        response.writeHead(200, { 'content-type': 'image/jpeg' }).end(pictures[Number(id)]);
        return true;
      };
      const directory = join(dir, 'out');
      const run = () => archive(`substack:${fake.url}`, { ...quick, directory }).finished;
      expect(await run()).toMatchObject({ kept: 30, posts: 30, exitCode: 0 });
      fake.calls.length = 0;
      expect(await run()).toMatchObject({ kept: 0, newPosts: 0, editedPosts: 0, exitCode: 0 });
      expect(fake.calls).toHaveLength(1);
      fake.posts.unshift(...postsFrom(30, 1));
      Object.assign(fake.posts[2]!, { words: 7, text: 'Fewer words.' });
      fake.calls.length = 0;
      expect(await run()).toMatchObject({ kept: 1, newPosts: 1, editedPosts: 1, exitCode: 0 });
      expect(fake.calls.filter((path) => path.includes('/posts/'))).toHaveLength(2);
    }),
  ));
