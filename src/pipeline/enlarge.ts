import { sentence } from '../errors.ts';
import type { In, Rendition } from '../model.ts';
import type { Report } from '../progress.ts';
import type { Listing } from '../sources/source.ts';
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
 * the item: it is got as it is, and stays marked as one that may be larger.
 */
export function enlarge(listing: Pick<Listing, 'larger'>, { signal, stop, report }: EnlargeOptions) {
  const turns = new Turns(AT_ONCE);
  let inVain = 0;
  return async (parcel: In<'wanted'>): Promise<In<'wanted'>> => {
    if (!listing.larger || !isReduced(parcel)) return parcel;
    await turns.take();
    try {
      signal.throwIfAborted();
      if (stop.aborted || inVain >= MOST_IN_VAIN) return parcel;
      const said = await inTime(ask(parcel, listing), stop);
      if (!said) return parcel;
      if (inVain < MOST_IN_VAIN) inVain = 0;
      return enlarged(parcel, said.original);
    } catch (error) {
      signal.throwIfAborted();
      inVain++;
      if (inVain === MOST_IN_VAIN) report({ event: 'warning', message: givenUp(error) });
      return parcel;
    } finally {
      turns.giveBack();
    }
  };
}

/** What is held already is asked about where it was got from. */
const isReduced = ({ item, location, held }: In<'wanted'>): boolean =>
  item.larger !== undefined && location.kind === 'live' && !held;

interface Said {
  readonly original: Rendition | undefined;
}

const ask = async ({ item }: In<'wanted'>, listing: Pick<Listing, 'larger'>): Promise<Said> => ({
  original: await listing.larger?.(item),
});

/** The page has spoken: the item is reduced no more, or is known to be. */
function enlarged(parcel: In<'wanted'>, original: Rendition | undefined): In<'wanted'> {
  const { larger: _, ...item } = parcel.item;
  if (!original || original.url === item.url) return { ...parcel, item };
  return { ...parcel, item: { ...item, original }, location: { kind: 'live', url: original.url } };
}

const givenUp = (error: unknown): string =>
  `The pages that name larger originals did not say ${MOST_IN_VAIN} times in a row (${sentence(error)}): no more of them are asked in this run. What is kept as it was listed is marked, so that a larger one can be asked for later.`;

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
