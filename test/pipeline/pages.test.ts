import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QuotaError, SourceError } from '../../src/errors.ts';
import type { Order, Page } from '../../src/model.ts';
import { type PagesOptions, storedPages } from '../../src/pipeline/pages.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import type { Progress } from '../../src/progress.ts';
import type { Listing } from '../../src/sources/source.ts';
import { walk } from '../../src/sources/timeline.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { entriesAt, ToyTimeline } from '../helpers/toy-timeline.ts';
import { inKilledRun, inRun, numberedItem, postLines, postOf } from '../helpers/vaults.ts';

async function listed(listing: Listing, { posts }: Vault, given: Partial<PagesOptions> = {}) {
  const events: Progress[] = [];
  const troubles: Error[] = [];
  const tally = given.tally ?? new Tally();
  const never = new AbortController().signal;
  const options: PagesOptions = {
    source: 'toy:target',
    account: 'mine',
    postLimit: Number.POSITIVE_INFINITY,
    order: 'newest',
    dateAfter: null,
    dateBefore: null,
    full: false,
    wait: false,
    retryAfterMax: 1000,
    signal: never,
    stop: never,
    report: (event) => void events.push(event),
    trouble: (error) => void troubles.push(error),
    ...given,
    tally,
  };
  const ids: string[] = [];
  for await (const page of storedPages(listing, posts, options)) ids.push(...page.map(({ id }) => id));
  return { ids, events, troubles, tally };
}

const heldIds = (root: string) =>
  [...new Set(postLines(root).flatMap(({ line, post }) => (line === 'post' ? [post] : [])))].sort();
const changes = (events: readonly Progress[]) => events.map(({ event }) => event);

/** A failure at the n-th page, as if the process had died there. */
class Death extends Error {}

describe.each<Order>(['newest', 'oldest'])('covered intervals, the %s first', (order) => {
  const first = entriesAt(10, 20, 20, 30, 40, 40, 40, 50, 60, 70);
  const fresh = [
    { n: 91, at: 80 },
    { n: 92, at: 90 },
  ];

  it.each([0, 1, 2, 3, 4])(
    'leave no hole where a run dies at page %i and posts come and go before the next',
    (death) =>
      withTempFolder(async (root) => {
        const blog = new ToyTimeline(first);
        await inKilledRun(root, (vault) => {
          blog.before = (page) => {
            if (page === death) throw new Death();
          };
          return listed(blog.listing(), vault, { order });
        });
        expect(blog.asked).toHaveLength(death); // it died where it should
        blog.before = () => undefined;
        blog.entries = [...first.filter(({ n }) => n !== 4), ...fresh];
        await inKilledRun(root, (vault) => listed(blog.listing(), vault, { order, postLimit: 1 }));
        const { ids } = await inRun(root, (vault) => listed(blog.listing(), vault, { order }));
        const lacking = blog.entries.map(({ n }) => `p${n}`).filter((id) => !heldIds(root).includes(id));
        expect(lacking).toEqual([]);
        const before = blog.asked.length;
        await inRun(root, async (vault) => {
          expect((await vault.posts.covered('toy:target')).intervals).toEqual([{ from: null, to: 89 }]);
          await listed(blog.listing(), vault, { order });
        });
        expect(blog.asked.length - before).toBe(1);
        expect(ids.length).toBeLessThanOrEqual(blog.entries.length + 6); // pages that were covered did not come again
      }),
  );

  it('are known from the lines alone', () =>
    withTempFolder(async (root) => {
      const blog = new ToyTimeline(first);
      await inRun(root, (vault) => listed(blog.listing(), vault, { order }));
      rmSync(join(root, '.oxbow'), { recursive: true });
      const before = blog.asked.length;
      await inRun(root, (vault) => listed(blog.listing(), vault, { order }));
      expect(blog.asked.length - before).toBe(1);
    }));

  it('leave posts out for nobody who changes the blog between two pages', () =>
    withTempFolder(async (root) => {
      const blog = new ToyTimeline(first);
      blog.before = (page) => {
        if (page === 1) blog.entries = [...blog.entries.filter(({ n }) => n !== 10 && n !== 1), ...fresh];
      };
      await inRun(root, (vault) => listed(blog.listing(), vault, { order }));
      await inRun(root, (vault) => listed(blog.listing(), vault, { order }));
      for (const { n } of blog.entries) expect(heldIds(root)).toContain(`p${n}`);
    }));
});

describe('a listing', () => {
  it('that has nothing new writes nothing', () =>
    withTempFolder(async (root) => {
      const blog = new ToyTimeline(entriesAt(10, 20, 30, 40));
      await inRun(root, (vault) => listed(blog.listing(), vault));
      const lines = postLines(root).length;
      await inRun(root, (vault) => listed(blog.listing(), vault));
      expect(postLines(root)).toHaveLength(lines);
    }));

  it('tells new posts from edited ones, and takes counts that change by themselves for neither', () =>
    withTempFolder(async (root) => {
      const blog = new ToyTimeline(entriesAt(10, 20, 30));
      const form = (raw: object) =>
        blog.entries.map((entry) => ({ ...entry, given: { raw, passing: ['notes'] } }));
      blog.entries = form({ text: 'a', notes: 1 });
      expect((await inRun(root, (vault) => listed(blog.listing(), vault))).tally).toMatchObject({
        newPosts: 3,
        editedPosts: 0,
      });
      blog.entries = form({ text: 'a', notes: 2 });
      expect(
        (await inRun(root, (vault) => listed(blog.listing(), vault, { full: true }))).tally,
      ).toMatchObject({ newPosts: 0, editedPosts: 0 });
      blog.entries = form({ text: 'b', notes: 2 });
      expect(
        (await inRun(root, (vault) => listed(blog.listing(), vault, { full: true }))).tally,
      ).toMatchObject({ newPosts: 0, editedPosts: 3 });
    }));

  it('that is full tells once what is gone, also if it was interrupted, and what came back', () =>
    withTempFolder(async (root) => {
      const all = entriesAt(10, 20, 30, 40, 50, 60, 70, 80);
      const blog = new ToyTimeline(all);
      await inRun(root, (vault) => listed(blog.listing(), vault));
      blog.entries = all.filter(({ n }) => n !== 2 && n !== 7);
      blog.before = (page) => {
        if (page === blog.asked.length && blog.asked.length === 5) throw new Death();
      };
      const died = await inRun(root, (vault) => listed(blog.listing(), vault, { full: true }));
      expect(died.troubles).toHaveLength(1);
      expect(changes(died.events)).not.toContain('post-gone');
      blog.before = () => undefined;
      const { events, tally } = await inRun(root, (vault) => listed(blog.listing(), vault));
      const gone = events.flatMap((event) => (event.event === 'post-gone' ? [event.post] : []));
      expect(gone.sort()).toEqual(['p2', 'p7']);
      expect(tally).toMatchObject({ gonePosts: 2, postsStated: 6, postsHeld: 6 });
      expect(postLines(root).filter(({ line }) => line === 'gone')).toHaveLength(2);
      blog.entries = all;
      const again = await inRun(root, (vault) => listed(blog.listing(), vault, { full: true }));
      expect(changes(again.events)).not.toContain('post-gone');
      expect(again.tally).toMatchObject({ newPosts: 0, editedPosts: 0, postsHeld: 8 });
    }));

  it('does not take posts for gone that a lost ledger cannot tell it has met', () =>
    withTempFolder(async (root) => {
      const blog = new ToyTimeline(entriesAt(10, 20, 30, 40));
      await inRun(root, (vault) => listed(blog.listing(), vault));
      rmSync(join(root, '.oxbow'), { recursive: true });
      blog.entries = blog.entries.slice(1);
      const { tally } = await inRun(root, (vault) => listed(blog.listing(), vault, { full: true }));
      expect(tally).toMatchObject({ gonePosts: 0, postsStated: 3, postsHeld: 4 });
    }));

  it('finds a post that was put in with an old date, by halving, and looks for nothing in vain twice', () =>
    withTempFolder(async (root) => {
      const blog = new ToyTimeline(entriesAt(...Array.from({ length: 500 }, (_, n) => n * 10)), 50);
      const run = () => inRun(root, (vault) => listed(blog.listing(), vault));
      await run();
      blog.entries.push({ n: 901, at: 1234 }, { n: 902, at: 1234 }, { n: 903, at: 3 });
      blog.asked.length = 0;
      const { tally } = await run();
      for (const id of ['p901', 'p902', 'p903']) expect(heldIds(root)).toContain(id);
      expect(tally).toMatchObject({ newPosts: 3, postsStated: 503, postsHeld: 503 });
      expect(blog.asked.length).toBeLessThan(30);
      blog.total = 505; // two that are counted, and never shown
      blog.asked.length = 0;
      expect((await run()).tally).toMatchObject({ postsStated: 505, postsHeld: 503 });
      expect(blog.asked).toEqual(['newest null', 'at 503']);
      blog.asked.length = 0;
      await run();
      expect(blog.asked).toEqual(['newest null']);
    }));

  it('keeps what is said of the blog as a whole, anew only where it has changed, and knows it by its id', () =>
    withTempFolder(async (root) => {
      const known: unknown[] = [];
      const about = (raw: object): Listing => ({
        name: 'about',
        trusted: [],
        async *pages(_cursor, way) {
          known.push(way?.blogId);
          yield { posts: [], blog: { id: 't:fern', raw, passing: ['posts'] } };
        },
      });
      for (const raw of [
        { title: 'Fern', posts: 1 },
        { title: 'Fern', posts: 2 },
        { title: 'Moss', posts: 2 },
      ])
        await inRun(root, (vault) => listed(about(raw), vault));
      expect(known).toEqual([undefined, 't:fern', 't:fern']);
      expect(postLines(root).map(({ line, raw }) => [line, raw])).toEqual([
        ['blog', { title: 'Fern', posts: 1 }],
        ['blog', { title: 'Moss', posts: 2 }],
      ]);
    }));

  it('counts what nobody understood, and says what the platform says there is', () =>
    withTempFolder(async (root) => {
      const blog = new ToyTimeline(entriesAt(10, 20));
      blog.total = 9;
      blog.entries = blog.entries.map((entry) => ({
        ...entry,
        given: { unknown: ['block hologram', 'block scent'] },
      }));
      const { tally } = await inRun(root, (vault) => listed(blog.listing(), vault));
      expect(tally.sums()).toMatchObject({ postsStated: 9, postsHeld: 2, notUnderstood: 4 });
    }));

  it('of a source that leads in a circle ends, and does not count as all well (G09)', () =>
    withTempFolder(async (root) => {
      let asked = 0;
      const round: Listing = {
        name: 'round',
        trusted: [],
        async *pages() {
          for (;;) {
            asked++;
            yield {
              posts: [postOf(`p${asked % 3}`, [numberedItem(asked % 3)])],
              cursor: { at: asked % 3 },
            } satisfies Page;
          }
        },
      };
      const { events, ids } = await inRun(root, (vault) => listed(round, vault));
      expect(asked).toBe(4);
      expect(new Set(ids).size).toBe(3);
      expect(changes(events)).toEqual(['unread', 'warning']);
    }));

  it('of a source that never ends and brings nothing new is left (G09)', () =>
    withTempFolder(async (root) => {
      let asked = 0;
      const endless: Listing = {
        name: 'endless',
        trusted: [],
        async *pages() {
          for (;;) yield { posts: [], cursor: { at: asked++ } };
        },
      };
      const { events } = await inRun(root, (vault) => listed(endless, vault));
      expect(asked).toBeGreaterThan(900);
      expect(asked).toBeLessThan(1100);
      expect(changes(events)).toEqual(['unread', 'warning']);
    }));
});

describe('a spent quota', () => {
  const inAWhile = (ms: number) => new Date(Date.now() + ms).toISOString();
  const blogOf = (resumes: string, times = 1) => {
    const blog = new ToyTimeline(entriesAt(10, 20, 30, 40, 50, 60, 70));
    let told = 0;
    blog.before = (page) => {
      if (page >= 1 && told < times) {
        told++;
        throw new QuotaError('The hourly quota is spent', { resumes });
      }
    };
    return blog;
  };

  it('that comes back soon is waited for, and the listing goes on without a hole', () =>
    withTempFolder(async (root) => {
      const blog = blogOf(inAWhile(20));
      const { events, troubles } = await inRun(root, (vault) => listed(blog.listing(), vault));
      expect(troubles).toEqual([]);
      expect(events).toMatchObject([{ event: 'quota', waits: true }]);
      expect(heldIds(root)).toHaveLength(7);
      expect(blog.asked).toEqual(['newest null', 'newest 50', 'newest 30']); // what is newest only once
    }));

  it('that comes back late ends the listing when all else is done, and the next run does not ask before', () =>
    withTempFolder(async (root) => {
      const resumes = inAWhile(3_600_000);
      const blog = blogOf(resumes);
      const { troubles, events } = await inRun(root, (vault) => listed(blog.listing(), vault));
      expect(troubles).toMatchObject([{ code: 'ERR_QUOTA', resumes }]);
      expect(events).toMatchObject([{ event: 'quota', waits: false, resumes }]);
      const asked = blog.asked.length;
      const again = await inRun(root, (vault) => listed(blog.listing(), vault));
      expect(again.troubles).toMatchObject([{ code: 'ERR_QUOTA', resumes }]);
      expect(blog.asked).toHaveLength(asked);
      const other = await inRun(root, (vault) => listed(blog.listing(), vault, { account: 'yours' }));
      expect(other.troubles).toEqual([]);
      expect(heldIds(root)).toHaveLength(7);
    }));

  it('does not end the listing while media are in hand', () =>
    withTempFolder(async (root) => {
      const tally = new Tally();
      tally.listed = 1; // offered by an earlier page, and not settled yet
      const blog = blogOf(inAWhile(3_600_000));
      const order: string[] = [];
      await inRun(root, (vault) =>
        listed(blog.listing(), vault, {
          tally,
          report: ({ event }) => {
            if (event !== 'quota') return;
            setImmediate(() => {
              order.push('settled');
              tally.recall({ status: 'kept' } as never);
            });
          },
          trouble: () => void order.push('given up'),
        }),
      );
      expect(order).toEqual(['settled', 'given up']);
    }));

  it('is slept out with --wait, and a gentle stop ends that', () =>
    withTempFolder(async (root) => {
      const stop = new AbortController();
      const blog = blogOf(inAWhile(3_600_000));
      const { troubles } = await inRun(root, (vault) =>
        listed(blog.listing(), vault, {
          wait: true,
          stop: stop.signal,
          report: ({ event }) => void (event === 'quota' && setImmediate(() => stop.abort())),
        }),
      );
      expect(troubles).toEqual([]);
    }));
});

it.each(['a date that is still to come', 'a post of a time that is still to come'])(
  '%s covers no posts that are still to be written',
  (what) =>
    withTempFolder(async (root) => {
      const now = Math.floor(Date.now() / 1000);
      const far = now + 1_000_000;
      const blog = new ToyTimeline(entriesAt(now - 30, now - 20, now - 10));
      if (what.startsWith('a post')) blog.entries.push({ n: 50, at: far });
      const dateBefore = what.startsWith('a date') ? new Date(far * 1000).toISOString() : null;
      const listing = (): Listing => ({
        name: 'toy',
        trusted: [],
        pages: (_cursor, way) => walk(blog, way), // nobody can look for what it lacks
      });
      await inRun(root, (vault) => listed(listing(), vault, { dateBefore }));
      blog.entries.push(...Array.from({ length: 9 }, (_, n) => ({ n: 100 + n, at: now + 100 + n })));
      await inRun(root, (vault) => listed(listing(), vault));
      for (const { n } of blog.entries) expect(heldIds(root)).toContain(`p${n}`);
    }),
);

it('a search for what is lacking that a quota has cut short is taken up by the next run', () =>
  withTempFolder(async (root) => {
    const blog = new ToyTimeline(entriesAt(...Array.from({ length: 30 }, (_, n) => 1000 + n * 10)));
    await inRun(root, (vault) => listed(blog.listing(), vault));
    blog.entries.push({ n: 901, at: 1005 });
    const resumes = new Date(Date.now() + 3_600_000).toISOString();
    const answers = blog.momentAt.bind(blog);
    blog.momentAt = () => Promise.reject(new QuotaError('The hourly quota is spent', { resumes }));
    const cut = await inRun(root, (vault) => listed(blog.listing(), vault));
    expect(cut.troubles).toMatchObject([{ code: 'ERR_QUOTA' }]);
    blog.momentAt = answers;
    await inRun(root, (vault) => listed(blog.listing(), vault, { account: 'yours' }));
    expect(heldIds(root)).toContain('p901');
  }));

it('a quota that is spent again and again, each time for a moment, ends the listing', () =>
  withTempFolder(async (root) => {
    const blog = new ToyTimeline(entriesAt(10, 20, 30, 40));
    const stop = new AbortController();
    let told = 0;
    blog.before = () => {
      if (++told === 500) stop.abort(); // or it would go on for ever
      throw new QuotaError('The hourly quota is spent', { resumes: new Date().toISOString() });
    };
    const { troubles } = await inRun(root, (vault) => listed(blog.listing(), vault, { stop: stop.signal }));
    expect(told).toBeLessThan(500);
    expect(troubles).toMatchObject([{ code: 'ERR_QUOTA' }]);
  }));

it('posts that could not be read are not told as gone', () =>
  withTempFolder(async (root) => {
    const blog = new ToyTimeline(entriesAt(10, 20, 30));
    await inRun(root, (vault) => listed(blog.listing(), vault));
    const tally = new Tally();
    const page = blog.page.bind(blog);
    blog.page = async (order, from) => {
      const read = await page(order, from);
      tally.unread++; // as a run counts what a source reports
      return { ...read, posts: read.posts.filter(({ id }) => id !== 'p2') };
    };
    const { events } = await inRun(root, (vault) => listed(blog.listing(), vault, { full: true, tally }));
    expect(changes(events)).not.toContain('post-gone');
  }));

it('nor are those that an interrupted run could not read, when a later run comes to the end', () =>
  withTempFolder(async (root) => {
    const entries = entriesAt(10, 20, 30, 40, 50, 60, 70);
    const blog = new ToyTimeline(entries);
    const told: Progress[] = [];
    const run = (given: Partial<PagesOptions> = {}) => {
      const tally = new Tally();
      const report = (event: Progress) => {
        told.push(event);
        if (event.event === 'unread') tally.unread++; // as a run counts it
      };
      return inRun(root, (vault) => listed(blog.listing(), vault, { ...given, tally, report }));
    };
    await run();
    const broken = { items: 'none' as never };
    blog.entries = entries.map((entry) => (entry.n === 4 ? { ...entry, given: broken } : entry));
    const begun = blog.asked.length;
    blog.before = (page) => {
      if (page === begun + 2) throw new SourceError('out of breath');
    };
    await run({ full: true });
    expect(changes(told)).toContain('unread');
    told.length = 0;
    blog.before = () => undefined;
    blog.total = 0; // a platform that says nothing of its count
    await run();
    expect(changes(told)).toEqual([]); // it comes to its end, and does not meet that post: neither unread nor gone
  }));

it('an end far short of what the platform counts is no proof that the rest is gone', () =>
  withTempFolder(async (root) => {
    const blog = new ToyTimeline(entriesAt(10, 20, 30, 40, 50, 60, 70, 80));
    await inRun(root, (vault) => listed(blog.listing(), vault));
    const page = blog.page.bind(blog);
    blog.page = async (order, from) => ({ ...(await page(order, from)), next: null });
    const { tally } = await inRun(root, (vault) => listed(blog.listing(), vault, { full: true }));
    expect(tally).toMatchObject({ postsStated: 8, gonePosts: 0 });
  }));

it('a post that was gone and is there again with its old date is found without listing all again', () =>
  withTempFolder(async (root) => {
    const all = entriesAt(...Array.from({ length: 30 }, (_, n) => n * 10));
    const blog = new ToyTimeline(all);
    const run = (full = false) => inRun(root, (vault) => listed(blog.listing(), vault, { full }));
    await run();
    blog.entries = all.filter(({ n }) => n !== 5);
    expect((await run(true)).tally.gonePosts).toBe(1);
    blog.entries = all;
    expect((await run()).tally).toMatchObject({ postsStated: 30, postsHeld: 30 });
  }));

it('a ledger that is older than the lines takes nothing for gone (D12)', () =>
  withTempFolder(async (dir) => {
    const [root, old] = [join(dir, 'archive'), join(dir, 'old')];
    const blog = new ToyTimeline(entriesAt(10, 20, 30, 40, 50, 60, 70, 80));
    await inRun(root, (vault) => listed(blog.listing(), vault));
    cpSync(join(root, '.oxbow'), old, { recursive: true });
    blog.before = (page) => {
      if (page === 7) throw new Death();
    };
    const died = await inRun(root, (vault) => listed(blog.listing(), vault, { full: true }));
    expect(died.troubles).toHaveLength(1);
    blog.before = () => undefined;
    rmSync(join(root, '.oxbow'), { recursive: true });
    cpSync(old, join(root, '.oxbow'), { recursive: true });
    const { tally } = await inRun(root, (vault) => listed(blog.listing(), vault));
    expect(tally).toMatchObject({ gonePosts: 0, postsHeld: 8 });
  }));

it('--full goes on with a full listing that a quota has interrupted, as the run has said it would', () =>
  withTempFolder(async (root) => {
    const blog = new ToyTimeline(entriesAt(10, 20, 30, 40, 50, 60, 70, 80, 90, 100));
    const resumes = new Date(Date.now() + 3_600_000).toISOString();
    let asked = 0;
    blog.before = () => {
      if (++asked % 3 === 0) throw new QuotaError('The hourly quota is spent', { resumes });
    };
    for (let run = 0; run < 10; run++)
      await inRun(root, (vault) => listed(blog.listing(), vault, { full: true, account: `${run}` }));
    expect(heldIds(root)).toHaveLength(10);
  }));

it('a source whose name begins like that of another makes none of its posts gone', () =>
  withTempFolder(async (root) => {
    const [fox, red] = [new ToyTimeline(entriesAt(10)), new ToyTimeline([{ n: 2, at: 20 }])];
    await inRun(root, (vault) => listed(fox.listing(), vault, { source: 'toy:red fox' }));
    const given = { source: 'toy:red', full: true };
    const { tally } = await inRun(root, (vault) => listed(red.listing(), vault, given));
    expect(tally.gonePosts).toBe(0);
  }));

it('what is gone is told once, and what came back is there by the lines alone', () =>
  withTempFolder(async (root) => {
    const all = entriesAt(10, 20, 30, 40);
    const blog = new ToyTimeline(all);
    const run = () => inRun(root, (vault) => listed(blog.listing(), vault, { full: true }));
    await run();
    blog.entries = all.slice(1);
    expect((await run()).tally.gonePosts).toBe(1);
    expect((await run()).tally.gonePosts).toBe(0);
    blog.entries = all;
    await run();
    rmSync(join(root, '.oxbow'), { recursive: true });
    let held = 0;
    await inRun(root, async (vault) => {
      for await (const _ of vault.posts.dates()) held++;
    });
    expect(held).toBe(4);
  }));

it('a platform that refuses to be searched is told of, and does not undo a listing that is whole', () =>
  withTempFolder(async (root) => {
    const blog = new ToyTimeline(entriesAt(10, 20, 30));
    blog.total = 4;
    blog.momentAt = () => Promise.reject(new SourceError('It takes no offsets.'));
    const { troubles, events } = await inRun(root, (vault) => listed(blog.listing(), vault));
    expect(troubles).toEqual([]);
    expect(changes(events)).toContain('warning');
  }));

it('a post that is gone there hides no other that was put in with an old date', () =>
  withTempFolder(async (root) => {
    const all = entriesAt(...Array.from({ length: 60 }, (_, n) => n * 10));
    const blog = new ToyTimeline(all);
    const run = () => inRun(root, (vault) => listed(blog.listing(), vault));
    await run();
    blog.entries = [...all.filter(({ n }) => n !== 50), { n: 901, at: 55 }, { n: 902, at: 56 }];
    const { tally } = await run();
    expect(tally).toMatchObject({ postsStated: 61, newPosts: 2, postsHeld: 62 });
    expect(heldIds(root)).toEqual(expect.arrayContaining(['p901', 'p902']));
  }));

it.each([1, 2, 5, 40])('a post that was put in with an old date is found among %i of each second', (many) =>
  withTempFolder(async (root) => {
    const blog = new ToyTimeline(
      entriesAt(...Array.from({ length: 400 }, (_, n) => Math.floor(n / many))),
      50,
    );
    const run = () => inRun(root, (vault) => listed(blog.listing(), vault));
    await run();
    const seconds = 400 / many;
    blog.entries.push({ n: 901, at: Math.floor(seconds / 2) }, { n: 902, at: Math.floor(seconds / 3) });
    blog.asked.length = 0;
    expect((await run()).tally).toMatchObject({ newPosts: 2, postsStated: 402, postsHeld: 402 });
    expect(blog.asked.length).toBeLessThan(30);
  }),
);

it('a post that is told of in another way is no edit, and one that changes in a way that is known is', () =>
  withTempFolder(async (root) => {
    const blog = new ToyTimeline(entriesAt(10, 20));
    const told = async (dialect: string, text: string) => {
      blog.entries = blog.entries.map((entry) => ({
        ...entry,
        given: { dialect, raw: { [dialect]: text } },
      }));
      return (await inRun(root, (vault) => listed(blog.listing(), vault, { full: true }))).tally;
    };
    expect(await told('api', 'a')).toMatchObject({ newPosts: 2, editedPosts: 0 });
    expect(await told('feed', 'a')).toMatchObject({ newPosts: 0, editedPosts: 0 });
    expect(postLines(root).filter(({ line }) => line === 'post')).toHaveLength(4);
    rmSync(join(root, '.oxbow'), { recursive: true });
    expect(await told('api', 'b')).toMatchObject({ newPosts: 0, editedPosts: 2 });
    expect(await told('feed', 'b')).toMatchObject({ newPosts: 0, editedPosts: 2 });
  }));
