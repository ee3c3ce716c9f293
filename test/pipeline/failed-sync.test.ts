import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { behaves } from '../../src/demo/behaviours.ts';
import { partPath } from '../../src/vault/layout.ts';
import { oxbow } from '../helpers/cli.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const mayTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
if (!mayTrace) process.stderr.write('SKIPPED: a disk that fails a sync: there is no strace here\n');

/** Comes in two halves, the second when the first has been synced for long. */
const body = photo(1, 6 * 2 ** 20);
const inPieces = behaves(async ({ response }) => {
  response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': body.length, etag: '"a"' });
  for (let at = 0; at < body.length; at += 2 ** 19)
    await new Promise<void>((resolve) => response.write(body.subarray(at, at + 2 ** 19), () => resolve()));
  response.end();
});

test.runIf(mayTrace)(
  'a sync that fails in the middle of a body ends the run: the next one would succeed',
  () =>
    withTempFolder((dir) =>
      withFakeBlog({ '/a.jpg': inPieces }, async ({ url }) => {
        const log = join(dir, 'trace');
        const part = join(dir, 'out', partPath(`${url}/a.jpg`, 'live', `${url}/a.jpg`));
        const words = ['-f', '-o', log, '-P', part, '-e', 'inject=fdatasync:error=EIO:when=1'];
        const ran = await oxbow(
          [`${url}/a.jpg`, '-D', join(dir, 'out'), '--allow-private', '--no-recovery'],
          {
            through: ['strace', ...words],
            env: { UV_THREADPOOL_SIZE: '1' },
          },
        );
        expect(readFileSync(log, 'utf8')).toMatch(/fdatasync.*EIO.*INJECTED/);
        expect(ran).toMatchObject({ code: 6, stderr: expect.stringContaining('EIO') });
        expect(existsSync(join(dir, 'out/data/media'))).toBe(false);
      }),
    ),
);
