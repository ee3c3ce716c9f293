import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Behaviour, behaves } from '../../src/demo/behaviours.ts';
import { download } from '../../src/index.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

type Version = Record<string, string>;

/** Honours Range and is deaf to If-Range: the file changes after the first, cut answer, and a part of the new one comes. */
function deaf(
  before: { body: Buffer; says: Version },
  after: { body: Buffer; says: Version },
  part: Version,
): Behaviour {
  return behaves(async ({ request, response, nth }) => {
    const { body, says } = nth === 0 ? before : after;
    const from = /^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1];
    if (nth === 0) {
      response.writeHead(200, { ...says, 'content-length': body.length });
      response.write(body.subarray(0, 400_000), () => setImmediate(() => response.destroy()));
    } else if (from === undefined)
      response.writeHead(200, { ...says, 'content-length': body.length }).end(body);
    else {
      const range = `bytes ${from}-${body.length - 1}/${body.length}`;
      response.writeHead(206, { ...part, 'content-range': range }).end(body.subarray(Number(from)));
    }
  });
}

const old = 'Mon, 01 Jan 2024 00:00:00 GMT';
const young = 'Tue, 02 Jan 2024 00:00:00 GMT';

it.each<[string, Version, Version, Version]>([
  ['shows no ETag', { etag: '"a"' }, { etag: '"b"' }, {}],
  ['shows another ETag', { etag: '"a"' }, { etag: '"b"' }, { etag: '"b"' }],
  ['shows another date', { 'last-modified': old }, { 'last-modified': young }, { 'last-modified': young }],
  ['shows no date', { 'last-modified': old }, { 'last-modified': young }, {}],
])('never joins old and new bytes when the part %s', (_, first, second, part) =>
  withTempFolder(async (dir) => {
    const [before, after] = [photo(1, 600_000), photo(2, 600_000)];
    const script = { '/a.jpg': deaf({ body: before, says: first }, { body: after, says: second }, part) };
    await withFakeBlog(script, async ({ url, requests }) => {
      const file = join(dir, 'a.jpg');
      expect(await download(`${url}/a.jpg`, file, { backoffBase: 1 })).toMatchObject({ pieces: 1 });
      expect(readFileSync(file).equals(after)).toBe(true);
      expect(requests[1]).toMatchObject({ status: 206, ifRange: first.etag ?? first['last-modified'] }); // injected
      expect(requests[2]).toMatchObject({ status: 200, range: undefined });
    });
  }),
);
