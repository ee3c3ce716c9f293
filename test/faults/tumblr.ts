import type { Readable } from 'node:stream';
import { type FakePost, startFakeTumblr } from '../helpers/fake-tumblr.ts';
import { pageOf, type V1Line, withFakeV1 } from '../helpers/fake-tumblr-v1.ts';
import { dueTo, written } from '../helpers/tumblr-answers.ts';
import { postLines } from '../helpers/vaults.ts';
import { atFullScale, type Case, fault } from './fault.ts';

/** A post of a blog, whichever API shows it; its picture is the one that all share. */
export interface Row {
  readonly id: string;
  readonly at: number;
  /** Fields in place of its own. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

export interface Said {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array | Readable;
}

export type ApiName = 'v2' | 'v1';

/** A blog that can be asked by one of the APIs, and may lie. */
export interface Blog {
  readonly api: ApiName;
  /** What a person types to archive it. */
  readonly words: readonly string[];
  /** Where its one picture lies. */
  readonly picture: string;
  /** Calls of the API so far. */
  readonly asked: () => number;
  rows: readonly Row[];
  /** Right before the nth call is answered, from 1. */
  before: (n: number) => void;
  /** What is said to the nth call, in place of what is due. */
  says: (n: number, due: Said) => Said;
  /** A first page of these posts; more of them may follow. */
  page(rows: readonly Row[], total?: number): Said;
}

export const canary = 'CANARY-of-an-API-key';

/** A case that is played by each of the two APIs. */
export function faultOfBoth(
  number: string,
  words: string,
  play: (scene: Case, blog: Blog) => Promise<void>,
): void {
  for (const api of ['v2', 'v1'] as const)
    fault(number, `${words}, by the API ${api}`, (scene) => withBlog(api, (blog) => play(scene, blog)));
}

/** A case that `npm test` plays by one API alone: that of the other has tests of its own beside its source. */
export const faultOfOne: typeof faultOfBoth = (number, words, play) =>
  atFullScale
    ? faultOfBoth(number, words, play)
    : fault(number, `${words}, by the API v2`, (scene) => withBlog('v2', (blog) => play(scene, blog)));

export const withBlog = (api: ApiName, play: (blog: Blog) => Promise<void>): Promise<void> =>
  api === 'v2' ? onV2(play) : onV1(play);

async function onV2(play: (blog: Blog) => Promise<void>): Promise<void> {
  const tumblr = await startFakeTumblr([], { key: canary });
  const { url, key } = tumblr;
  const picture = `${url}/media/1.jpg`;
  const media = [{ url: picture, type: 'image/jpeg', width: 64, height: 64 }];
  const content = [{ type: 'image', media }];
  const postOf = ({ id, at, fields }: Row): FakePost => ({
    id,
    timestamp: at,
    fields: { content, ...fields },
  });
  const blog: Blog = {
    ...{ api: 'v2', picture, rows: [], before: () => undefined, says: (_, due) => due },
    words: ['tumblr:fern', '-o', `sources.tumblr.api=${tumblr.api}`, '-o', `sources.tumblr.key=${key}`],
    asked: () => tumblr.calls.length,
    page: (rows, total = rows.length) =>
      json(
        dueTo(
          { what: 'posts', query: new URLSearchParams({ api_key: key, npf: 'true', limit: '50' }) },
          {
            ...{ isKnown: true, blog: 'fern', key, url, count: () => ({ isLeft: true, said: {} }) },
            posts: rows.map(postOf),
          },
        ),
        total,
      ),
  };
  tumblr.beforeCall = (n) => {
    blog.before(n);
    tumblr.remove(...tumblr.posts.map(({ id }) => id));
    tumblr.add(...blog.rows.map(postOf));
  };
  tumblr.trouble = (n) => (due) => ({ ...due, ...blog.says(n, json(due)) });
  try {
    await play(blog);
  } finally {
    await tumblr.close();
  }
}

const json = (
  { status, type, body }: { status: number; type: string; body: unknown },
  total?: number,
): Said => {
  const { response } = body as { response?: object };
  const stated =
    total === undefined ? body : { ...(body as object), response: { ...response, total_posts: total } };
  return { status, type, body: written(stated) };
};

function onV1(play: (blog: Blog) => Promise<void>): Promise<void> {
  let blog: Blog | undefined;
  let picture = '';
  const lineOf = ({ id, at, fields }: Row): V1Line => ({
    ...{ id, 'unix-timestamp': at, type: 'photo', 'photo-url-1280': picture },
    ...fields,
  });
  return withFakeV1(
    [],
    ({ base, calls }) => {
      picture = `${base}/media/1.jpg`;
      blog = {
        ...{ api: 'v1', picture, rows: [], before: () => undefined, says: (_, due) => due },
        words: ['tumblr:fern', '-o', `sources.tumblr.v1=${base}`],
        asked: () => calls.length,
        page: (rows, total = rows.length) =>
          script(pageOf(rows.slice(0, 50).map(lineOf), { form: 'json', start: 0, total })),
      };
      return play(blog);
    },
    (nth, { form, query }) =>
      (response) => {
        blog!.before(nth + 1);
        const start = Number(query.get('start') ?? 0);
        const lines = newestFirst(blog!.rows).map(lineOf);
        const due = script(
          pageOf(lines.slice(start, start + 50), { form, start, total: lines.length }),
          form,
        );
        const { status, type, body } = blog!.says(nth + 1, due);
        response.writeHead(status, { 'content-type': type });
        if (typeof body === 'string' || body instanceof Uint8Array) response.end(body);
        else body.pipe(response).once('close', () => body.destroy());
      },
  );
}

const script = (body: string, form: 'json' | 'xml' = 'json'): Said => ({
  status: 200,
  type: form === 'json' ? 'text/javascript; charset=utf-8' : 'text/xml; charset=utf-8',
  body,
});

const newestFirst = (rows: readonly Row[]) =>
  [...rows].sort((a, b) => b.at - a.at || b.id.length - a.id.length || (b.id > a.id ? 1 : -1));

/** Posts a minute apart, the newest first, numbered down from `first`. */
export const rowsFrom = (first: number, count: number): Row[] =>
  Array.from({ length: count }, (_, n) => ({
    id: idOf(first - n),
    at: 1_500_000_000 + (first - n) * 60,
  }));

export const idOf = (n: number): string => `71234567890${String(n).padStart(7, '0')}`;

/** The posts of an archive by their ids, one for each line. */
export const heldIn = ({ archive }: Case): string[] =>
  postLines(archive).flatMap(({ line, post }) => (line === 'post' ? [post] : []));

export const idsOf = (rows: readonly Row[]): string[] => rows.map(({ id }) => id);

/** What a run warned of. */
export const warningsOf = ({
  events,
}: {
  readonly events: readonly { readonly event: string }[];
}): string[] =>
  events.flatMap((event) =>
    event.event === 'warning' ? [(event as unknown as { message: string }).message] : [],
  );
