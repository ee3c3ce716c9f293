import { sentence } from '../errors.ts';
import type { In, Parcel, Reduced, Rendition } from '../model.ts';
import type { Report } from '../progress.ts';
import { isOpenAt } from '../reasons.ts';
import type { Listing } from '../sources/source.ts';
import { askedAt } from '../vault/records.ts';
import { inTime } from './in-time.ts';

/** Pages that are asked at once: further ones wait for their turn, and hold up nobody who needs none. */
const AT_ONCE = 8;
/** So many pages in a row that did not say, and none is asked any more. */
const MOST_IN_VAIN = 5;

export interface EnlargeOptions {
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  readonly report: Report;
}

/**
 * What may be reduced is wanted at the address of its original, if its page names one. Trouble with the page is none of
 * the item: it is got as it is, and stays marked as one that may be larger, for which later runs ask the page again.
 */
export function enlarge(listing: Pick<Listing, 'larger'>, { signal, stop, report }: EnlargeOptions) {
  const turns = new Turns(AT_ONCE);
  const [first, again] = [{ inVain: 0 }, { inVain: 0 }]; // old trouble is no reason to give up what is new
  return async (parcel: In<'wanted'>): Promise<Parcel> => {
    if (!listing.larger || !isReduced(parcel)) return atItsOwn(parcel);
    const asked = parcel.reduced ? again : first;
    await turns.take();
    try {
      signal.throwIfAborted();
      if (stop.aborted || asked.inVain >= MOST_IN_VAIN) return asItIs(parcel);
      const said = await inTime(ask(parcel, listing), stop);
      if (!said) return asItIs(parcel);
      if (asked.inVain < MOST_IN_VAIN) asked.inVain = 0;
      return enlarged(parcel, said.original);
    } catch (error) {
      signal.throwIfAborted();
      asked.inVain++;
      if (asked.inVain === MOST_IN_VAIN) report({ event: 'warning', message: givenUp(error) });
      return asItIs(parcel, 'did not say');
    } finally {
      turns.giveBack();
    }
  };
}

/** What is held already is asked about where it was got from, unless a larger one is wanted. */
const isReduced = ({ item, location, held, reduced }: In<'wanted'>): boolean =>
  item.larger !== undefined && (reduced !== undefined || (location.kind === 'live' && !held));

/** No larger one is known of. What is kept already is not fetched anew; that it may have changed is another question. */
function asItIs(parcel: In<'wanted'>, page?: Reduced['page']): Parcel {
  if (!parcel.reduced) return parcel;
  const { record } = parcel.reduced;
  const asked = { ...parcel, reduced: { record, ...(page && { page }) } };
  return parcel.held ? asked : { ...asked, state: 'settled', record };
}

interface Said {
  readonly original: Rendition | undefined;
}

const ask = async ({ item }: In<'wanted'>, listing: Pick<Listing, 'larger'>): Promise<Said> => ({
  original: await listing.larger?.(item),
});

/** The page has spoken: the item is reduced no more, or is known to be. */
function enlarged(parcel: In<'wanted'>, original: Rendition | undefined): Parcel {
  const { larger: _, ...item } = parcel.item;
  if (!original || original.url === item.url) return atItsOwn({ ...parcel, item }, 'names nothing larger');
  return at(original, { ...parcel, item });
}

/** What gave no clear answer at its own address, and is kept as a lesser copy, is asked for there once more. */
function atItsOwn(parcel: In<'wanted'>, page?: Reduced['page']): Parcel {
  const { item, reduced } = parcel;
  const record = reduced?.record;
  const isOpen = record && askedAt(record) !== item.url && isOpenAt(record, item.url);
  return isOpen ? at({ url: item.url }, parcel) : asItIs(parcel, page);
}

function at(original: Rendition, { held: _, ...parcel }: In<'wanted'>): Parcel {
  return { ...parcel, item: { ...parcel.item, original }, location: { kind: 'live', url: original.url } };
}

const givenUp = (error: unknown): string =>
  `The pages that name larger originals did not say ${MOST_IN_VAIN} times in a row (${sentence(error)}): no more of them are asked in this run. What is kept as it was listed is marked, and later runs ask again.`;

/** So many at once; the others in the order in which they came. */
class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(free: number) {
    this.#free = free;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  giveBack(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
