import type { Page } from '../model.ts';
import type { Listing, ListingWay } from '../sources/source.ts';
import { inTime } from './in-time.ts';

/**
 * A listing whose first page is here already: whoever lists it first gets that page, and goes on behind it. What was
 * said meanwhile is said again to them. Where the run is asked to stop before that page has come, there is none.
 */
export async function begun(listing: Listing, way: ListingWay, stop: AbortSignal): Promise<Listing> {
  const left: string[] = [];
  let leaveOut = (why: string): void => void left.push(why);
  const pages = listing.pages(undefined, { ...way, leaveOut: (why) => leaveOut(why) });
  const iterator = pages[Symbol.asyncIterator]();
  const first = await inTime(iterator.next(), stop);
  let isTaken = false;
  return {
    ...listing,
    pages(cursor, itsWay) {
      if (isTaken) return listing.pages(cursor, itsWay);
      isTaken = true;
      leaveOut = (why) => itsWay?.leaveOut?.(why);
      for (const why of left) leaveOut(why);
      return first ? rest(first, iterator) : nothing();
    },
  };
}

async function* rest(first: IteratorResult<Page>, iterator: AsyncIterator<Page>): AsyncGenerator<Page> {
  try {
    for (let next = first; !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

async function* nothing(): AsyncGenerator<Page> {
  yield* [];
}
