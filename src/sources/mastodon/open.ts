import { SourceError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { at, isObject, wholeOf } from '../json-path.ts';
import type { Listing, ListingWay, SourceContext } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { walk } from '../timeline.ts';
import { cappedWarnings } from '../warnings.ts';
import { apiAt, type Found, findAccount, movedTo, type Way } from './account.ts';
import type { Api } from './api.ts';
import { openArchive } from './archive.ts';
import { isArchivePath } from './archive-look.ts';
import { schemeOf } from './ids.ts';
import { type Leaf, StatusList } from './leaf.ts';
import { byCursors, StatusTimeline } from './listing.ts';
import { type PostWay, readStatus } from './post.ts';
import { blogOf, profileOf } from './profile.ts';
import { type MastodonSettings, readSettings } from './settings.ts';
import { inWords, type Place, readTarget } from './target.ts';

/** What a target names: an account on some server, one of its posts, or its archive on the disk. */
export async function openMastodon(target: string, context: SourceContext): Promise<Listing> {
  const own = readSettings(context.settings);
  const path = withoutPrefix('mastodon', target);
  if (isArchivePath(path)) return openArchive(path, { own, context });
  const place = readTarget(target);
  return place.post === null ? openAccount(place, { own, context }) : openPost(place, { own, context });
}

interface Opening {
  readonly own: MastodonSettings;
  readonly context: SourceContext;
}

/** Two questions: who it is, and how the list begins. By what stands there it is known in which way it can be read. */
async function openAccount(place: Place, opening: Opening): Promise<Listing> {
  const { own } = opening;
  const warnings = cappedWarnings(opening.context.report, inWords(place));
  const way: Way = { ...opening, warnings };
  const found = await findAccount(place, way);
  const moved = movedTo(found.account);
  if (moved !== undefined)
    warnings.warn(
      `${inWords(place)} has moved to ${moved}: what is listed is what was posted before; name that account for the rest.`,
    );
  const list = listOf(found, way);
  const begin = await beginning(list, found, way);
  const scheme = schemeOf(begin.posts);
  let first: Leaf | undefined = begin; // told once: whoever lists again wants news
  const pages = (cursor: unknown, listing?: ListingWay) => {
    const known = first;
    first = undefined;
    return told(list, found, way, {
      isBeginning: cursor === undefined || cursor === null || scheme !== undefined,
      pages: scheme
        ? walk(new StatusTimeline(list, scheme, known), widened(listing))
        : byCursors({ list, first: known }, cursor ?? undefined, listing),
    });
  };
  return {
    name: place.name,
    trusted: [own.api, place.base].filter((one) => one !== undefined),
    listedAs: listedAs(place, found.api, own),
    isNewestFirst: scheme === undefined,
    pages,
    close: async () => warnings.close(),
  };
}

/**
 * With a token the same server shows more, and settings have more taken of what it shows: how far it was listed without
 * them says nothing of what they bring.
 */
function listedAs({ name }: Place, { host, hasToken }: Api, own: MastodonSettings): string {
  const more = [hasToken && 'a token', own.hasDirect && 'direct messages', own.hasCards && 'cards'];
  const all = more.filter((one) => one !== false).join(', ');
  return `${name}${own.api === undefined ? '' : ` at ${host}`}${all === '' ? '' : ` with ${all}`}`;
}

/** Servers have had such ids since then at the latest; what is older may stand anywhere before it, by its id. */
const sinceWhen = '2020-01-01T00:00:00.000Z';

function widened(listing?: ListingWay): ListingWay | undefined {
  const isEarly = (date?: string | null) =>
    typeof date === 'string' && Date.parse(date) < Date.parse(sinceWhen);
  if (!listing) return undefined;
  const { after = null, before = null } = listing;
  return { ...listing, after: isEarly(after) ? null : after, before: isEarly(before) ? sinceWhen : before };
}

const postWayOf = ({ api }: Pick<Found, 'api'>, { own }: Way): PostWay => ({
  host: api.host,
  base: api.base,
  hasCards: own.hasCards,
});

const listOf = (found: Found, way: Way): StatusList =>
  new StatusList({
    ...{ api: found.api, account: found.account.id, warnings: way.warnings },
    ...{ post: postWayOf(found, way), hasDirect: way.own.hasDirect },
  });

/** Nothing where something is counted may be a blip; asked twice it is rather that all is for followers alone. */
async function beginning(list: StatusList, { account, api }: Found, { warnings }: Way): Promise<Leaf> {
  const leaf = await list.read('newest', undefined);
  const stated = wholeOf(account.raw.statuses_count) ?? 0;
  if (leaf.ids.length > 0 || leaf.link !== undefined || stated === 0) return leaf;
  const again = await list.read('newest', undefined);
  if (again.ids.length === 0)
    warnings.warn(
      `${api.hearing.name} has ${counted(stated, 'post')} by its own count, and ${api.host} shows none of them: they are for followers alone, or gone.`,
    );
  return again;
}

interface Telling {
  readonly isBeginning: boolean;
  readonly pages: AsyncIterable<Page>;
}

/** The first page brings what is known of the account, too; at the end it is said what was left out. */
async function* told(list: StatusList, found: Found, way: Way, telling: Telling): AsyncGenerator<Page> {
  const { own, warnings } = way;
  const profile = own.hasProfile ? profileOf(found.account, postWayOf(found, way)) : undefined;
  let isFirst = telling.isBeginning;
  for await (const page of telling.pages) {
    const posts = isFirst && profile ? [profile, ...page.posts] : page.posts;
    yield { ...page, posts, ...(isFirst && { blog: blogOf(found.account) }) };
    isFirst = false;
  }
  const direct = list.takeDirect();
  if (direct > 0)
    warnings.warn(
      `${counted(direct, 'direct message')} left out; with sources.mastodon.direct=true they are archived, too.`,
    );
}

/** One post says nothing of what else there is. */
async function openPost(place: Place, opening: Opening): Promise<Listing> {
  const warnings = cappedWarnings(opening.context.report, inWords(place));
  const way: Way = { ...opening, warnings };
  const api = apiAt(opening.own.api ?? place.base, place, way);
  const postWay = postWayOf({ api }, way);
  const ask = () =>
    api.ask(`/api/v1/statuses/${encodeURIComponent(place.post!)}`, {}, (value) =>
      isObject(value) ? readStatus(value, postWay) : undefined,
    );
  let first: Awaited<ReturnType<typeof ask>> | undefined = await ask();
  if (at(first.raw, ['visibility']) === 'direct' && !opening.own.hasDirect)
    throw new SourceError(
      `The post ${quoted(place.post!, 64)} is a direct message; sources.mastodon.direct=true archives it all the same.`,
    );
  return {
    name: place.name,
    trusted: [opening.own.api, place.base].filter((one) => one !== undefined),
    listedAs: place.name,
    async *pages() {
      const post = first ?? (await ask());
      first = undefined;
      yield { posts: [post] };
    },
    close: async () => warnings.close(),
  };
}
