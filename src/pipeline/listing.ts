import { OxbowError, SourceError, sentence } from '../errors.ts';
import type { In, Location, MediaItem, MediaRecord, Page, Parcel } from '../model.ts';
import type { Report } from '../progress.ts';
import type { Listing } from '../sources/source.ts';
import { lostHere } from './asked.ts';
import { Seen } from './seen.ts';
import type { Tally } from './tally.ts';

/** What the listing needs of the vault. */
export interface Backlog {
  backlog(): AsyncIterable<MediaItem>;
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
  /** The source cannot be read on: what is in hand is finished first, then the run ends with this. */
  readonly trouble: (error: OxbowError) => void;
}

/** What earlier runs wanted and did not settle, then the source page by page; each item once. */
export async function* wantedMedia(
  listing: Listing,
  vault: Backlog,
  options: ListingOptions,
): AsyncGenerator<Parcel> {
  const { tally, report, stop } = options;
  const seen = new Seen();
  function* offer(item: MediaItem): Generator<Parcel> {
    if (!seen.add(item.id)) return;
    tally.listed++;
    report({ event: 'listed', listed: tally.listed, done: false });
    yield { state: 'wanted', item, location: live(item), tried: [] };
  }
  for await (const item of vault.backlog()) {
    if (stop.aborted) return;
    yield* offer(item);
  }
  for await (const { posts } of storedPages(listing, vault, options)) {
    for (const post of posts) {
      report({ event: 'post', post: post.id, items: post.items.length });
      for (const item of post.items) yield* offer(item);
      if (stop.aborted) return;
    }
  }
  report({ event: 'listed', listed: tally.listed, done: true });
}

const live = ({ url }: MediaItem): Location => ({ kind: 'live', url });

/** Pages whose posts are in the vault: an item is wanted only when the archive knows where it comes from. */
async function* storedPages(listing: Listing, vault: Backlog, options: ListingOptions): AsyncGenerator<Page> {
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
    yield { posts };
    if (stop.aborted) return;
    if (tally.posts >= postLimit) break;
  }
  // Listed to its end, or as far as was wanted: the next listing begins with what is new.
  if (isWhole && (await vault.posts.cursor(source)) !== undefined) await vault.posts.setCursor(source, null);
}

/** The pages as far as they can be read. An adapter's own failure is trouble with the source, too. */
async function* readable(
  pages: AsyncIterable<Page>,
  { source, signal, trouble }: ListingOptions,
): AsyncGenerator<Page> {
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next();
      if (next.done) return;
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
    await iterator.return?.();
  }
}

/** What was put off because recovery had no room; nothing is behind these now that they could hold up. */
export async function* deferred(
  vault: Backlog,
  { run, tally, stop }: ListingOptions,
): AsyncGenerator<Parcel> {
  if (tally.pending === 0) return;
  for await (const item of vault.backlog()) {
    if (stop.aborted) return;
    const record = await vault.find(item.id);
    if (record?.run !== run || record.reason?.code !== 'recovery-pending') continue;
    tally.takeUp();
    yield lostAgain(item, record);
  }
}

function lostAgain(item: MediaItem, record: MediaRecord): In<'lost'> {
  const { outcome: code, detail } = record.tried!.at(-1)!;
  return { ...lostHere({ item, location: live(item), tried: [] }, { code, detail }), tried: record.tried! };
}
