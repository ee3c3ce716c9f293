import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { behaves } from '../../src/demo/behaviours.ts';
import { startServer } from '../../src/demo/server.ts';
import { photo } from './media.ts';
import {
  type Call,
  type Counted,
  dueTo,
  type FakePost,
  type Reply,
  type Trouble,
  written,
} from './tumblr-answers.ts';

export type { Call, FakePost, Reply, Trouble } from './tumblr-answers.ts';
export { dashboardOnly, instead, page, told } from './tumblr-answers.ts';

/** A bucket of calls: so many in so many seconds, from the first of them on. */
export interface Quota {
  readonly calls: number;
  readonly seconds: number;
}

export interface FakeTumblrOptions {
  readonly blog?: string;
  readonly key?: string;
  /** `Perhour` and `Perday`. */
  readonly quotas?: Readonly<Record<string, Quota>>;
}

/** A stand-in for the API v2 of one blog, whose posts and moods a test changes as it goes. */
export interface FakeTumblr {
  /** Without a slash at the end; pictures lie below it. */
  readonly url: string;
  /** The base of the API. */
  readonly api: string;
  readonly key: string;
  readonly calls: readonly Call[];
  /** The newest first. */
  readonly posts: readonly FakePost[];
  add(...posts: readonly FakePost[]): void;
  remove(...ids: readonly string[]): void;
  /** Turns its clock on, which nothing else does. */
  pass(seconds: number): void;
  /** Before the nth call (from 1) is answered. */
  beforeCall: (n: number) => void;
  trouble: (n: number, call: Call) => Trouble | undefined;
  close(): Promise<void>;
}

export async function withFakeTumblr<T>(
  posts: readonly FakePost[],
  test: (tumblr: FakeTumblr) => Promise<T>,
  options: FakeTumblrOptions = {},
): Promise<T> {
  const tumblr = await startFakeTumblr(posts, options);
  try {
    return await test(tumblr);
  } finally {
    await tumblr.close();
  }
}

export async function startFakeTumblr(
  given: readonly FakePost[],
  { blog = 'fern', key = 'fake-key', quotas = {} }: FakeTumblrOptions = {},
): Promise<FakeTumblr> {
  const calls: Call[] = [];
  const meter = new Meter(quotas);
  const otherwise = behaves(({ request, response }) => {
    const { status, type, headers, body } = answer(request);
    if (isStream(body)) {
      response.writeHead(status, { 'content-type': type, ...headers });
      return pipeline(body, response).catch(() => undefined); // whoever reads it may have enough
    }
    const bytes = Buffer.from(typeof body === 'string' || Buffer.isBuffer(body) ? body : written(body));
    response
      .writeHead(status, { 'content-type': type, 'content-length': bytes.length, ...headers })
      .end(bytes);
  });
  const server = await startServer({}, { otherwise });
  const shelf = new Shelf(given);
  const tumblr: FakeTumblr = {
    ...{ url: server.url, api: `${server.url}/v2`, key, calls, close: server.close },
    get posts() {
      return shelf.posts;
    },
    add: (...posts) => shelf.set([...shelf.posts, ...posts]),
    remove: (...ids) => shelf.set(shelf.posts.filter(({ id }) => !ids.includes(id))),
    pass: (seconds) => meter.pass(seconds),
    beforeCall: () => undefined,
    trouble: () => undefined,
  };
  const answer = (request: IncomingMessage): Reply => {
    const { pathname, searchParams: query } = new URL(request.url!, server.url);
    if (pathname.startsWith('/media/')) return pictureAt(pathname);
    const [, name, what] = /^\/v2\/(?:blog\/([^/]+)\/(posts|likes|info)|tagged)$/.exec(pathname) ?? [];
    const call = { what: what ?? 'tagged', query };
    calls.push(call);
    tumblr.beforeCall(calls.length);
    const isKnown = name === undefined ? pathname === '/v2/tagged' : isNameOf(blog, name);
    const due = dueTo(call, {
      ...{ isKnown, blog, key, count: () => meter.count() },
      url: server.url,
      posts: shelf.posts,
    });
    return tumblr.trouble(calls.length, call)?.(due) ?? due;
  };
  return tumblr;
}

const isStream = (body: unknown): body is Readable => body instanceof Readable;

/** One of its own for each post. */
function pictureAt(path: string): Reply {
  const id = /(\d{1,6})\.jpg$/.exec(path)?.[1];
  return id === undefined
    ? { status: 404, type: 'text/plain', headers: {}, body: 'not here' }
    : { status: 200, type: 'image/jpeg', headers: {}, body: photo(Number(id), 4000) };
}

const isNameOf = (blog: string, name: string) =>
  [blog, `${blog}.tumblr.com`, `t:${blog}`].includes(decodeURIComponent(name));

/** The newest first, and of one second the largest id: so they are listed. */
class Shelf {
  posts: readonly FakePost[] = [];

  constructor(posts: readonly FakePost[]) {
    this.set(posts);
  }

  set(posts: readonly FakePost[]): void {
    const byId = (a: string, b: string) => b.length - a.length || (b > a ? 1 : -1);
    this.posts = [...posts].sort((a, b) => b.timestamp - a.timestamp || byId(a.id, b.id));
  }
}

/** Counts calls against quotas, by a clock that stands still. */
class Meter {
  readonly #quotas: Readonly<Record<string, Quota>>;
  readonly #used = new Map<string, { calls: number; end: number }>();
  #now = 0;

  constructor(quotas: Readonly<Record<string, Quota>>) {
    this.#quotas = quotas;
  }

  pass(seconds: number): void {
    this.#now += seconds;
  }

  /** One call more, and what the headers say of it. A call that is refused does not count. */
  count(): Counted {
    const buckets = Object.entries(this.#quotas).map(([name, quota]) => {
      const old = this.#used.get(name);
      const used = old && old.end > this.#now ? old : { calls: 0, end: this.#now + quota.seconds };
      this.#used.set(name, used);
      return { name, quota, used };
    });
    const isLeft = buckets.every(({ quota, used }) => used.calls < quota.calls);
    for (const { used } of buckets) used.calls += isLeft ? 1 : 0;
    const said = buckets.flatMap(({ name, quota, used }) => [
      [`x-ratelimit-${name.toLowerCase()}-limit`, String(quota.calls)],
      [`x-ratelimit-${name.toLowerCase()}-remaining`, String(quota.calls - used.calls)],
      [`x-ratelimit-${name.toLowerCase()}-reset`, String(used.end - this.#now)],
    ]);
    return { isLeft, said: Object.fromEntries(said) };
  }
}
