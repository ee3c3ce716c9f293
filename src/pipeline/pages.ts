import { type OxbowError, QuotaError } from '../errors.ts';
import type { Interval } from '../intervals.ts';
import type { MediaItem, Order, Page, Post } from '../model.ts';
import type { Listing, ListingWay } from '../sources/source.ts';
import { ofPost } from '../vault/post-lines.ts';
import type { Parking } from './quota.ts';
import { type ReadingOptions, readable } from './reading.ts';
import { withoutRounds } from './rounds.ts';

/** What the vault knows of listings. */
export interface Listed extends Parking {
  add(source: string, page: Page): Promise<{ added: readonly string[]; edited: readonly string[] }>;
  cursor(source: string): Promise<unknown>;
  setCursor(source: string, cursor: unknown): Promise<void>;
  covered(source: string): Promise<Covered>;
  beginAnew(source: string): Promise<void>;
  endAnew(
    source: string,
    ending: { readonly stated: number | null; readonly isWhole: boolean },
  ): Promise<readonly string[]>;
  /** How many posts are here that are not known to be gone. */
  count(): Promise<number>;
  /** Their dates, as far as they are known. */
  dates(): AsyncIterable<Date>;
  isHeld(id: string): Promise<boolean>;
  /** The same, by a listing of this source. */
  isMet(source: string, id: string): Promise<boolean>;
  setSought(source: string, sought: number): Promise<void>;
  /** Which posts the listing has met is not sure. */
  doubt(source: string): Promise<void>;
}

interface Covered {
  readonly intervals: readonly Interval[];
  readonly isOpen: boolean;
  readonly since: string;
  readonly sought?: number;
  readonly memory?: unknown;
  readonly blog?: { readonly id?: string };
}

export interface PagesOptions extends Omit<ReadingOptions, 'parking'> {
  readonly postLimit: number;
  readonly order: Order;
  readonly dateAfter: string | null;
  readonly dateBefore: string | null;
  /** Is all to be listed again? */
  readonly full: boolean;
}

/** What is left to do of a post that is in the vault; its own words, which may be long, are let go. */
export interface Stored {
  readonly id: string;
  readonly items: readonly MediaItem[];
  readonly change: 'new' | 'edited' | 'none';
}

/** Pages whose posts are in the vault: an item is wanted only when the archive knows where it comes from. */
export async function* storedPages(
  listing: Listing,
  listed: Listed,
  options: PagesOptions,
): AsyncGenerator<readonly Stored[]> {
  const { source, tally, postLimit, stop, full } = options;
  const { unread } = tally;
  if (full && (await isEnded(listed, source))) await listed.beginAnew(source); // else it is gone on with
  const once = listingOf(listing, listed, options);
  for await (const page of once.pages) {
    yield await taken(page, listed, options);
    if (tally.unread !== unread) await listed.doubt(source); // what it could not read it has not met
    if (stop.aborted) return;
    if (tally.posts >= postLimit) break;
  }
  if (tally.unread !== unread) await listed.doubt(source);
  if (!once.isSound() || stop.aborted) return;
  const { isNewestFirst = false } = listing;
  const isAll = await finish(listed, { ...options, isNewestFirst, isWhole: tally.unread === unread });
  if (!isAll || tally.postsStated === null) return;
  tally.postsHeld = await listed.count();
  for await (const page of lackingOf(listing, listed, options)) {
    yield await taken(page, listed, options);
    tally.postsHeld = await listed.count();
    if (stop.aborted) return;
  }
}

/** Sources that list nothing by time know no end of a first listing: what they list is listed anew. */
async function isEnded(listed: Listed, source: string): Promise<boolean> {
  const covered = await listed.covered(source);
  return !covered.isOpen || !isTracked(covered);
}

/** Is it known of the listing how far it has come? */
const isTracked = ({ intervals, since }: Covered): boolean => intervals.length > 0 || since !== '';

async function taken(page: Page, listed: Listed, { source, tally, postLimit }: PagesOptions) {
  const posts = page.posts.slice(0, postLimit - tally.posts);
  const isWhole = posts.length === page.posts.length;
  const news = await listed.add(source, isWhole ? page : { posts });
  tally.took({ ...page, posts }, news);
  return stored(posts, news);
}

/** The pages of a listing that goes on where the last one stopped, and again where a quota has stopped this one. */
function listingOf(listing: Listing, listed: Listed, options: PagesOptions) {
  const { source, order, dateAfter: after, dateBefore: before, report } = options;
  let isSound = true;
  let at: unknown;
  let isAgain = false;
  /** All that it went on behind was listed by now. */
  let isOnTop = false;
  const leaveOut = (message: string) => {
    isSound = false;
    report({ event: 'unread' });
    report({ event: 'warning', message });
  };
  const trouble = (error: OxbowError) => {
    isSound = false;
    options.trouble(error);
  };
  const begin = async () => {
    const coverage = await listed.covered(source);
    const covered = coverage.intervals.map((interval) => ({ ...interval })); // the source may do with it what it likes
    const { blog } = coverage;
    const known = options.full && !isOnTop ? {} : knownOf(listed, source, coverage);
    const way: ListingWay = { order, covered, isAgain, blogId: blog?.id, after, before, leaveOut, ...known };
    return listing.pages(at ?? (await listed.cursor(source)), way);
  };
  async function* once(): AsyncGenerator<Page> {
    for await (const page of readable(begin, { ...options, parking: listed, trouble })) {
      at = page.cursor;
      isAgain ||= page.covers !== undefined;
      yield page;
    }
  }
  async function* pages(): AsyncGenerator<Page> {
    const isGoneOnWith = listing.isNewestFirst && (await listed.cursor(source)) !== undefined;
    yield* withoutRounds(once(), leaveOut);
    if (!isGoneOnWith || !isSound || options.stop.aborted) return;
    at = undefined;
    isOnTop = true;
    await listed.setCursor(source, null);
    const isBounded = after !== null || before !== null;
    if (!isBounded && (await listed.covered(source)).isOpen)
      await listed.endAnew(source, { stated: null, isWhole: false });
    yield* withoutRounds(once(), leaveOut); // what is newer than the listing that was gone on with
  }
  return { pages: pages(), isSound: () => isSound };
}

/** What a source may know of earlier listings of the same. */
const knownOf = (listed: Listed, source: string, { isOpen, memory }: Covered): Partial<ListingWay> => ({
  wasWhole: !isOpen,
  isHeld: (id) => listed.isMet(source, id),
  ...(memory !== undefined && { memory }),
});

function stored(
  posts: readonly Post[],
  news: { readonly added: readonly string[]; readonly edited: readonly string[] },
): readonly Stored[] {
  const [added, edited] = [new Set(news.added), new Set(news.edited)];
  return posts.map((post) => ({
    id: post.id,
    items: post.items.map((item) => ofPost(item, post)),
    change: added.has(post.id) ? 'new' : edited.has(post.id) ? 'edited' : 'none',
  }));
}

/**
 * Listed to its end, or as far as was wanted: the next listing begins with what is new. Is everything listed that any
 * listing would meet?
 */
async function finish(
  listed: Listed,
  options: PagesOptions & { readonly isWhole: boolean; readonly isNewestFirst: boolean },
): Promise<boolean> {
  const { source, tally, report, postLimit, dateAfter, dateBefore, isWhole, isNewestFirst } = options;
  if ((await listed.cursor(source)) !== undefined) await listed.setCursor(source, null);
  const covered = await listed.covered(source);
  const { intervals, isOpen } = covered;
  const isLimited = tally.posts >= postLimit || dateAfter !== null || dateBefore !== null;
  const isAll = intervals.length === 0 || (intervals.length === 1 && intervals[0]!.from === null);
  // A listing that was cut short may have left a gap above what an earlier one had listed whole.
  if (isLimited && isNewestFirst && !isOpen) await listed.beginAnew(source);
  if (isLimited || !isAll) return false;
  if (isOpen && (isTracked(covered) || isNewestFirst)) {
    const gone = await listed.endAnew(source, { stated: tally.postsStated, isWhole });
    for (const post of gone) report({ event: 'post-gone', post });
    tally.gonePosts += gone.length;
  }
  return true;
}

/** What the platform counts and no page has shown; what an earlier run looked for in vain is not looked for again. */
async function* lackingOf(listing: Listing, listed: Listed, options: PagesOptions): AsyncGenerator<Page> {
  const { source, tally, stop, report } = options;
  const lacking = () => tally.postsStated! - tally.postsHeld!;
  const { sought = 0 } = await listed.covered(source);
  if (!listing.lacking || lacking() <= 0 || lacking() === sought) return;
  const held = {
    moments: (of: (date: string) => number) => momentsOf(listed.dates(), of),
    isHeld: (id: string) => listed.isHeld(id),
  };
  let isCut = false;
  const trouble = (error: OxbowError) => {
    isCut = true;
    if (error instanceof QuotaError) options.trouble(error);
    else
      report({
        event: 'warning',
        message: `What the source counts and never showed was not found: ${error.message}`,
      });
  };
  yield* readable(async () => listing.lacking!(held), { ...options, parking: listed, trouble });
  if (lacking() >= 0 && !isCut && !stop.aborted) await listed.setSought(source, lacking());
}

/** The newest first. */
async function momentsOf(dates: AsyncIterable<Date>, of: (date: string) => number): Promise<Float64Array> {
  const moments: number[] = [];
  for await (const date of dates) moments.push(of(date.toISOString()));
  return Float64Array.from(moments).sort().reverse();
}
