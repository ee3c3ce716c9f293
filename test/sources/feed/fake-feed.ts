import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeFeed {
  readonly url: string;
  /** What was asked for, and what it was answered with. */
  readonly log: { readonly path: string; readonly status: number; readonly condition: string | undefined }[];
  /** Its entries by number, the newest first. */
  entries: number[];
  size: number;
  /** Answers in place of the feed, by path, or by `*`. */
  readonly instead: Map<
    string,
    { status?: number; type?: string; text?: string; bytes?: Uint8Array; headers?: Record<string, string> }
  >;
  form: (feed: FakeFeed, page: number, entries: readonly number[]) => string;
}

export const entry = (n: number, more = '') =>
  `<entry><id>e${n}</id><title>${n}</title><updated>${new Date(Date.UTC(2024, 0, 1) + n * 86_400_000).toISOString()}</updated><content type="html">&lt;img src="/${n}.jpg"&gt;${more}</content></entry>`;

export const atom = (links: string, entries: readonly number[], more = '') =>
  `<feed xmlns="http://www.w3.org/2005/Atom"><title>Pond</title>${links}${entries.map((n) => entry(n, more)).join('')}</feed>`;

/** Pages by `?page=N`, each with the address of the next. */
export const paged = ({ entries, size }: FakeFeed, page: number, shown: readonly number[]) =>
  atom(page * size < entries.length ? `<link rel="next" href="/feed?page=${page + 1}"/>` : '', shown);

export const alone = (_: FakeFeed, _page: number, shown: readonly number[]) => atom('', shown);

/** A feed that knows validators, over a real socket; closed after the test. */
export async function withFakeFeed(
  given: Partial<Pick<FakeFeed, 'entries' | 'size' | 'form'>>,
  test: (feed: FakeFeed) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => answer(feed, request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const feed: FakeFeed = { url, log: [], entries: [], size: 3, instead: new Map(), form: paged, ...given };
  try {
    await test(feed);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function answer(feed: FakeFeed, { url = '', headers }: IncomingMessage, response: ServerResponse): void {
  const condition = headers['if-none-match'];
  const say = (status: number, text: string | Uint8Array, more: Record<string, string> = {}) => {
    feed.log.push({ path: url, status, condition });
    response.writeHead(status, { 'content-type': 'application/xml', ...more }).end(text);
  };
  const instead = feed.instead.get(url) ?? feed.instead.get('*');
  const { pathname, searchParams } = new URL(url, 'http://feed');
  if (instead) {
    const { status = 200, type = 'application/xml', text = '', bytes, headers = {} } = instead;
    say(status, bytes ?? text, { 'content-type': type, ...headers });
  } else if (pathname !== '/feed') say(404, 'no such place', { 'content-type': 'text/plain' });
  else {
    const page = Number(searchParams.get('page') ?? searchParams.get('paged') ?? 1);
    const text = feed.form(feed, page, feed.entries.slice((page - 1) * feed.size, page * feed.size));
    const etag = `"${page}-${feed.entries.join('-')}"`;
    if (condition === etag) say(304, '', { etag });
    else say(200, text, { etag });
  }
}
