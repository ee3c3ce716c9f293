import type { Cookie, CookieJar } from 'tough-cookie';
import { UsageError } from '../errors.ts';

interface Stored {
  readonly domain: string;
  readonly subdomains: boolean;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** null: until the end of the session. */
  readonly expires: Date | null;
  readonly key: string;
  readonly value: string;
}

/** Reads a cookie file of the Netscape kind, as browsers export it. Its values are never repeated in a message. */
export function readCookieFile(text: string, file: string): readonly Stored[] {
  const stored: Stored[] = [];
  for (const [i, content] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const httpOnly = content.startsWith('#HttpOnly_');
    const line = httpOnly ? content.slice('#HttpOnly_'.length) : content;
    if (line.startsWith('#') || line.trim() === '') continue;
    const [domain = '', subdomains, path, secure, until = '', key, value = ''] = line.split('\t');
    if (!domain || !path?.startsWith('/') || key === undefined || !/^\d+(\.\d+)?$/.test(until))
      throw new UsageError(
        `${file}, line ${i + 1}: it is not a cookie of the Netscape kind (7 fields by tabs).`,
      );
    stored.push({
      domain: domain.replace(/^\./, '').toLowerCase(),
      subdomains: subdomains === 'TRUE' || domain.startsWith('.'),
      path,
      secure: secure === 'TRUE',
      httpOnly,
      expires: Number(until) === 0 ? null : new Date(Number(until) * 1000),
      key,
      value,
    });
  }
  return stored;
}

/** What a host may make us remember, and bytes of cookies that a server need bear. */
const MOST_OF_A_HOST = 50;
const MOST_BYTES = 8 * 1024;

function headerOf(cookies: readonly Cookie[]): string {
  let header = '';
  for (const cookie of cookies) {
    const longer = header === '' ? cookie.cookieString() : `${header}; ${cookie.cookieString()}`;
    if (longer.length <= MOST_BYTES) header = longer;
  }
  return header;
}

/** A jar for each scope: cookies know hosts but no ports, so those of one port must not reach another. */
export function openJars(stored: readonly Stored[]) {
  const jars = new Map<string, CookieJar>();
  let library: Promise<typeof import('tough-cookie')> | undefined; // most runs do without
  return {
    async cookiesFor(url: URL, scope: string): Promise<string> {
      library ??= import('tough-cookie');
      const tough = await library;
      const jar = jars.get(scope) ?? filledJar(stored, tough);
      jars.set(scope, jar);
      return headerOf(orNothing(() => jar.getCookiesSync(url.href)) ?? []);
    },
    learn(url: URL, scope: string, lines: readonly string[]): void {
      const jar = jars.get(scope);
      const known = orNothing(() => jar?.getCookiesSync(url.href).length) ?? 0;
      for (const line of lines.slice(0, Math.max(0, MOST_OF_A_HOST - known)))
        orNothing(() => jar?.setCookieSync(line, url.href));
    },
  };
}

/** Secure cookies stay off plain http on the own machine, too. */
function filledJar(stored: readonly Stored[], tough: typeof import('tough-cookie')): CookieJar {
  const jar = new tough.CookieJar(undefined, { allowSecureOnLocal: false });
  for (const one of stored) keep(jar, one, tough.Cookie);
  return jar;
}

function keep(jar: CookieJar, stored: Stored, Kind: typeof Cookie): void {
  const { domain, subdomains, path, secure, httpOnly, expires, key, value } = stored;
  const cookie = new Kind({
    key,
    value,
    domain,
    path,
    secure,
    httpOnly,
    hostOnly: !subdomains,
    expires: expires ?? 'Infinity',
  });
  orNothing(() => jar.setCookieSync(cookie, `${secure ? 'https' : 'http'}://${domain}${path}`));
}

/** The library throws where a cookie, or a host, is one that can have none: then there is none. */
function orNothing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
