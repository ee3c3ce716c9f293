import { readHeader } from '../readers.ts';
import { openJars, readCookieFile } from './cookies.ts';
import { readGiven } from './given-file.ts';
import { placeOf } from './guard.ts';
import { type NetrcEntry, readNetrc } from './netrc.ts';

export interface CredentialOptions {
  readonly header: readonly string[];
  readonly netrc: string | null;
  readonly cookies: string | null;
}

export type Headers = Readonly<Record<string, string>>;

/** What belongs to an origin goes to it, and to no other; each hop of a redirect is asked for anew. */
export interface Credentials {
  /** After a hop over TLS, `plain` says that what is typed or learnt must not follow over an open line. */
  headersFor(url: URL, plain: { readonly downgraded: boolean }): Promise<Headers>;
  learn(url: URL, lines: readonly string[] | undefined): void;
}

/** `owners` are the origins that the user gave: scheme, host and port. */
export function openCredentials(options: CredentialOptions, owners: ReadonlySet<string>): Credentials {
  const lines = options.header.map(readHeader);
  const linesFor = (url: URL) => [
    ...lines.filter(({ origin }) => origin === null && owners.has(url.origin)),
    ...lines.filter(({ origin }) => origin === url.origin),
  ];
  const logins = options.netrc === null ? [] : readGiven(options.netrc, 'netrc', readNetrc);
  const stored = options.cookies === null ? null : readGiven(options.cookies, 'cookies', readCookieFile);
  const jars = stored && openJars(stored);

  /** Files know no ports: what they hold goes to the usual ones, and to exactly the origins that the user gave. */
  const scopeOf = (url: URL) => (url.port === '' ? 'usual' : owners.has(url.origin) ? url.origin : undefined);

  function login(url: URL): Headers {
    const entry = scopeOf(url) && loginFor(placeOf(url).host, logins, owners.has(url.origin));
    if (!entry) return {};
    const pair = Buffer.from(`${entry.login}:${entry.password}`).toString('base64');
    return { authorization: `Basic ${pair}` };
  }

  return {
    async headersFor(url, { downgraded }) {
      const headers: Record<string, string> = downgraded ? {} : { ...login(url) };
      for (const { name, value } of linesFor(url)) headers[name] = value;
      const scope = scopeOf(url);
      const cookies = jars && scope && !downgraded && (await jars.cookiesFor(url, scope));
      if (cookies) headers.cookie = headers.cookie ? `${headers.cookie}; ${cookies}` : cookies;
      return headers;
    },
    learn(url, lines) {
      const scope = scopeOf(url);
      if (lines && scope) jars?.learn(url, scope, lines);
    },
  };
}

/** The entry for all hosts is meant for those that the user named, not for whatever a post links to. */
function loginFor(host: string, logins: readonly NetrcEntry[], isOwner: boolean): NetrcEntry | undefined {
  return (
    logins.find(({ machine }) => machine === host) ??
    (isOwner ? logins.find(({ machine }) => machine === null) : undefined)
  );
}
