import { AuthError, SourceError, UsageError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { holes } from '../holes.ts';
import type { HeldPosts, Listing, ListingWay, SourceContext } from '../source.ts';
import { nothingAt, withoutPrefix } from '../target.ts';
import { type Timeline, walk } from '../timeline.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { Unknown } from './api.ts';
import { openExport } from './export.ts';
import { isExportPath, isPath } from './export-look.ts';
import { openLarger } from './larger.ts';
import { capital, inWords, type Listable, timelineOf } from './lists.ts';
import { readSettings, type TumblrSettings } from './settings.ts';
import { type Place, readTarget } from './target.ts';

/** What a target names on Tumblr, or beside it. */
export async function openTumblr(target: string, context: SourceContext): Promise<Listing> {
  const own = readSettings(context.settings);
  const path = withoutPrefix('tumblr', target);
  if (isExportPath(path)) return openExport(path, context);
  return openPlace(placeOf(target), { own, context });
}

/** A mistyped path would else be the host of a blog: `export.zip` looks like one. */
function placeOf(target: string): Place {
  const text = withoutPrefix('tumblr', target);
  if (isPath(text)) throw nothingAt(text);
  return readTarget(target);
}

interface Way {
  readonly own: TumblrSettings;
  readonly context: SourceContext;
}

/** Asks nobody: the first page does, when the archive has its name. */
function openPlace(place: Place, way: Way): Listing {
  const { own } = way;
  const isOpenToAll = place.kind !== 'likes' && place.kind !== 'tagged' && (own.v1 ?? place.site) !== null;
  if (own.key === undefined && !isOpenToAll) throw new AuthError(needsKey(capital(inWords(place))));
  return {
    name: place.name,
    trusted: [own.ownApi, own.v1, place.site].filter((address) => typeof address === 'string'),
    isUnchecked: true,
    listedAs: place.name,
    larger: openLarger(way.context),
    pages: (_cursor, listing) => listed(place, way, listing),
    ...(place.kind === 'blog' && { lacking: (held) => lacking(place, way, held) }),
  };
}

const needsKey = (what: string): string =>
  `${what} can be listed with an API key alone: 'oxbow auth tumblr' says how to get one, and stores it; the setting is sources.tumblr.key.`;

async function* listed(place: Place, way: Way, listing?: ListingWay): AsyncGenerator<Page> {
  if (listing?.order === 'oldest' && (place.kind === 'likes' || place.kind === 'tagged'))
    throw new UsageError(`${capital(inWords(place))} can be listed from the newest on alone.`);
  const warnings = cappedWarnings(way.context.report, 'Tumblr');
  const list = timelineOf(place, { ...way, warnings });
  if (way.own.key === undefined && listing?.blogId !== undefined)
    warnings.warn(
      `${capital(inWords(place))} was listed with an API key before; without one the older API is read, which tells less.`,
    );
  try {
    if (place.kind === 'post') yield await alone(list.timeline, place);
    else yield* walked(place, { ...list, warnings }, listing);
  } catch (error) {
    throw (error instanceof Unknown && (await renamed(place, listing?.blogId, list.nameNow))) || error;
  } finally {
    warnings.close();
  }
}

/** A tag or likes without a post are a mistake more often than an empty blog is. */
async function* walked(
  place: Place,
  { timeline, foresee, warnings }: Listable & { readonly warnings: Warnings },
  listing?: ListingWay,
): AsyncGenerator<Page> {
  const isAll = isWhole(listing);
  let posts = 0;
  for await (const page of walk(timeline, listing)) {
    if (isAll) foresee(page.total ?? 0);
    posts += page.posts.length;
    const { total: _, ...part } = page; // in an archive that may hold the whole blog, the count of a part tells nothing
    yield place.kind === 'blog' ? page : part;
  }
  if (isAll && posts === 0 && place.kind !== 'blog') warnings.warn(`There is nothing in ${inWords(place)}.`);
}

/** A blog that has another name by now is known by its id, which the archive has from earlier runs. */
async function renamed(
  place: Place,
  id: string | undefined,
  nameNow: Listable['nameNow'],
): Promise<SourceError | undefined> {
  const name = id === undefined ? undefined : await nameNow(id).catch(() => undefined); // then it is gone
  if (name === undefined || name === place.blog) return undefined;
  return new SourceError(
    `${capital(inWords(place))} has been renamed: it is called ${quoted(name, 100)} now. 'oxbow tumblr:NAME -D DIR' with that name and the folder of this archive goes on.`,
  );
}

/** What was put in with an old date. */
async function* lacking(place: Place, way: Way, held: HeldPosts): AsyncGenerator<Page> {
  const warnings = cappedWarnings(way.context.report, 'Tumblr');
  try {
    yield* holes(timelineOf(place, { ...way, warnings }).timeline, held);
  } finally {
    warnings.close();
  }
}

/** One post says nothing of what else there is. */
async function alone(timeline: Timeline, place: Place): Promise<Page> {
  const { posts } = await timeline.page('newest', null).catch((error) => {
    throw error instanceof Unknown
      ? new SourceError(`There is no ${inWords(place)}, or no such blog.`)
      : error;
  });
  if (posts.length === 0) throw new SourceError(`There is no ${inWords(place)}.`);
  return { posts };
}

/** Is all of it to be listed? Of a part nobody knows beforehand how many calls it takes. */
const isWhole = (way?: ListingWay): boolean =>
  !way || (way.covered.length === 0 && !way.after && !way.before);
