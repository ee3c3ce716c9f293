import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { crawl } from '../../../src/crawl.ts';
import { fails, serves } from '../../../src/demo/behaviours.ts';
import { quick, recordsOf } from '../../helpers/archives.ts';
import { withFakeBlog } from '../../helpers/fake-blog.ts';
import { photo } from '../../helpers/media.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { foot, head, item } from './wxr-made.ts';

const files = '/wp-content/uploads/2024/05';

const exportOf = (url: string): string =>
  head(url) +
  item({
    'wp:post_id': '1',
    'wp:post_type': 'post',
    'wp:post_date_gmt': '2024-05-01 10:00:00',
    'content:encoded': `<![CDATA[<img src="${url}${files}/pond-300x200.jpg"><img src="${url}${files}/reed-300x200.jpg">]]>`,
  }) +
  item({
    'wp:post_id': '2',
    'wp:post_type': 'attachment',
    'wp:attachment_url': `${url}${files}/pond-scaled.jpg`,
    'wp:postmeta':
      '<wp:meta_key>_wp_attachment_metadata</wp:meta_key><wp:meta_value>a:1:{s:14:"original_image";s:8:"pond.jpg";}</wp:meta_value>',
  }) +
  foot;

it('gets the originals of an export, and what is there where they are gone; a second run asks for nothing', () =>
  withFakeBlog(
    {
      [`${files}/pond.jpg`]: serves(photo(1)),
      [`${files}/reed.jpg`]: fails(404),
      [`${files}/reed-scaled.jpg`]: fails(404),
      [`${files}/reed-300x200.jpg`]: serves(photo(2)),
    },
    ({ url, requests }) =>
      withTempFolder(async (dir) => {
        const file = join(dir, 'reed.xml');
        await writeFile(file, exportOf(url));
        const options = { ...quick, directory: join(dir, 'out') };
        const first = await crawl(file, options);
        expect(first).toMatchObject({ posts: 1, listed: 2, missing: 0, failed: 0, exitCode: 0 });
        const kept = new Map(recordsOf(join(dir, 'out')).map((record) => [record.item, record]));
        expect(kept.get(`${url}${files}/pond-scaled.jpg`)).toMatchObject({
          status: 'kept',
          origin: 'live',
          from: `${url}${files}/pond.jpg`,
        });
        expect(kept.get(`${url}${files}/reed-300x200.jpg`)).toMatchObject({
          status: 'kept',
          origin: 'alternate',
          from: `${url}${files}/reed-300x200.jpg`,
        });
        const before = requests.length;
        expect(requests.map(({ path }) => path)).not.toContain(`${files}/pond-300x200.jpg`);
        expect(await crawl(file, options)).toMatchObject({ recalled: 2, newPosts: 0, exitCode: 0 });
        expect(requests.slice(before).filter(({ path }) => path.includes('pond'))).toEqual([]);

        await writeFile(file, exportOf(url).slice(0, -40));
        expect(await crawl(file, options)).toMatchObject({ unread: 1, exitCode: 1, gonePosts: 0 });
      }),
  ));
