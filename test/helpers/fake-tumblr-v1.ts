import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { photo } from './media.ts';

/** A post as the public API v1 shows it in JSON. */
export type V1Line = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly 'unix-timestamp': number;
};

export interface Call {
  readonly form: 'json' | 'xml';
  readonly query: URLSearchParams;
}

/** What is answered in place of posts; undefined where posts are. */
export type Reply = (response: http.ServerResponse, call: Call) => void;
export type Misbehaves = (nth: number, call: Call) => Reply | undefined;

export interface FakeV1 {
  /** The address of the blog. */
  readonly base: string;
  readonly calls: readonly Call[];
  /** Newest first; a test may change it while it is listed. */
  readonly posts: V1Line[];
}

/** A real server of one blog by the public API v1, in both of its forms; closed after the test. */
export async function withFakeV1<T>(
  posts: readonly V1Line[],
  test: (blog: FakeV1) => Promise<T>,
  misbehaves: Misbehaves = () => undefined,
): Promise<T> {
  const list = [...posts];
  const calls: Call[] = [];
  const server = http.createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url!, 'http://blog.example');
    const [, picture] = /^\/media\/(\d{1,6})\.jpg$/.exec(pathname) ?? [];
    if (picture) return void says(200, photo(Number(picture), 4000), 'image/jpeg')(response);
    const form = /^\/api\/read(\/json)?\/?$/.exec(pathname);
    if (!form) return void says(pathname.startsWith('/login') ? 200 : 404, page, 'text/html')(response);
    const call = { form: form[1] ? 'json' : 'xml', query } as const;
    calls.push(call);
    const reply = misbehaves(calls.length - 1, call) ?? showsPosts(list);
    reply(response, call);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    return await test({ base: `http://127.0.0.1:${port}`, calls, posts: list });
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

const page = '<!doctype html><title>Tumblr</title><script>var a = {};</script>';

/** Says this for all it is asked. */
export const says =
  (status: number, body: string | Uint8Array = '', type = 'text/javascript; charset=utf-8', headers = {}) =>
  (response: http.ServerResponse): void => {
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(body);
  };

export const showsPage = says(200, page, 'text/html; charset=utf-8');
export const isGone = says(404, page, 'text/html');
export const leadsToLogin = says(302, '', 'text/html', { location: '/login_required/fernhollow' });
export const asksToWait = (seconds?: number) =>
  says(429, 'Limit Exceeded', 'text/plain', seconds === undefined ? {} : { 'retry-after': seconds });
/** Each in its own form. */
export const isNoBlog: Reply = (response, { form }) =>
  says(
    200,
    form === 'json'
      ? 'var tumblr_api_read = {"tumblelog":{}};\n'
      : '<tumblr version="1.0"><tumblelog/></tumblr>',
  )(response);

const blog = { name: 'fernhollow', title: 'Fern Hollow', timezone: 'Europe/Oslo' };

/** `start`, `num`, `id` and `tagged` as the API knows them. */
export const showsPosts =
  (list: readonly V1Line[]): Reply =>
  (response, { form, query }) => {
    const tag = query.get('tagged');
    const tagged = list.filter(({ tags }) => tag === null || (tags as string[] | undefined)?.includes(tag));
    const start = Number(query.get('start') ?? 0);
    const num = Math.min(50, Number(query.get('num') ?? 20));
    const id = query.get('id');
    const posts = id === null ? tagged.slice(start, start + num) : list.filter((post) => post.id === id);
    const said = pageOf(posts, { form, start, total: tagged.length });
    const isWrapped = form === 'json' && query.get('debug') !== '1';
    says(200, isWrapped ? `var tumblr_api_read = ${said};\n` : said, mediaTypes[form])(response);
  };

const mediaTypes = { json: 'text/javascript; charset=utf-8', xml: 'text/xml; charset=utf-8' } as const;

/** What the API says where these posts are due. */
export function pageOf(
  posts: readonly V1Line[],
  { form, start, total }: Pick<Call, 'form'> & { readonly start: number; readonly total: number },
): string {
  if (form === 'xml') return xmlOf(posts, total);
  return JSON.stringify({ tumblelog: blog, 'posts-start': start, 'posts-total': String(total), posts });
}

const escaped = (text: unknown) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function xmlOf(posts: readonly V1Line[], total: number): string {
  const post = ({ tags = [], ...fields }: V1Line) => {
    const attributes = Object.entries(fields).filter(([key]) => !/-(body|caption|text)$/.test(key));
    const children = Object.entries(fields).filter(([key]) => /-(body|caption|text)$/.test(key));
    const words = (tags as readonly string[]).map((tag) => ['tag', tag] as const);
    const inner = [...children, ...words].map(([name, text]) => `<${name}>${escaped(text)}</${name}>`);
    return `<post ${attributes.map(([key, text]) => `${key}="${escaped(text)}"`).join(' ')}>${inner.join('')}</post>`;
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n<tumblr version="1.0"><tumblelog name="${blog.name}" title="${blog.title}"/><posts start="0" total="${total}">${posts.map(post).join('')}</posts></tumblr>\n`;
}

/** So many posts, newest first, a minute apart. */
export const v1Posts = (count: number): V1Line[] =>
  Array.from({ length: count }, (_, nth) => ({
    id: String(712_345_678_901_000_000n + BigInt(count - nth)),
    url: `https://fernhollow.tumblr.com/post/${count - nth}`,
    type: 'regular',
    'unix-timestamp': 1_600_000_000 + (count - nth) * 60,
    'regular-body': `<p>Moss & fern ${count - nth}</p>`,
    ...(nth % 5 === 0 && { tags: ['moss'] }),
  }));
