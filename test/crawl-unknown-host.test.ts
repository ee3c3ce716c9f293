import { join } from 'node:path';
import { expect, it } from 'vitest';
import { crawl } from '../src/crawl.ts';
import { fails, gone, serves } from '../src/demo/behaviours.ts';
import { quick, recordsOf } from './helpers/archives.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

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
