import { AuthError, type OxbowError, QuotaError, SourceError } from '../../errors.ts';
import { shownAddress } from '../../shown.ts';
import { askFor, type Hearing, type Said, wordsOf } from '../hear.ts';
import { at, isObject, textAt, wholeOf } from '../json-path.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** One answer that is a list. */
export interface Rows {
  readonly rows: readonly unknown[];
  /**
   * How many there are in all, and on how many pages, where headers say so: caches drop them, and blogs that have been
   * told not to count for the sake of speed say that there are none.
   */
  readonly total: number | undefined;
  readonly pages: number | undefined;
}

export interface ApiWay {
  /** What is listed, as it stands in sentences. */
  readonly name: string;
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly warnings: Warnings;
}

/** The API said no, in words of its own, and will say it again: no trouble that passes. */
export class Refused extends SourceError {
  readonly status: number;
  readonly says: string;

  constructor(
    message: string,
    given: { readonly status: number; readonly says: string; readonly url: string },
  ) {
    super(message, { url: shownAddress(given.url) });
    this.status = given.status;
    this.says = given.says;
  }
}

/** The server itself has failed over this question, again and again; a smaller one may be within its means. */
export class Overstrained extends SourceError {}

/** It is shown to nobody who is not signed in. */
export class Closed extends AuthError {}

/**
 * An address of the API below a root: the root of a blog without pretty addresses is a query itself, to which all
 * further parameters are joined.
 */
export function addressOf(root: string, path: string, query: Query = {}): string {
  const url = new URL(root);
  const route = url.searchParams.get('rest_route');
  if (route !== null) url.searchParams.set('rest_route', `${route.replace(/\/*$/, '')}/${path}`);
  else url.pathname = `${url.pathname.replace(/\/*$/, '')}/${path}`;
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}

/** A list of the API; it may be called with a query that leads behind its end, which is an empty list. */
export function askRows(url: string, way: ApiWay): Promise<Rows> {
  const hearing = hearingOf(way);
  return askFor(
    {
      url,
      find: (value, said) => rowsIn(value, said, hearing),
      refusal: (said) => refusalOf(said, hearing),
      lacks: 'is no list, or an empty one where there should be some',
    },
    hearing,
  ).catch((error) => {
    if (error instanceof Refused && isBehindTheEnd(error))
      return { rows: [], total: undefined, pages: undefined };
    throw error;
  });
}

/** An object of the API, such as its index. */
export function askObject<T>(url: string, find: (value: unknown) => T | undefined, way: ApiWay): Promise<T> {
  const hearing = hearingOf(way);
  return askFor(
    {
      url,
      find(value, said) {
        throwIfRefused(value, said, hearing);
        return find(value);
      },
      refusal: (said) => refusalOf(said, hearing),
      lacks: 'is not what it should be',
    },
    hearing,
  );
}

const hearingOf = ({ name, context, warnings }: ApiWay): Hearing => ({
  name,
  context,
  warnings,
  skips: withoutNotices,
});

/** Notices of PHP may stand before the JSON. */
export function withoutNotices(text: string): string {
  if (/^\s*[[{<]\s*(?:"|[[{}\]]|!doctype|html)/i.test(text.slice(0, 200))) return text;
  const start = /[[{](?=\s{0,64}["{}\]])/.exec(text.slice(0, longestNotice));
  return start ? text.slice(start.index) : text;
}

const longestNotice = 65_536;

/** Media of posts that are not public are counted and not shown; of all posts some always are. */
const mayHide = /[?&](?:page|include|parent)=/;

function rowsIn(value: unknown, said: Said, hearing: Hearing): Rows | undefined {
  throwIfRefused(value, said, hearing);
  const total = wholeOf(said.headers['x-wp-total']);
  const pages = wholeOf(said.headers['x-wp-totalpages']);
  const rows = Array.isArray(value) ? value : numbered(value);
  const isLie = rows?.length === 0 && (total ?? 0) > 0 && !mayHide.test(said.url);
  if (rows === undefined || isLie) return undefined;
  const isCounted = pages !== 0 || rows.length === 0;
  return isCounted ? { rows, total, pages } : { rows, total: undefined, pages: undefined };
}

/** A list out of which a plugin has taken some comes with the numbers of the others. */
function numbered(value: unknown): readonly unknown[] | undefined {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^\d{1,6}$/.test(key)) ? Object.values(value) : undefined;
}

/** Behind some proxies all is 200 outside. */
function throwIfRefused(value: unknown, said: Said, hearing: Hearing): void {
  const inside = wholeOf(at(value, ['data', 'status']), 599);
  if (textAt(value, [['code']], 200) !== undefined && inside !== undefined && inside >= 400 && inside < 500)
    throw refusalOf({ ...said, status: inside }, hearing);
}

function refusalOf({ status, url, value }: Said, hearing: Hearing): OxbowError {
  const says = textAt(value, [['code'], ['error']], 200) ?? '';
  const words = wordsOf(textAt(value, [['message']], 10_000), hearing);
  const why = `(${status}${words})`;
  if (status === 401 || status === 403)
    return new Closed(
      `${hearing.name} does not show its posts by its API to people who are not signed in ${why}: it is private, or its API is closed, and its feed may be open still.`,
    );
  if (status === 404 || status === 410)
    return new Refused(
      `${hearing.name} is gone, or was never there: its API answers ${why}. A blog that is gone may be in the web archive: wayback: and its host.`,
      { status, says, url },
    );
  const message = `${hearing.name} cannot be listed: its API refuses ${why}.`;
  return status < 500
    ? new Refused(message, { status, says, url })
    : new Overstrained(`${message} A later run may fare better; --source feed reads its feed alone.`, {
        url: shownAddress(url),
      });
}

/** May it be that too much was asked for at a time? Some hosts allow less than WordPress does, or can do less. */
export const isTooMuch = (error: unknown): boolean =>
  error instanceof Overstrained || (error instanceof Refused && error.status === 400);

/** Is there trouble that may pass, rather than a refusal? */
export const hasTrouble = (error: unknown): boolean =>
  error instanceof QuotaError || error instanceof Overstrained;

const isBehindTheEnd = ({ says }: Refused) => /^rest_\w{1,40}_invalid_page_number$/.test(says);
