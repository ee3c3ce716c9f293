import { expect, it } from 'vitest';
import type { Page } from '../../../src/model.ts';
import { feed } from '../../../src/sources/feed/feed.ts';
import { webPage } from '../../helpers/prefix-index.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { type WebPages, withWebPages } from '../../helpers/web-pages.ts';
import { alone, atom, type FakeFeed, withFakeFeed } from './fake-feed.ts';

interface Scene {
  readonly server: FakeFeed;
  readonly pages: WebPages;
  readonly list: (cursor?: unknown, memory?: unknown) => Promise<readonly Page[]>;
  readonly warnings: readonly string[];
}

const rss = { type: 'application/rss+xml' };

/** A feed of which only the newest entries are left, and what was captured of it. */
const withCaptured = (test: (scene: Scene) => Promise<void>) =>
  withFakeFeed({ entries: [9, 8], form: alone }, async (server) => {
    const at = `${server.url}/feed`;
    const captures = [
      webPage(at, '20150101000000', atom('', [3, 2, 1]), rss),
      webPage(at, '20150201000000', atom('', [3, 2, 1]), rss),
      webPage(at, '20160101000000', atom('', [5, 4, 3], 'edited'), rss),
      webPage(at, '20160601000000', '<html>The pond is closed'),
      webPage(at, '20170101000000', atom('', [8, 5], 'later'), rss),
      webPage(`${at}back`, '20170101000000', atom('', [77]), rss),
    ];
    await withWebPages(captures, { retries: 1 }, async (pages) => {
      const settings = { 'sources.feed.archive': 'true' };
      const context = testContext({ settings, webArchive: pages.web });
      const listing = await feed.open(`feed:${at}`, context);
      const list = async (cursor?: unknown, memory?: unknown) => {
        const wasWhole = memory !== undefined;
        const way = { order: 'newest', covered: [], wasWhole, memory, isHeld: async () => false } as const;
        const found: Page[] = [];
        for await (const page of listing.pages(cursor, way)) found.push(page);
        return found;
      };
      await test({ server, pages, list, warnings: context.warnings });
    });
  });

const ids = (pages: readonly Page[]) => pages.flatMap(({ posts }) => posts.map(({ id }) => id));

it('gives what the feed has dropped from its captures, each entry in its newest form', () =>
  withCaptured(async ({ list, pages, server }) => {
    const found = await list();
    expect(ids(found)).toEqual(['e9', 'e8', 'e5', 'e4', 'e3', 'e2', 'e1']);
    const [, , five, , three, two] = found.flatMap(({ posts }) => posts);
    expect([five, three, two].map((post) => JSON.stringify(post!.raw).match(/edited|later/)?.[0])).toEqual([
      'later',
      'edited',
      undefined,
    ]);
    expect(two).toMatchObject({ dialect: 'capture', items: [{ url: `${server.url}/2.jpg` }] });
    expect(five!.raw).toMatchObject({ capture: '20170101000000', page: `${server.url}/feed` });
    const replays = pages.archive.requests.filter(({ path }) => path.startsWith('/web/'));
    expect(replays).toHaveLength(4); // one for each content of this address
  }));

it('gives them also where the feed leads to a page that is not there, and remembers nothing of it', () =>
  withCaptured(async ({ list, server }) => {
    server.form = (_, _page, shown) => atom('<link rel="next" href="/gone"/>', shown);
    const found = await list();
    expect(ids(found)).toEqual(['e9', 'e8', 'e5', 'e4', 'e3', 'e2', 'e1']);
    expect(found.slice(1).every(({ cursor, memory }) => cursor === undefined && memory === undefined)).toBe(
      true,
    );
  }));

it('goes on behind the capture at which it was interrupted', () =>
  withCaptured(async ({ list }) => {
    const found = await list();
    for (const [n, { cursor }] of found.entries())
      if (cursor != null) expect(ids(await list(cursor))).toEqual(expectedBehind(found, n));
  }));

/** Entries in captures that are read already may come again where nobody knows that they are held. */
const expectedBehind = (found: readonly Page[], n: number) =>
  expect.arrayContaining(ids(found.slice(n + 1)) as string[]);

it('reads only captures that were made since', () =>
  withCaptured(async ({ list, pages, server }) => {
    const { memory } = (await list()).at(-1)!;
    expect(memory).toMatchObject({ captured: '20170101000000' });
    const before = pages.archive.requests.length;
    expect(ids(await list(undefined, memory))).toEqual([]);
    expect(pages.archive.requests.slice(before).every(({ path }) => path.startsWith('/cdx/'))).toBe(true);
    expect(server.log.at(-1)!.status).toBe(304);
  }));
