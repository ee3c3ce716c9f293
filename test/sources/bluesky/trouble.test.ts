import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bluesky } from '../../../src/sources/bluesky/bluesky.ts';
import { pagesOf, postsOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import {
  type Call,
  did,
  type FakeBluesky,
  fakePosts,
  moss,
  type Reply,
  refused,
  run,
  withFakeBluesky,
} from './fake-bluesky.ts';

const document = (status: number): Troublesome => [did, () => ({ status, body: { message: 'no' } })];
type Troublesome = readonly [method: string, reply: (call: Call) => Reply];

const repo = { 'sources.bluesky.list': 'repo' };

describe('an account that cannot be listed', () => {
  it.each<[string, Troublesome, string, RegExp]>([
    [
      'is not known',
      ['resolveHandle', () => refused('HandleNotFound')],
      'ERR_SOURCE',
      /is not known: it is gone, has another name by now, or is mistyped/,
    ],
    ['was deleted', document(410), 'ERR_SOURCE', /gone for good/],
    ['is not in the directory', document(404), 'ERR_SOURCE', /not known to the directory/],
    [
      'was taken down',
      ['getProfile', () => refused('AccountTakedown', 'Account has been taken down')],
      'ERR_SOURCE',
      /taken down by moderators .*sources\.bluesky\.list=repo/,
    ],
    [
      'is deactivated',
      ['getProfile', () => refused('AccountDeactivated')],
      'ERR_SOURCE',
      /deactivated, which its owner can do and undo/,
    ],
    ['is blocked', ['getAuthorFeed', () => refused('BlockedActor')], 'ERR_SOURCE', /blocks another/],
    [
      'is for those who signed in',
      ['getProfile', () => refused('AuthMissing', '', 401)],
      'ERR_AUTH',
      /signed in/,
    ],
    ['is forbidden', ['getAuthorFeed', () => ({ status: 403, body: 'no' })], 'ERR_AUTH', /signed in/],
    [
      'is answered with an error that is called success (G16)',
      ['getAuthorFeed', () => ({ body: { error: 'InternalServerError' } })],
      'ERR_SOURCE',
      /answered twice, and the answer has no list of posts/,
    ],
    [
      'is answered with a page (G16)',
      ['getAuthorFeed', () => ({ body: '<html>back soon</html>', headers: { 'content-type': 'text/html' } })],
      'ERR_SOURCE',
      /is a web page/,
    ],
    [
      'has posts that are counted and not shown (G16)',
      ['getAuthorFeed', () => ({ body: { feed: [] } })],
      'ERR_SOURCE',
      /said to have 3 posts, and the site shows none/,
    ],
    [
      "is somebody else's",
      ['getProfile', () => ({ body: { did: moss, handle: 'moss.example' } })],
      'ERR_SOURCE',
      /is no profile of that account/,
    ],
  ])('%s: it is said what is the matter, and nothing is written', (_, [method, reply], code, words) =>
    withTempFolder((dir) =>
      withFakeBluesky(fakePosts(1, 3), async (fake) => {
        fake.instead = (call) => (call.method === method ? reply(call) : undefined);
        const { error } = await run(fake, join(dir, 'fern'));
        expect(fake.count(method)).toBeGreaterThan(0);
        expect(fake.count(method)).toBeLessThanOrEqual(2);
        expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
        expect(existsSync(join(dir, 'fern', 'manifest.jsonl'))).toBe(false);
      }),
    ),
  );

  it.each([
    ['RepoNotFound', 'Could not find repo', /is not known/],
    ['RepoTakendown', '', /taken down/],
    ['RepoDeactivated', '', /deactivated/],
    ['Whatever', 'the gremlins again', /cannot be listed \(status 400, 'Whatever', 'the gremlins again'\)/],
  ])('is told of by its own server, %s', (error, message, words) =>
    withFakeBluesky(fakePosts(1, 3), async (fake) => {
      fake.instead = ({ method }) => (method === 'listRecords' ? refused(error, message) : undefined);
      const settings = { ...fake.settings, ...repo };
      const listing = await bluesky.open('bluesky:fern.example', testContext({ settings }));
      await expect(pagesOf(listing)).rejects.toThrow(words);
    }),
  );

  it('of no posts at all is an empty archive (G17)', () =>
    withTempFolder((dir) =>
      withFakeBluesky([], async (fake) => {
        for (const settings of [{}, repo]) {
          const { summary } = await run(fake, join(dir, JSON.stringify(settings).length.toString()), {
            settings,
          });
          expect(summary).toMatchObject({ exitCode: 0, kept: 0 });
        }
      }),
    ));
});

/** What is listed of the site until the listing is left, and why. */
async function listed(fake: FakeBluesky) {
  const context = testContext({ settings: fake.settings });
  const listing = await bluesky.open('bluesky:fern.example', context);
  const left: string[] = [];
  const ids: string[] = [];
  const way = { order: 'newest', covered: [], leaveOut: (why: string) => void left.push(why) } as const;
  for await (const { posts } of listing.pages(undefined, way)) ids.push(...posts.map(({ id }) => id));
  return { ids, left, warnings: context.warnings };
}

describe('a list that lies (G09)', () => {
  it('is left where it leads to the same page', () =>
    withFakeBluesky(fakePosts(1, 3), async (fake) => {
      const feed = fake.posts.map(({ key, record }) => ({
        post: { uri: `at://${did}/app.bsky.feed.post/${key}`, record },
      }));
      fake.instead = ({ method }) =>
        method === 'getAuthorFeed' ? { body: { feed, cursor: 'same' } } : undefined;
      const { ids, left } = await listed(fake);
      expect(new Set(ids).size).toBe(4);
      expect(fake.count('getAuthorFeed')).toBe(2);
      expect(left).toEqual([expect.stringContaining('from a page to the same page')]);
    }));

  it('is left where pages without posts have no end', () =>
    withFakeBluesky(fakePosts(1, 3), async (fake) => {
      fake.instead = ({ method }, nth) =>
        method === 'getAuthorFeed' ? { body: { feed: [], cursor: `c${nth}` } } : undefined;
      expect((await listed(fake)).left).toEqual([expect.stringContaining('50 pages in a row')]);
    }));

  it('is not left where a few pages are empty', () =>
    withFakeBluesky(fakePosts(1, 3), async (fake) => {
      fake.instead = ({ method }, nth) =>
        method === 'getAuthorFeed' && nth <= 5 ? { body: { feed: [], cursor: `c${nth}` } } : undefined;
      const { ids, left } = await listed(fake);
      expect(fake.count('getAuthorFeed')).toBe(6);
      expect(left).toEqual([]);
      expect(ids).toHaveLength(4);
    }));

  it('is left where it leads in a circle, with each post once', () =>
    withTempFolder((dir) =>
      withFakeBluesky(fakePosts(1, 12), async (fake) => {
        fake.instead = ({ method, query }) =>
          method === 'getAuthorFeed' && query.get('cursor') === fake.posts[7]!.key
            ? { body: { feed: [], cursor: fake.posts[3]!.key } }
            : undefined;
        const { summary, warnings } = await run(fake, join(dir, 'fern'));
        expect(warnings).toEqual([expect.stringContaining('leads in a circle')]);
        expect(summary).toMatchObject({ kept: 8, exitCode: 1 });
      }),
    ));

  it('with a cursor that is none is not believed', () =>
    withFakeBluesky(fakePosts(1, 3), async (fake) => {
      fake.instead = ({ method }) =>
        method === 'getAuthorFeed' ? { body: { feed: [], cursor: { $gt: '' } } } : undefined;
      await expect(listed(fake)).rejects.toThrow('has no list of posts');
    }));
});

const wrong: readonly unknown[] = [
  ...[null, true, -1, '', '\0', [[]], [null], {}, { $type: 'x' }],
  { $link: {} },
  'at://did:plc:a/app.bsky.feed.post/../..',
  'x'.repeat(3000),
];

/** The same thing with one of its fields, however deep, being something else. */
function* spoiled(value: unknown, put: unknown): Generator<unknown> {
  yield put;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    for (const other of spoiled(inner, put)) {
      const copy = Array.isArray(value) ? [...value] : { ...value };
      (copy as Record<string, unknown>)[key] = other;
      yield copy;
    }
}

describe('hostile answers', () => {
  it('G06 G07 any type in any field of an entry costs that entry at most', () =>
    withFakeBluesky([], async (fake) => {
      const [{ key, record }] = fakePosts(1, 1) as [ReturnType<typeof fakePosts>[number]];
      const blob = (record.embed as { images: { image: unknown }[] }).images[0]!.image;
      const embeds = [
        record.embed,
        { $type: 'app.bsky.embed.video', video: blob, captions: [{ lang: 'en', file: blob }] },
        { $type: 'app.bsky.embed.external', external: { uri: 'https://media.tenor.com/a/b.gif' } },
        { $type: 'app.bsky.embed.recordWithMedia', media: record.embed },
      ];
      const facets = [{ features: [{ $type: 'app.bsky.richtext.facet#tag', tag: 'moss' }] }];
      const reason = {
        $type: 'app.bsky.feed.defs#reasonRepost',
        by: { did },
        uri: 'at://a/b/c',
        indexedAt: 'x',
      };
      const uri = `at://${did}/app.bsky.feed.post/${key}`;
      const entries = embeds.map((embed) => ({
        post: { uri, indexedAt: record.createdAt, record: { ...record, embed, facets, tags: ['a'] } },
        reason,
      }));
      const all = entries.flatMap((entry) => wrong.flatMap((put) => [...spoiled(entry, put)]));
      const body = (feed: readonly unknown[]) => ({ body: { feed } });
      const good = { post: { uri: `at://${did}/app.bsky.feed.post/good`, record: { text: 'good' } } };
      const polluted = JSON.parse('{"__proto__":{"polluted":1},"post":{"__proto__":{"uri":"x"}}}');
      fake.instead = ({ method }) =>
        method === 'getAuthorFeed' ? body([...all, polluted, good]) : undefined;
      const settings = fake.settings;
      const listing = await bluesky.open('bluesky:fern.example', testContext({ settings }));
      const posts = await postsOf(listing);
      expect(all.length).toBeGreaterThan(1000);
      expect(posts.at(-1)?.id).toContain('/good');
      for (const { id, date, url, items } of posts) {
        expect(id).toMatch(/^at:\/\//);
        for (const text of [date, url]) expect(text === null || typeof text === 'string').toBe(true);
        for (const item of items) expect(new URL(item.url).href).toBe(item.url);
      }
      expect(({} as { polluted?: number }).polluted).toBeUndefined();
    }));

  it('G07 any type in any field of the other answers gives an error of the source, or a listing', () =>
    withFakeBluesky(fakePosts(1, 2), async (fake) => {
      const document = {
        id: did,
        alsoKnownAs: ['at://fern.example'],
        service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: fake.url }],
      };
      const label = { val: '!no-unauthenticated' };
      const profile = { did, avatar: 'https://a.example/bafkreiabcd@jpeg', postsCount: 1, labels: [label] };
      const settings = { ...fake.settings };
      for (const [method, given] of [
        [did, document],
        ['getProfile', profile],
      ] as const)
        for (const put of [null, 'x', [{}]])
          for (const body of spoiled(given, put)) {
            fake.instead = (call) => (call.method === method ? { body } : undefined);
            const listing = await bluesky.open('bluesky:fern.example', testContext({ settings }));
            await pagesOf(listing).catch((error) => expect(error).toMatchObject({ code: 'ERR_SOURCE' }));
          }
    }));

  it('G14 a post with tens of thousands of pictures has a thousand', () =>
    withFakeBluesky(fakePosts(1, 1), async (fake) => {
      const record = fake.posts[0]!.record as { embed: { images: unknown[] } };
      record.embed.images = Array.from({ length: 30_000 }, (_, n) => ({
        image: { ref: { $link: `bafkrei${String(n).padStart(8, '0')}` } },
      }));
      const context = testContext({ settings: fake.settings });
      const posts = await postsOf(await bluesky.open('bluesky:fern.example', context));
      expect(posts[1]!.items).toHaveLength(1000);
      expect(context.warnings).toEqual([expect.stringContaining('29000 media more')]);
    }));
});
