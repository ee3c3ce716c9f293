import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  asksToWait,
  type Behaviour,
  behaves,
  changesUnderway,
  cuts,
  empty,
  fails,
  hangs,
  ignoresRange,
  redirects,
  says,
  serves,
} from '../../src/demo/behaviours.ts';
import type { In, Parcel } from '../../src/model.ts';
import { type Sidecar, sumsOf } from '../../src/pipeline/remains.ts';
import { type Running, withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { bytesOf, latch, wanted } from '../helpers/parcels.ts';
import { type Rig, type RigOptions, withRig } from '../helpers/rig.ts';

const body = photo(1);
const other = photo(2, 24_000);
const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const ranges = ({ requests }: Running) => requests.map(({ range }) => range);
const statuses = ({ requests }: Running) => requests.map(({ status }) => status);

/** One address that behaves so, asked for by a rig. */
function withOne<T>(
  behaviour: Behaviour,
  given: RigOptions,
  run: (way: { rig: Rig; blog: Running; parcel: In<'wanted'> }) => Promise<T>,
) {
  return withFakeBlog({ '/a.jpg': behaviour }, (blog) =>
    withRig(given, (rig) => run({ rig, blog, parcel: wanted({ url: `${blog.url}/a.jpg` }) })),
  );
}

function expectFetched(parcel: Parcel, bytes: Buffer): asserts parcel is In<'fetched'> {
  expect('reason' in parcel ? parcel.reason : parcel.state).toBe('fetched');
  const { download } = parcel as In<'fetched'>;
  expect(bytesOf(download.part).equals(bytes)).toBe(true);
  expect([download.bytes, download.sha256]).toEqual([bytes.length, sum(bytes)]);
  expect(Buffer.from(download.head).equals(bytes.subarray(0, 4100))).toBe(true);
}

describe('a whole body', () => {
  test('is fetched with its sums, its first bytes and what the server said of it', async () => {
    const date = 'Fri, 31 May 2019 00:00:00 GMT';
    await withOne(serves(body, { etag: '"x"', lastModified: date }), {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, body);
      expect(end.download).toMatchObject({
        attempts: 1,
        pieces: 1,
        from: `${blog.url}/a.jpg`,
        memento: null,
        response: { etag: '"x"', lastModified: date, contentType: 'image/jpeg' },
      });
      expect(statuses(blog)).toEqual([200]);
      expect(blog.requests[0]!.headers).toMatchObject({
        'accept-encoding': 'identity',
        'user-agent': rig.options.userAgent,
      });
    });
  });

  test.each([
    ['of a single byte', 1],
    ['of exactly what is held in memory', 256 * 1024],
    ['of one byte more', 256 * 1024 + 1],
    ['of several megabytes', 3_000_001],
  ])('%s', async (_, size) => {
    const bytes = photo(7, Math.max(size, 50)).subarray(0, size);
    await withOne(serves(bytes), {}, async ({ rig, parcel }) => expectFetched(await rig.get(parcel), bytes));
  });

  test('that is empty is fetched as such: it is for verify to judge', async () => {
    await withOne(empty(), {}, async ({ rig, parcel }) => {
      const end = await rig.get(parcel);
      expect(end).toMatchObject({ state: 'fetched', download: { bytes: 0, sha256: sum(Buffer.alloc(0)) } });
    });
  });

  test('is told of while it comes: started, its bytes, ended', async () => {
    await withOne(serves(body), {}, async ({ rig, parcel }) => {
      await rig.get(parcel);
      const bytes = rig.events.reduce((all, event) => all + (event.event === 'bytes' ? event.bytes : 0), 0);
      expect(rig.events[0]).toMatchObject({ event: 'started', total: body.length, had: 0 });
      expect(rig.events.at(-1)).toMatchObject({ event: 'ended' });
      expect(bytes).toBe(body.length);
    });
  });
});

describe('a body that is cut', () => {
  test('is continued by Range with If-Range, and joined of two pieces', async () => {
    await withOne(cuts(body).after(8000).times(1).then(serves(body)), {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, body);
      expect(end.download).toMatchObject({ attempts: 2, pieces: 2 });
      expect(statuses(blog)).toEqual([200, 206]);
      expect(ranges(blog)).toEqual([undefined, 'bytes=8000-']);
      expect(blog.requests[1]!.ifRange).toMatch(/^"/);
      expect(blog.requests[1]!.sent).toBe(12_000); // only what was lacking crossed the wire
    });
  });

  test('is continued as often as it is cut, and large ones from the disk', async () => {
    const large = photo(3, 1_000_000);
    const behaviour = cuts(large).after(300_000).times(3).then(serves(large));
    await withOne(behaviour, {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, large);
      expect(end.download).toMatchObject({ attempts: 4, pieces: 4 });
      // What had come, and was not yet read when the line broke, is asked for once more.
      const starts = ranges(blog).map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? 'bytes=0-')![1]));
      for (const [nth, start] of starts.entries()) {
        const before = starts[nth - 1] ?? -300_000;
        expect(start - before).toBeGreaterThan(200_000);
        expect(start - before).toBeLessThanOrEqual(300_000);
      }
    });
  });

  test('right after its head starts again', async () => {
    await withOne(cuts(body).after(0).times(1).then(serves(body)), {}, async ({ rig, blog, parcel }) => {
      expectFetched(await rig.get(parcel), body);
      expect(ranges(blog)).toEqual([undefined, undefined]);
    });
  });

  test('and comes anew from its start is one piece, and continued after that two', async () => {
    const behaviour = cuts(body)
      .after(5000)
      .times(1)
      .then(
        behaves(({ request, response, nth }) => {
          if (nth > 0) return serves(body, { etag: '"2"' }).answer({ request, response, nth });
          delete request.headers.range;
          return cuts(body, { etag: '"2"' }).after(9000).answer({ request, response, nth });
        }),
      );
    await withOne(behaviour, {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, body);
      expect(statuses(blog)).toEqual([200, 200, 206]);
      expect(end.download).toMatchObject({ attempts: 3, pieces: 2 });
    });
  });

  test('every time a little is given up after twenty attempts, and what came is kept for the next run', async () => {
    await withOne(cuts(body).after(500), { retries: 1 }, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expect(end).toMatchObject({ state: 'lost', reason: { code: 'truncated' } });
      expect(blog.requests).toHaveLength(20);
      expect(bytesOf(rig.part).equals(body.subarray(0, 10_000))).toBe(true);
    });
  });

  test.each([
    ['without any validator', { etag: null }],
    ['with a weak ETag', { etag: 'W/"x"' }],
    ['with a weak ETag and an old date', { etag: 'W/"x"', lastModified: 'Fri, 31 May 2019 00:00:00 GMT' }],
    ['with a Last-Modified as young as the answer', { etag: null, lastModified: new Date().toUTCString() }],
  ])('%s is never continued', async (_, traits) => {
    const behaviour = cuts(body, traits).after(8000).times(1).then(serves(body, traits));
    await withOne(behaviour, {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, body);
      expect(end.download.pieces).toBe(1);
      expect([ranges(blog), blog.requests[0]!.sent]).toEqual([[undefined, undefined], 8000]);
    });
  });

  test('with an old Last-Modified alone is continued by it', async () => {
    const traits = { etag: null, lastModified: 'Fri, 31 May 2019 00:00:00 GMT' };
    const behaviour = cuts(body, traits).after(8000).times(1).then(serves(body, traits));
    await withOne(behaviour, {}, async ({ rig, blog, parcel }) => {
      expectFetched(await rig.get(parcel), body);
      expect(blog.requests[1]).toMatchObject({
        range: 'bytes=8000-',
        ifRange: traits.lastModified,
        status: 206,
      });
    });
  });

  test('of unknown length is never taken for whole', async () => {
    const behaviour = cuts(body, { chunked: true }).after(8000).times(1).then(serves(body));
    await withOne(behaviour, {}, async ({ rig, blog, parcel }) => {
      expectFetched(await rig.get(parcel), body);
      expect(statuses(blog)).toEqual([200, 206]);
    });
  });
});

describe('a body that cannot be continued', () => {
  const cut = cuts(body).after(8000).times(1);
  const answers = (status: number, headers: Record<string, string>, bytes: Buffer) =>
    behaves(({ response }) => {
      response.writeHead(status, { 'content-length': String(bytes.length), ...headers }).end(bytes);
    });
  const etag = `"${sum(body).slice(0, 32)}"`;
  const rest = body.subarray(8000);

  test('because it changed comes anew, never spliced', async () => {
    await withOne(changesUnderway(body, other), {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, other);
      expect(end.download.pieces).toBe(1);
      expect(blog.requests[1]).toMatchObject({ range: 'bytes=10000-', status: 200 });
    });
  });

  test('because the server knows no ranges comes anew', async () => {
    await withOne(cut.then(ignoresRange(body)), {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, body);
      expect(end.download.pieces).toBe(1);
      expect(blog.requests[1]).toMatchObject({ range: 'bytes=8000-', status: 200 });
    });
  });

  test.each<[string, Behaviour, number]>([
    [
      'starts earlier',
      answers(206, { etag, 'content-range': 'bytes 7992-19999/20000' }, body.subarray(7992)),
      206,
    ],
    [
      'starts later',
      answers(206, { etag, 'content-range': 'bytes 8008-19999/20000' }, body.subarray(8008)),
      206,
    ],
    ['starts at the beginning', answers(206, { etag, 'content-range': 'bytes 0-19999/20000' }, body), 206],
    ['says not where it starts', answers(206, { etag }, rest), 206],
    ['says nonsense of where it starts', answers(206, { etag, 'content-range': 'all of it' }, rest), 206],
    [
      'has another total',
      answers(206, { etag, 'content-range': 'bytes 8000-24999/25000' }, photo(9, 17_000)),
      206,
    ],
    [
      'has another ETag',
      answers(206, { etag: '"other"', 'content-range': 'bytes 8000-19999/20000' }, rest),
      206,
    ],
    [
      'has a weak ETag',
      answers(206, { etag: `W/${etag}`, 'content-range': 'bytes 8000-19999/20000' }, rest),
      206,
    ],
    [
      'is compressed',
      answers(
        206,
        { etag, 'content-range': 'bytes 8000-19999/20000', 'content-encoding': 'gzip' },
        gzipSync(rest),
      ),
      206,
    ],
    [
      'cannot be satisfied',
      answers(416, { 'content-range': 'bytes */4000' }, Buffer.from('no such range')),
      416,
    ],
    ['says that nothing changed', answers(304, { 'content-length': '0' }, Buffer.alloc(0)), 304],
  ])('because the answer %s is started over without blame', async (_, bad, status) => {
    await withOne(
      cut.then(bad.times(1).then(serves(body))),
      { retries: 0 },
      async ({ rig, blog, parcel }) => {
        const end = await rig.get(parcel);
        expectFetched(end, body);
        expect(end.download.pieces).toBe(1);
        expect(statuses(blog)).toEqual([200, status, 200]);
        expect(ranges(blog)).toEqual([undefined, 'bytes=8000-', undefined]);
      },
    );
  });

  test('that is another at each request is not asked for without end', async () => {
    const behaviour = behaves((exchange) =>
      exchange.request.headers.range
        ? answers(206, { etag: `"${exchange.nth}"`, 'content-range': 'bytes 8000-19999/20000' }, rest).answer(
            exchange,
          )
        : cuts(body, { etag: `"${exchange.nth}"` })
            .after(8000)
            .answer(exchange),
    );
    await withOne(behaviour, { retries: 2 }, async ({ rig, blog, parcel }) => {
      expect((await rig.get(parcel)).state).toBe('lost');
      expect(blog.requests.length).toBeLessThanOrEqual(20);
    });
  });

  test('for a refusal keeps its part as it is', async () => {
    await withOne(cut.then(fails(503).times(1).then(serves(body))), {}, async ({ rig, blog, parcel }) => {
      expectFetched(await rig.get(parcel), body);
      expect(statuses(blog)).toEqual([200, 503, 206]);
      expect(blog.requests[2]!.range).toBe('bytes=8000-');
    });
  });

  test('in one answer alone is continued by as many as it takes', async () => {
    const behaviour = behaves((exchange) => {
      const from = Number(/\d+/.exec(exchange.request.headers.range ?? '')?.[0] ?? 0);
      if (from === 0) return cuts(body).after(8000).answer(exchange);
      const piece = body.subarray(from, from + 6000);
      return answers(
        206,
        { etag, 'content-range': `bytes ${from}-${from + piece.length - 1}/20000` },
        piece,
      ).answer(exchange);
    });
    await withOne(behaviour, { retries: 1 }, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, body);
      expect(ranges(blog)).toEqual([undefined, 'bytes=8000-', 'bytes=14000-']);
      expect(end.download.pieces).toBe(3);
    });
  });
});

describe('what an earlier run left', () => {
  const leave = async (rig: Rig, parcel: In<'wanted'>, bytes: Buffer, given: object = {}) => {
    const sidecar: Sidecar = {
      ...sumsOf(parcel.location.url),
      validator: `"${sum(body).slice(0, 32)}"`,
      total: body.length,
      type: 'image/jpeg',
      prefix: { bytes: bytes.length, sha256: sum(bytes) },
    };
    await writeFile(rig.part, bytes);
    await writeFile(`${rig.part}.json`, JSON.stringify({ ...sidecar, ...given }));
  };

  test('is continued', async () => {
    await withOne(serves(body), {}, async ({ rig, blog, parcel }) => {
      await leave(rig, parcel, body.subarray(0, 8000));
      const end = await rig.get(parcel);
      expectFetched(end, body);
      expect(end.download).toMatchObject({ attempts: 1, pieces: 2 });
      expect([ranges(blog), statuses(blog)]).toEqual([['bytes=8000-'], [206]]);
    });
  });

  test('is continued at an address signed anew, if tag and length are known', async () => {
    await withFakeBlog({ '/a.jpg': serves(body) }, ({ url, requests }) =>
      withRig({}, async (rig) => {
        await leave(rig, wanted({ url: `${url}/a.jpg?signature=old` }), body.subarray(0, 8000));
        expectFetched(await rig.get(wanted({ url: `${url}/a.jpg?signature=new` })), body);
        expect(requests.map(({ range }) => range)).toEqual(['bytes=8000-']);
      }),
    );
  });

  test('as far as it was synced is continued, and what lies behind that is cut off', async () => {
    await withOne(serves(body), {}, async ({ rig, blog, parcel }) => {
      const prefix = { bytes: 6000, sha256: sum(body.subarray(0, 6000)) };
      await leave(rig, parcel, Buffer.concat([body.subarray(0, 6000), other.subarray(0, 9000)]), { prefix });
      expectFetched(await rig.get(parcel), body);
      expect(ranges(blog)).toEqual(['bytes=6000-']);
    });
  });

  test('of a length that nobody knows gives its last byte up: it may be whole', async () => {
    await withOne(serves(body), {}, async ({ rig, blog, parcel }) => {
      await leave(rig, parcel, body, { total: null });
      expectFetched(await rig.get(parcel), body);
      expect([ranges(blog), blog.requests[0]!.sent]).toEqual([['bytes=19999-'], 1]);
    });
  });

  test('of a length that nobody knew takes the one that a range tells, and is gone on with piece by piece', async () => {
    let at = 0;
    const pieces = behaves(({ request, response }) => {
      const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
      at = Math.min(body.length, from + 5000);
      const range = `bytes ${from}-${at - 1}/${body.length}`;
      const etag = `"${sum(body).slice(0, 32)}"`;
      response.writeHead(206, { 'content-range': range, etag }).end(body.subarray(from, at));
    });
    await withOne(pieces, {}, async ({ rig, blog, parcel }) => {
      await leave(rig, parcel, body.subarray(0, 8000), { total: null });
      expectFetched(await rig.get(parcel), body);
      expect(ranges(blog)).toEqual(['bytes=7999-', 'bytes=12999-', 'bytes=17999-']);
    });
  });

  test('is not gone on with by parts of several ranges', async () => {
    const parts = behaves(({ request, response }) => {
      const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
      const headers = {
        'content-range': `bytes ${from}-${body.length - 1}/${body.length}`,
        'content-type': 'multipart/byteranges; boundary=x',
        etag: `"${sum(body).slice(0, 32)}"`,
      };
      response.writeHead(206, headers).end(Buffer.alloc(body.length - from, '-'));
    });
    await withOne(parts.times(1).then(serves(body)), {}, async ({ rig, blog, parcel }) => {
      await leave(rig, parcel, body.subarray(0, 8000));
      expectFetched(await rig.get(parcel), body);
      expect(ranges(blog)).toEqual(['bytes=8000-', undefined]);
    });
  });

  test('and is whole already gives its last byte up, so that the server says that nothing changed', async () => {
    await withOne(serves(body), {}, async ({ rig, blog, parcel }) => {
      await leave(rig, parcel, body);
      expectFetched(await rig.get(parcel), body);
      expect([ranges(blog), blog.requests[0]!.sent]).toEqual([['bytes=19999-'], 1]);
    });
  });

  test('and is longer than the whole is cut to it', async () => {
    await withOne(serves(body), {}, async ({ rig, blog, parcel }) => {
      await leave(rig, parcel, Buffer.concat([body, other]));
      expectFetched(await rig.get(parcel), body);
      expect(ranges(blog)).toEqual(['bytes=19999-']);
    });
  });

  test.each<[string, object | string]>([
    ['of another address', { address: 'f'.repeat(64), resource: 'f'.repeat(64) }],
    ['with another sum than it had', { prefix: { bytes: 8000, sha256: 'f'.repeat(64) } }],
    ['shorter than it was', { prefix: { bytes: 8001, sha256: 'f'.repeat(64) } }],
    ['of nothing that was synced', { prefix: { bytes: 0, sha256: sum(Buffer.alloc(0)) } }],
    ['with a torn sidecar', '{"address":"'],
    ['with an empty sidecar', ''],
    ['with a sidecar that is null', 'null'],
    ['with a sidecar of another kind', '{"address":1,"validator":2,"total":"x"}'],
    ['of a body of one byte', { total: 1 }],
    ['signed anew, whose length nobody knows', { address: 'f'.repeat(64), total: null }],
    [
      'signed anew, with a date for a tag',
      { address: 'f'.repeat(64), validator: 'Mon, 01 Jan 2024 00:00:00 GMT' },
    ],
  ])('%s is started over', async (_, sidecar) => {
    await withOne(serves(body), {}, async ({ rig, blog, parcel }) => {
      await leave(rig, parcel, body.subarray(0, 8000), typeof sidecar === 'string' ? {} : sidecar);
      if (typeof sidecar === 'string') await writeFile(`${rig.part}.json`, sidecar);
      expectFetched(await rig.get(parcel), body);
      expect(ranges(blog)).toEqual([undefined]);
    });
  });

  test('without a sidecar is started over', async () => {
    await withOne(serves(body), {}, async ({ rig, blog, parcel }) => {
      await writeFile(rig.part, other.subarray(0, 8000));
      expectFetched(await rig.get(parcel), body);
      expect(ranges(blog)).toEqual([undefined]);
    });
  });

  test('with a second name is a file of the archive, and not touched', async () => {
    await withOne(serves(other), {}, async ({ rig, blog, parcel }) => {
      await leave(rig, parcel, body);
      const placed = join(rig.dir, 'placed.jpg');
      await link(rig.part, placed); // the run died between link and unlink
      expect((await stat(placed)).nlink).toBe(2);
      expectFetched(await rig.get(parcel), other);
      expect((await readFile(placed)).equals(body)).toBe(true);
      expect(ranges(blog)).toEqual([undefined]);
    });
  });

  test('of signed addresses does not hold them', async () => {
    await withFakeBlog({ '/a.jpg': cuts(body).after(300) }, ({ url, requests }) =>
      withRig({ retries: 0 }, async (rig) => {
        await rig.get(wanted({ url: `${url}/a.jpg?token=secret-canary` }));
        expect(requests[0]!.path).toContain('secret-canary');
        for (const name of await readdir(rig.dir)) {
          expect(name + (await readFile(join(rig.dir, name), 'latin1'))).not.toContain('secret-canary');
        }
        expect(await readdir(rig.dir)).toEqual(['part', 'part.json']);
      }),
    );
  });
});

describe('compression nobody asked for', () => {
  const coded = (coding: string, bytes: Buffer) =>
    behaves(({ response }) => {
      response
        .writeHead(200, { 'content-encoding': coding, 'content-length': bytes.length, etag: '"x"' })
        .end(bytes);
    });

  test.each([
    ['gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['br', brotliCompressSync(body)],
  ])('is undone: %s', async (coding, bytes) => {
    await withOne(coded(coding, bytes), {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, body);
      expect(blog.requests[0]!.sent).toBe(bytes.length);
    });
  });

  test('is never continued', async () => {
    const bytes = gzipSync(body);
    const cut = behaves(async ({ response }) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bytes.length, etag: '"x"' });
      await new Promise<void>((resolve) => response.write(bytes.subarray(0, 9000), () => resolve()));
      response.socket?.end();
    });
    await withOne(cut.times(1).then(coded('gzip', bytes)), {}, async ({ rig, blog, parcel }) => {
      expectFetched(await rig.get(parcel), body);
      expect(ranges(blog)).toEqual([undefined, undefined]);
    });
  });

  test.each([
    ['damaged', coded('gzip', Buffer.from('this is not gzip')), 2],
    ['of a kind unknown', coded('x-frob', body), 2],
  ])('%s stores nothing', async (_, behaviour, requests) => {
    await withOne(behaviour, { retries: 1 }, async ({ rig, blog, parcel }) => {
      expect(await rig.get(parcel)).toMatchObject({ state: 'lost', reason: { code: 'decode' } });
      expect([blog.requests.length, await readdir(rig.dir)]).toEqual([requests, []]);
    });
  });

  test('that opens beyond the limit is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    await withOne(coded('gzip', bomb), { filesizeMax: 1_000_000 }, async ({ rig, blog, parcel }) => {
      expect(bomb.length).toBeLessThan(1_000_000);
      expect(await rig.get(parcel)).toMatchObject({ state: 'failed', reason: { code: 'refused-too-large' } });
      expect([blog.requests.length, await readdir(rig.dir)]).toEqual([1, []]);
    });
  });
});

describe('a body beyond the limit', () => {
  test('is refused before a byte is written where it is announced', async () => {
    const huge = says('HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\nabc');
    await withOne(huge, {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expect(end).toMatchObject({ state: 'failed', reason: { code: 'refused-too-large' } });
      expect(end.tried).toMatchObject([{ where: 'live', outcome: 'refused-too-large' }]);
      expect([blog.requests.length, await readdir(rig.dir)]).toEqual([1, []]);
      expect(rig.events.some(({ event }) => event === 'started')).toBe(false);
    });
  });

  test('and without an end is refused when it gets there, and leaves nothing', async () => {
    let sent = 0;
    function* zeros() {
      for (const chunk = Buffer.alloc(100_000); sent < 500_000_000; sent += chunk.length) yield chunk;
    }
    const endless = behaves(({ response }) => pipeline(zeros, response).catch(() => undefined)); // until nobody listens
    await withOne(endless, { filesizeMax: 1_000_000 }, async ({ rig, parcel }) => {
      expect(await rig.get(parcel)).toMatchObject({ state: 'failed', reason: { code: 'refused-too-large' } });
      expect(await readdir(rig.dir)).toEqual([]);
    });
    expect(sent).toBeGreaterThan(1_000_000);
    expect(sent).toBeLessThan(500_000_000);
  });
});

describe('a server that falls silent', () => {
  const stalls = (bytes: number) =>
    behaves(({ response }) => {
      response.writeHead(200, { 'content-length': body.length, etag: `"${sum(body).slice(0, 32)}"` });
      response.write(body.subarray(0, bytes));
    });

  test('in the body is left after the timeout, and what came is continued', async () => {
    await withOne(
      stalls(8000).times(1).then(serves(body)),
      { timeout: 100 },
      async ({ rig, blog, parcel }) => {
        const end = await rig.get(parcel);
        expectFetched(end, body);
        expect(rig.events).toContainEqual(expect.objectContaining({ event: 'retry', reason: 'stalled' }));
        expect([ranges(blog), end.download.pieces]).toEqual([[undefined, 'bytes=8000-'], 2]);
      },
    );
  });

  test('for good is lost, and not definitely', async () => {
    await withOne(stalls(0), { timeout: 50, retries: 1 }, async ({ rig, blog, parcel }) => {
      expect(await rig.get(parcel)).toMatchObject({ state: 'lost', reason: { code: 'stalled' } });
      expect(blog.requests).toHaveLength(2);
    });
  });

  test('before its head is left after the time for heads', async () => {
    await withOne(hangs(), { headerTimeout: 100, retries: 1 }, async ({ rig, blog, parcel }) => {
      expect(await rig.get(parcel)).toMatchObject({ state: 'lost', reason: { code: 'timeout' } });
      expect(blog.requests).toHaveLength(2);
    });
  });
});

describe('statuses', () => {
  test.each([
    [404, 'gone'],
    [410, 'gone'],
    [451, 'gone'],
    [401, 'forbidden'],
    [403, 'forbidden'],
  ])('%i is lost, asked once', async (status, code) => {
    await withOne(fails(status), {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expect(end).toMatchObject({ state: 'lost', reason: { code, detail: `status ${status}` } });
      expect(end.tried).toEqual([
        { where: 'live', url: parcel.location.url, outcome: code, detail: `status ${status}` },
      ]);
      expect([blog.requests.length, await readdir(rig.dir)]).toEqual([1, []]);
    });
  });

  test('503 twice, then the file', async () => {
    await withOne(fails(503).times(2).then(serves(body)), {}, async ({ rig, blog, parcel }) => {
      const end = await rig.get(parcel);
      expectFetched(end, body);
      expect(end.download).toMatchObject({ attempts: 3, pieces: 1 });
      expect(statuses(blog)).toEqual([503, 503, 200]);
      expect(rig.events.filter(({ event }) => event === 'retry')).toMatchObject([
        { attempt: 1 },
        { attempt: 2 },
      ]);
    });
  });

  test.each([0, 2])('503 always is lost when %i retries run out, and not definitely', async (retries) => {
    await withOne(fails(503), { retries }, async ({ rig, blog, parcel }) => {
      expect(await rig.get(parcel)).toMatchObject({ state: 'lost', reason: { code: 'server-error' } });
      expect(blog.requests).toHaveLength(retries + 1);
    });
  });

  test('a part that nobody asked for is not taken for the whole', async () => {
    const half = behaves(({ response }) => {
      response
        .writeHead(206, { 'content-range': 'bytes 0-9999/20000', 'content-length': 10_000 })
        .end(body.subarray(0, 10_000));
    });
    await withOne(half, { retries: 1 }, async ({ rig, blog, parcel }) => {
      expect(await rig.get(parcel)).toMatchObject({ state: 'lost', reason: { code: 'unexpected-status' } });
      expect([blog.requests.length, await readdir(rig.dir)]).toEqual([2, []]);
    });
  });

  test('a Retry-After beyond the limit is not waited for', async () => {
    await withOne(asksToWait(315_360_000), { gate: { retryAfterMax: 50 } }, async ({ rig, blog, parcel }) => {
      expect(await rig.get(parcel)).toMatchObject({ state: 'lost', reason: { code: 'rate-limited' } });
      expect(blog.requests).toHaveLength(1);
      expect(rig.events).toContainEqual(expect.objectContaining({ event: 'parked', ms: 315_360_000_000 }));
      expect(await rig.get(parcel)).toMatchObject({ state: 'lost', reason: { code: 'rate-limited' } });
      expect(blog.requests).toHaveLength(1); // nor is anything else of that host asked for
    });
  });
});

describe('redirects', () => {
  test('are followed, and the final address is told', async () => {
    await withFakeBlog(
      { '/a.jpg': redirects('/b.jpg', 301), '/b.jpg': redirects('/c.jpg'), '/c.jpg': serves(body) },
      ({ url, requests }) =>
        withRig({}, async (rig) => {
          const end = await rig.get(wanted({ url: `${url}/a.jpg` }));
          expectFetched(end, body);
          expect(end.download.from).toBe(`${url}/c.jpg`);
          expect(requests.map(({ path }) => path)).toEqual(['/a.jpg', '/b.jpg', '/c.jpg']);
          expect(rig.requests()).toBe(3);
        }),
    );
  });

  test('in a circle are lost, and not asked again', async () => {
    await withOne(redirects('/a.jpg'), {}, async ({ rig, blog, parcel }) => {
      expect(await rig.get(parcel)).toMatchObject({ state: 'lost', reason: { code: 'redirects' } });
      expect(blog.requests).toHaveLength(11);
    });
  });

  test('that say not where to are lost at once', async () => {
    await withOne(fails(302), {}, async ({ rig, blog, parcel }) => {
      expect(await rig.get(parcel)).toMatchObject({ state: 'lost', reason: { code: 'redirects' } });
      expect(blog.requests).toHaveLength(1);
    });
  });

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/a.jpg', 'javascript:alert(1)', 'data:image/png,x'])(
    'to %s are refused',
    async (to) => {
      await withOne(redirects(to), {}, async ({ rig, blog, parcel }) => {
        expect(await rig.get(parcel)).toMatchObject({ state: 'failed', reason: { code: 'refused-scheme' } });
        expect(blog.requests).toHaveLength(1);
      });
    },
  );

  test('of a capture may not leave the archive; live ones may go where they like', async () => {
    await withFakeBlog({ '/a.jpg': serves(body) }, (elsewhere) =>
      withFakeBlog({ '/web/1id_/a.jpg': redirects(`${elsewhere.url}/a.jpg`) }, ({ url, requests }) =>
        withRig({}, async (rig) => {
          const parcel = wanted({ url: `${url}/web/1id_/a.jpg` });
          const capture = { ...parcel, location: { kind: 'snapshot', url: parcel.item.url } } as const;
          expect(await rig.get(capture)).toMatchObject({ state: 'lost', reason: { code: 'not-a-capture' } });
          expect([requests.length, elsewhere.requests.length, rig.requests()]).toEqual([1, 0, 1]);
          expectFetched(await rig.get(parcel), body);
          expect(elsewhere.requests).toHaveLength(1);
        }),
      ),
    );
  });

  test('of a capture to another one of the same archive are followed', async () => {
    const script = { '/web/1id_/a.jpg': redirects('/web/2id_/a.jpg'), '/web/2id_/a.jpg': serves(body) };
    await withFakeBlog(script, ({ url, requests }) =>
      withRig({}, async (rig) => {
        const parcel = wanted({ url: `${url}/web/1id_/a.jpg` });
        expectFetched(
          await rig.get({ ...parcel, location: { kind: 'snapshot', url: parcel.item.url } }),
          body,
        );
        expect(requests).toHaveLength(2);
      }),
    );
  });
});

describe('private addresses', () => {
  test('are refused, and nobody connects there', async () => {
    await withFakeBlog({ '/a.jpg': serves(body) }, ({ url, requests }) =>
      withRig({ allowPrivate: false }, async (rig) => {
        const end = await rig.get(wanted({ url: `${url}/a.jpg` }));
        expect(end).toMatchObject({ state: 'failed', reason: { code: 'refused-private-address' } });
        expect(requests).toHaveLength(0);
      }),
    );
  });

  test('are refused as the target of a redirect, too', async () => {
    await withFakeBlog({ '/a.jpg': serves(body) }, (canary) =>
      withFakeBlog({ '/a.jpg': redirects(`${canary.url}/a.jpg`) }, ({ url, requests }) =>
        withRig({ allowPrivate: false, wayback: url }, async (rig) => {
          const end = await rig.get(wanted({ url: `${url}/a.jpg` })); // that one is configured, hence allowed
          expect(end).toMatchObject({ state: 'failed', reason: { code: 'refused-private-address' } });
          expect([requests.length, canary.requests.length]).toEqual([1, 0]);
        }),
      ),
    );
  });
});

test.each(['ftp://blog.example/a.jpg', 'not an address', 'file:///etc/passwd'])(
  '«%s» is refused without a request',
  async (url) => {
    await withRig({}, async (rig) => {
      expect(await rig.get(wanted({ url }))).toMatchObject({
        state: 'failed',
        reason: { code: 'refused-scheme' },
      });
    });
  },
);

describe('stopping', () => {
  test('now, in mid-body, leaves part and sidecar, and a later call goes on from there', async () => {
    const halfway = latch();
    const large = photo(3, 800_000);
    const stuck = behaves(({ response }) => {
      response.writeHead(200, { 'content-length': large.length, etag: '"x"' });
      response.write(large.subarray(0, 500_000));
    });
    await withOne(stuck.times(1).then(serves(large, { etag: '"x"' })), {}, async ({ rig, blog, parcel }) => {
      const now = new AbortController();
      let came = 0;
      const report = (event: { event: string; bytes?: number }) => {
        came += event.event === 'bytes' ? event.bytes! : 0;
        if (came === 500_000) halfway.open();
      };
      await withRig(
        {
          signal: now.signal,
          report: report as never,
          partOf: () => join('..', rig.dir.split('/').at(-1)!, 'part'),
        },
        async (first) => {
          const under = first.get(parcel);
          await halfway.opened;
          now.abort();
          await expect(under).rejects.toMatchObject({ name: 'AbortError' });
        },
      );
      expect([bytesOf(rig.part).equals(large.subarray(0, 500_000)), existsSync(`${rig.part}.json`)]).toEqual([
        true,
        true,
      ]);
      expectFetched(await rig.get(parcel), large);
      expect(ranges(blog)).toEqual([undefined, 'bytes=500000-']);
    });
  });

  test('gently, during the wait before a retry, gives the parcel back as wanted', async () => {
    const stop = new AbortController();
    const given: RigOptions = {
      stop: stop.signal,
      backoffBase: 3_600_000,
      backoffMax: 3_600_000,
      random: () => 1,
      report: ({ event }) => void (event === 'retry' && stop.abort()),
    };
    await withOne(fails(503), given, async ({ rig, blog, parcel }) => {
      expect(await rig.get(parcel)).toEqual(parcel);
      expect(blog.requests).toHaveLength(1);
    });
  });

  test('gently does not touch what is on its way', async () => {
    const stop = new AbortController();
    const behaviour = behaves((exchange) => {
      stop.abort();
      return serves(body).answer(exchange);
    });
    await withOne(behaviour, { stop: stop.signal }, async ({ rig, parcel }) => {
      expectFetched(await rig.get(parcel), body);
      expect(await rig.get(parcel)).toMatchObject({ state: 'wanted' }); // nothing new
    });
  });

  test('now, during the wait before a retry, ends it with the reason', async () => {
    const now = new AbortController();
    const given: RigOptions = {
      signal: now.signal,
      backoffBase: 3_600_000,
      backoffMax: 3_600_000,
      random: () => 1,
      report: ({ event }) => void (event === 'retry' && now.abort(new Error('cut'))),
    };
    await withOne(fails(503), given, async ({ rig, blog, parcel }) => {
      await expect(rig.get(parcel)).rejects.toThrow('cut');
      expect(blog.requests).toHaveLength(1);
    });
  });
});

test('a disk that cannot be written is trouble of the run, not of the item', async () => {
  await withOne(serves(body), { partOf: () => 'file/part' }, async ({ rig, blog, parcel }) => {
    await writeFile(join(rig.dir, 'file'), 'no folder');
    await expect(rig.get(parcel)).rejects.toMatchObject({ code: 'ERR_STORAGE' });
    expect(blog.requests).toHaveLength(1);
  });
});

test('the permit is given back however it ended', async () => {
  const script = { '/a': serves(body), '/b': fails(404), '/c': fails(503), '/d': redirects('file:///x') };
  await withFakeBlog(script, ({ url, requests }) =>
    withRig({ gate: { places: 1, concurrency: 1, inHand: 1 }, retries: 1 }, async (rig) => {
      for (const path of ['/a', '/b', '/c', '/d', '/a']) await rig.get(wanted({ url: url + path }));
      expect(requests.map(({ path }) => path)).toEqual(['/a', '/b', '/c', '/c', '/d', '/a']);
    }),
  );
});
