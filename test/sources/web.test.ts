import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { SourceError } from '../../src/errors.ts';
import { openSource } from '../../src/sources/index.ts';
import { json } from '../../src/sources/json.ts';
import { pagesOf, postsOf, testContext } from '../helpers/source-suite.ts';

/** A server on a free port, closed after the test with whatever is still open. */
async function withServer(
  answer: RequestListener,
  test: (url: string, closed: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await test(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => quiet(server));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Resolves when nobody is connected to the server any more. */
async function quiet(server: ReturnType<typeof createServer>): Promise<void> {
  const count = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, n) => (error ? reject(error) : resolve(n))),
    );
  while ((await count()) > 0) await new Promise((resolve) => setImmediate(resolve));
}

const sends =
  (body: string | Uint8Array, headers: Record<string, string> = {}, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

const posts = JSON.stringify({
  posts: [
    { id: 1, image: 'img/1.jpg' },
    { id: 2, image: '/2.jpg', link: '/posts/2/' },
  ],
});

it('lists an export from the web, with one request for the first listing', async () => {
  await withServer(sends(posts), async (url) => {
    const context = testContext();
    const { source, listing } = await openSource(`${url}/blog/export.json?page=1`, context);
    expect([source.name, listing.name, listing.trusted]).toEqual([
      'json',
      new URL(url).host.replace(':', '_'),
      [`${url}/blog/export.json?page=1`],
    ]);
    const found = (await postsOf(listing)).flatMap(({ items }) => items.map((item) => item.url));
    expect(found).toEqual([`${url}/blog/img/1.jpg`, `${url}/2.jpg`]);
    expect(context.asked).toHaveLength(1);
    expect(await postsOf(listing)).toHaveLength(2);
    expect(context.asked).toHaveLength(2);
  });
});

it.each([
  ['gzip that nobody asked for', gzipSync(posts), { 'content-encoding': 'gzip' }, '/export.json'],
  ['a packed file', gzipSync(posts), { 'content-type': 'application/octet-stream' }, '/export.json.gz'],
  [
    'lines, by their type',
    '{"id":1}\n{"id":2}\n',
    { 'content-type': 'application/x-ndjson' },
    '/export.json',
  ],
  ['lines, by their ending', '{"id":1}\n{"id":2}\n', { 'content-type': 'text/plain' }, '/export.jsonl'],
])('reads %s', async (_, body, headers, path) => {
  await withServer(sends(body, headers as unknown as Record<string, string>), async (url) => {
    const { listing } = await openSource(url + path, testContext());
    expect((await postsOf(listing)).map(({ id }) => id)).toEqual(['1', '2']);
  });
});

it.each([
  [404, {}, posts, 'is gone: its server answers 404.'],
  [410, {}, posts, 'is gone: its server answers 410.'],
  [403, {}, posts, 'cannot be listed: its server answers 403.'],
  [503, {}, posts, 'cannot be listed: its server answers 503.'],
  [204, {}, '', 'cannot be listed: its server answers 204.'],
  [
    200,
    { 'content-type': 'text/html; charset=utf-8' },
    '<p>Log in',
    'is not JSON: its server answers 200 with a web page (text/html).',
  ],
  [
    200,
    { 'content-encoding': 'br' },
    brotliCompressSync(posts),
    'comes compressed with br, which nobody asked for.',
  ],
])('G16 takes an answer %i %j for no blog, and lets go of it', async (status, headers, body, sentence) => {
  await withServer(
    sends(body, { connection: 'close', ...(headers as Record<string, string>) }, status),
    async (url, closed) => {
      const address = `${url}/posts.json`;
      await expect(json.open(address, testContext())).rejects.toThrow(
        new SourceError(`${address} ${sentence}`, { url: address }),
      );
      await closed();
    },
  );
});

it.each([
  ['', 'is empty: there is not even an empty list in it.'],
  ['{"error":"try again"}', 'has no list of posts'],
  ['{"posts":[{"id":1},{"id"', 'ends in the middle, after 1 whole post.'],
  ['Back soon', 'is not JSON (expected a value), after 0 whole posts.'],
])('G16 takes the content %j for no empty blog', async (body, sentence) => {
  await withServer(sends(body), async (url) => {
    const { listing } = await openSource(`${url}/posts.json`, testContext());
    await expect(pagesOf(listing)).rejects.toThrow(`${url}/posts.json ${sentence}`);
  });
});

it('says that an answer broke off, after the posts that came', async () => {
  const cut: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100000' });
    response.write('[{"id":1},{"id":2},{"id"', () => response.destroy());
  };
  await withServer(cut, async (url) => {
    const { listing } = await openSource(`${url}/posts.json`, testContext());
    const pages = listing.pages(undefined)[Symbol.asyncIterator]();
    expect((await pages.next()).value.posts).toHaveLength(2);
    await expect(pages.next()).rejects.toThrow(/posts\.json broke off in the middle \(ECONNRESET\)\.$/);
  });
});

it('never says what is secret in an address', async () => {
  await withServer(sends('', {}, 404), async (url) => {
    const address = `${url.replace('//', '//mia:secret@')}/posts.json?key=hidden`;
    const error = await json.open(address, testContext()).catch((error) => error);
    expect(error.message).toBe(`${url}/posts.json?… is gone: its server answers 404.`);
    expect(JSON.stringify(error)).not.toMatch(/secret|hidden/);
  });
});

it('lets go of an endless answer when told to stop', async () => {
  const endless: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      while (response.write(`${JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id })))}\n`));
      response.once('drain', more);
    };
    more();
  };
  await withServer(endless, async (url, closed) => {
    const { listing } = await openSource(`${url}/posts.json`, testContext());
    for await (const { posts } of listing.pages(undefined)) {
      expect(posts).toHaveLength(100);
      break;
    }
    await closed();
  });
});

it.each([
  ['a JSON type', sends('[{"id":7}]', { 'content-type': 'application/activity+json' })],
  ['JSON of another type', sends('\n\n [{"id":7}]', { 'content-type': 'text/plain' })],
])('looks at an address that nobody knows, and finds %s', async (_, answer) => {
  await withServer(answer, async (url) => {
    const { source, listing } = await openSource(`${url}/api/heron`, testContext());
    expect([source.name, listing.name]).toEqual(['json', `${new URL(url).host.replace(':', '_')}-heron`]);
    expect((await postsOf(listing)).map(({ id }) => id)).toEqual(['7']);
  });
});

it('looks at an address that nobody knows, and finds a picture', async () => {
  await withServer(sends('not really one', { 'content-type': 'image/png' }), async (url) => {
    const address = `${url}/pics/heron?size=full#top`;
    const context = testContext();
    const { source, listing } = await openSource(address, context);
    expect([source.name, listing.name, listing.trusted]).toEqual([
      'list',
      `${new URL(url).host.replace(':', '_')}-heron`,
      [address],
    ]);
    const plain = `${url}/pics/heron?size=full`;
    const item = { id: plain, kind: 'image', url: plain, alternates: [], post: null, index: 0, date: null };
    expect(await pagesOf(listing)).toEqual([
      { posts: [{ id: plain, date: null, url: null, raw: { line: plain }, items: [item] }] },
    ]);
    expect(context.asked).toEqual([address]);
  });
});

it('looks at an address that nobody knows, and finds nothing that it could take', async () => {
  await withServer(
    sends('%PDF-1.4', { 'content-type': 'application/pdf', connection: 'close' }),
    async (url, closed) => {
      const error = await openSource(`${url}/blog`, testContext()).catch((error) => error);
      expect(error).toMatchObject({ code: 'ERR_USAGE', exitCode: 2 });
      expect(error.message).toBe(
        `No source takes ${url}/blog: its server answers with application/pdf. 'oxbow sources' tells what is taken.`,
      );
      await closed();
    },
  );
});

it('says so when nobody answers', async () => {
  const fetch = async () => {
    throw new SourceError('Cannot reach it: nobody listens.');
  };
  await expect(openSource('http://127.0.0.1/x', testContext({ fetch }))).rejects.toThrow(
    'Cannot reach it: nobody listens.',
  );
});
