import { AuthError, type OxbowError, SourceError } from '../../errors.ts';
import type { BlogFacts } from '../../model.ts';
import { shownAddress } from '../../shown.ts';
import { askFor, type Hearing, type Said } from '../hear.ts';
import { at, elements, isObject, type JsonObject, textAt, wholeOf } from '../json-path.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import type { Place } from './target.ts';

export interface FeedWay {
  readonly place: Place;
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly warnings: Warnings;
  /** How many entries are asked for at a time; the server decides how many come. */
  readonly limit: number;
}

/** A part of a feed, which is a list from the newest on. */
export interface Slice {
  readonly entries: readonly unknown[];
  /** Is there nothing behind it? */
  readonly isLast: boolean;
  /** How many there are of what was asked for. */
  readonly total: number | undefined;
  readonly blog: BlogFacts | undefined;
}

export interface Wanted {
  /** From 0 on. */
  readonly offset: number;
  /** Nothing that is newer; in seconds. */
  readonly until: number | null;
  readonly num?: number;
}

/** There is no such feed. */
export class NoFeed extends SourceError {}

/** Asks the feeds of a blog in JSON. What they say in place of entries becomes an error, never an empty blog. */
export class Feed {
  readonly #way: FeedWay;
  readonly #hearing: Hearing;

  constructor(way: FeedWay) {
    this.#way = way;
    const { place, context, warnings } = way;
    const fetch = openFetch(context.fetch, place);
    this.#hearing = { name: place.words, context: { ...context, fetch }, warnings };
  }

  /** The newest first; posts, or the pages that stand beside them. */
  slice(of: 'posts' | 'pages', wanted: Wanted): Promise<Slice> {
    const url = this.#address(of, wanted);
    const isAll = wanted.offset === 0 && wanted.until === null;
    return askFor(
      {
        url,
        find: (value) => sliceIn(value, wanted.offset, isAll),
        refusal: (said) => refusalOf(said, this.#way.place),
        lacks: 'is no feed, or one without the entries that it counts',
      },
      this.#hearing,
    );
  }

  #address(of: 'posts' | 'pages', { offset, until, num }: Wanted): string {
    const { place, limit } = this.#way;
    const label = of === 'posts' && place.label !== undefined ? `/-/${encodeURIComponent(place.label)}` : '';
    const url = new URL(`${place.feeds}/${of}/default${label}`);
    const query = {
      alt: 'json',
      redirect: 'false',
      orderby: 'published',
      'max-results': String(num ?? limit),
      'start-index': String(offset + 1),
      ...(until !== null && { 'published-max': boundOf(until) }),
    };
    url.search = new URLSearchParams(query).toString();
    return url.href;
  }
}

const latest = 253_402_300_798; // no later year has four digits

/** The bound itself is left out by the server, so it is the next second. */
const boundOf = (seconds: number): string =>
  new Date(Math.max(-62_135_596_800, Math.min(seconds + 1, latest)) * 1000).toISOString().replace('.000', '');

function sliceIn(value: unknown, offset: number, isAll: boolean): Slice | undefined {
  const feed = at(value, ['feed']);
  if (!isObject(feed)) return undefined;
  const given = at(feed, ['entry']);
  const isList = Array.isArray(given) || isObject(given); // one alone may stand without a list
  const entries = Array.isArray(given) ? given : isList ? [given] : [];
  const total = wholeOf(textAt(feed, [['openSearch$totalResults']], 16));
  const isFeed = isList || total !== undefined || textAt(feed, [['id']], 300) !== undefined;
  if (!isFeed || (isAll && entries.length === 0 && (total ?? 0) > 0)) return undefined;
  const hasNext = elements(feed.link)
    .slice(0, 1000)
    .some((link) => at(link, ['rel']) === 'next');
  const isLast =
    entries.length === 0 || (!hasNext && total !== undefined && offset + entries.length >= total);
  return { entries, isLast, total, blog: blogIn(feed) };
}

const ofPart = new Set([
  'entry',
  'link',
  'openSearch$startIndex',
  'openSearch$itemsPerPage',
  'openSearch$totalResults',
]);

function blogIn(feed: JsonObject): BlogFacts | undefined {
  const [, id] = /:blog-(\d{1,25})(?:\.|$)/.exec(textAt(feed, [['id']], 300) ?? '') ?? [];
  if (id === undefined) return undefined;
  const raw = Object.fromEntries(
    Object.entries(feed).filter(([key]) => !ofPart.has(key) && key !== '__proto__'),
  );
  return { id, raw, passing: ['updated', 'author.*.gd$image'] };
}

/** A private blog leads to a page for signing in, and one with a warning before it to that. */
function openFetch(fetch: SourceContext['fetch'], place: Place): SourceContext['fetch'] {
  return async (...asked) => {
    const answer = await fetch(...asked);
    const refusal = gateOf(answer.url, place);
    if (!refusal) return answer;
    answer.body.destroy();
    throw refusal;
  };
}

const login =
  /^https?:\/\/(?:accounts\.google\.com\/|[^/]{1,255}\/(?:blogin\.g|ServiceLogin|login\.g)(?:[?#]|$))/;
const warning = /^https?:\/\/[^/]{1,255}\/(?:age-verification\.g|interstitial)(?:[?#]|$)/;

function gateOf(url: string, { words }: Place): OxbowError | undefined {
  const start = url.slice(0, 600);
  if (login.test(start))
    return new AuthError(
      `${capital(words)} is private: its server leads to a page for signing in. ${remedy}`,
    );
  if (warning.test(start))
    return new SourceError(
      `${capital(words)} cannot be listed: a warning stands before it, which only people can confirm. ${remedy}`,
    );
  return undefined;
}

const remedy = 'Its owner can back it up (Settings, Back up content): Oxbow reads the backup.';

function refusalOf({ status, url }: Said, { words }: Place): OxbowError | undefined {
  if (status === 401 || status === 403)
    return new AuthError(
      `${capital(words)} is private, or refuses to show its posts: its server answers ${status}. ${remedy}`,
    );
  if (status === 404 || status === 410)
    return new NoFeed(`${capital(words)} has no feed: its server answers ${status}.`, {
      url: shownAddress(url),
    });
  return undefined;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
