import { AuthError, SourceError, UsageError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { holes } from '../holes.ts';
import { textAt } from '../json-path.ts';
import type { HeldPosts, Listing, ListingWay, Source, SourceContext } from '../source.ts';
import { kindOfEntry, nothingAt, withoutPrefix } from '../target.ts';
import { type Timeline, walk } from '../timeline.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { Api, Unknown } from './api.ts';
import { claimsExport, openExport } from './export.ts';
import { openLarger } from './larger.ts';
import { type PostList, PostTimeline, wholeIn } from './listing.ts';
import { needsKey, type OtherWays } from './other-ways.ts';
import { momentOf } from './post.ts';
import { readSettings, settings, type TumblrSettings } from './settings.ts';
import { claimsTumblr, type Place, readTarget } from './target.ts';
import { v1Timeline } from './v1.ts';

/** A blog on Tumblr, a tag of it, a post, its likes, a tag over all blogs; an export of a blog. */
export const tumblr: Source = tumblrSource({ v1Timeline, claimsExport, openExport });

export function tumblrSource(ways: OtherWays): Source {
  const isExport = (target: string) => {
    const path = withoutPrefix('tumblr', target);
    return ways.claimsExport(path) || (isPath(path) && kindOfEntry(path) !== undefined);
  };
  return {
    name: 'tumblr',
    takes: 'a blog on Tumblr: its address or tumblr: and its name; also a tag, a post, likes, an export',
    settings,
    claims: (target) => claimsTumblr(target) || ways.claimsExport(target),
    nameOf: (target) => (isExport(target) ? null : nameOf(target)),
    async open(target, context) {
      const own = readSettings(context.settings);
      if (isExport(target)) return ways.openExport(withoutPrefix('tumblr', target), context);
      return openPlace(placeOf(target), { own, context, ways });
    },
  };
}

function nameOf(target: string): string | null {
  try {
    return readTarget(target).name;
  } catch (error) {
    if (error instanceof UsageError) return null; // opening it will say why
    throw error;
  }
}

/** A mistyped path would else be the host of a blog: `export.zip` looks like one. */
function placeOf(target: string): Place {
  const text = withoutPrefix('tumblr', target);
  if (isPath(text)) throw nothingAt(text);
  return readTarget(target);
}

const isPath = (text: string): boolean => /^[./~]/.test(text) || /^[^:]*\.zip$/i.test(text);

interface Way {
  readonly own: TumblrSettings;
  readonly context: SourceContext;
  readonly ways: OtherWays;
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
    larger: openLarger(way.context),
    pages: (_cursor, listing) => listed(place, way, listing),
    ...(place.kind === 'blog' && { lacking: (held) => lacking(place, way, held) }),
  };
}

async function* listed(place: Place, way: Way, listing?: ListingWay): AsyncGenerator<Page> {
  if (listing?.order === 'oldest' && (place.kind === 'likes' || place.kind === 'tagged'))
    throw new UsageError(`${capital(inWords(place))} can be listed from the newest on alone.`);
  const warnings = cappedWarnings(way.context.report, 'Tumblr');
  const { timeline, foresee, nameNow } = timelineOf(place, way, warnings);
  try {
    if (place.kind === 'post') yield await alone(timeline, place);
    else {
      for await (const page of walk(timeline, listing)) {
        if (isWhole(listing)) foresee(page.total ?? 0);
        yield page;
      }
    }
  } catch (error) {
    throw (error instanceof Unknown && (await renamed(place, listing?.blogId, nameNow))) || error;
  } finally {
    warnings.close();
  }
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
    yield* holes(timelineOf(place, way, warnings).timeline, held);
  } finally {
    warnings.close();
  }
}

/** One post says nothing of what else there is. */
async function alone(timeline: Timeline, place: Place): Promise<Page> {
  const { posts } = await timeline.page('newest', null);
  if (posts.length === 0) throw new SourceError(`There is no ${inWords(place)}.`);
  return { posts };
}

/** Is all of it to be listed? Of a part nobody knows beforehand how many calls it takes. */
const isWhole = (way?: ListingWay): boolean =>
  !way || (way.covered.length === 0 && !way.after && !way.before);

interface Listable {
  readonly timeline: Timeline;
  /** Hears how many posts there are. */
  readonly foresee: (total: number) => void;
  /** What the blog of an id is called; undefined if nobody says so. */
  readonly nameNow: (id: string) => Promise<string | undefined>;
}

function timelineOf(place: Place, { own, context, ways }: Way, warnings: Warnings): Listable {
  const { tag, id } = place;
  if (own.key === undefined) {
    const way = { context, warnings, ...(tag !== undefined && { tag }), ...(id !== undefined && { id }) };
    return {
      timeline: ways.v1Timeline(own.v1 ?? place.site!, way),
      foresee: () => undefined,
      nameNow: async () => undefined,
    };
  }
  const name = inWords(place);
  const api = new Api({ base: own.api, key: own.key, name, context, warnings });
  const list = listOf(place, own);
  let isFirst = true;
  return {
    timeline: new PostTimeline(list, { api, warnings, name }),
    foresee(total) {
      if (isFirst) api.foresee(Math.ceil(total / (list.limit - 1)) - 1);
      isFirst = false;
    },
    nameNow: (id) =>
      api.ask(`/blog/${inPath(id)}/info`, {}, (response) => textAt(response, [['blog', 'name']], 100)),
  };
}

/** The newest posts of a tag over all of Tumblr come no more than so many at a time. */
const mostTagged = 20;

function listOf({ kind, blog, tag, id }: Place, { limit, npf }: TumblrSettings): PostList {
  const of = `/blog/${inPath(blog ?? '')}`;
  const query = { npf: String(npf), reblog_info: 'true' };
  const isLinked = true;
  if (kind === 'tagged')
    return {
      ...{ path: '/tagged', query: { npf: String(npf), tag }, posts: '' },
      ...{
        moment: (raw) => wholeIn(raw, 'featured_timestamp') ?? momentOf(raw),
        isTwoWay: false,
        isLinked: false,
      },
      limit: Math.min(limit, mostTagged),
    };
  if (kind === 'likes')
    return {
      ...{ path: `${of}/likes`, query, posts: 'liked_posts', total: 'liked_count' },
      ...{ moment: (raw) => wholeIn(raw, 'liked_timestamp'), isTwoWay: false, isLinked, limit },
    };
  return {
    ...{ path: `${of}/posts`, query: { ...query, tag, id }, posts: 'posts', total: 'total_posts' },
    ...{ moment: momentOf, isTwoWay: true, isLinked, limit },
  };
}

const inPath = (blog: string): string => encodeURIComponent(blog).replaceAll('%3A', ':');

function inWords({ kind, blog, tag, id }: Place): string {
  const words = {
    blog: `the blog ${blog}`,
    'tag of blog': `the tag ${quoted(tag ?? '', 100)} of ${blog}`,
    post: `post ${id} of ${blog}`,
    likes: `the likes of ${blog}`,
    tagged: `the tag ${quoted(tag ?? '', 100)}`,
  };
  return words[kind];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
