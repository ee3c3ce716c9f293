import type { Page } from '../model.ts';
import type { Listing, ListingWay } from '../sources/source.ts';

/** A listing whose first page is here already: whoever lists it first gets that page, and goes on behind it. */
export async function begun(listing: Listing, way: ListingWay): Promise<Listing> {
  let leaveOut = way.leaveOut;
  const pages = listing.pages(undefined, { ...way, leaveOut: (why) => leaveOut?.(why) });
  const iterator = pages[Symbol.asyncIterator]();
  const first = await iterator.next();
  let isTaken = false;
  return {
    ...listing,
    pages(cursor, itsWay) {
      if (isTaken) return listing.pages(cursor, itsWay);
      isTaken = true;
      leaveOut = itsWay?.leaveOut;
      return rest(first, iterator);
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
