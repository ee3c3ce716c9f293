import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { photo } from '../../helpers/media.ts';

type Row = Readonly<Record<string, unknown>> & { readonly id: number; readonly date: string };

export interface Library {
  readonly posts: Row[];
  readonly pages: Row[];
  readonly media: Row[];
  readonly [base: string]: Row[];
}

export interface Call {
  /** Below the root, such as `wp/v2/posts`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export type Reply = (response: ServerResponse, call: Call) => void;

export interface Behaviour {
  /** In place of what would be answered. */
  readonly misbehaves?: (call: Call, nth: number) => Reply | undefined;
  /** Is the API a query of the start page, as it is without pretty addresses? */
  readonly isPlain?: boolean;
  /** Where in the host the blog lives, such as `/blog`. */
  readonly folder?: string;
  readonly hasTotals?: boolean;
  /** Has it been told not to count, so that the headers say 0? */
  readonly countsNothing?: boolean;
  readonly mostPerPage?: number;
  /** Is it too old to be asked for what was edited? */
  readonly knowsNoEdits?: boolean;
  readonly page?: (root: string) => string;
  readonly index?: Readonly<Record<string, unknown>>;
}

export interface FakeWordPress {
  readonly url: string;
  readonly calls: readonly Call[];
  /** A test may change it while it is listed. */
  readonly has: Library;
}

/** A real server of a blog by the REST API of WordPress; closed after the test. */
export async function withWordPress<T>(
  given: Partial<Library>,
  test: (blog: FakeWordPress) => Promise<T>,
  behaviour: Behaviour = {},
): Promise<T> {
  const has = { posts: [], pages: [], media: [], ...given } as Library;
  const calls: Call[] = [];
  const { folder = '', isPlain = false } = behaviour;
  const server = createServer((request, response) => {
    const base = `http://${request.headers.host}${folder}`;
    const call = callOf(request, folder, isPlain);
    const [, picture] = /\/wp-content\/uploads\/(\d{1,5})\.jpg$/.exec(request.url!) ?? [];
    if (picture) return void showPicture(response, Number(picture));
    const root = isPlain ? `${base}/?rest_route=/` : `${base}/wp-json/`;
    if (!call) return void showPage(response, root, behaviour);
    calls.push(call);
    const reply = behaviour.misbehaves?.(call, calls.length - 1) ?? shows(has, base, behaviour);
    reply(response, call);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${folder}/`;
    return await test({ url, calls, has });
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

function callOf({ url = '' }: IncomingMessage, folder: string, isPlain: boolean): Call | undefined {
  const { pathname, searchParams: query } = new URL(url, 'http://blog.example');
  const route = isPlain
    ? query.get('rest_route')
    : new RegExp(`^${folder}/wp-json(/.*)$`).exec(pathname)?.[1];
  return route ? { path: route.replace(/^\//, ''), query } : undefined;
}

function showPage(response: ServerResponse, root: string, { page }: Behaviour): void {
  const html = page?.(root) ?? `<html><head><link rel="https://api.w.org/" href="${root}"></head></html>`;
  response.writeHead(200, { 'content-type': 'text/html' }).end(html);
}

const showPicture = (response: ServerResponse, n: number) =>
  void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(photo(n, 3000));

export const says =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply =>
  (response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };

/** A refusal as the API words it. */
export const refuses = (status: number, code: string): Reply =>
  says(status, { code, message: 'No.', data: { status } });

const shows =
  (has: Library, base: string, behaviour: Behaviour): Reply =>
  (response, call) => {
    const { path } = call;
    const index = { name: 'Tarn', home: base, namespaces: ['oembed/1.0', 'wp/v2'], gmt_offset: 2 };
    if (path === '') return says(200, { ...index, ...behaviour.index })(response, call);
    const [, of = ''] = /^wp\/v2\/([\w-]+)$/.exec(path) ?? [];
    if (of === 'types') return says(200, typesIn(has))(response, call);
    if (!Object.hasOwn(has, of)) return refuses(404, 'rest_no_route')(response, call);
    return rowsOf(has[of]!, behaviour)(response, call);
  };

const typesIn = (has: Library) =>
  Object.fromEntries(
    Object.keys(has).map((base) => [
      base,
      {
        slug: base === 'posts' ? 'post' : base === 'pages' ? 'page' : base === 'media' ? 'attachment' : base,
        rest_base: base,
      },
    ]),
  );

/** `before` and `after` are compared with the blog's own clock, and leave the moment itself out. */
const rowsOf =
  (
    rows: readonly Row[],
    { hasTotals = true, countsNothing = false, mostPerPage = 100, knowsNoEdits = false }: Behaviour,
  ): Reply =>
  (response, call) => {
    const { query } = call;
    const [before, after] = [query.get('before') ?? '9', query.get('after') ?? ''];
    const parents = query.get('parent')?.split(',').map(Number);
    const include = query.get('include')?.split(',').map(Number);
    const due = rows
      .filter(({ date }) => date < before && date > after)
      .filter(({ modified }) => knowsNoEdits || String(modified ?? '9') > (query.get('modified_after') ?? ''))
      .filter(({ post }) => !parents || parents.includes(Number(post ?? 0)))
      .filter(({ id }) => !include || include.includes(id))
      .sort((a, b) =>
        query.get('orderby') === 'id' ? a.id - b.id : a.date.localeCompare(b.date) || a.id - b.id,
      );
    if ((query.get('order') ?? 'desc') === 'desc') due.reverse();
    const size = Math.min(mostPerPage, Number(query.get('per_page') ?? 10));
    const [page, pages] = [Number(query.get('page') ?? 1), Math.ceil(due.length / size)];
    if (page > 1 && page > pages) return refuses(400, 'rest_post_invalid_page_number')(response, call);
    const [total, counted] = countsNothing ? [0, 0] : [due.length, pages];
    const totals = { 'x-wp-total': String(total), 'x-wp-totalpages': String(counted) };
    says(200, due.slice((page - 1) * size, page * size), hasTotals ? totals : {})(response, call);
  };

const clock = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19);

/** So many posts, the oldest first, a minute apart or as `at` says; the blog is two hours ahead of Greenwich. */
export const rows = (count: number, at = (n: number) => 60 * n, first = 1): Row[] =>
  Array.from({ length: count }, (_, n) => ({
    id: first + n,
    date: clock(1_700_007_200 + at(n)),
    date_gmt: clock(1_700_000_000 + at(n)),
    modified: clock(1_700_007_200 + at(n)),
    link: `http://blog.example/${first + n}/`,
    title: { rendered: `Tarn ${n}` },
    content: {
      rendered: `<img src="http://blog.example/wp-content/uploads/${first + n}.jpg">`,
      protected: false,
    },
    featured_media: 0,
  }));

/** A medium of the library. */
export const medium = (id: number, post: number, given: Readonly<Record<string, unknown>> = {}): Row => ({
  id,
  post,
  date: clock(1_700_007_200 + id),
  date_gmt: clock(1_700_000_000 + id),
  modified: clock(1_700_007_200 + id),
  media_type: 'image',
  mime_type: 'image/jpeg',
  source_url: `http://blog.example/wp-content/uploads/m${id}.jpg`,
  media_details: {},
  ...given,
});
