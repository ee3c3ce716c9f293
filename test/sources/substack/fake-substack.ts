import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakePost {
  readonly id: number;
  /** Seconds. */
  readonly at: number;
  words?: number;
  audience?: string;
  text?: string;
}

export interface FakeSubstack {
  readonly url: string;
  /** The newest first. */
  posts: FakePost[];
  /** The paths that were asked, with their queries. */
  readonly calls: string[];
  /** How many posts an answer has at most, whatever is asked for. */
  cap: number;
  /** Answers in the place of the server; true if it did. */
  before: (path: string, response: ServerResponse, nth: number) => boolean;
}

/** A publication: a list of its posts by offsets, and each of them with its text. */
export async function withSubstack<T>(test: (publication: FakeSubstack) => Promise<T>): Promise<T> {
  const server = createServer(({ url = '' }, response) => {
    fake.calls.push(url);
    if (!fake.before(url, response, fake.calls.length)) answer(fake, new URL(url, 'http://x'), response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const fake: FakeSubstack = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts: [],
    calls: [],
    cap: 50,
    before: () => false,
  };
  try {
    return await test(fake);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** So many posts, the newest first, an hour apart. */
export const postsFrom = (first: number, count: number): FakePost[] =>
  Array.from({ length: count }, (_, n) => ({
    id: first + n,
    at: 1_700_000_000 + (first + n) * 3600,
  })).reverse();

export function send(
  response: ServerResponse,
  status: number,
  body: unknown = '',
  headers: Record<string, string> = {},
): true {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
  return true;
}

function answer(
  { posts, cap, url }: FakeSubstack,
  { pathname, searchParams }: URL,
  response: ServerResponse,
) {
  if (pathname === '/api/v1/archive') {
    const [offset, limit] = [Number(searchParams.get('offset')), Number(searchParams.get('limit'))];
    const shown = posts.slice(offset, offset + Math.min(limit, cap));
    return send(
      response,
      200,
      shown.map((post) => summaryOf(post, url)),
    );
  }
  const post = posts.find(({ id }) => pathname === `/api/v1/posts/post-${id}`);
  if (!post) return send(response, 404, { error: 'none' });
  return send(response, 200, {
    ...summaryOf(post, url),
    body_html: `<p>${post.text ?? 'Words.'}</p><img src="${url}/pictures/${post.id}.png">`,
  });
}

const summaryOf = ({ id, at, words = 100, audience = 'everyone' }: FakePost, url: string) => ({
  id,
  slug: `post-${id}`,
  title: `Post ${id}`,
  post_date: new Date(at * 1000).toISOString(),
  audience,
  wordcount: words,
  canonical_url: `${url}/p/post-${id}`,
  body_html: null,
  reaction_count: Math.floor(Math.random() * 1000),
});
