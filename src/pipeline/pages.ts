import type { OxbowError } from '../errors.ts';
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
  covered(source: string): Promise<{ readonly intervals: readonly Interval[]; readonly isOpen: boolean }>;
  beginAnew(source: string): Promise<void>;
  endAnew(source: string): Promise<readonly string[]>;
  count(): Promise<number>;
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
  const { source, tally, postLimit, stop } = options;
  if (options.full) await listed.beginAnew(source);
  const listingOnce = listingOf(listing, listed, options);
  for await (const page of listingOnce.pages) {
    const posts = page.posts.slice(0, postLimit - tally.posts);
    const isWhole = posts.length === page.posts.length;
    const news = await listed.add(source, isWhole ? page : { posts });
    tally.took({ ...page, posts }, news);
    yield stored(posts, news);
    if (stop.aborted) return;
    if (tally.posts >= postLimit) break;
  }
  if (listingOnce.isSound() && !stop.aborted) await finish(listed, options);
}

/** The pages of a listing that goes on where the last one stopped, and again where a quota has stopped this one. */
function listingOf(listing: Listing, listed: Listed, options: PagesOptions) {
  const { source, order, dateAfter: after, dateBefore: before, report } = options;
  let isSound = true;
  let at: unknown;
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
    const { intervals } = await listed.covered(source);
    const way: ListingWay = { order, covered: intervals, after, before, leaveOut };
    return listing.pages(at ?? (await listed.cursor(source)), way);
  };
  async function* pages(): AsyncGenerator<Page> {
    for await (const page of readable(begin, { ...options, parking: listed, trouble })) {
      at = page.cursor;
      yield page;
    }
  }
  return { pages: withoutRounds(pages(), leaveOut), isSound: () => isSound };
}

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

/** Listed to its end, or as far as was wanted: the next listing begins with what is new. */
async function finish(listed: Listed, options: PagesOptions): Promise<void> {
  const { source, tally, report, postLimit, dateAfter, dateBefore } = options;
  if ((await listed.cursor(source)) !== undefined) await listed.setCursor(source, null);
  const { intervals, isOpen } = await listed.covered(source);
  const isLimited = tally.posts >= postLimit || dateAfter !== null || dateBefore !== null;
  const isAll = intervals.length === 0 || (intervals.length === 1 && intervals[0]!.from === null);
  if (isOpen && isAll && !isLimited) {
    const gone = await listed.endAnew(source);
    for (const post of gone) report({ event: 'post-gone', post });
    tally.gonePosts += gone.length;
  }
  if (tally.postsStated !== null) tally.postsHeld = await listed.count();
}
