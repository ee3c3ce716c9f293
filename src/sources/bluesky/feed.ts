import { SourceError, UsageError } from '../../errors.ts';
import type { Page, Post } from '../../model.ts';
import { counted } from '../../shown.ts';
import type { Hearing } from '../hear.ts';
import { at } from '../json-path.ts';
import { isKnown } from '../known.ts';
import type { ListingWay } from '../source.ts';
import { type PostReading, readEntry } from './post.ts';
import type { Profile } from './profile.ts';
import type { BlueskySettings } from './settings.ts';
import { call, Refused } from './xrpc.ts';

export interface FeedWay {
  readonly did: string;
  readonly profile: Profile;
  readonly settings: BlueskySettings;
  readonly hearing: Hearing;
  readonly reading: PostReading;
}

/** Where another list of the same posts can be had. */
export const repoHint =
  'The posts that the account itself holds may still be listed: -o sources.bluesky.list=repo asks its own server.';

/** So many pages in a row without a post: whoever sends more has no posts behind them. */
const mostEmpty = 50;
/** So many posts that were put on top are remembered until they come at their own place. */
const mostPinned = 100;

/** The list of an account as the site shows it, the newest first. */
export async function* feedPages(cursor: unknown, way: FeedWay, listing?: ListingWay): AsyncGenerator<Page> {
  if (listing?.order === 'oldest')
    throw new UsageError(
      'The list of the site can be listed from the newest on alone; -o sources.bluesky.list=repo lists the posts of the account itself, from either end.',
    );
  const shown = new Shown();
  const { profile, hearing } = way;
  let page = await leafAt(typeof cursor === 'string' ? cursor : undefined, way);
  for (let empty = 0; ; page = await leaf(page.next, way)) {
    const { isTop, pinned, next } = page;
    if (isTop) checkEmpty(page, way);
    const posts = [...pinned, ...page.posts].filter(shown.isNew);
    const isLast = next === undefined || (await isEnough(page, listing));
    const rest = { cursor: isLast ? null : next };
    yield isTop ? { posts: [profile.post, ...posts], blog: profile.blog, ...rest } : { posts, ...rest };
    if (isLast) return;
    empty = page.posts.length === 0 ? empty + 1 : 0;
    const stuck = stuckAt(page, empty);
    if (stuck !== undefined) return listing?.leaveOut?.(`${hearing.name} cannot be listed on: ${stuck}.`);
    shown.note(page);
  }
}

/** One page of the list. */
interface Leaf {
  readonly asked: string | undefined;
  readonly isTop: boolean;
  readonly posts: readonly Post[];
  /** Those that stand on top whatever their age is. */
  readonly pinned: readonly Post[];
  readonly next: string | undefined;
}

/** A place that the server knows no more, though an earlier run was given it, is no reason never to list again. */
async function leafAt(cursor: string | undefined, way: FeedWay): Promise<Leaf> {
  if (cursor === undefined) return leaf(undefined, way);
  try {
    return await leaf(cursor, way);
  } catch (error) {
    if (!(error instanceof Refused) || !/cursor/i.test(`${error.reason} ${error.said}`)) throw error;
    way.hearing.warnings.warn(
      `${way.hearing.name}: the server does not know any more where the last run has stopped; the list is begun anew.`,
    );
    return leaf(undefined, way);
  }
}

async function leaf(cursor: string | undefined, way: FeedWay): Promise<Leaf> {
  const { did, settings, hearing } = way;
  const { feed, next } = await call(
    {
      base: settings.api,
      method: 'app.bsky.feed.getAuthorFeed',
      query: { actor: did, limit: settings.limit, cursor },
      find: feedIn,
      lacks: 'has no list of posts',
      hint: repoHint,
    },
    hearing,
  );
  const entries = distinct(feed.flatMap((entry) => readSound(entry, way)));
  return {
    asked: cursor,
    isTop: cursor === undefined,
    posts: entries.filter(({ raw }) => !isPinned(raw)),
    pinned: entries.filter(({ raw }) => isPinned(raw)),
    next,
  };
}

function feedIn(value: unknown): { feed: readonly unknown[]; next: string | undefined } | undefined {
  const [feed, cursor] = [at(value, ['feed']), at(value, ['cursor']) ?? ''];
  const isSound = Array.isArray(feed) && ['string', 'number'].includes(typeof cursor);
  const text = String(cursor);
  return isSound && text.length <= 4096 ? { feed, next: text === '' ? undefined : text } : undefined;
}

function readSound(entry: unknown, { reading, hearing }: FeedWay): readonly Post[] {
  const post = readEntry(entry, reading);
  if (!post) hearing.warnings.skip(`${hearing.name}: an entry of the list is no post; it is skipped.`);
  return post ? [post] : [];
}

const isPinned = (raw: unknown): boolean => at(raw, ['reason', '$type']) === 'app.bsky.feed.defs#reasonPin';

function distinct(posts: readonly Post[]): readonly Post[] {
  const ids = new Set<string>();
  return posts.filter(({ id }) => !ids.has(id) && ids.add(id));
}

/** What is pinned is old, and says nothing of the others. */
async function isEnough({ posts }: Leaf, listing: ListingWay | undefined): Promise<boolean> {
  const after = listing?.after;
  const isBefore = ({ date }: Post) => date !== null && after != null && Date.parse(date) < Date.parse(after);
  return (posts.length > 0 && posts.every(isBefore)) || isKnown(posts, listing);
}

function stuckAt({ asked, next }: Leaf, empty: number): string | undefined {
  if (asked === next) return 'the server leads from a page to the same page';
  return empty >= mostEmpty ? `${counted(empty, 'page')} in a row had no post` : undefined;
}

/** What a listing has shown and may meet again: two pages may share posts of one moment, and what is pinned comes twice. */
class Shown {
  #last: ReadonlySet<string> = new Set();
  readonly #pinned = new Set<string>();

  isNew = ({ id }: Post): boolean => !this.#last.has(id) && !this.#pinned.has(id);

  note({ posts, pinned }: Leaf): void {
    this.#last = new Set(posts.map(({ id }) => id));
    for (const { id } of pinned) if (this.#pinned.size < mostPinned) this.#pinned.add(id);
  }
}

/** Posts that are counted and not shown are hidden, or the answer is a failure that looks like success. */
function checkEmpty({ posts, pinned, next }: Leaf, { profile, hearing }: FeedWay): void {
  if (!profile.posts || next !== undefined || posts.length + pinned.length > 0) return;
  throw new SourceError(
    `${hearing.name} is said to have ${counted(profile.posts, 'post')}, and the site shows none of them. ${repoHint}`,
  );
}
