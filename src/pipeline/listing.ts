import type { In, MediaItem, MediaRecord, Parcel } from '../model.ts';
import { isPutOff } from '../reasons.ts';
import type { Listing } from '../sources/source.ts';
import { lostHere } from './asked.ts';
import { locationAt } from './location.ts';
import { type Listed, type PagesOptions, storedPages } from './pages.ts';
import { isUnsought, lostBefore } from './refresh.ts';
import { Seen } from './seen.ts';

/** What the listing needs of the vault. */
export interface Backlog {
  backlog(): AsyncIterable<MediaItem>;
  /** All that is kept, whether the source still lists it or not. */
  held(): AsyncIterable<MediaItem>;
  find(id: string): Promise<MediaRecord | undefined>;
  readonly posts: Listed;
}

export interface ListingOptions extends PagesOptions {
  readonly run: string;
  /** Is what is kept to be asked about? */
  readonly refresh?: boolean;
  /** Is nothing wanted of an item because of the post that shows it? Another post may want it. */
  readonly isUnwantedPost: (item: MediaItem) => boolean;
}

/** What earlier runs wanted and did not settle, then the source page by page; each item once. */
export async function* wantedMedia(
  listing: Listing,
  vault: Backlog,
  options: ListingOptions,
): AsyncGenerator<Parcel> {
  const { tally, report, stop, refresh = false, isUnwantedPost } = options;
  const offer = offering(options);
  yield* offerAll(vault.backlog(), options, offer);
  for await (const posts of storedPages(listing, vault.posts, options)) {
    for (const { id, items, change } of posts) {
      report({ event: 'post', post: id, items: items.length, change });
      const isUnwanted = items.some(isUnwantedPost);
      if (isUnwanted) tally.unwantedPosts++;
      else for (const item of items) yield* offer(item);
      if (stop.aborted) return;
    }
  }
  // What only unwanted posts show is not wanted, and said to be so.
  if (tally.unwantedPosts > 0) yield* offerAll(vault.backlog(), options, offer);
  if (refresh) yield* offerAll(vault.held(), options, (item) => offer(item, { isListed: false }));
  if (!stop.aborted) report({ event: 'listed', listed: tally.listed, done: true });
}

type Offer = (item: MediaItem, how?: { readonly isListed?: boolean }) => Iterable<Parcel>;

async function* offerAll(
  items: AsyncIterable<MediaItem>,
  { stop }: ListingOptions,
  offer: Offer,
): AsyncGenerator<Parcel> {
  for await (const item of items) {
    if (stop.aborted) return;
    yield* offer(item);
  }
}

/** Each item once. One that is listed at several addresses may be lost at the first and there at the next. */
function offering({ tally, report }: ListingOptions): Offer {
  const [seen, asked] = [new Seen(), new Seen()];
  return function* offer(item: MediaItem, { isListed = true } = {}): Generator<Parcel> {
    const isNewAddress = isListed && asked.add(`${item.id} ${item.url}`);
    if (!seen.add(item.id)) {
      if (isNewAddress) tally.renewed++;
      return;
    }
    tally.listed++;
    report({ event: 'listed', listed: tally.listed, done: false });
    yield wanted(item);
  };
}

const wanted = (item: MediaItem): In<'wanted'> => ({
  state: 'wanted',
  item,
  location: locationAt('live', item.url),
  tried: [],
});

/**
 * What this run could not settle and can try once more at its end: what was put off because recovery had no room
 * (nothing is behind it now that it could hold up), what its host refused in a mood, and what was lost at an
 * address that the source has renewed.
 */
export async function* deferred(vault: Backlog, options: ListingOptions): AsyncGenerator<Parcel> {
  const { tally } = options;
  if (tally.pending + tally.renewed > 0) yield* openAgain(vault, options);
  if (tally.unsought > 0) yield* goneAgain(vault, options);
}

async function* openAgain(vault: Backlog, { run, tally, stop }: ListingOptions): AsyncGenerator<Parcel> {
  for await (const item of vault.backlog()) {
    if (stop.aborted) return;
    const record = await vault.find(item.id);
    if (record?.run !== run || record.status === 'kept' || record.status === 'filtered') continue;
    const code = record.reason?.code;
    const isRenewed = record.url !== item.url && code !== 'suspect'; // that waits for the next run
    if (!isPutOff(code) && !isRenewed) continue;
    tally.takeUp(record);
    if (isRenewed) tally.reopened.set(item.id, record);
    yield isRenewed || code === 'throttled' ? wanted(item) : lostAgain(item, record);
  }
}

/** What is held and gone, and was not looked for elsewhere. */
async function* goneAgain(vault: Backlog, { tally, stop }: ListingOptions): AsyncGenerator<Parcel> {
  for await (const item of vault.held()) {
    if (stop.aborted) return;
    const record = await vault.find(item.id);
    if (!record || !isUnsought(record)) continue;
    tally.takeBack(record); // whichever run has marked it: it is held, and counted as that
    yield lostBefore(item, record);
  }
}

/** Where it was lost at its original, whose address only its page knows, that is remembered by the answer. */
function lostAgain(item: MediaItem, record: MediaRecord): In<'lost'> {
  const { where, url, outcome: code, detail } = record.tried!.at(-1)!;
  const isOriginal = where === 'live' && url !== item.url;
  const way = isOriginal
    ? { item: { ...item, original: { url } }, location: { kind: 'live', url } as const, tried: [] }
    : { item, location: locationAt('live', item.url), tried: [] };
  return { ...lostHere(way, { code, detail }), tried: record.tried! };
}
