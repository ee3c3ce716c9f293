import { describe, expect, it } from 'vitest';
import { AuthError, SourceError } from '../../../src/errors.ts';
import { type PagesOptions, storedPages } from '../../../src/pipeline/pages.ts';
import { Tally } from '../../../src/pipeline/tally.ts';
import type { Progress } from '../../../src/progress.ts';
import { feed } from '../../../src/sources/feed/feed.ts';
import { postsOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { inKilledRun, inRun, postLines } from '../../helpers/vaults.ts';
import { alone, atom, type FakeFeed, withFakeFeed } from './fake-feed.ts';

interface Listed {
  readonly log: FakeFeed['log'];
  readonly warnings: readonly string[];
  readonly unread: number;
}

interface Way extends Partial<PagesOptions> {
  /** Dies before the page with this number is stored. */
  readonly death?: number;
  readonly target?: string;
}

/** A run over the feed, as a crawl lists it. */
async function run(root: string, server: FakeFeed, { death, target, ...given }: Way = {}): Promise<Listed> {
  const events: Progress[] = [];
  const report = (event: Progress) => void events.push(event);
  const begin = server.log.length;
  const context = testContext({ report });
  const listing = await feed.open(target ?? `feed:${server.url}/feed`, context);
  const never = new AbortController().signal;
  const options: PagesOptions = {
    ...{ source: 'feed:pond', account: 'mine', postLimit: Number.POSITIVE_INFINITY, order: 'newest' },
    ...{ dateAfter: null, dateBefore: null, full: false, wait: false, retryAfterMax: 1000 },
    ...{ signal: never, stop: never, report, tally: new Tally() },
    trouble: (error) => {
      throw error;
    },
    ...given,
  };
  const within = death === undefined ? inRun : inKilledRun;
  await within(root, async (vault) => {
    let pages = 0;
    for await (const _ of storedPages(listing, vault.posts, options))
      if (++pages === death) throw new Error('killed');
  }).catch((error) => {
    if (death === undefined) throw error;
  });
  return {
    log: server.log.slice(begin),
    warnings: events.flatMap((event) => (event.event === 'warning' ? [event.message] : [])),
    unread: events.filter(({ event }) => event === 'unread').length,
  };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => n - i);
const held = (root: string) =>
  new Set(postLines(root).flatMap((line) => (line.line === 'post' ? [line.post] : [])));
const lacking = (root: string, { entries }: FakeFeed) => entries.filter((n) => !held(root).has(`e${n}`));
const pathsOf = ({ log }: Listed) => log.map(({ path, status }) => `${path} ${status}`);

describe('a feed with pages', () => {
  it('is listed to its end, and then asked only whether it has changed', () =>
    withFakeFeed({ entries: upTo(8) }, (server) =>
      withTempFolder(async (root) => {
        const first = await run(root, server);
        expect(pathsOf(first)).toEqual(['/feed 200', '/feed?page=2 200', '/feed?page=3 200']);
        expect([first.warnings, lacking(root, server)]).toEqual([[], []]);
        expect(pathsOf(await run(root, server))).toEqual(['/feed 304']);
        server.entries = upTo(12);
        expect(pathsOf(await run(root, server))).toEqual([
          '/feed 200',
          '/feed?page=2 200',
          '/feed?page=3 200',
        ]);
        expect(lacking(root, server)).toEqual([]);
        server.entries = [...upTo(12)].filter((n) => n !== 12); // changed, and nothing new
        expect(pathsOf(await run(root, server))).toEqual(['/feed 200']);
        const full = await run(root, server, { full: true });
        expect(full.log.map(({ condition }) => condition)).toEqual([
          undefined,
          undefined,
          undefined,
          undefined,
        ]);
      }),
    ));

  it.each([1, 2])('has no hole where a run dies behind page %i and entries come before the next', (death) =>
    withFakeFeed({ entries: upTo(8) }, (server) =>
      withTempFolder(async (root) => {
        await run(root, server, { death });
        expect(lacking(root, server)).not.toEqual([]); // it died where it should
        server.entries = upTo(13);
        await run(root, server);
        expect(lacking(root, server)).toEqual([]);
        expect(pathsOf(await run(root, server))).toEqual(['/feed 304']);
      }),
    ),
  );

  it('shows what is new though a later page cannot be had any more, whenever it was left there', () =>
    withFakeFeed({ entries: upTo(8) }, (server) =>
      withTempFolder(async (root) => {
        server.instead.set('/feed?page=2', { status: 404 });
        expect((await run(root, server)).unread).toBe(1);
        server.instead.set('/feed?page=2', { status: 503 });
        await run(root, server, { trouble: () => undefined });
        server.entries = upTo(11);
        await run(root, server, { trouble: () => undefined });
        expect(lacking(root, server)).toEqual([5, 4, 3, 2, 1]);
        server.instead.clear();
        await run(root, server);
        expect(lacking(root, server)).toEqual([]);
      }),
    ));

  it('has no hole where a run dies and entries that were stored are deleted before the next', () =>
    withFakeFeed({ entries: upTo(11) }, (server) =>
      withTempFolder(async (root) => {
        await run(root, server, { death: 2 });
        server.entries = upTo(11).filter((n) => n !== 7 && n !== 8);
        await run(root, server);
        expect(lacking(root, server)).toEqual([]);
      }),
    ));

  it('is listed on behind a page that is all held where the first run never came to its end', () =>
    withFakeFeed({ entries: upTo(8) }, (server) =>
      withTempFolder(async (root) => {
        await run(root, server, { postLimit: 4 });
        const second = await run(root, server);
        expect(second.log.every(({ condition }) => condition === undefined)).toBe(true);
        expect(lacking(root, server)).toEqual([]);
      }),
    ));

  it('is listed to its end though its oldest entry comes first', () =>
    withFakeFeed({ entries: upTo(8).reverse() }, (server) =>
      withTempFolder(async (root) => {
        await run(root, server);
        server.entries = upTo(10).reverse();
        expect((await run(root, server)).log).toHaveLength(4);
        expect(lacking(root, server)).toEqual([]);
      }),
    ));

  it('is not followed to what is older than was asked for', () =>
    withFakeFeed({ entries: upTo(8) }, (server) =>
      withTempFolder(async (root) => {
        const { log } = await run(root, server, { dateAfter: '2024-01-07T00:00:00Z' });
        expect(log).toHaveLength(2); // the second page begins with the fifth of January
        await run(root, server);
        expect(lacking(root, server)).toEqual([]);
      }),
    ));

  it('G09 is left where its pages lead in a circle', () =>
    withFakeFeed(
      {
        entries: upTo(6),
        form: (_, page, shown) => atom(`<link rel="next" href="/feed?page=${(page % 2) + 1}"/>`, shown),
      },
      (server) =>
        withTempFolder(async (root) => {
          const { log, warnings, unread } = await run(root, server);
          expect(log.length).toBeLessThanOrEqual(4);
          expect(lacking(root, server)).toEqual([]);
          expect(warnings.filter((text) => text.includes('circle'))).toHaveLength(1);
          expect(unread).toBe(1);
        }),
    ));

  it('G10 gives an entry once that has moved to the next page meanwhile', () =>
    withFakeFeed({ entries: upTo(8) }, async (server) => {
      const listing = await feed.open(`feed:${server.url}/feed`, testContext());
      const ids: string[] = [];
      for await (const { posts } of listing.pages(undefined)) {
        ids.push(...posts.map(({ id }) => id));
        if (server.entries.length === 8) server.entries = upTo(9);
      }
      expect(ids).toEqual(['e8', 'e7', 'e6', 'e5', 'e4', 'e3', 'e2', 'e1']);
    }));
});

const press = '<generator uri="https://wordpress.org/" version="6.5">WordPress</generator>';

describe('a feed of a software that has pages', () => {
  const form: FakeFeed['form'] = (_, _page, shown) => atom(press, shown);

  it('is asked for them until there is none', () =>
    withFakeFeed({ entries: upTo(6), form }, async (server) => {
      server.instead.set('/feed?paged=3', { status: 404 });
      const context = testContext();
      const posts = await postsOf(await feed.open(`feed:${server.url}/feed`, context));
      expect(posts.map(({ id }) => id)).toEqual(['e6', 'e5', 'e4', 'e3', 'e2', 'e1']);
      expect([server.log.at(-1)!.status, context.warnings]).toEqual([404, []]);
    }));

  it('is left where it gives the same for each of them', () =>
    withFakeFeed({ entries: upTo(6), form: (_, _page) => atom(press, [3, 2, 1]) }, async (server) => {
      const posts = await postsOf(await feed.open(`feed:${server.url}/feed`, testContext()));
      expect(posts.map(({ id }) => id)).toEqual(['e3', 'e2', 'e1']);
      expect(server.log).toHaveLength(2);
    }));

  it.each([404, 200])('is told to be no full history where there is no second one: %i', (status) =>
    withFakeFeed({ entries: upTo(12), size: 10, form }, async (server) => {
      const text = atom(press, upTo(12).slice(0, 10));
      server.instead.set('/feed?paged=2', { status, text });
      const context = testContext();
      expect(await postsOf(await feed.open(`feed:${server.url}/feed`, context))).toHaveLength(10);
      expect(context.warnings).toEqual([expect.stringContaining('shows its newest 10 posts')]);
    }),
  );

  it('is read as far as it goes where they are refused, which is told', () =>
    withFakeFeed({ entries: upTo(6), form }, (server) =>
      withTempFolder(async (root) => {
        server.instead.set('/feed?paged=2', { status: 403 });
        const { unread, warnings } = await run(root, server);
        expect(unread).toBe(1);
        expect(warnings.join()).toContain('cannot be had');
        expect(held(root).size).toBe(3);
      }),
    ));
});

describe('a feed without pages', () => {
  it('is told to be no full history, once; and that entries may have been missed', () =>
    withFakeFeed({ entries: upTo(3), form: alone }, (server) =>
      withTempFolder(async (root) => {
        expect((await run(root, server)).warnings).toEqual([
          expect.stringContaining('shows its newest 3 posts'),
        ]);
        server.entries = [5, 4, 3];
        expect((await run(root, server)).warnings).toEqual([]);
        server.entries = [9, 8, 7];
        expect((await run(root, server)).warnings).toEqual([expect.stringContaining('may have been missed')]);
      }),
    ));

  it('G17 may be empty', () =>
    withFakeFeed({ entries: [], form: alone }, async (server) => {
      const context = testContext();
      expect(await postsOf(await feed.open(`feed:${server.url}/feed`, context))).toEqual([]);
      expect(context.warnings).toEqual([]);
    }));

  it('is told to have moved', () =>
    withFakeFeed({ entries: [1], form: alone }, async (server) => {
      server.instead.set('/old', { status: 301, headers: { location: '/feed' } });
      const context = testContext();
      const posts = await postsOf(await feed.open(`feed:${server.url}/old`, context));
      expect(posts.map(({ items }) => items[0]!.url)).toEqual([`${server.url}/1.jpg`]);
      expect(context.warnings[0]).toContain('has moved');
    }));
});

it('a feed of which something was left out is read again, though it has not changed', () =>
  withFakeFeed({ entries: [2, 1], form: () => atom('<entry></entry>', [2, 1]) }, (server) =>
    withTempFolder(async (root) => {
      for (const log of ['/feed 200', '/feed 200']) {
        const found = await run(root, server);
        expect([pathsOf(found), found.unread]).toEqual([[log], 1]);
      }
    }),
  ));

describe('what is no feed', () => {
  const failed = async (server: FakeFeed) =>
    postsOf(await feed.open(`feed:${server.url}/feed`, testContext())).catch((error: unknown) => error);

  it.each([
    ['a page of maintenance', { type: 'text/html', text: '<!doctype html><title>Soon</title>back soon' }],
    ['nothing', { text: '' }],
    ['an object that says so', { type: 'application/json', text: '{"error":"no such feed"}' }],
    ['another kind of XML', { text: '<urlset><url><loc>https://pond.example/</loc></url></urlset>' }],
  ])('G16 is never an empty blog: %s', (_, said) =>
    withFakeFeed({}, async (server) => {
      server.instead.set('*', said);
      const error = await failed(server);
      expect(error).toBeInstanceOf(SourceError);
      expect(server.log.length).toBeGreaterThan(1);
      expect(server.log.length).toBeLessThanOrEqual(10);
    }),
  );

  it.each([
    [401, AuthError],
    [403, AuthError],
    [404, SourceError],
    [410, SourceError],
  ])('G18 is told apart by its status: %i', (status, kind) =>
    withFakeFeed({}, async (server) => {
      server.instead.set('*', { status });
      const error = await failed(server);
      expect(error).toBeInstanceOf(kind);
      expect(String(error)).toContain(`answers ${status}`);
      expect(server.log).toHaveLength(1);
    }),
  );

  it('ends with what was whole where it was cut', () =>
    withFakeFeed({}, async (server) => {
      server.instead.set('/feed', { text: atom('', [3, 2, 1]).slice(0, -80) });
      const listing = await feed.open(`feed:${server.url}/feed`, testContext());
      const ids: string[] = [];
      const reading = (async () => {
        for await (const { posts } of listing.pages(undefined)) ids.push(...posts.map(({ id }) => id));
      })();
      await expect(reading).rejects.toThrow('ends in the middle, after 2 whole posts');
      expect(ids).toEqual(['e3', 'e2']);
    }));
});
