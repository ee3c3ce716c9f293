import type { IncomingMessage } from 'node:http';
import { behaves } from '../../../src/demo/behaviours.ts';
import { type Asked, type FakeServer, startServer } from '../../../src/demo/server.ts';
import type { Page } from '../../../src/model.ts';
import { mastodon } from '../../../src/sources/mastodon/mastodon.ts';
import type { ListingWay, SourceContext } from '../../../src/sources/source.ts';
import { photo } from '../../helpers/media.ts';
import { testContext } from '../../helpers/source-suite.ts';

export interface FakeStatus {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export type Mood = (due: Reply, query: URLSearchParams) => Reply;

/** A stand-in for a server with one account, whose posts and moods a test changes as it goes. */
export interface FakeMastodon {
  readonly url: string;
  readonly requests: readonly Asked[];
  /** Which pages of the list were asked for, by what bounds them. */
  readonly lists: readonly string[];
  /** The newest first. */
  posts: readonly FakeStatus[];
  account: Readonly<Record<string, unknown>>;
  /** Kept back after so many were taken out of the list, as servers do with what is not for all. */
  isHidden: (status: FakeStatus) => boolean;
  mood: (path: string, nth: number) => Mood | undefined;
}

export async function withFake<T>(
  posts: readonly FakeStatus[],
  test: (fake: FakeMastodon) => Promise<T>,
): Promise<T> {
  let calls = 0;
  const lists: string[] = [];
  const answered = (request: IncomingMessage): Reply => {
    const { pathname, searchParams } = new URL(request.url!, server.url);
    if (pathname.endsWith('/statuses')) lists.push(boundIn(searchParams));
    const due = dueTo(pathname, searchParams, fake, server.url);
    return fake.mood(pathname, ++calls)?.(due, searchParams) ?? due;
  };
  const otherwise = behaves(({ request, response }) => {
    const picture = /^\/media_attachments\/.*\/(\d+)\.jpeg$/.exec(request.url!)?.[1];
    if (picture)
      return void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(photo(Number(picture), 900));
    const { status, headers, body } = answered(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const server: FakeServer = await startServer({}, { otherwise });
  const fake: FakeMastodon = {
    ...{ url: server.url, requests: server.requests, lists, posts },
    account: {
      id: '7',
      username: 'fern',
      acct: 'fern',
      url: `${server.url}/@fern`,
      statuses_count: posts.length,
    },
    isHidden: () => false,
    mood: () => undefined,
  };
  try {
    return await test(fake);
  } finally {
    await server.close();
  }
}

const boundIn = (query: URLSearchParams): string =>
  ['max_id', 'min_id'].flatMap((name) => (query.has(name) ? `${name}=${query.get(name)}` : [])).join(' ') ||
  'first';

function dueTo(path: string, query: URLSearchParams, fake: FakeMastodon, url: string): Reply {
  if (path === '/api/v1/accounts/lookup') {
    const isKnown = /^fern(?:@m\.example)?$/.test(query.get('acct') ?? '');
    return isKnown ? said(fake.account) : { ...said({ error: 'Record not found' }), status: 404 };
  }
  const one = /^\/api\/v1\/statuses\/(\w+)$/.exec(path)?.[1];
  const found = fake.posts.find(({ id }) => id === one);
  if (found) return said(found);
  if (path === '/api/v1/accounts/7/statuses') return listed(query, fake, url);
  if (path === '/@fern') return { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>fern' };
  return { ...said({ error: 'Record not found' }), status: 404 };
}

const said = (body: unknown): Reply => ({ status: 200, headers: {}, body });

function listed(query: URLSearchParams, { posts, isHidden }: FakeMastodon, url: string): Reply {
  const [max, min] = [query.get('max_id'), query.get('min_id')];
  const limit = Math.min(Number(query.get('limit') ?? 20), 40);
  const within = posts.filter(
    ({ id }) => (max === null || isBelow(id, max)) && (min === null || isBelow(min, id)),
  );
  const taken = min === null ? within.slice(0, limit) : within.slice(-limit);
  const [first, last] = [taken[0], taken.at(-1)];
  const base = `${url}/api/v1/accounts/7/statuses?limit=${limit}`;
  const link =
    first && last && `<${base}&max_id=${last.id}>; rel="next", <${base}&min_id=${first.id}>; rel="prev"`;
  return { ...said(taken.filter((post) => !isHidden(post))), headers: link ? { link } : {} };
}

const isBelow = (a: string, b: string): boolean => a.length < b.length || (a.length === b.length && a < b);

const start = Date.UTC(2024, 4, 6);

/** As Mastodon makes them: the time in all but the last sixteen bits. */
export const idAt = (time: number, n = 0): string => String((BigInt(time) << 16n) + BigInt(n));

/** So many posts, the newest first, a minute apart, each with a picture. */
export const statuses = (count: number, { from = 0, idOf = idAt } = {}): FakeStatus[] =>
  Array.from({ length: count }, (_, n) => {
    const nth = from + count - 1 - n;
    const time = start + nth * 60_000;
    return statusAt(idOf(time, nth), time, nth);
  });

export const statusAt = (id: string, time: number, nth: number, more: object = {}): FakeStatus => ({
  id,
  created_at: new Date(time).toISOString(),
  url: `https://m.example/@fern/${id}`,
  visibility: 'public',
  favourites_count: nth,
  reblog: null,
  media_attachments: [
    {
      id: String(nth + 1),
      type: 'image',
      url: `/media_attachments/files/${nth}.jpeg`,
      remote_url: null,
      meta: null,
    },
  ],
  ...more,
});

export const idsOf = (posts: readonly { readonly id: string }[]): string[] => posts.map(({ id }) => id);

export interface Listed {
  readonly pages: readonly Page[];
  /** In the order in which they came, each once. */
  readonly ids: readonly string[];
  readonly warnings: readonly string[];
  readonly unread: number;
  /** Why the source was left before its end. */
  readonly left: readonly string[];
  readonly error: unknown;
}

export interface Given {
  readonly target?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly way?: Partial<ListingWay>;
  readonly cursor?: unknown;
  readonly fetch?: SourceContext['fetch'];
}

/** Lists what the stand-in has, and tells what came of it, be it an error. */
export async function listFake(fake: FakeMastodon, given: Given = {}): Promise<Listed> {
  const { target = 'mastodon:@fern@m.example', settings = {}, way = {}, cursor, fetch } = given;
  const warnings: string[] = [];
  const pages: Page[] = [];
  const left: string[] = [];
  let unread = 0;
  let error: unknown;
  const all = { api: fake.url, ...settings };
  const context = testContext({
    ...(fetch && { fetch }),
    settings: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [`sources.mastodon.${name}`, value]),
    ),
    report(event) {
      if (event.event === 'warning') warnings.push(event.message);
      if (event.event === 'unread') unread++;
    },
  });
  try {
    const listing = await mastodon.open(target, context);
    const leaveOut = (why: string) => void left.push(why);
    for await (const page of listing.pages(cursor, { order: 'newest', covered: [], leaveOut, ...way }))
      pages.push(page);
    await listing.close?.();
  } catch (thrown) {
    error = thrown;
  }
  const ids = [...new Set(pages.flatMap(({ posts }) => idsOf(posts)))];
  return { pages, ids, warnings, unread, left, error };
}

/** The newest posts, whatever is asked. */
export const alwaysFirst =
  (posts: readonly unknown[]): Mood =>
  (due) => ({ ...due, headers: {}, body: posts.slice(0, 40) });

export const isList = (path: string): boolean => path.endsWith('/statuses');
