import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Interval } from '../../../src/intervals.ts';
import { united } from '../../../src/intervals.ts';
import type { Order } from '../../../src/model.ts';
import { bluesky } from '../../../src/sources/bluesky/bluesky.ts';
import type { ListingWay } from '../../../src/sources/source.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import {
  dateOf,
  did,
  type FakeBluesky,
  fakePost,
  fakePosts,
  keyOf,
  refused,
  run,
  uriOf,
  withFakeBluesky,
} from './fake-bluesky.ts';

const repo = { 'sources.bluesky.list': 'repo' };

async function listed(fake: FakeBluesky, given: Partial<ListingWay> = {}) {
  const context = testContext({ settings: { ...fake.settings, ...repo, 'sources.bluesky.limit': '10' } });
  const listing = await bluesky.open('bluesky:fern.example', context);
  const left: string[] = [];
  const ids: string[] = [];
  const covers: Interval[] = [];
  const leaveOut = (why: string) => void left.push(why);
  for await (const page of listing.pages(undefined, { order: 'newest', covered: [], leaveOut, ...given })) {
    ids.push(...page.posts.map(({ id }) => id));
    if (page.covers) covers.push(page.covers);
  }
  return { ids, left, covered: united(covers) };
}

const uris = (first: number, last: number, order: Order) => {
  const all = Array.from({ length: last - first + 1 }, (_, n) => uriOf(first + n));
  return order === 'oldest' ? all : all.reverse();
};

describe.each<Order>(['newest', 'oldest'])('the records of an account, the %s first', (order) => {
  it('are listed each once, and all that is behind the newest is covered', () =>
    withFakeBluesky(fakePosts(1, 35), async (fake) => {
      const { ids, covered, left } = await listed(fake, { order });
      expect(ids).toEqual(uris(1, 35, order));
      expect(covered).toEqual([{ from: null, to: Date.parse(dateOf(35)) * 1000 - 1 }]);
      expect(left).toEqual([]);
      expect(fake.count('listRecords')).toBeLessThanOrEqual(6);
    }));

  it('are asked for only where they are not covered, and within the dates that are wanted', () =>
    withFakeBluesky(fakePosts(1, 60), async (fake) => {
      const at = (n: number) => Date.parse(dateOf(n)) * 1000;
      const { ids } = await listed(fake, { order, covered: [{ from: at(5), to: at(55) }] });
      for (const n of [1, 4, 56, 60]) expect(ids).toContain(uriOf(n));
      expect(ids.length).toBeLessThan(40);
      const some = await listed(fake, { order, after: dateOf(20), before: dateOf(25) });
      for (const n of [20, 22, 24]) expect(some.ids).toContain(uriOf(n));
      for (const n of [1, 60]) expect(some.ids).not.toContain(uriOf(n));
    }));

  it('are all met where hundreds of keys are made by hand, among the others and at both ends', () =>
    withFakeBluesky(fakePosts(1, 15), async (fake) => {
      const odd = ['1-before', '3kt-between', 'zzz-behind'].flatMap((start) =>
        Array.from({ length: 33 }, (_, n) => fakePost(1, { key: `${start}-${n}` })),
      );
      fake.posts.push(...odd);
      const { ids, left } = await listed(fake, { order });
      expect(new Set(ids).size).toBe(15 + 99);
      expect(left).toEqual([]);
    }));

  it('are listed the same from a server that takes the reverse for the usual order', () =>
    withFakeBluesky(fakePosts(1, 35), async (fake) => {
      fake.isTurned = true;
      const { ids, left } = await listed(fake, { order });
      expect(ids).toEqual(uris(1, 35, order));
      expect(left).toEqual([]);
      expect(fake.count('listRecords')).toBeLessThanOrEqual(7);
    }));

  it('are left where their server does not lead on', () =>
    withFakeBluesky(fakePosts(1, 15), async (fake) => {
      fake.instead = ({ method, query }) =>
        method === 'listRecords' && query.get('cursor') !== null
          ? { body: { records: [{ uri: uriOf(8), value: {} }], cursor: `on-${fake.calls.length}` } }
          : undefined;
      const { left } = await listed(fake, { order });
      expect(left).toEqual([expect.stringContaining('lead no further in time')]);
      expect(fake.count('listRecords')).toBeLessThan(60);
    }));
});

describe('an archive of records', () => {
  it('is gone on with where it was stopped, has what is new by two questions, and what the site has in the same form', () =>
    withTempFolder((dir) =>
      withFakeBluesky(fakePosts(1, 14), async (fake) => {
        const root = join(dir, 'fern');
        fake.instead = ({ method }, nth) =>
          method === 'listRecords' && nth === 3 ? refused('Oops', 'not today') : undefined;
        expect((await run(fake, root, { settings: repo })).error).toMatchObject({ code: 'ERR_SOURCE' });
        fake.instead = () => undefined;
        expect((await run(fake, root, { settings: repo })).summary).toMatchObject({ exitCode: 0 });
        fake.posts.unshift(fakePost(15));
        const before = fake.calls.length;
        const { summary } = await run(fake, root, { settings: repo });
        expect(summary).toMatchObject({ newPosts: 1, kept: 1, editedPosts: 0, exitCode: 0 });
        expect(fake.count('listRecords', before)).toBe(1);
        const feed = await run(fake, root);
        expect(feed.summary).toMatchObject({ newPosts: 1, editedPosts: 0, kept: 0, exitCode: 0 }); // the profile
      }),
    ));

  it('has one post by its address, as its server has it', () =>
    withTempFolder((dir) =>
      withFakeBluesky(fakePosts(1, 2), async (fake) => {
        const uri = uriOf(2);
        fake.instead = ({ method, query }) =>
          method === 'getRecord' && query.get('rkey') === keyOf(2)
            ? { body: { uri, cid: 'bafyreia', value: fakePost(2).record } }
            : undefined;
        const { summary } = await run(fake, join(dir, 'fern'), {
          target: `at://${did}/app.bsky.feed.post/${keyOf(2)}`,
          settings: repo,
        });
        expect(summary).toMatchObject({ kept: 1, posts: 1 });
      }),
    ));
});
