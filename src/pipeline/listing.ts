import { OxbowError, SourceError, sentence } from '../errors.ts';
import type { In, Location, MediaItem, MediaRecord, Page, Parcel, Post } from '../model.ts';
import type { Report } from '../progress.ts';
import { isPutOff } from '../reasons.ts';
import type { Listing } from '../sources/source.ts';
import { lostHere } from './asked.ts';
import { isUnsought, lostBefore } from './refresh.ts';
import { Seen } from './seen.ts';
import type { Tally } from './tally.ts';

/** What the listing needs of the vault. */
export interface Backlog {
  backlog(): AsyncIterable<MediaItem>;
  /** All that is kept, whether the source still lists it or not. */
  held(): AsyncIterable<MediaItem>;
  find(id: string): Promise<MediaRecord | undefined>;
  readonly posts: {
    add(source: string, page: Page): Promise<number>;
    cursor(source: string): Promise<unknown>;
    setCursor(source: string, cursor: unknown): Promise<void>;
  };
}

export interface ListingOptions {
  /** Under which name cursors are remembered. */
  readonly source: string;
  readonly run: string;
  readonly postLimit: number;
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  readonly tally: Tally;
  readonly report: Report;
  /** Is what is kept to be asked about? */
  readonly refresh?: boolean;
  /** The source cannot be read on: what is in hand is finished first, then the run ends with this. */
  readonly trouble: (error: OxbowError) => void;
}

/** Milliseconds that a source may still take for the page in hand when the run is asked to stop. */
const GRACE = 1000;

/** What earlier runs wanted and did not settle, then the source page by page; each item once. */
export async function* wantedMedia(
  listing: Listing,
  vault: Backlog,
  options: ListingOptions,
): AsyncGenerator<Parcel> {
  const { tally, report, stop, refresh = false } = options;
  const offer = offering(options);
  for await (const item of vault.backlog()) {
    if (stop.aborted) return;
    yield* offer(item);
  }
  for await (const posts of storedPages(listing, vault, options)) {
    for (const post of posts) {
      report({ event: 'post', post: post.id, items: post.items.length });
      for (const item of post.items) yield* offer(item);
      if (stop.aborted) return;
    }
  }
  for await (const item of refresh ? vault.held() : []) {
    if (stop.aborted) return;
    yield* offer(item, { isListed: false });
  }
  report({ event: 'listed', listed: tally.listed, done: true });
}

/** Each item once. One that is listed at several addresses may be lost at the first and there at the next. */
function offering({ tally, report }: ListingOptions) {
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

const live = ({ url }: MediaItem): Location => ({ kind: 'live', url });

const wanted = (item: MediaItem): In<'wanted'> => ({
  state: 'wanted',
  item,
  location: live(item),
  tried: [],
});

/** What is left to do of a post that is in the vault; its own words, which may be long, are let go. */
type Stored = Pick<Post, 'id' | 'items'>;

/** Pages whose posts are in the vault: an item is wanted only when the archive knows where it comes from. */
async function* storedPages(
  listing: Listing,
  vault: Backlog,
  options: ListingOptions,
): AsyncGenerator<readonly Stored[]> {
  const { source, tally, postLimit, stop } = options;
  let isWhole = true;
  const trouble = (error: OxbowError) => {
    isWhole = false;
    options.trouble(error);
  };
  const from = await vault.posts.cursor(source);
  for await (const page of readable(listing.pages(from), { ...options, trouble })) {
    const left = postLimit - tally.posts;
    const posts = page.posts.slice(0, left);
    tally.posts += posts.length;
    await vault.posts.add(source, posts.length === page.posts.length ? page : { posts });
    yield posts.map(({ id, items }) => ({ id, items }));
    if (stop.aborted) return;
    if (tally.posts >= postLimit) break;
  }
  // Listed to its end, or as far as was wanted: the next listing begins with what is new.
  if (isWhole && (await vault.posts.cursor(source)) !== undefined) await vault.posts.setCursor(source, null);
}

/**
 * The pages as far as they can be read, or as far as they have come when the run is asked to stop. An adapter's own
 * failure is trouble with the source, too.
 */
async function* readable(
  pages: AsyncIterable<Page>,
  { source, signal, stop, trouble }: ListingOptions,
): AsyncGenerator<Page> {
  const iterator = pages[Symbol.asyncIterator]();
  let isOwed = false; // a page that nobody wants any more, and that may never come
  try {
    while (!stop.aborted) {
      const next = await inTime(iterator.next(), stop);
      isOwed = next === undefined;
      if (!next || next.done) break;
      yield next.value;
    }
  } catch (error) {
    signal.throwIfAborted();
    trouble(
      error instanceof OxbowError
        ? error
        : new SourceError(`The source ${source} failed: ${sentence(error)}.`, { cause: error }),
    );
  } finally {
    const closing = Promise.resolve(iterator.return?.()).catch(() => undefined); // it failed before, and was heard
    if (!isOwed) await closing;
  }
}

/**
 * A page that is under way may still come when the run is asked to stop, but a source that says nothing more is not
 * waited for. Each wait is a promise of its own: one for all would hold every page that was raced against it.
 */
function inTime<T>(coming: Promise<T>, stop: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let clock: NodeJS.Timeout | undefined;
    const wait = () => {
      clock = setTimeout(resolve, GRACE, undefined);
    };
    const over = () => {
      stop.removeEventListener('abort', wait);
      clearTimeout(clock);
    };
    stop.addEventListener('abort', wait, { once: true });
    coming.finally(over).then(resolve, reject);
  });
}

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
    tally.takeBack(); // whichever run has marked it: it is held, and counted as that
    yield lostBefore(item, record);
  }
}

function lostAgain(item: MediaItem, record: MediaRecord): In<'lost'> {
  const { outcome: code, detail } = record.tried!.at(-1)!;
  return { ...lostHere({ item, location: live(item), tried: [] }, { code, detail }), tried: record.tried! };
}
