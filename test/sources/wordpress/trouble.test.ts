import { describe, expect, it } from 'vitest';
import { AuthError, QuotaError, SourceError, UsageError } from '../../../src/errors.ts';
import { united } from '../../../src/intervals.ts';
import { lookAt } from '../../../src/sources/sight.ts';
import { wordpress } from '../../../src/sources/wordpress/wordpress.ts';
import { testContext } from '../../helpers/source-suite.ts';
import {
  type Behaviour,
  type Call,
  medium,
  type Reply,
  refuses,
  rows,
  says,
  withWordPress,
} from './fake-wordpress.ts';
import { listed } from './listed.ts';

const at =
  (path: string, reply: Reply): Behaviour['misbehaves'] =>
  (call) =>
    call.path === path ? reply : undefined;
const posts = 'wp/v2/posts';
const asks = (calls: readonly Call[], path: string) => calls.filter((call) => call.path === path).length;
const settings = { limit: '10' };

describe('an API that does not give its posts', () => {
  it.each([
    ['is closed', refuses(401, 'rest_not_logged_in'), AuthError, /not signed in \(401, 'No\.'\)/],
    ['is forbidden', refuses(403, 'rest_forbidden'), AuthError, /not signed in/],
    ['has no posts', refuses(404, 'rest_no_route'), SourceError, /gone, or was never there/],
    ['asks to wait', says(429, {}, { 'retry-after': '60' }), QuotaError, /come back later/],
    [
      'breaks down',
      says(500, { code: 'internal_server_error', message: '', data: { status: 500 } }),
      SourceError,
      /refuses \(500\)\. A later run/,
    ],
    [
      'says success around a refusal',
      says(200, { code: 'rest_forbidden', message: 'No.', data: { status: 403 } }),
      AuthError,
      /403/,
    ],
    [
      'says success around a failure',
      says(200, { code: 'boom', data: { status: 500 } }),
      SourceError,
      /answered twice/,
    ],
    [
      'is under maintenance',
      says(200, '<!doctype html><title>Back soon</title>', { 'content-type': 'text/html' }),
      SourceError,
      /web page/,
    ],
    ['says nothing', says(200, ''), SourceError, /answered twice/],
    [
      'counts posts and shows none',
      says(200, [], { 'x-wp-total': '7', 'x-wp-totalpages': '1' }),
      SourceError,
      /answered twice/,
    ],
    ['is nested without end (G04)', says(200, '['.repeat(100_000)), SourceError, /nested deeper/],
    ['is cut off', says(200, '[{"id": 1, "title"'), SourceError, /ends in the middle/],
  ] as const)('%s: is told, and asked a few times at most', async (_, reply, kind, words) => {
    await withWordPress(
      { posts: rows(3) },
      async ({ url, calls }) => {
        const { error, pages } = await listed(url);
        expect(pages).toEqual([]);
        expect(error).toBeInstanceOf(kind);
        expect(String(error)).toMatch(words);
        expect(asks(calls, posts)).toBeLessThanOrEqual(3);
        expect(asks(calls, posts)).toBeGreaterThan(0);
      },
      { misbehaves: at(posts, reply) },
    );
  });

  it.each([
    ['stays one of WordPress where it has trouble that may pass', refuses(500, 'boom'), true],
    ['stays one of WordPress where it asks to wait', says(429, {}, { 'retry-after': '60' }), true],
    ['is left to whoever reads its feed where it is closed', refuses(401, 'rest_not_logged_in'), false],
    ['is left to whoever reads its feed where it is lacking', refuses(404, 'rest_no_route'), false],
  ] as const)('%s', async (_, reply, isOurs) => {
    await withWordPress(
      { posts: rows(3) },
      async ({ url }) => {
        const context = testContext();
        const sight = await lookAt(url, context);
        const recognised = await wordpress.recognises!(sight, context).catch(() => undefined);
        expect(recognised !== undefined).toBe(isOurs);
      },
      { misbehaves: (call) => (call.path === '' || call.path === posts ? reply : undefined) },
    );
  });

  it('is an error even when its blog is named, and ends a listing in its middle after what was whole', async () => {
    const breaks: Behaviour['misbehaves'] = ({ path, query }) =>
      path === posts && query.has('before') ? refuses(500, 'boom') : undefined;
    await withWordPress(
      { posts: rows(30) },
      async ({ url }) => {
        const { error, pages, ids } = await listed(`wordpress:${url}`, { settings });
        expect(error).toBeInstanceOf(SourceError);
        expect([pages.length, ids.length]).toEqual([1, 10]);
      },
      { misbehaves: breaks },
    );
  });

  it('is a blog without posts where it says so', async () => {
    await withWordPress({}, async ({ url }) => {
      const { error, ids, pages, warnings } = await listed(url);
      expect([error, ids, pages[0]?.total, warnings]).toEqual([undefined, [], 0, []]);
    });
  });
});

describe('the way to the API', () => {
  const bare = () => '<html><head><meta name="generator" content="WordPress 4.8"></head></html>';

  it.each([
    ['in a subdirectory', { folder: '/a/blog' }],
    ['without pretty addresses', { isPlain: true }],
    ['without pretty addresses in a subdirectory', { isPlain: true, folder: '/blog' }],
    ['that no page names', { page: bare }],
    ['that no page names, without pretty addresses', { page: bare, isPlain: true }],
  ] as const)('is found %s', async (_, behaviour) => {
    await withWordPress(
      { posts: rows(25) },
      async ({ url }) => {
        const { ids, name, error } = await listed(url, { settings });
        expect(error).toBeUndefined();
        expect(ids).toHaveLength(25);
        expect(name).toBe(
          new URL(url).host.replace(':', '_') +
            ('folder' in behaviour ? behaviour.folder.replaceAll('/', '_') : ''),
        );
      },
      behaviour,
    );
  });

  it.each([
    ['of another kind', () => '<html><head><title>Fen</title></head></html>', /names no API/],
    ['whose API is no such', () => '<link rel="https://api.w.org/" href="/nothing/">', /answered twice/],
    [
      'that leads to no web address',
      () => '<link rel="https://api.w.org/" href="mailto:a@b.example">',
      /names no API/,
    ],
  ])('is not there on a page %s', async (_, page, words) => {
    await withWordPress(
      { posts: rows(3) },
      async ({ url }) => {
        expect(String((await listed(url)).error)).toMatch(words);
      },
      { page },
    );
  });
});

it.each([
  ['does not allow as many', refuses(400, 'rest_invalid_param')],
  ['breaks down under as many', refuses(500, 'internal_server_error')],
])('asks for fewer at a time where a blog %s', async (_, reply) => {
  const posts = rows(35).map((row) => ({ ...row, featured_media: 2000 + row.id }));
  const media = posts.map(({ featured_media: id }) => medium(id, 9999));
  await withWordPress(
    { posts, media: [...media, ...Array.from({ length: 15 }, (_, n) => medium(5000 + n, 7))] },
    async ({ url, calls }) => {
      const { ids, pages, warnings, error } = await listed(url);
      expect([error, ids.length, warnings]).toEqual([undefined, 35, []]);
      const items = pages.flatMap((page) => page.posts.map((post) => post.items.length));
      expect(items.reduce((sum, one) => sum + one, 0)).toBe(35 * 2 + 15);
      expect(calls.some(({ query }) => query.get('per_page') === '100')).toBe(true);
    },
    {
      misbehaves: ({ query }) =>
        Number(query.get('per_page') ?? 0) > 10 && !query.has('_fields') ? reply : undefined,
    },
  );
});

it('leaves none out where a blog breaks down in the middle, and gives fewer at a time from there on', async () => {
  const uploads = Array.from({ length: 250 }, (_, n) => medium(5000 + n, 1));
  const edited = rows(70).map((row) => ({ ...row, modified: '2024-06-02T10:00:00' }));
  const same = rows(90, () => 0, 500);
  const way = {
    covered: [{ from: null, to: 1_900_000_000 }],
    memory: { types: ['post'], since: '2024-06-01T00:00:00' },
  };
  const breaks: Behaviour['misbehaves'] = ({ query }) =>
    Number(query.get('page') ?? 1) > 1 && Number(query.get('per_page')) > 10
      ? refuses(500, 'boom')
      : undefined;
  const settings = { types: 'posts', limit: '37' };
  await withWordPress(
    { posts: edited, media: uploads },
    async ({ url, has }) => {
      const first = await listed(url, { settings });
      const items = first.pages.flatMap((page) => page.posts.find(({ id }) => id === '1')?.items ?? []);
      expect([first.error, new Set(first.ids).size, items.length]).toEqual([undefined, 70, 251]);
      expect(new Set((await listed(url, { settings, way })).ids).size).toBe(70);
      has.posts.splice(0, 70, ...same);
      const last = await listed(url, { settings });
      expect([last.error, last.left, new Set(last.ids).size]).toEqual([undefined, [], 90]);
    },
    { misbehaves: breaks },
  );
});

it('lists all others where a server fails over one type, which is told, and counts as unread', async () => {
  let isBroken = true;
  await withWordPress(
    { posts: rows(12), sketches: rows(3, undefined, 100) },
    async ({ url }) => {
      const first = await listed(url, { settings });
      expect([first.error, first.ids.length, first.unread]).toEqual([undefined, 12, 1]);
      expect(first.warnings).toEqual([expect.stringMatching(/sketches .* breaks down over them/)]);
      isBroken = false;
      const covered = united(first.pages.flatMap(({ covers }) => covers ?? []));
      const way = { covered, memory: first.pages.at(-1)!.memory, wasWhole: true };
      expect((await listed(url, { settings, way })).ids).toEqual(
        expect.arrayContaining(['100', '101', '102']),
      );
    },
    { misbehaves: ({ path }) => (isBroken && path === 'wp/v2/sketches' ? refuses(500, 'boom') : undefined) },
  );
});

describe('what else is asked for', () => {
  it('may be counted and hidden, as a picture of a post that is not public is', async () => {
    const posts = rows(3).map((row) => ({ ...row, featured_media: 77 }));
    const hides: Behaviour['misbehaves'] = ({ path }) =>
      path === 'wp/v2/media' ? says(200, [], { 'x-wp-total': '1', 'x-wp-totalpages': '1' }) : undefined;
    await withWordPress(
      { posts },
      async ({ url, calls }) => {
        const { ids, error, warnings } = await listed(url);
        expect([error, ids.length, warnings]).toEqual([undefined, 3, []]);
        expect(calls.filter(({ query }) => query.get('include') === '77')).toHaveLength(1);
      },
      { misbehaves: hides },
    );
  });

  it('ends the listing where the library breaks down, for its media would be missing silently', async () => {
    await withWordPress(
      { posts: rows(3) },
      async ({ url, calls }) => {
        const { error, ids } = await listed(url);
        expect([error instanceof SourceError, ids]).toEqual([true, []]);
        expect(calls.some(({ query }) => query.has('parent') && query.get('parent') !== '0')).toBe(true);
      },
      {
        misbehaves: ({ path, query }) =>
          path === 'wp/v2/media' && query.get('parent') !== '0' ? refuses(500, 'boom') : undefined,
      },
    );
  });

  it('ends the listing where the library refuses what it has told before, and only then', async () => {
    let isShut = false;
    await withWordPress(
      { posts: rows(30), media: [medium(500, 30), medium(501, 3)] },
      async ({ url }) => {
        const { error, ids } = await listed(url, { settings: { ...settings, types: 'posts' } });
        expect(String(error)).toMatch(/answered before, and refuses now/);
        expect(ids).toHaveLength(10);
        const closed = await listed(url, { settings: { ...settings, types: 'posts' } });
        expect([closed.error, closed.ids.length, closed.warnings.length]).toEqual([undefined, 30, 1]);
      },
      {
        misbehaves({ path, query }) {
          isShut ||= path === posts && query.has('before');
          return isShut && path === 'wp/v2/media' ? refuses(403, 'rest_forbidden') : undefined;
        },
      },
    );
  });

  it('is left alone where the library does not hear for which posts it is asked', async () => {
    const all = Array.from({ length: 20 }, (_, n) => medium(500 + n, 77));
    const deaf: Behaviour['misbehaves'] = ({ path, query }) =>
      path === 'wp/v2/media' && query.has('parent')
        ? says(200, all, { 'x-wp-total': '20', 'x-wp-totalpages': '2' })
        : undefined;
    await withWordPress(
      { posts: rows(25) },
      async ({ url, calls }) => {
        const { ids, warnings, error } = await listed(url, { settings: { ...settings, types: 'posts' } });
        expect([error, ids.length]).toEqual([undefined, 25]);
        expect(warnings).toEqual([expect.stringContaining('does not tell which media were uploaded')]);
        expect(asks(calls, 'wp/v2/media')).toBe(1);
      },
      { misbehaves: deaf },
    );
  });

  it('is not counted where the library gives media of posts among those of none', async () => {
    const all = Array.from({ length: 8 }, (_, n) => medium(500 + n, n % 4 === 0 ? 0 : 77));
    const deaf: Behaviour['misbehaves'] = ({ path, query }) =>
      path === 'wp/v2/media' && query.get('parent') === '0'
        ? says(200, all, { 'x-wp-total': '8', 'x-wp-totalpages': '1' })
        : undefined;
    await withWordPress(
      { posts: rows(3) },
      async ({ url }) => {
        const { ids, pages } = await listed(url);
        expect([ids.length, pages[0]!.total]).toEqual([5, undefined]);
      },
      { misbehaves: deaf },
    );
  });

  it('is no reason to list no older posts, if it is a video that another host does not give', async () => {
    const [first, ...others] = rows(3);
    const content = { rendered: '<iframe src="https://videopress.com/embed/AbCd1234"></iframe>' };
    await withWordPress(
      { posts: [{ ...first!, content }, ...others] },
      async ({ url, calls }) => {
        const { ids, error, unread, warnings, pages } = await listed(url, {
          settings: { api: `${url}wp-json` },
        });
        expect([error, ids.length, unread]).toEqual([undefined, 3, 1]);
        expect(warnings.join()).toMatch(/AbCd1234 .* could not be asked for/);
        expect(pages[0]!.posts.at(-1)).toMatchObject({ unknown: ['videopress'] });
        expect(asks(calls, 'rest/v1.1/videos/AbCd1234')).toBe(1);
      },
      { misbehaves: at('rest/v1.1/videos/AbCd1234', refuses(500, 'boom')) },
    );
  });

  it('goes over all pages of uploads, and asks for the same no second time', async () => {
    const uploads = Array.from({ length: 250 }, (_, n) => medium(1000 + n, (n % 5) + 1));
    const shown = rows(5).map((row) => ({ ...row, featured_media: 3000, tags: [7], categories: [8] }));
    const has = {
      posts: shown,
      media: [...uploads, medium(3000, 99)],
      tags: [{ id: 7, date: '2', name: 'Fen &amp; mere' }],
      categories: [{ id: 8, date: '2', name: 'Birds' }],
    };
    await withWordPress(has, async ({ url, calls }) => {
      const { pages, error } = await listed(url, { settings: { limit: '2', types: 'posts' } });
      expect(error).toBeUndefined();
      const all = pages.flatMap((page) => page.posts);
      expect(all.map(({ items }) => items.length)).toEqual([52, 52, 52, 52, 52]);
      expect(all[0]!.tags).toEqual(['Fen & mere', 'Birds']);
      expect(all[0]!.items.map(({ index }) => index)).toEqual(Array.from({ length: 52 }, (_, n) => n));
      expect(calls.filter(({ query }) => query.get('include') === '3000')).toHaveLength(1);
      expect([asks(calls, 'wp/v2/tags'), asks(calls, 'wp/v2/categories')]).toEqual([1, 1]);
    });
  });
});

it('skips what is no post, and takes the others, whatever stands in their fields (G06, G07, G08, G11)', async () => {
  const values = [null, [], {}, 0, -1, '', 'x', true, 1e300, { rendered: 7 }, ['__proto__']];
  const fields = [
    'date',
    'date_gmt',
    'link',
    'title',
    'content',
    'featured_media',
    'tags',
    'categories',
    'jetpack_featured_media_url',
    '_links',
  ];
  const odd = fields.flatMap((field, f) =>
    values.map((value, v) => ({ ...rows(1)[0]!, id: 100 + f * values.length + v, [field]: value })),
  );
  const text = JSON.stringify([...odd, ...values, { ...rows(1)[0]!, id: 0 }]).replace(
    '"id":0',
    '"id":99007199254740993,"__proto__":{"polluted":1}',
  );
  await withWordPress(
    { posts: [] },
    async ({ url }) => {
      const { ids, unread, error } = await listed(url, { settings: { types: 'posts' } });
      expect(error).toBeUndefined();
      expect(new Set(ids)).toEqual(new Set([...odd.map(({ id }) => String(id)), '99007199254740993']));
      expect(unread).toBe(values.length);
      expect(({} as { polluted?: number }).polluted).toBeUndefined();
    },
    { misbehaves: at(posts, says(200, text, { 'x-wp-total': '7', 'x-wp-totalpages': '1' })) },
  );
});

it('takes media of the library whatever stands in their fields', async () => {
  const values = [
    null,
    [],
    {},
    7,
    'x',
    'javascript:alert(1)',
    '../../../etc/passwd',
    { sizes: 7 },
    { sizes: [null, { source_url: 5 }], original_image: '../up.jpg' },
  ];
  const fields = ['source_url', 'media_details', 'mime_type', 'post', 'date', 'link'];
  const odd = fields.flatMap((field, f) =>
    values.map((value, v) => medium(100 + f * values.length + v, 0, { [field]: value })),
  );
  await withWordPress(
    { media: [] },
    async ({ url }) => {
      const { error, pages } = await listed(url, { settings: { types: 'media' } });
      expect(error).toBeUndefined();
      const items = pages.flatMap((page) => page.posts.flatMap((post) => post.items));
      expect(items.length).toBeGreaterThan(30);
      for (const item of items)
        for (const address of [item.url, ...(item.lesser ?? [])])
          expect(address).toMatch(/^http:\/\/blog\.example\/wp-content\/uploads\/[\w.]+$/);
    },
    {
      misbehaves: ({ path, query }) =>
        path === 'wp/v2/media' && query.get('parent') === '0'
          ? says(200, odd, { 'x-wp-total': '54', 'x-wp-totalpages': '1' })
          : undefined,
    },
  );
});

describe('WordPress.com', () => {
  const com = (status: number, body: unknown) => ({
    misbehaves: at('rest/v1.1/sites/mere.wordpress.com', says(status, body)),
  });

  it.each([
    [
      'knows no such blog',
      404,
      { error: 'unknown_blog', message: 'Unknown blog' },
      SourceError,
      /knows no blog mere\.wordpress\.com/,
    ],
    [
      'keeps a blog private',
      403,
      { error: 'unauthorized', message: 'This blog is private.' },
      AuthError,
      /is private/,
    ],
    ['says that a blog is private', 200, { ID: 7, is_private: true }, AuthError, /is private/],
    ['makes no sense', 200, { hello: 1 }, SourceError, /answered twice/],
  ] as const)('%s', async (_, status, body, kind, words) => {
    await withWordPress(
      {},
      async ({ url, calls }) => {
        const { error } = await listed('wordpress:mere.wordpress.com', {
          settings: { api: `${url}wp-json` },
        });
        expect(error).toBeInstanceOf(kind);
        expect(String(error)).toMatch(words);
        expect(calls.length).toBeGreaterThan(0);
      },
      com(status, body),
    );
  });
});

it.each(['wordpress:', 'wordpress:a b', 'wordpress:tarn', 'wordpress:..\\x'])(
  'does not take %s',
  async (target) => {
    expect((await listed(target)).error).toBeInstanceOf(UsageError);
  },
);
