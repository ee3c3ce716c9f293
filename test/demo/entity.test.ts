import type http from 'node:http';
import { describe, expect, test } from 'vitest';
import { serves } from '../../src/demo/behaviours.ts';
import { ask } from '../helpers/ask.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { gif, jpeg, mp3, mp4, ogg, photo, photos, png, webp } from '../helpers/media.ts';

const one = photo(1);
const other = photo(2);

describe('serves', () => {
  test('gives the body with its length, type and a strong ETag', async () => {
    await withFakeBlog({ '/a.jpg': serves(one), '/b.jpg': serves(other) }, async ({ url }) => {
      const { status, headers, body } = await ask(`${url}/a.jpg`);
      expect({
        status,
        same: body.equals(one),
        length: headers['content-length'],
        type: headers['content-type'],
      }).toEqual({
        status: 200,
        same: true,
        length: `${one.length}`,
        type: 'image/jpeg',
      });
      expect(headers['accept-ranges']).toBe('bytes');
      expect(headers.etag).toMatch(/^"[0-9a-f]{32}"$/);
      expect((await ask(`${url}/b.jpg`)).headers.etag).not.toBe(headers.etag);
    });
  });

  test('says what it is told to say of the file', async () => {
    const modified = 'Tue, 14 May 2019 06:30:00 GMT';
    const told = serves(one, { type: 'image/x-odd', etag: 'W/"soft"', lastModified: modified });
    await withFakeBlog({ '/a': told, '/b': serves(one, { etag: null }) }, async ({ url }) => {
      const { headers } = await ask(`${url}/a`);
      expect(headers).toMatchObject({
        'content-type': 'image/x-odd',
        etag: 'W/"soft"',
        'last-modified': modified,
      });
      expect((await ask(`${url}/b`)).headers.etag).toBeUndefined();
    });
  });

  test.each([
    ['bytes=1000-', 206, 'bytes 1000-19999/20000', 19000],
    ['bytes=0-0', 206, 'bytes 0-0/20000', 1],
    ['bytes=-500', 206, 'bytes 19500-19999/20000', 500],
    ['bytes=19999-99999', 206, 'bytes 19999-19999/20000', 1],
    ['bytes=20000-', 416, 'bytes */20000', 0],
    ['bytes=5-4', 200, undefined, 20000],
    ['bytes=0-1,5-6', 200, undefined, 20000],
    ['lines=1-2', 200, undefined, 20000],
  ])('answers the range %s with %i', async (range, status, contentRange, length) => {
    await withFakeBlog({ '/a.jpg': serves(one) }, async ({ url, requests }) => {
      const heard = await ask(`${url}/a.jpg`, { headers: { range } });
      expect([heard.status, heard.headers['content-range'], heard.body.length]).toEqual([
        status,
        contentRange,
        length,
      ]);
      const first = Number(/bytes (\d+)/.exec(contentRange ?? '')?.[1] ?? 0);
      expect(heard.body.equals(one.subarray(first, first + length))).toBe(true);
      expect(requests[0]).toMatchObject({ path: '/a.jpg', method: 'GET', range, status, sent: length });
    });
  });

  test('cuts a range out of the version that the client knows, and of no other', async () => {
    const modified = 'Tue, 14 May 2019 06:30:00 GMT';
    const file = serves(one, { etag: '"now"', lastModified: modified });
    await withFakeBlog(
      { '/a.jpg': file, '/weak.jpg': serves(one, { etag: 'W/"now"' }) },
      async ({ url, requests }) => {
        const statusFor = async (path: string, condition: string) =>
          (await ask(url + path, { headers: { range: 'bytes=10-', 'if-range': condition } })).status;
        expect(await statusFor('/a.jpg', '"now"')).toBe(206);
        expect(await statusFor('/a.jpg', '"before"')).toBe(200);
        expect(await statusFor('/a.jpg', modified)).toBe(206);
        expect(await statusFor('/a.jpg', 'Tue, 14 May 2019 06:30:01 GMT')).toBe(200);
        expect(await statusFor('/weak.jpg', 'W/"now"')).toBe(200);
        expect(requests[1]).toMatchObject({ range: 'bytes=10-', ifRange: '"before"' });
      },
    );
  });

  test('answers 304 to whoever has the same version already', async () => {
    const file = serves(one, { etag: '"now"', lastModified: 'Tue, 14 May 2019 06:30:00 GMT' });
    await withFakeBlog({ '/a.jpg': file }, async ({ url }) => {
      const statusFor = async (headers: http.OutgoingHttpHeaders) =>
        (await ask(`${url}/a.jpg`, { headers })).status;
      expect(await statusFor({ 'if-none-match': '"old", W/"now"' })).toBe(304);
      expect(await statusFor({ 'if-none-match': '"old"' })).toBe(200);
      expect(await statusFor({ 'if-modified-since': 'Tue, 14 May 2019 06:30:00 GMT' })).toBe(304);
      expect(await statusFor({ 'if-modified-since': 'Tue, 14 May 2019 06:29:59 GMT' })).toBe(200);
    });
  });

  test('answers HEAD without a body', async () => {
    await withFakeBlog({ '/a.jpg': serves(one) }, async ({ url, requests }) => {
      const { status, headers, body } = await ask(`${url}/a.jpg`, { method: 'HEAD' });
      expect([status, headers['content-length'], body.length]).toEqual([200, '20000', 0]);
      expect(requests[0]).toMatchObject({ method: 'HEAD', status: 200, sent: 0 });
    });
  });

  test('knows the common types by their first bytes', async () => {
    const script = Object.fromEntries(
      [jpeg, png, gif, webp, mp4, mp3, ogg].map((body, i) => [`/${i}`, serves(body)]),
    );
    await withFakeBlog(script, async ({ url }) => {
      const types = await Promise.all(
        Object.keys(script).map(async (path) => (await ask(url + path)).headers['content-type']),
      );
      expect(types).toEqual([
        'image/jpeg',
        'image/png',
        'image/gif',
        'image/webp',
        'video/mp4',
        'audio/mpeg',
        'audio/ogg',
      ]);
    });
  });
});

test('photos are all different, of the size that was asked for, and the same every time', () => {
  const many = photos(50, 3000);
  expect(new Set(many.map((body) => body.toString('latin1'))).size).toBe(50);
  expect(new Set(many.map((body) => body.length))).toEqual(new Set([3000]));
  expect(many[4]!.equals(photo(5, 3000))).toBe(true);
  expect([many[0]!.indexOf('ffd8ff', 'hex'), many[0]!.indexOf('ffd9', 'hex')]).toEqual([0, 2998]);
});
