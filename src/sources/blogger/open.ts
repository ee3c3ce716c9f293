import { SourceError, UsageError } from '../../errors.ts';
import type { Page, Post } from '../../model.ts';
import type { LeftOut } from '../finds.ts';
import { holes } from '../holes.ts';
import { tellLeftOut } from '../left-out.ts';
import { OwnSettings } from '../own-settings.ts';
import type { HeldPosts, Listing, ListingWay, SourceContext } from '../source.ts';
import { isPattern, kindOfEntry, nothingAt, withoutPrefix } from '../target.ts';
import { walk } from '../timeline.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { openBackup } from './backup.ts';
import { isPath } from './backup-look.ts';
import { capital, Feed, NoFeed } from './feed.ts';
import type { Reading } from './post.ts';
import { settings } from './settings.ts';
import { type Place, readTarget } from './target.ts';
import { type PostsWay, postsOf, postTimeline } from './timeline.ts';
import { openVideo } from './video-page.ts';

/** A blog at Blogger, or a backup of one. */
export async function openBlogger(target: string, context: SourceContext): Promise<Listing> {
  const limit = new OwnSettings('blogger', settings, context.settings).whole('limit', 150, [2, 500]);
  const path = withoutPrefix('blogger', target);
  if (kindOfEntry(path) !== undefined || isPattern(path)) return openBackup(path, context);
  if (isPath(path)) throw nothingAt(path);
  return openPlace(readTarget(target), { context, limit });
}

interface Way {
  readonly context: SourceContext;
  readonly limit: number;
}

/** Asks nobody: the first page does, when the archive has its name. */
function openPlace(place: Place, way: Way): Listing {
  const { name, site } = place;
  return {
    name,
    trusted: site === null ? [] : [site],
    isUnchecked: true,
    listedAs: name,
    larger: openVideo(way.context),
    pages: (_cursor, listing) => listed(place, way, listing),
    ...(place.label === undefined && { lacking: (held) => lacking(place, way, held) }),
  };
}

async function* listed(place: Place, way: Way, listing?: ListingWay): AsyncGenerator<Page> {
  if (listing?.order === 'oldest')
    throw new UsageError(`${capital(place.words)} can be listed from the newest on alone.`);
  const warnings = cappedWarnings(way.context.report, 'Blogger');
  const posts = reader(place, way, warnings);
  try {
    const hasPages = place.label === undefined && !listing?.isAgain;
    const pages = hasPages ? await pagesOf(posts) : [];
    yield* walked(place, { ...posts, pages, isCounted: hasPages }, listing);
  } catch (error) {
    throw error instanceof NoFeed ? await whyNoFeed(error, place, way.context) : error;
  } finally {
    warnings.close();
  }
}

interface Walked extends PostsWay {
  /** A handful, which stand beside the posts. */
  readonly pages: readonly Post[];
  /** Of a part, in an archive that may hold the whole blog, the count tells nothing. */
  readonly isCounted: boolean;
}

/** The newest posts, the pages, all other posts: so whoever wants a few gets the newest. What is counted counts the pages, too. */
async function* walked(place: Place, way: Walked, listing?: ListingWay): AsyncGenerator<Page> {
  const { pages, isCounted, warnings } = way;
  let [met, isFirst] = [0, true];
  for await (const { total, ...page } of walk(postTimeline(way), listing)) {
    met += page.posts.length;
    yield isCounted && total !== undefined ? { ...page, total: total + pages.length } : page;
    if (isFirst && pages.length > 0) yield { posts: pages };
    isFirst = false;
  }
  if (isFirst && pages.length > 0) yield { posts: pages };
  const isAll = !listing || (listing.covered.length === 0 && !listing.after && !listing.before);
  if (isAll && met === 0 && place.label !== undefined) warnings.warn(`There is nothing in ${place.words}.`);
}

function reader(place: Place, { context, limit }: Way, warnings: Warnings): PostsWay {
  const { words } = place;
  const feed = new Feed({ place, context, warnings, limit });
  return { feed, words, warnings, reading: readingOf(place, warnings) };
}

function readingOf({ words, site }: Place, warnings: Warnings): Reading {
  let isTold = false;
  const onShort = () => {
    if (!isTold)
      warnings.skip(
        `${capital(words)} shows its posts shortened: its owner has set its feed so. What is only in the rest of a post is not met; a backup has all.`,
      );
    isTold = true;
  };
  const tell = (post: string, leftOut: LeftOut) => tellLeftOut(`Post ${post}`, leftOut, warnings);
  return { dialect: 'feed', base: site, onShort, tell };
}

const mostSlices = 100;

/** A blog has twenty pages or so; one that has no feed of them has none. */
async function pagesOf({ feed, ...way }: PostsWay): Promise<readonly Post[]> {
  const found = new Map<string, Post>();
  try {
    for (let [n, offset] = [0, 0]; n < mostSlices; n++) {
      const { entries, isLast } = await feed.slice('pages', { offset, until: null });
      const known = found.size;
      for (const post of postsOf(entries, way)) found.set(post.id, post);
      if (isLast || found.size === known) break;
      offset += entries.length;
    }
  } catch (error) {
    if (!(error instanceof NoFeed)) throw error;
  }
  return [...found.values()];
}

/** What was put in with an old date; pages have no place in the list of posts. */
async function* lacking(place: Place, way: Way, held: HeldPosts): AsyncGenerator<Page> {
  const warnings = cappedWarnings(way.context.report, 'Blogger');
  const posts = reader(place, way, warnings);
  try {
    const pages = await pagesOf(posts);
    const timeline = postTimeline(posts);
    const moments = async (of: (date: string) => number) =>
      without(
        await held.moments(of),
        pages.flatMap(({ date }) => (date === null ? [] : [of(date)])),
      );
    for await (const { total, ...page } of holes(timeline, { ...held, moments }))
      yield total === undefined ? page : { ...page, total: total + pages.length };
  } finally {
    warnings.close();
  }
}

/** Each of them once. */
function without(moments: Float64Array, others: readonly number[]): Float64Array {
  const left = new Map<number, number>();
  for (const moment of others) left.set(moment, (left.get(moment) ?? 0) + 1);
  return moments.filter((moment) => {
    const times = left.get(moment) ?? 0;
    if (times > 0) left.set(moment, times - 1);
    return times === 0;
  });
}

/** Is the blog gone, or its feed alone? */
async function whyNoFeed(
  error: NoFeed,
  { words, site }: Place,
  { fetch }: SourceContext,
): Promise<SourceError> {
  const url = error.url;
  const more = { cause: error, ...(url !== undefined && { url }) };
  const status = site === null ? undefined : await statusOf(site, fetch);
  const host = site === null ? undefined : new URL(site).host;
  if (status === 200)
    return new SourceError(
      `${capital(words)} is there, but has no feed: its owner has turned it off, or it is no blog of Blogger's. Its owner can back it up (Settings, Back up content): Oxbow reads the backup.`,
      more,
    );
  return new SourceError(
    `${capital(words)} is gone or has been renamed, or the name is mistyped: its server answers 404.${host === undefined ? '' : ` A blog that is gone may be in the web archive: wayback:${host}.`}`,
    more,
  );
}

/** Undefined where nobody answers. */
async function statusOf(address: string, fetch: SourceContext['fetch']): Promise<number | undefined> {
  try {
    const { status, body } = await fetch(address);
    body.destroy();
    return status;
  } catch (error) {
    if (error instanceof SourceError) return undefined;
    throw error;
  }
}
