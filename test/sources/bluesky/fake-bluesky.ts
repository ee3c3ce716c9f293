import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';
import { archive } from '../../../src/archiving.ts';
import { behaves } from '../../../src/demo/behaviours.ts';
import { startServer } from '../../../src/demo/server.ts';
import type { GivenOptions } from '../../../src/options.ts';
import type { Progress } from '../../../src/progress.ts';
import { tidAt } from '../../../src/sources/bluesky/tid.ts';
import { quick } from '../../helpers/archives.ts';
import { photo } from '../../helpers/media.ts';

export const did = 'did:plc:fernfernfernfernfernfern';
export const moss = 'did:plc:mossmossmossmossmossmoss';

/** An answer in place of the usual one. */
export interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call as the log has it: the last part of the method, or of the path, and what was asked. */
export interface Call {
  readonly method: string;
  readonly query: URLSearchParams;
}

/** A post with a picture of its own. */
export interface FakePost {
  readonly key: string;
  readonly record: Record<string, unknown>;
  readonly entry?: Record<string, unknown>;
  readonly author?: string;
}

/** The whole network on one port: site, directory, the account's server, reduced pictures. */
export interface FakeBluesky {
  readonly url: string;
  readonly calls: readonly Call[];
  readonly settings: Readonly<Record<string, string>>;
  /** The newest first. */
  posts: FakePost[];
  /** Begin its records with the oldest, unless it is asked for the reverse? */
  isTurned: boolean;
  handle: string;
  /** Whose the handle is. */
  owner: string | undefined;
  readonly blobs: Map<string, Buffer>;
  instead: (call: Call, nth: number) => Reply | Buffer | undefined;
  /** How often each method was called, since `from`. */
  count(method: string, from?: number): number;
}

const sum = (bytes: Buffer) => create(0x12, createHash('sha256').update(bytes).digest());
export const cidOf = (bytes: Buffer): string => CID.createV1(0x55, sum(bytes)).toString();

/** Moments a minute apart, from the middle of 2024 on. */
export const keyOf = (n: number): string => tidAt((1_720_000_000 + n * 60) * 1e6, 'first');
export const dateOf = (n: number): string => new Date((1_720_000_000 + n * 60) * 1000).toISOString();
export const uriOf = (n: number, of = did): string => `at://${of}/app.bsky.feed.post/${keyOf(n)}`;

export function fakePost(n: number, more: Partial<FakePost> = {}): FakePost {
  const image = { $type: 'blob', ref: { $link: cidOf(photo(n)) }, mimeType: 'image/jpeg', size: 20_000 };
  const embed = { $type: 'app.bsky.embed.images', images: [{ alt: '', image }] };
  const record = { $type: 'app.bsky.feed.post', text: `post ${n}`, createdAt: dateOf(n), embed };
  return { key: keyOf(n), record, ...more };
}

/** From the first number to the last, the newest first. */
export const fakePosts = (first: number, last: number): FakePost[] =>
  Array.from({ length: last - first + 1 }, (_, n) => fakePost(last - n));

export const repost = (n: number, by = did): FakePost => ({
  ...fakePost(n),
  author: moss,
  entry: {
    reason: {
      $type: 'app.bsky.feed.defs#reasonRepost',
      by: { did: by },
      uri: `at://${by}/app.bsky.feed.repost/${keyOf(n)}`,
      indexedAt: dateOf(n),
    },
  },
});

export async function withFakeBluesky<T>(
  posts: readonly FakePost[],
  test: (fake: FakeBluesky) => Promise<T>,
): Promise<T> {
  const calls: Call[] = [];
  const server = await startServer(
    {},
    {
      otherwise: behaves(({ request, response }) => {
        const call = callOf(request);
        calls.push(call);
        const reply = fake.instead(call, fake.count(call.method)) ?? replyOf(fake, call);
        if (Buffer.isBuffer(reply)) return void response.writeHead(200, { 'content-type': '*/*' }).end(reply);
        const { status = 200, body = {}, headers } = reply;
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      }),
    },
  );
  const fake: FakeBluesky = {
    url: server.url,
    calls,
    settings: {
      'sources.bluesky.api': server.url,
      'sources.bluesky.plc': server.url,
      'sources.bluesky.cdn': server.url,
      'sources.bluesky.limit': '4',
    },
    posts: [...posts],
    isTurned: false,
    handle: 'fern.example',
    owner: did,
    blobs: new Map(),
    instead: () => undefined,
    count: (method, from = 0) => calls.slice(from).filter((call) => call.method === method).length,
  };
  try {
    return await test(fake);
  } finally {
    await server.close();
  }
}

function callOf({ url }: IncomingMessage): Call {
  const { pathname, searchParams } = new URL(url!, 'http://a.example');
  const method = pathname.startsWith('/xrpc/') ? pathname.split('.').at(-1)! : pathname.split('/')[1]!;
  return { method, query: searchParams };
}

export const refused = (error: string, message = '', status = 400): Reply => ({
  status,
  body: { error, message },
});

function replyOf(fake: FakeBluesky, { method, query }: Call): Reply | Buffer {
  switch (method) {
    case 'resolveHandle':
      return fake.owner !== undefined && query.get('handle') === fake.handle
        ? { body: { did: fake.owner } }
        : refused('InvalidRequest', 'Unable to resolve handle');
    case did:
    case moss:
      return { body: documentOf(fake, method) };
    case 'getProfile':
      return { body: { did, handle: fake.handle, postsCount: fake.posts.length, followersCount: 1 } };
    case 'getAuthorFeed':
      return { body: feedOf(fake, query) };
    case 'getPosts':
      return {
        body: { posts: fake.posts.filter(({ key }) => query.get('uris')!.endsWith(key)).map(viewOf) },
      };
    case 'listRecords':
      return { body: recordsOf(fake, query) };
    case 'getBlob':
      return blobOf(fake, query.get('cid')!);
    default:
      return refused('RecordNotFound', 'Could not locate record');
  }
}

const documentOf = ({ handle, url }: FakeBluesky, id: string) => ({
  id,
  alsoKnownAs: [`at://${handle}`],
  service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: url }],
});

const viewOf = ({ key, record, author = did }: FakePost) => ({
  uri: `at://${author}/app.bsky.feed.post/${key}`,
  cid: 'bafyreia',
  author: { did: author, handle: 'somebody.example' },
  record,
  indexedAt: record.createdAt,
  likeCount: 1,
});

/** Its cursor is the place of the last one, so that what is put in meanwhile does not move it. */
function feedOf({ posts }: FakeBluesky, query: URLSearchParams) {
  const cursor = query.get('cursor');
  const pinned = cursor === null ? posts.filter(isPinned) : [];
  const plain = posts.filter((post) => !isPinned(post));
  const from = cursor === null ? 0 : plain.findIndex(({ key }) => key === cursor) + 1;
  const shown = plain.slice(from, from + Number(query.get('limit')));
  const next = from + shown.length < plain.length ? shown.at(-1)!.key : undefined;
  const feed = [...pinned, ...shown].map((post) => ({ post: viewOf(post), ...post.entry }));
  return { feed, ...(next && { cursor: next }) };
}

const isPinned = ({ entry }: FakePost): boolean => JSON.stringify(entry ?? '').includes('reasonPin');

/** By key, the last first, behind the one that is named; like the servers of the network it has a cursor on any page. */
function recordsOf({ posts, isTurned }: FakeBluesky, query: URLSearchParams) {
  const isReverse = (query.get('reverse') === 'true') !== isTurned;
  const cursor = query.get('cursor');
  const sorted = [...posts].sort((a, b) => (a.key < b.key === isReverse ? -1 : 1));
  const isBehind = ({ key }: FakePost) => cursor === null || (isReverse ? key > cursor : key < cursor);
  const shown = sorted.filter(isBehind).slice(0, Number(query.get('limit')));
  const records = shown.map((post) => {
    const { uri, cid, record: value } = viewOf(post);
    return { uri, cid, value };
  });
  return { records, ...(shown.length > 0 && { cursor: shown.at(-1)!.key }) };
}

const photos = new Map<string, Buffer>();

function blobOf({ blobs }: FakeBluesky, cid: string): Reply | Buffer {
  for (let n = photos.size; n < 200 && !photos.has(cid); n++) photos.set(cidOf(photo(n)), photo(n));
  return blobs.get(cid) ?? photos.get(cid) ?? refused('BlobNotFound', 'Blob not found');
}

/** One run over the stand-in; what it came to, or what it ended with. */
export async function run(
  fake: FakeBluesky,
  directory: string,
  { target = 'bluesky:fern.example', settings = {}, ...given }: GivenOptions & { target?: string } = {},
) {
  const events: Progress[] = [];
  const report = (event: Progress) => void events.push(event);
  const options = { ...quick, report, directory, ...given, settings: { ...fake.settings, ...settings } };
  const running = archive(target, options);
  const ended = await running.finished.then(
    (summary) => ({ summary, error: undefined }),
    (error: Error & { code: string }) => ({ summary: undefined, error }),
  );
  return { ...ended, events, warnings: events.flatMap((e) => (e.event === 'warning' ? [e.message] : [])) };
}
