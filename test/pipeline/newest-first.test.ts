import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Page } from '../../src/model.ts';
import { type PagesOptions, storedPages } from '../../src/pipeline/pages.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import type { Listing, ListingWay } from '../../src/sources/source.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { ToyList } from '../helpers/toy-list.ts';
import { inKilledRun, inRun, postLines, postOf } from '../helpers/vaults.ts';

async function list(listing: Listing, { posts }: Vault, given: Partial<PagesOptions> = {}) {
  const never = new AbortController().signal;
  const options: PagesOptions = {
    ...{ source: 'toy:target', account: 'mine', postLimit: Number.POSITIVE_INFINITY, order: 'newest' },
    ...{ dateAfter: null, dateBefore: null, full: false, wait: false, retryAfterMax: 1000 },
    ...{ signal: never, stop: never, report: () => undefined, tally: new Tally() },
    trouble: (error) => {
      throw error;
    },
    ...given,
  };
  for await (const _ of storedPages(listing, posts, options));
}

const held = (root: string) => new Set(postLines(root).flatMap((l) => (l.line === 'post' ? [l.post] : [])));
const lacking = (root: string, { posts }: ToyList) => posts.filter((n) => !held(root).has(`p${n}`));
const upTo = (n: number) => Array.from({ length: n }, (_, i) => n - i);

/** As if the process had died. */
class Death extends Error {}
const dieAt = (blog: ToyList, death: number) => {
  blog.before = (page) => {
    if (page === death) throw new Death();
  };
};

it('asks for one page of a list that was listed whole, and for as many as have news', () =>
  withTempFolder(async (root) => {
    const blog = new ToyList(upTo(10));
    await inRun(root, (vault) => list(blog.listing(), vault));
    expect(blog.asked).toEqual(['top', 'below 8', 'below 5', 'below 2']);
    blog.asked.length = 0;
    await inRun(root, (vault) => list(blog.listing(), vault));
    expect(blog.asked).toEqual(['top']);
    blog.posts = upTo(14);
    blog.asked.length = 0;
    await inRun(root, (vault) => list(blog.listing(), vault));
    expect([blog.asked, lacking(root, blog)]).toEqual([['top', 'below 12', 'below 9'], []]);
  }));

it.each([1, 2, 3])('leaves no hole where a run dies at page %i and posts come before the next', (death) =>
  withTempFolder(async (root) => {
    const blog = new ToyList(upTo(10));
    dieAt(blog, death);
    await inKilledRun(root, (vault) => list(blog.listing(), vault)).catch(() => undefined);
    expect(lacking(root, blog)).not.toEqual([]); // it died where it should
    blog.before = () => undefined;
    blog.posts = upTo(15);
    blog.asked.length = 0;
    await inRun(root, (vault) => list(blog.listing(), vault));
    expect(lacking(root, blog)).toEqual([]);
    expect(blog.asked[0]).toBe(`below ${11 - death * 3}`); // gone on with, and then what is newer
    expect(blog.asked).toContain('top');
    blog.asked.length = 0;
    await inRun(root, (vault) => list(blog.listing(), vault));
    expect(blog.asked).toEqual(['top']);
  }),
);

it('lists all again where a limit has left a gap, where --full says so, and where the ledger is lost', () =>
  withTempFolder(async (root) => {
    const blog = new ToyList(upTo(9));
    await inRun(root, (vault) => list(blog.listing(), vault));
    blog.posts = upTo(20);
    await inRun(root, (vault) => list(blog.listing(), vault, { postLimit: 3 }));
    await inRun(root, (vault) => list(blog.listing(), vault));
    expect(lacking(root, blog)).toEqual([]);
    for (const full of [true, false]) {
      blog.asked.length = 0;
      await inRun(root, (vault) => list(blog.listing(), vault, { full }));
      expect(blog.asked).toHaveLength(full ? 7 : 1);
    }
    rmSync(join(root, '.oxbow'), { recursive: true });
    blog.asked.length = 0;
    await inRun(root, (vault) => list(blog.listing(), vault));
    expect(blog.asked).toHaveLength(7);
  }));

it('goes on with a listing of all that was interrupted, and looks on top for what is newer alone', () =>
  withTempFolder(async (root) => {
    const blog = new ToyList(upTo(10));
    await inRun(root, (vault) => list(blog.listing(), vault));
    blog.posts = upTo(20);
    blog.asked.length = 0;
    dieAt(blog, 2);
    await inKilledRun(root, (vault) => list(blog.listing(), vault, { full: true })).catch(() => undefined);
    expect(blog.asked).toEqual(['top', 'below 18']); // it died where it should
    blog.before = () => undefined;
    blog.asked.length = 0;
    await inRun(root, (vault) => list(blog.listing(), vault, { full: true }));
    expect(blog.asked).toEqual(['below 15', 'below 12', 'below 9', 'below 6', 'below 3', 'top']);
  }));

it('hands a source what its last stored page wanted to be known again, unless all is listed again', () =>
  withTempFolder(async (root) => {
    const known: unknown[] = [];
    const listing: Listing = {
      name: 'toy',
      trusted: [],
      async *pages(_cursor: unknown, way?: ListingWay): AsyncGenerator<Page> {
        known.push(way?.memory);
        yield { posts: [postOf('a', [])], memory: { etag: `"${known.length}"` } };
      },
    };
    for (const given of [{}, {}, { full: true }, { postLimit: 1 }])
      await inRun(root, (vault) => list(listing, vault, given));
    expect(known).toEqual([undefined, { etag: '"1"' }, undefined, { etag: '"3"' }]);
  }));
