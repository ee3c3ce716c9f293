import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../helpers/archives.ts';
import { mp4, photo } from '../../helpers/media.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { postLines } from '../../helpers/vaults.ts';
import {
  cidOf,
  dateOf,
  did,
  type FakeBluesky,
  type FakePost,
  fakePost,
  fakePosts,
  moss,
  refused,
  repost,
  run,
  uriOf,
  withFakeBluesky,
} from './fake-bluesky.ts';

/** An archive, a stand-in, and a run of the one over the other. */
const scene = (
  posts: readonly FakePost[],
  test: (fake: FakeBluesky, root: string) => Promise<void>,
): Promise<void> =>
  withTempFolder((dir) => withFakeBluesky(posts, (fake) => test(fake, join(dir, 'fern.example'))));

const postsIn = (root: string) =>
  postLines(root).flatMap(({ post }) => (post?.includes('/app.bsky.feed.') ? [post] : []));

describe('the archive of an account', () => {
  it('has all originals, as their names promise; a second run asks for one page and no medium', () =>
    scene(fakePosts(1, 14), async (fake, root) => {
      const { summary } = await run(fake, root);
      expect(summary).toMatchObject({ kept: 14, posts: 15, missing: 0, failed: 0, exitCode: 0 });
      expect(
        recordsOf(root).every(({ whole, from }) => whole === 'checksum' && from!.includes('getBlob')),
      ).toBe(true);
      expect(fake.count('getAuthorFeed')).toBe(4);
      const before = fake.calls.length;
      const again = await run(fake, root);
      expect(again.summary).toMatchObject({ kept: 0, newPosts: 0, editedPosts: 0, exitCode: 0 });
      expect(fake.calls.slice(before).map(({ method }) => method)).toEqual([
        'resolveHandle',
        did,
        'getProfile',
        'getAuthorFeed',
      ]);
    }));

  it('takes what is new, however many pages of it, and stops where it knows all', () =>
    scene(fakePosts(1, 12), async (fake, root) => {
      await run(fake, root);
      fake.posts.unshift(...fakePosts(13, 18));
      const before = fake.calls.length;
      expect((await run(fake, root)).summary).toMatchObject({ kept: 6, newPosts: 6 });
      expect(fake.count('getAuthorFeed', before)).toBe(3);
      expect(new Set(postsIn(root)).size).toBe(18);
    }));

  it('goes on behind a quota where it was stopped, and has what came meanwhile, without a hole', () =>
    scene(fakePosts(1, 16), async (fake, root) => {
      const resets = String(Math.ceil(Date.now() / 1000) + 4000);
      fake.instead = ({ method }, nth) =>
        method === 'getAuthorFeed' && nth === 3
          ? { ...refused('RateLimitExceeded', '', 429), headers: { 'ratelimit-reset': resets } }
          : undefined;
      const first = await run(fake, root);
      expect(first.error ?? first.summary).toMatchObject({ exitCode: 4 });
      expect(fake.count('getAuthorFeed')).toBe(3);
      expect(JSON.stringify(first)).toContain(new Date(Number(resets) * 1000).toISOString().slice(0, 16));
    }));

  it('goes on after trouble where it was stopped, and has what came meanwhile, without a hole', () =>
    scene(fakePosts(1, 16), async (fake, root) => {
      fake.instead = ({ method }, nth) =>
        method === 'getAuthorFeed' && nth === 3 ? refused('Oops', 'not today') : undefined;
      expect((await run(fake, root)).error).toMatchObject({ code: 'ERR_SOURCE' });
      expect(new Set(postsIn(root)).size).toBe(8);
      fake.posts.unshift(fakePost(17));
      fake.instead = () => undefined;
      const before = fake.calls.length;
      expect((await run(fake, root)).summary).toMatchObject({ exitCode: 0 });
      const cursors = fake.calls
        .slice(before)
        .filter(({ method }) => method === 'getAuthorFeed')
        .map(({ query }) => query.get('cursor'));
      expect(cursors[0]).toBe(fake.posts[8]!.key);
      expect(new Set(postsIn(root)).size).toBe(17);
    }));

  it('begins anew where the server knows the place no more at which it was stopped', () =>
    scene(fakePosts(1, 12), async (fake, root) => {
      fake.instead = ({ method }, nth) =>
        method === 'getAuthorFeed' && nth === 2 ? refused('Oops', 'not today') : undefined;
      await run(fake, root);
      fake.instead = ({ query }) =>
        query.get('cursor') === fake.posts[3]!.key && fake.count('getAuthorFeed') === 3
          ? refused('InvalidRequest', 'Malformed cursor')
          : undefined;
      const { summary, warnings } = await run(fake, root);
      expect(warnings.join()).toContain('begun anew');
      expect(summary).toMatchObject({ exitCode: 0 });
      expect(new Set(postsIn(root)).size).toBe(12);
    }));

  it('takes a pinned post for neither the newest nor one that is known', () =>
    scene(fakePosts(1, 10), async (fake, root) => {
      const pinned = fakePost(3, { entry: { reason: { $type: 'app.bsky.feed.defs#reasonPin' } } });
      fake.posts.unshift(pinned);
      const { summary } = await run(fake, root);
      expect(summary).toMatchObject({ kept: 10, posts: 11 });
      fake.posts.splice(1, 0, ...fakePosts(11, 15));
      expect((await run(fake, root)).summary).toMatchObject({ kept: 5, newPosts: 5, editedPosts: 0 });
    }));

  it('takes a post that is liked more for the same, and one with other words for an edited one', () =>
    scene(fakePosts(1, 3), async (fake, root) => {
      await run(fake, root);
      fake.instead = ({ method, query }) => {
        if (method !== 'getAuthorFeed') return undefined;
        const shown = fake.posts.map(({ key, record }, n) => ({
          post: {
            uri: `at://${did}/app.bsky.feed.post/${key}`,
            cid: 'bafyreia',
            author: { did, handle: 'other.example', avatar: 'https://a.example/new' },
            record: n === 1 ? { ...record, text: 'other words' } : record,
            indexedAt: record.createdAt,
            likeCount: 99 + query.size,
          },
        }));
        return { body: { feed: shown } };
      };
      expect((await run(fake, root, { full: true })).summary).toMatchObject({ editedPosts: 1, newPosts: 0 });
    }));

  it('keeps the reduced picture where the original is gone, or is not what its name promises', () =>
    scene(fakePosts(1, 2), async (fake, root) => {
      const [wrong, lost] = [cidOf(photo(1)), cidOf(photo(2))];
      fake.blobs.set(wrong, photo(77));
      fake.instead = ({ method, query }) => {
        if (method === 'img') return photo(88);
        return method === 'getBlob' && query.get('cid') === lost ? refused('BlobNotFound') : undefined;
      };
      expect((await run(fake, root)).summary).toMatchObject({ kept: 1, duplicate: 1, missing: 0 });
      for (const { origin, from } of recordsOf(root)) {
        expect(['alternate', 'duplicate']).toContain(origin);
        expect(from).toContain('/img/feed_fullsize/plain/');
      }
      expect(fake.count('getBlob')).toBeGreaterThanOrEqual(2);
    }));

  it('has the original after all where the server was in trouble, and asks no more where that has it not', () =>
    scene(fakePosts(1, 2), async (fake, root) => {
      fake.instead = ({ method }) =>
        method === 'img' ? photo(88) : method === 'getBlob' ? { status: 503 } : undefined;
      expect((await run(fake, root, { retries: 0 })).summary).toMatchObject({ reduced: 2, missing: 0 });
      const lost = cidOf(photo(2));
      fake.instead = ({ query }) => (query.get('cid') === lost ? { status: 404 } : undefined);
      expect((await run(fake, root)).summary).toMatchObject({ kept: 1, recalled: 1, reduced: 0 });
      const last = recordsOf(root).findLast(({ item }) => item.endsWith(cidOf(photo(1))))!;
      expect([last.whole, last.bestKnown]).toEqual(['checksum', undefined]);
      const asked = fake.count('getBlob');
      expect((await run(fake, root)).summary).toMatchObject({ recalled: 2 });
      expect(fake.count('getBlob')).toBe(asked);
    }));

  it('has the original of what others wrote once the directory says where it is', () =>
    scene([repost(3)], async (fake, root) => {
      const settings = { 'sources.bluesky.pds': fake.url };
      fake.instead = ({ method }) => {
        if (method === 'img') return photo(88);
        if (method === 'getBlob') return refused('RepoNotFound');
        return method === moss ? { status: 500 } : undefined;
      };
      const first = await run(fake, root, { settings, retries: 0 });
      expect(first.summary).toMatchObject({ kept: 1, reduced: 1 });
      fake.instead = () => undefined;
      expect((await run(fake, root, { settings })).summary).toMatchObject({ kept: 1, reduced: 0 });
      expect(recordsOf(root).at(-1)).toMatchObject({ whole: 'checksum' });
    }));

  it('has what others wrote from their own servers, which the directory is asked about once', () =>
    scene([repost(5), repost(4), repost(3), fakePost(2)], async (fake, root) => {
      expect((await run(fake, root)).summary).toMatchObject({ kept: 4, exitCode: 0 });
      expect(fake.count(moss)).toBe(1);
      for (const { from, whole } of recordsOf(root)) {
        expect(from).toContain(`${fake.url}/xrpc/com.atproto.sync.getBlob`);
        expect(whole).toBe('checksum');
      }
      const before = fake.calls.length;
      expect((await run(fake, root)).summary).toMatchObject({ newPosts: 0, editedPosts: 0 });
      expect(fake.count(moss, before)).toBe(0);
    }));

  it('has the reduced pictures of accounts that are gone, and asks on about the others', () =>
    scene([...[9, 8, 7, 6, 5, 4, 3].map((n) => repost(n)), fakePost(2)], async (fake, root) => {
      const others = [...fake.posts];
      others.slice(0, 6).forEach((post, n) => {
        fake.posts[n] = { ...post, author: `did:plc:gone${n}` };
      });
      fake.instead = ({ method, query }) => {
        if (method === 'img') return photo(88);
        if (method.startsWith('did:plc:gone')) return { status: 410 };
        const isGone = method === 'getBlob' && query.get('did')!.startsWith('did:plc:gone');
        return isGone ? refused('RepoNotFound') : undefined;
      };
      const settings = { 'sources.bluesky.pds': fake.url };
      const { summary, warnings } = await run(fake, root, { settings });
      expect(summary).toMatchObject({ failed: 0, missing: 0, exitCode: 0 });
      expect(fake.calls.filter(({ method }) => method.startsWith('did:plc:gone'))).toHaveLength(6);
      expect(fake.count(moss)).toBe(1);
      expect(warnings.join()).not.toContain('no more of them are asked');
    }));

  it('has a film as it was uploaded, and its captions', () =>
    scene([fakePost(1)], async (fake, root) => {
      const captions = Buffer.from('WEBVTT\n\n00:00.000 --> 00:02.000\nA fern unrolls.\n');
      const blob = (bytes: Buffer, mimeType: string) => {
        fake.blobs.set(cidOf(bytes), bytes);
        return { $type: 'blob', ref: { $link: cidOf(bytes) }, mimeType, size: bytes.length };
      };
      const embed = {
        $type: 'app.bsky.embed.video',
        video: blob(mp4, 'video/mp4'),
        captions: [{ lang: 'en', file: blob(captions, 'text/vtt') }],
      };
      fake.posts = [fakePost(1, { record: { text: 'a film', createdAt: dateOf(1), embed } })];
      expect((await run(fake, root)).summary).toMatchObject({ kept: 2, exitCode: 0 });
      expect(recordsOf(root).map(({ type, whole }) => [type, whole])).toEqual(
        expect.arrayContaining([
          ['video/mp4', 'checksum'],
          [expect.stringMatching(/^text\//), 'checksum'],
        ]),
      );
    }));

  it('lists one post by its address', () =>
    scene(fakePosts(1, 3), async (fake, root) => {
      const target = `https://bsky.app/profile/fern.example/post/${fake.posts[1]!.key}`;
      expect((await run(fake, root, { target })).summary).toMatchObject({ kept: 1, posts: 1 });
      expect(postsIn(root)).toEqual([uriOf(2)]);
      const other = await run(fake, join(root, 'none'), { target: target.replace(/\w$/, 'z') });
      expect(other.error?.message).toContain('There is no post');
    }));

  it('asks for nothing that is older than wanted', () =>
    scene(fakePosts(1, 16), async (fake, root) => {
      const { summary } = await run(fake, root, { dateAfter: dateOf(14) });
      expect(fake.count('getAuthorFeed')).toBeLessThanOrEqual(2);
      expect(summary?.kept).toBe(3);
    }));
});

describe('an account that is called otherwise by now', () => {
  it('is gone on with under its lasting id, and says so', () =>
    scene(fakePosts(1, 3), async (fake, root) => {
      await run(fake, root);
      fake.handle = 'bracken.example';
      fake.posts.unshift(fakePost(4));
      const { summary, warnings } = await run(fake, root);
      expect(summary).toMatchObject({ newPosts: 1, exitCode: 0 });
      expect(warnings).toEqual([expect.stringContaining('is called bracken.example by now')]);
    }));

  it('is gone on with where nobody finds it by its handle for a while', () =>
    scene(fakePosts(1, 2), async (fake, root) => {
      await run(fake, root);
      fake.owner = undefined;
      const { summary, warnings } = await run(fake, root);
      expect(summary).toMatchObject({ newPosts: 0, exitCode: 0 });
      expect(warnings).toEqual([expect.stringContaining('is not found by that handle today')]);
    }));

  it('is not mixed up with whoever has its handle now', () =>
    scene(fakePosts(1, 3), async (fake, root) => {
      await run(fake, root);
      fake.owner = moss;
      const { error } = await run(fake, root);
      expect(error).toMatchObject({ code: 'ERR_SOURCE' });
      expect(error?.message).toContain(`belongs to another account by now (${moss})`);
      expect(new Set(postsIn(root)).size).toBe(3);
    }));

  it('is found by its id alone, and its archive is called by its handle', () =>
    scene(fakePosts(1, 2), async (fake, root) => {
      expect((await run(fake, root, { target: did })).summary).toMatchObject({ kept: 2 });
      expect(fake.count('resolveHandle')).toBe(0);
    }));
});
