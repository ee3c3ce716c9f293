import { UsageError } from '../../errors.ts';
import { quoted } from '../../shown.ts';
import { normalise } from '../address.ts';

/** What of the web belongs to a site: a host with its `www.` twin, and where on it the site begins. */
export interface Place {
  /** Without `www.`, with a port that is not the usual one. */
  readonly host: string;
  /** From slash to slash; `/` for a whole host. */
  readonly path: string;
  /** Where a crawl begins. */
  readonly start: string;
  readonly name: string;
}

interface Known {
  /** Is it the address of a sitemap? Then the site is the whole host. */
  readonly isSitemap?: boolean;
  /** Does its page say that it is an article? Then it is a part of the site, and not where that begins. */
  readonly isArticle?: boolean;
}

/** The site that an address names; what somebody keeps below `/~name/` is a site of its own. */
export function placeOf(given: string, { isSitemap = false, isArticle = false }: Known = {}): Place {
  const address = normalise(/^[a-z][a-z\d+.-]*:\/\//i.test(given) ? given : `https://${given}`);
  if (address === undefined || !URL.canParse(address))
    throw new UsageError(
      `${quoted(given)} does not fit site: it takes the address of a site, such as site:https://pond.example/.`,
    );
  const url = new URL(address);
  const path = isSitemap ? '/' : isArticle ? homeIn(url.pathname) : folderOf(url.pathname);
  const start = isSitemap || isArticle ? new URL(path, url).href : url.href;
  const name = `${url.host}${path}`
    .replace(/[^\w.~-]+/g, '_')
    .replace(/^[._]+|_+$/g, '')
    .slice(0, 200);
  return { host: bareHost(url), path, start, name };
}

/** `/~ann/` of all that is below it. */
const homeIn = (path: string): string => /^\/~[^/]+\//.exec(path)?.[0] ?? '/';

/** A page that has an ending is one of its folder; what has none is a folder itself. */
function folderOf(path: string): string {
  if (path.endsWith('/')) return path;
  const at = path.lastIndexOf('/') + 1;
  return /\.[a-z\d]{1,8}$/i.test(path.slice(at)) ? path.slice(0, at) : `${path}/`;
}

export const bareHost = ({ host }: URL): string => host.replace(/^www\.(?=[^.]+\.)/, '');

/** Is it a page of the site? Both of http and https, for a site moves from the one to the other. */
export function isWithin({ host, path }: Place, url: URL): boolean {
  return bareHost(url) === host && `${url.pathname}/`.startsWith(path);
}
