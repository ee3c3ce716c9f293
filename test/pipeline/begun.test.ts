import { expect, it } from 'vitest';
import type { Page } from '../../src/model.ts';
import { begun } from '../../src/pipeline/begun.ts';
import type { Listing, ListingWay } from '../../src/sources/source.ts';
import { postOf } from '../helpers/vaults.ts';

const never = new AbortController().signal;
const way: ListingWay = { order: 'newest', covered: [] };

function counted(pages: readonly Page[]) {
  let [begins, asked, closed] = [0, 0, 0];
  const listing: Listing = {
    name: 'counted',
    trusted: [],
    async *pages(_cursor, given) {
      begins++;
      try {
        for (const page of pages) {
          asked++;
          yield page;
        }
        given?.leaveOut?.('the end');
      } finally {
        closed++;
      }
    },
  };
  return { listing, seen: () => ({ begins, asked, closed }) };
}

const pages = [1, 2, 3].map((n) => ({ posts: [postOf(`p${n}`)] }));
const idsOf = async (listing: Listing, given: ListingWay = way) => {
  const ids: string[] = [];
  for await (const { posts } of listing.pages(undefined, given)) ids.push(...posts.map(({ id }) => id));
  return ids;
};

it('asks for the first page once, and goes on behind it', async () => {
  const { listing, seen } = counted(pages);
  const checked = await begun(listing, way, never);
  expect(seen()).toEqual({ begins: 1, asked: 1, closed: 0 });
  const told: string[] = [];
  expect(await idsOf(checked, { ...way, leaveOut: (why) => void told.push(why) })).toEqual([
    'p1',
    'p2',
    'p3',
  ]);
  expect(seen()).toEqual({ begins: 1, asked: 3, closed: 1 });
  expect(told).toEqual(['the end']);
  expect(await idsOf(checked)).toEqual(['p1', 'p2', 'p3']);
  expect(seen()).toMatchObject({ begins: 2 });
});

it('of a listing that is let go in the middle closes it', async () => {
  const { listing, seen } = counted(pages);
  for await (const _ of (await begun(listing, way, never)).pages(undefined, way)) break;
  expect(seen()).toEqual({ begins: 1, asked: 1, closed: 1 });
});

it('is the trouble itself where the first page cannot be had', async () => {
  const broken: Listing = {
    name: 'broken',
    trusted: [],
    // biome-ignore lint/correctness/useYield: it never comes to that
    async *pages() {
      throw new Error('nobody there');
    },
  };
  await expect(begun(broken, way, never)).rejects.toThrow('nobody there');
});

it('tells what the first page has left out', async () => {
  const stuck: Listing = {
    name: 'stuck',
    trusted: [],
    // biome-ignore lint/correctness/useYield: it never comes to that
    async *pages(_cursor, given) {
      given?.leaveOut?.('it does not move on');
    },
  };
  const told: string[] = [];
  await idsOf(await begun(stuck, way, never), { ...way, leaveOut: (why) => void told.push(why) });
  expect(told).toEqual(['it does not move on']);
});
