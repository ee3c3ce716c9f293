import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { photo } from '../../helpers/media.ts';

/** A post, its time in seconds. */
export interface FakePost {
  readonly n: number;
  readonly at: number;
  readonly html?: string;
}

export interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
}

export type Reply = (response: http.ServerResponse, call: Call) => void;
/** What is answered in place of a feed; undefined where the feed is. */
export type Misbehaves = (nth: number, call: Call) => Reply | undefined;

export interface FakeBlog {
  readonly base: string;
  /** Questions to the feeds, and to pages. */
  readonly calls: readonly Call[];
  /** A test may change it while it is listed. */
  posts: FakePost[];
  pages: FakePost[];
}

/** A server gives fewer than it is asked for. */
export const most = 10;

/** A real server of one blog with its feeds; closed after the test. */
export async function withFakeBlogger<T>(
  posts: readonly FakePost[],
  test: (blog: FakeBlog) => Promise<T>,
  misbehaves: Misbehaves = () => undefined,
): Promise<T> {
  const calls: Call[] = [];
  const blog = { base: '', calls, posts: [...posts], pages: [] as FakePost[] };
  const server = http.createServer((request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url!, 'http://fern.example');
    const [, picture] = /^\/media\/(\d{1,6})\.jpg$/.exec(path) ?? [];
    if (picture) return says(200, photo(Number(picture), 4000), 'image/jpeg')(response);
    const call = { path, query };
    calls.push(call);
    const [, of] = /^\/feeds\/(posts|pages)\/default$/.exec(path) ?? [];
    const usual = of
      ? showsFeed(of === 'posts' ? blog.posts : blog.pages)
      : says(404, 'Not found', 'text/html');
    (misbehaves(calls.length - 1, call) ?? usual)(response, call);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  blog.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await test(blog);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

export const says =
  (status: number, body: string | Uint8Array = '', type = 'application/json; charset=UTF-8', headers = {}) =>
  (response: http.ServerResponse): void => {
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(body);
  };

/** The feed of these posts as it is asked for: the bound itself is left out. */
export const showsFeed =
  (posts: readonly FakePost[], { heeds = true, sorted = true, zone = 0 } = {}): Reply =>
  (response, { query }) => {
    const until = Date.parse(query.get('published-max') ?? '9999-01-01T00:00:00Z') / 1000;
    const due = posts.filter(({ at }) => !heeds || at < until + zone);
    const list = sorted ? due.toSorted((a, b) => b.at - a.at || b.n - a.n) : due;
    const start = Number(query.get('start-index')) - 1;
    const shown = list.slice(start, start + Math.min(most, Number(query.get('max-results'))));
    says(
      200,
      JSON.stringify({
        feed: { ...about(list.length), ...(shown.length > 0 && { entry: shown.map(entryOf) }) },
      }),
    )(response);
  };

const about = (total: number) => ({
  id: { $t: 'tag:blogger.com,1999:blog-4100000000000000002' },
  title: { $t: 'Fern' },
  openSearch$totalResults: { $t: String(total) },
});

const entryOf = ({ n, at, html = `<img src="https://pictures.example/${n}.jpg">` }: FakePost) => ({
  id: { $t: `tag:blogger.com,1999:blog-4100000000000000002.post-${n}` },
  published: { $t: new Date(at * 1000).toISOString() },
  title: { $t: `Moss ${n}` },
  content: { type: 'html', $t: html },
  link: [{ rel: 'alternate', href: `https://fern.example/${n}.html` }],
});

/** Posts a minute apart, numbered from 1 on. */
export const minutes = (count: number): FakePost[] =>
  Array.from({ length: count }, (_, n) => ({ n: n + 1, at: 1_500_000_000 + n * 60 }));
