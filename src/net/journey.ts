import { RefusedScheme } from './guard.ts';
import { basic } from './proxy.ts';

/** Where a request is on its way, and what it has seen. */
export interface Journey {
  readonly url: URL;
  /** User and password that an address bore, for its own origin alone. */
  readonly login: { readonly origin: string; readonly headers: Readonly<Record<string, string>> } | undefined;
  /** Has a hop gone over TLS? */
  readonly wasSecure: boolean;
  /** Has it left the origin where it began? */
  readonly strayed: boolean;
}

/** The first address is looked at like all others. */
export function journeyTo(address: string): Journey {
  if (!URL.canParse(address)) throw new RefusedScheme('it is no address of the web');
  const url = vetted(new URL(address));
  return { ...withoutLogin(url), wasSecure: false, strayed: false };
}

export function onwards(before: Journey, to: URL): Journey {
  const { url, login } = withoutLogin(vetted(to));
  return {
    url,
    login: login ?? before.login,
    wasSecure: before.wasSecure || before.url.protocol === 'https:',
    strayed: before.strayed || url.origin !== before.url.origin,
  };
}

function vetted(url: URL): URL {
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new RefusedScheme(`${url.protocol} is no scheme of the web`);
}

function withoutLogin(given: URL): Pick<Journey, 'url' | 'login'> {
  const { username, password, origin } = given;
  if (!username && !password) return { url: given, login: undefined };
  const url = new URL(given);
  url.username = '';
  url.password = '';
  return { url, login: { origin, headers: { authorization: basic(username, password) } } };
}

/** What a caller asks for wherever the answer comes from; of anything else, nobody knows whom it was meant for. */
const universal: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'accept-encoding',
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
]);

export const harmless = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => universal.has(name.toLowerCase())));
