/** A post as a test thinks of it; what the API says of it is made when it is asked for. */
export interface FakePost {
  /** Digits, as many as wished: they are written as a number, as the API does. */
  readonly id: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly tags?: readonly string[];
  /** Stands before all others on the first page, and once more at its place. */
  readonly isPinned?: boolean;
  /** Takes up room on a page, and is not shown on it. */
  readonly isHidden?: boolean;
  /** Fields in addition to its own, or in place of them. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface Call {
  /** `posts`, `likes`, `info` or `tagged`. */
  readonly what: string;
  readonly query: URLSearchParams;
}

/** An answer right before it is sent. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes, a text or a stream go out as they are; anything else is written as JSON. */
  readonly body: unknown;
}

/** What goes wrong with one call: another answer than the one that is due. */
export type Trouble = (due: Reply) => Reply;

export interface Counted {
  readonly isLeft: boolean;
  readonly said: Readonly<Record<string, string>>;
}

/** What an answer is made from. */
export interface Scene {
  readonly isKnown: boolean;
  readonly blog: string;
  readonly key: string;
  /** Counts the call, and says what the quotas have to say of it. */
  readonly count: () => Counted;
  readonly url: string;
  readonly posts: readonly FakePost[];
}

/** What the API answers when all is well with it. */
export function dueTo(call: Call, scene: Scene): Reply {
  if (call.query.get('api_key') !== scene.key) return told(401, 'Unauthorized');
  const { isLeft, said: headers } = scene.count();
  if (!isLeft) return told(429, 'Limit Exceeded', { headers });
  const response = scene.isKnown ? contentOf(call, scene) : undefined;
  return response ? told(200, 'OK', { headers, response }) : told(404, 'Not Found', { headers });
}

interface More {
  readonly headers?: Readonly<Record<string, string>>;
  readonly response?: unknown;
  readonly errors?: readonly unknown[];
}

/** An envelope: without more, as an error comes. */
export const told = (status: number, msg: string, { headers = {}, ...more }: More = {}): Reply => ({
  status,
  type: 'application/json; charset=utf-8',
  headers,
  body: { meta: { status, msg }, response: [], ...more },
});

/** A page of the web where an envelope is due. */
export const page: Trouble = () => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  headers: {},
  body: '<!DOCTYPE html><title>Down for a moment</title><p>We will be right back.</p>',
});

/** A blog that its owner shows within the dashboard alone. */
export const dashboardOnly: Trouble = () =>
  told(404, 'Not Found', {
    errors: [
      { title: 'Not Found', code: 4012, detail: 'This Tumblr is only viewable within the Tumblr dashboard' },
    ],
  });

/** The due answer with another `response`. */
export const instead =
  (change: (response: Record<string, unknown>) => unknown): Trouble =>
  (due) => {
    const body = due.body as { response: Record<string, unknown> };
    return { ...due, body: { ...body, response: change(body.response) } };
  };

/** Undefined where there is no such post. */
function contentOf({ what, query }: Call, scene: Scene): unknown {
  const { blog, posts } = scene;
  const [title, url] = [`The blog ${blog}`, `https://${blog}.tumblr.com/`];
  const about = { name: blog, title, uuid: `t:${blog}`, url, posts: posts.length };
  if (what === 'info') return { blog: about };
  const chosen = chosenOf(posts, query);
  if (query.has('id') && chosen.length === 0) return undefined;
  const { rows, links } = rowsOf(chosen, query);
  const shown = rows
    .filter(({ isHidden }) => !isHidden)
    .map((post) => postOf(post, { ...scene, isNpf: query.get('npf') === 'true', isLike: what === 'likes' }));
  if (what === 'tagged') return shown;
  if (what === 'likes') return { liked_posts: shown, liked_count: chosen.length, ...links };
  return { blog: about, posts: shown, total_posts: chosen.length, ...links };
}

function chosenOf(posts: readonly FakePost[], query: URLSearchParams): readonly FakePost[] {
  const [tag, id] = [query.get('tag'), query.get('id')];
  if (id !== null) return posts.filter((post) => post.id === id);
  return tag === null ? posts : posts.filter(({ tags }) => tags?.includes(tag));
}

/** As the API goes: both bounds excluded, and a link that leads past what shares the second of the last one. */
function rowsOf(chosen: readonly FakePost[], query: URLSearchParams) {
  const number = (name: string) => (query.get(name) === null ? null : Number(query.get(name)));
  const [before, after, offset] = [number('before'), number('after'), number('offset') ?? 0];
  const limit = Math.min(50, Math.max(1, number('limit') ?? 20));
  const isAscending = query.get('sort') === 'asc';
  const first = before === null ? 0 : firstBelow(chosen, before);
  const end = after === null ? chosen.length : firstBelow(chosen, after + 1);
  const isFirst = !isAscending && before === null && after === null && offset === 0;
  const pinned = isFirst ? chosen.filter(({ isPinned }) => isPinned) : [];
  const room = limit - pinned.length;
  const rows = isAscending
    ? chosen.slice(Math.max(first, end - offset - room), Math.max(first, end - offset)).reverse()
    : chosen.slice(first + offset, Math.min(end, first + offset + room));
  const last = rows.at(-1);
  const isMore = last !== undefined && offset + rows.length < end - first;
  const bound = isAscending ? 'after' : 'before';
  const params = { page_number: '2', [bound]: String(last?.timestamp) };
  const next = {
    type: 'action',
    method: 'GET',
    href: `/v2?${new URLSearchParams(params)}`,
    query_params: params,
  };
  return { rows: [...pinned, ...rows], links: isMore ? { _links: { next } } : {} };
}

/** Where the posts before a moment begin, in a list with the newest first. */
function firstBelow(posts: readonly FakePost[], moment: number): number {
  let [low, high] = [0, posts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (posts[middle]!.timestamp < moment) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface View extends Scene {
  readonly isNpf: boolean;
  readonly isLike: boolean;
}

function postOf(post: FakePost, { blog, url, isNpf, isLike }: View): unknown {
  const { id, timestamp, tags = [], isPinned, fields } = post;
  const picture = { url: `${url}/media/${id}.jpg`, width: 64, height: 64 };
  const form = isNpf
    ? {
        content: [
          { type: 'image', media: [{ ...picture, type: 'image/jpeg', has_original_dimensions: true }] },
        ],
        ...{ layout: [], trail: [], original_type: 'photo' },
      }
    : { photos: [{ caption: '', original_size: picture, alt_sizes: [picture] }], trail: [], caption: '' };
  return {
    ...{
      object_type: 'post',
      type: isNpf ? 'blocks' : 'photo',
      id: `#${id}#`,
      id_string: id,
      blog_name: blog,
    },
    ...{ blog: { name: blog, uuid: `t:${blog}` }, post_url: `https://${blog}.tumblr.com/post/${id}` },
    ...{ timestamp, date: `${new Date(timestamp * 1000).toISOString().slice(0, 19).replace('T', ' ')} GMT` },
    ...{ state: 'published', tags, note_count: Number(id.slice(-3)), reblog_key: 'Ab12Cd34' },
    ...(isPinned && { is_pinned: true }),
    ...(isLike && { liked_timestamp: timestamp }),
    ...form,
    ...fields,
  };
}

/** JSON in which an id is a number of as many digits as it has. */
export const written = (body: unknown): string => JSON.stringify(body).replace(/"#(\d+)#"/g, '$1');
