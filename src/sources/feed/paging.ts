import { isAddress } from '../address.ts';
import { isObject, type JsonObject, wholeOf } from '../json-path.ts';
import type { DocumentFacts } from './document.ts';

/** The page of a feed that comes next. */
export interface NextPage {
  readonly next: string;
  /** Nothing says that it is there: the software is known to have it. How many pages there are by then. */
  readonly guess?: number;
}

/** Where the entries are that are older than those of a page: as the feed says, else where its software is known to have them. */
export function nextPage(
  { next, isComplete, generator = '' }: DocumentFacts,
  { next: at, guess = 1 }: NextPage,
): NextPage | undefined {
  if (next !== undefined && isAddress(next)) return { next };
  if (isComplete || !URL.canParse(at)) return undefined;
  const url = new URL(at);
  const page = guess + 1;
  if (/wordpress/i.test(generator)) {
    url.searchParams.set('paged', String(page));
    return { next: url.href, guess: page };
  }
  const [, place] = /^(.*\/rss)(?:\/\d{1,9})?\/?$/.exec(url.pathname) ?? [];
  if (!/\bghost\b/i.test(generator) || place === undefined) return undefined;
  url.pathname = `${place}/${page}/`;
  return { next: url.href, guess: page };
}

/** The page that comes next, and the one that was read before it. */
export interface ReadFrom extends NextPage {
  readonly read?: NextPage | undefined;
}

/** Where a listing stands: at a page, or among the captures of its feed, which are read from the newest one back. */
export type Cursor =
  | ReadFrom
  | { readonly captures: { readonly before: string | null; readonly newest: string | null } };

/** A cursor of an earlier run; nothing where it is none that this version wrote. */
export function readCursor(given: unknown): Cursor | undefined {
  if (!isObject(given)) return undefined;
  const { captures, read } = given;
  const page = pageIn(given);
  if (page) return { ...page, read: isObject(read) ? pageIn(read) : undefined };
  if (!isObject(captures)) return undefined;
  const { before, newest } = captures;
  const isMoment = (text: unknown): text is string | null =>
    text === null || (typeof text === 'string' && /^\d{4,14}$/.test(text));
  return isMoment(before) && isMoment(newest) ? { captures: { before, newest } } : undefined;
}

function pageIn({ next, guess }: JsonObject): NextPage | undefined {
  if (typeof next !== 'string' || !isAddress(next) || !URL.canParse(next)) return undefined;
  const page = wholeOf(guess, 1e9);
  return page === undefined ? { next } : { next, guess: page };
}
