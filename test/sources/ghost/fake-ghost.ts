import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakePost {
  readonly id: string;
  /** Seconds. */
  at: number;
  changed: number;
  title?: string;
}

export interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
}

export interface FakeGhost {
  readonly url: string;
  readonly posts: FakePost[];
  readonly pages: FakePost[];
  readonly calls: Call[];
  /** How many posts an answer has at most, whatever is asked for. */
  cap: number;
  /** Refuses to be asked for more. */
  refusesAbove: number;
  /** Answers in the place of the server; true if it did. */
  before: (call: Call, response: ServerResponse, nth: number) => boolean;
}

export const fakeKey = '00112233445566778899aabbcc';

/** A site made with Ghost, of which the Content API filters, orders and leafs as the real one does. */
export async function withGhost<T>(test: (ghost: FakeGhost) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x');
    const call = { path: url.pathname, query: url.searchParams, accept: request.headers['accept-version'] };
    ghost.calls.push(call as Call);
    if (ghost.before(call as Call, response, ghost.calls.length)) return;
    answer(ghost, call as Call, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const ghost: FakeGhost = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts: [],
    pages: [],
    calls: [],
    cap: Number.POSITIVE_INFINITY,
    refusesAbove: Number.POSITIVE_INFINITY,
    before: () => false,
  };
  try {
    return await test(ghost);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** So many posts a minute apart. */
export const postsFrom = (first: number, count: number, base = 1_700_000_000): FakePost[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `6500000000000000000${String(first + n).padStart(5, '0')}`,
    at: base + (first + n) * 60,
    changed: base + (first + n) * 60,
  }));

export function sendJson(response: ServerResponse, value: unknown, status = 200): true {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  return true;
}

/** For `before`: says so, and that it has answered. */
export function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  text = '',
): true {
  response.writeHead(status, headers).end(text);
  return true;
}

function answer(ghost: FakeGhost, { path, query }: Call, response: ServerResponse): void {
  const resource = /^\/ghost\/api\/content\/(posts|pages)\/$/.exec(path)?.[1] as
    | 'posts'
    | 'pages'
    | undefined;
  if (!resource) return void pageOf(ghost, path, response);
  if (query.get('key') !== fakeKey)
    return void sendJson(
      response,
      { errors: [{ message: `Unknown Content API Key ${query.get('key')}` }] },
      401,
    );
  const asked = Number(query.get('limit') ?? 15);
  if (asked > ghost.refusesAbove)
    return void sendJson(response, { errors: [{ message: 'limit is too high' }] }, 422);
  const all = sorted(ghost[resource].filter(filterOf(query.get('filter'))), query.get('order') ?? '');
  const [limit, page] = [Math.min(asked, ghost.cap), Number(query.get('page') ?? 1)];
  const shown = all.slice((page - 1) * limit, page * limit);
  const pages = Math.max(1, Math.ceil(all.length / limit));
  sendJson(response, {
    [resource]: shown.map((post) => rawOf(post, ghost.url)),
    meta: { pagination: { page, limit, pages, total: all.length, next: page < pages ? page + 1 : null } },
  });
}

function pageOf({ url }: FakeGhost, path: string, response: ServerResponse): void {
  const isPage = !path.startsWith('/content/') && !path.startsWith('/ghost/');
  response.writeHead(isPage ? 200 : 404, { 'content-type': 'text/html' });
  response.end(
    isPage
      ? `<html><head><meta name="generator" content="Ghost 6.2"><script defer data-ghost="${url}/" data-key="${fakeKey}" data-api="${url}/ghost/api/content/"></script></head></html>`
      : 'none',
  );
}

const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString();

const rawOf = ({ id, at, changed, title = `Post ${id}` }: FakePost, url: string) => ({
  id,
  title,
  html: `<img src="${url}/content/images/2024/01/${id}.jpg">`,
  url: `${url}/${id}/`,
  published_at: isoOf(at),
  updated_at: isoOf(changed),
  access: true,
});

function filterOf(filter: string | null): (post: FakePost) => boolean {
  const [, field, sign, text] = /^(published_at|updated_at):(<|>=)'([\d: -]{19})'$/.exec(filter ?? '') ?? [];
  if (filter === null) return () => true;
  if (text === undefined) throw new Error(`not a filter: ${filter}`);
  const bound = Date.parse(`${text.replace(' ', 'T')}Z`) / 1000;
  const of = (post: FakePost) => (field === 'updated_at' ? post.changed : post.at);
  return (post) => (sign === '<' ? of(post) < bound : of(post) >= bound);
}

function sorted(posts: FakePost[], order: string): FakePost[] {
  const field = order.startsWith('updated_at') ? 'changed' : 'at';
  const step = / asc,/.test(order) ? 1 : -1;
  return posts.sort((a, b) => (a[field] - b[field]) * step || (a.id < b.id ? 1 : -1));
}
