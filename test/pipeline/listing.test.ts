import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type OxbowError, SourceError } from '../../src/errors.ts';
import type { Page, Parcel } from '../../src/model.ts';
import { postpone } from '../../src/pipeline/asked.ts';
import { deferred, type ListingOptions, wantedMedia } from '../../src/pipeline/listing.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import type { Progress } from '../../src/progress.ts';
import type { Listing } from '../../src/sources/source.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { lost, wanted } from '../helpers/parcels.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import {
  backlogOf,
  inKilledRun,
  inRun,
  keep,
  missing,
  numberedItem,
  postLines,
  postOf,
  recordOf,
} from '../helpers/vaults.ts';

/** Pages of one post each, with a cursor after each and null at the end, as a blog is listed: newest first. */
class ToyBlog implements Listing {
  readonly name = 'toy';
  readonly trusted = [];
  /** Where each listing began. */
  readonly begun: unknown[] = [];
  /** Which pages were asked for. */
  readonly asked: number[] = [];
  posts: number[];
  trouble: ((page: number) => void) | undefined;

  constructor(...posts: number[]) {
    this.posts = posts;
  }

  async *pages(cursor: unknown): AsyncGenerator<Page> {
    this.begun.push(cursor);
    const from = cursor === undefined ? 0 : this.posts.indexOf((cursor as { after: number }).after) + 1;
    for (let page = from; page < this.posts.length; page++) {
      this.asked.push(this.posts[page]!);
      this.trouble?.(this.posts[page]!);
      const n = this.posts[page]!;
      const isLast = page === this.posts.length - 1;
      yield { posts: [postOf(`p${n}`, [numberedItem(n)])], cursor: isLast ? null : { after: n } };
    }
  }
}

const simple = (...pages: Page[]): Listing => ({
  name: 'simple',
  trusted: [],
  async *pages() {
    yield* pages;
  },
});

/** Now, and not when the collector finds the time. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function optionsOf(given: Partial<ListingOptions> = {}) {
  const events: Progress[] = [];
  const troubles: OxbowError[] = [];
  const never = new AbortController().signal;
  const options: ListingOptions = {
    source: 'toy:target',
    account: 'mine',
    run: 'this-run',
    postLimit: Number.POSITIVE_INFINITY,
    order: 'newest',
    dateAfter: null,
    dateBefore: null,
    full: false,
    wait: false,
    retryAfterMax: 1000,
    isUnwantedPost: () => false,
    signal: never,
    stop: never,
    tally: new Tally(),
    report: (event) => void events.push(event),
    trouble: (error) => void troubles.push(error),
    ...given,
  };
  return { options, events, troubles };
}

/** One listing, to its end or until so many items were offered; gives the numbers of the items. */
async function list(
  vault: Vault,
  listing: Listing,
  given: Partial<ListingOptions> & { atMost?: number } = {},
) {
  const { options, events, troubles } = optionsOf(given);
  const parcels: Parcel[] = [];
  for await (const parcel of wantedMedia(listing, vault, options)) {
    parcels.push(parcel);
    if (parcels.length === given.atMost) break;
  }
  const numbers = parcels.map(({ item }) => Number(item.id.slice('demo:'.length)));
  return { parcels, numbers, events, troubles, tally: options.tally };
}

describe('a listing', () => {
  it('offers each item of each post once, wanted at its living address, and stores the post first', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const [one, two] = [numberedItem(1), numberedItem(2)];
        const pages = simple(
          { posts: [postOf('p1', [one, two]), postOf('p2', [one])] },
          { posts: [postOf('p3', [two, numberedItem(3)])] },
        );
        const { options, events } = optionsOf();
        const numbers: string[] = [];
        for await (const parcel of wantedMedia(pages, vault, options)) {
          expect(parcel).toEqual({
            state: 'wanted',
            item: parcel.item,
            location: { kind: 'live', url: parcel.item.url },
            tried: [],
          });
          expect(await backlogOf(vault)).toContain(parcel.item.id);
          numbers.push(parcel.item.id);
        }
        expect(numbers).toEqual(['demo:1', 'demo:2', 'demo:3']);
        expect(options.tally).toMatchObject({ listed: 3, posts: 3 });
        expect(events.filter(({ event }) => event === 'post').length).toBe(3);
        expect(events.at(-1)).toEqual({ event: 'listed', listed: 3, done: true });
      });
      expect(postLines(root).map(({ post }) => post)).toEqual(['p1', 'p2', 'p3']);
    }));

  it('offers first what earlier runs left open, without asking the source, and never twice', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        await list(vault, new ToyBlog(3, 2, 1));
        await keep(vault, numberedItem(2), 'picture');
        await vault.record([missing(numberedItem(3))]);
      });
      await inRun(root, async (vault) => {
        const blog = new ToyBlog(4, 3, 2, 1);
        expect((await list(vault, blog, { atMost: 2 })).numbers).toEqual([1, 3]);
        expect(blog.begun).toEqual([]);
        expect((await list(vault, blog)).numbers).toEqual([1, 3, 4, 2]);
      });
    }));

  it('writes nothing about posts that did not change, and a new line about one that did', () =>
    withTempFolder(async (root) => {
      const post = (title: string, ...numbers: number[]) =>
        postOf(
          'p1',
          numbers.map((n) => numberedItem(n)),
          { raw: { title } },
        );
      await inRun(root, (vault) => list(vault, simple({ posts: [post('first', 1)] })));
      await inRun(root, (vault) => list(vault, simple({ posts: [post('first', 1)] })));
      expect(postLines(root).length).toBe(1);
      await inRun(root, async (vault) => {
        await keep(vault, numberedItem(1), 'picture');
        expect((await list(vault, simple({ posts: [post('edited', 1, 2)] }))).numbers).toEqual([1, 2]);
      });
      expect(postLines(root).map(({ raw }) => raw)).toEqual([{ title: 'first' }, { title: 'edited' }]);
      await inRun(root, async (vault) => expect(await backlogOf(vault)).toEqual(['demo:2']));
    }));
});

it('lets every page go that was taken: a blog may have more than memory holds', () =>
  withTempFolder((root) =>
    inRun(root, async (vault) => {
      const pages: WeakRef<Page>[] = [];
      const endless: Listing = {
        name: 'endless',
        trusted: [],
        async *pages() {
          for (let n = 0; n < 100; n++) {
            const page = { posts: [postOf(`p${n}`, [numberedItem(n)])] };
            pages.push(new WeakRef(page));
            yield page;
          }
        },
      };
      const { options } = optionsOf();
      for await (const _ of wantedMedia(endless, vault, options)) {
        if (pages.length < 100) continue;
        collectGarbage();
        expect(pages.filter((page) => page.deref() !== undefined).length).toBeLessThan(20);
        break;
      }
      expect(pages).toHaveLength(100);
    }),
  ));

describe('a listing with cursors', () => {
  it('that was interrupted goes on where it was, and the one after begins with what is new', () =>
    withTempFolder(async (root) => {
      const blog = new ToyBlog(5, 4, 3, 2, 1);
      await inKilledRun(root, (vault) => list(vault, blog, { atMost: 2 }));
      expect(blog.asked).toEqual([5, 4]);
      await inRun(root, async (vault) => expect((await list(vault, blog)).numbers).toEqual([4, 5, 3, 2, 1]));
      expect(blog.asked).toEqual([5, 4, 3, 2, 1]);
      blog.posts.unshift(6);
      await inRun(root, async (vault) => expect((await list(vault, blog)).numbers).toContain(6));
      expect(blog.begun).toEqual([undefined, { after: 4 }, undefined]);
    }));

  it('that ended among posts known before does not stay interrupted', () =>
    withTempFolder(async (root) => {
      const blog = new ToyBlog(3, 2, 1);
      await inRun(root, (vault) => list(vault, blog));
      for (const fresh of [4, 5, 6]) {
        blog.posts.unshift(fresh);
        await inRun(root, async (vault) => {
          expect((await list(vault, blog)).numbers).toContain(fresh);
          expect(await vault.posts.cursor('toy:target')).toBeUndefined();
        });
      }
      expect(blog.begun).toEqual([undefined, undefined, undefined, undefined]);
    }));

  it('whose source throws midway tells so, offers what was read, and goes on there in the next run', () =>
    withTempFolder(async (root) => {
      const blog = new ToyBlog(5, 4, 3, 2, 1);
      blog.trouble = (page) => {
        if (page === 3) throw new Error('the blog fell over');
      };
      await inRun(root, async (vault) => {
        const { numbers, troubles } = await list(vault, blog);
        expect(numbers).toEqual([5, 4]);
        expect(troubles.length).toBe(1);
        expect(troubles[0]).toBeInstanceOf(SourceError);
        expect(troubles[0]!.message).toBe('The source toy:target failed: the blog fell over.');
        await vault.record([5, 4].map((n) => recordOf(numberedItem(n))));
      });
      await inRun(root, async (vault) => expect((await list(vault, blog)).troubles.length).toBe(1));
      blog.trouble = undefined;
      await inRun(root, async (vault) => expect((await list(vault, blog)).numbers).toEqual([4, 5, 3, 2, 1]));
      expect(blog.begun).toEqual([undefined, { after: 4 }, { after: 4 }]);
      expect(blog.asked).toEqual([5, 4, 3, 3, 3, 2, 1]);
    }));

  it('passes an error of our own tree on as it is', () =>
    withTempFolder(async (root) => {
      const blog = new ToyBlog(1);
      const error = new SourceError('The blog is gone.');
      blog.trouble = () => {
        throw error;
      };
      await inRun(root, async (vault) => expect((await list(vault, blog)).troubles).toEqual([error]));
    }));

  it('ends with the abort when the source throws because of it, and keeps its cursor', () =>
    withTempFolder(async (root) => {
      const blog = new ToyBlog(3, 2, 1);
      const control = new AbortController();
      blog.trouble = (page) => {
        if (page !== 2) return;
        control.abort(new Error('enough'));
        throw new Error('a request was aborted');
      };
      await inKilledRun(root, async (vault) => {
        const { options, troubles } = optionsOf({ signal: control.signal });
        const reading = (async () => {
          for await (const _ of wantedMedia(blog, vault, options));
        })();
        await expect(reading).rejects.toThrow('enough');
        expect(troubles).toEqual([]);
        expect(await vault.posts.cursor('toy:target')).toEqual({ after: 3 });
      });
    }));

  it('closes the tap after the page in hand when it is told to stop, and goes on there later', () =>
    withTempFolder(async (root) => {
      const blog = new ToyBlog(3, 2, 1);
      const control = new AbortController();
      blog.trouble = (page) => {
        if (page === 2) control.abort();
      };
      await inRun(root, async (vault) => {
        const { numbers, troubles, tally } = await list(vault, blog, { stop: control.signal });
        expect([numbers, troubles, tally.listed]).toEqual([[3, 2], [], 2]);
      });
      expect((await inRun(root, (vault) => list(vault, blog, { stop: control.signal }))).numbers).toEqual([]);
      await inRun(root, async (vault) => expect((await list(vault, blog)).numbers).toEqual([2, 3, 1]));
      expect(blog.begun).toEqual([undefined, { after: 2 }]);
    }));

  it('takes no more posts than wanted, and the next one begins with what is new', () =>
    withTempFolder(async (root) => {
      const blog = new ToyBlog(5, 4, 3, 2, 1);
      for (const _ of [1, 2]) {
        await inRun(root, async (vault) => {
          const { tally, numbers } = await list(vault, blog, { postLimit: 2 });
          expect([tally.posts, numbers.sort()]).toEqual([2, [4, 5]]);
        });
      }
      const half = simple({
        posts: [postOf('a', [numberedItem(7)]), postOf('b', [numberedItem(8)])],
        cursor: 'c',
      });
      await inRun(root, async (vault) => {
        expect((await list(vault, half, { postLimit: 1, source: 'half' })).numbers).toContain(7);
        expect(await backlogOf(vault)).not.toContain('demo:8');
        expect(await vault.posts.cursor('half')).toBeUndefined();
      });
      expect(blog.asked).toEqual([5, 4, 5, 4]);
    }));
});

describe('what was put off', () => {
  const [one, two, three] = [1, 2, 3].map((n) => numberedItem(n));
  const pending = (n: number) => {
    const { reason, tried } = postpone(lost(wanted(numberedItem(n))));
    return recordOf(numberedItem(n), { run: 'this-run', reason, tried });
  };

  it('in this run is taken up again as lost, with all that was tried, and counted anew', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const { options } = optionsOf();
        const { tally } = options;
        await vault.posts.add('toy', { posts: [postOf('p', [one!, two!, three!])] });
        tally.listed = 3;
        const records = [pending(1), { ...pending(2), run: 'an earlier one' }, missing(three!)];
        await vault.record(records);
        for (const record of [records[0]!, missing(three!), missing(two!)]) tally.settle(record);
        const parcels: Parcel[] = [];
        for await (const parcel of deferred(vault, options)) parcels.push(parcel);
        expect(parcels).toMatchObject([
          {
            state: 'lost',
            item: one,
            location: { kind: 'live', url: one!.url },
            reason: { code: 'gone', detail: 'status 404' },
            tried: pending(1).tried,
          },
        ]);
        expect(tally).toMatchObject({ pending: 0, failed: 0, missing: 2, balanced: false });
        tally.settle(missing(one!));
        expect(tally.balanced).toBe(true);
      });
    }));

  it('is looked for as what was lost, where that was its original, at an address that only a page had named', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const item = { ...one!, larger: 'http://blog.example/page/1' };
        const original = 'http://blog.example/original/1.jpg';
        await vault.posts.add('toy', { posts: [postOf('p', [item])] });
        const record = pending(1);
        await vault.record([{ ...record, tried: [{ ...record.tried![0]!, url: original }] }]);
        const { options } = optionsOf();
        options.tally.listed = 1;
        options.tally.settle(record);
        const parcels: Parcel[] = [];
        for await (const parcel of deferred(vault, options)) parcels.push(parcel);
        expect(parcels).toMatchObject([
          {
            state: 'lost',
            item: { ...item, original: { url: original } },
            location: { kind: 'live', url: original },
          },
        ]);
      });
    }));

  it('is not looked for when nothing was, and left when the run is told to stop', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        await vault.posts.add('toy', { posts: [postOf('p', [one!])] });
        await vault.record([pending(1)]);
        const { options } = optionsOf({ stop: AbortSignal.abort() });
        for await (const _ of deferred(vault, options)) expect.unreachable();
        options.tally.settle(pending(1));
        options.tally.listed = 1;
        for await (const _ of deferred(vault, options)) expect.unreachable();
        expect(options.tally).toMatchObject({ pending: 1, failed: 1, balanced: true });
      });
    }));
});
