import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { archive } from '../../../src/archiving.ts';
import { quick, recordsOf } from '../../helpers/archives.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { minutes, says, withFakeBlogger } from './fake-blogger.ts';

const film = readFileSync('fixtures/media/mp4-faststart.mp4');
const token = 'AD6v5dyFernToken_0123456789-abc';

it('is kept from the stream that its page names right before, once, with the pictures beside it', () =>
  withTempFolder((dir) => {
    let streams = 0;
    return withFakeBlogger(
      minutes(2),
      async (blog) => {
        blog.posts = [
          { n: 1, at: 1_500_000_000, html: `<img src="${blog.base}/media/1.jpg">` },
          {
            n: 2,
            at: 1_500_000_060,
            html: `<iframe class="BLOG_video_class" src="${blog.base}/video.g?token=${token}">`,
          },
        ];
        blog.pages = [{ n: 9, at: 1_400_000_000, html: '<p>About</p>' }];
        const directory = join(dir, 'out');
        const run = () => archive(`blogger:${blog.base}`, { ...quick, directory }).finished;
        expect(await run()).toMatchObject({
          kept: 2,
          missing: 0,
          failed: 0,
          exitCode: 0,
          postsStated: 3,
          postsHeld: 3,
        });
        const record = recordsOf(directory).find(({ kind }) => kind === 'video');
        expect(record).toMatchObject({
          item: `blogger:video:${token}`,
          status: 'kept',
          url: `${blog.base}/video.g?token=${token}`,
          from: `${blog.base}/stream?expires=1`,
          bytes: film.length,
        });
        const asked = blog.calls.length;
        expect(await run()).toMatchObject({ kept: 0, recalled: 2, newPosts: 0, gonePosts: 0, exitCode: 0 });
        expect(blog.calls.length - asked).toBe(2); // pages, and the newest posts
        expect(streams).toBe(1);
      },
      (_, { path, query }) => {
        if (path === '/stream') return says(200, film, 'video/mp4');
        if (path !== '/video.g') return undefined;
        expect(query.get('token')).toBe(token);
        const play_url = `/stream?expires=${++streams}`;
        return (response, call) => {
          const at = `http://${response.req.headers.host}`;
          const config = {
            streams: [
              { play_url: at + play_url, format_id: 22 },
              { play_url: `${at}/no`, format_id: 18 },
            ],
          };
          says(200, `<script>var VIDEO_CONFIG = ${JSON.stringify(config)}</script>`, 'text/html')(response);
          expect(call.path).toBe('/video.g');
        };
      },
    );
  }));
