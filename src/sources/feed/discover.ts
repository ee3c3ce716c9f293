import { OxbowError, QuotaError } from '../../errors.ts';
import { shownAddress } from '../../shown.ts';
import { lookAt } from '../sight.ts';
import type { Recognised, SeenLink, Sight, SourceContext } from '../source.ts';
import { lookAtStart } from './look.ts';

/** What stands at an address is a feed, or a page that leads to one. */
export async function recogniseFeed(sight: Sight, context: SourceContext): Promise<Recognised | undefined> {
  if (lookAtStart(sight.start)) return { target: sight.target, why: 'what its server answers is a feed' };
  const named = namedBy(sight);
  for (const url of named.slice(0, mostNamed))
    if (await isFeed(url, context))
      return { target: url, why: `its page names the feed ${shownAddress(url)}` };
  if (named.length > 0 || !mayHaveFeed(sight)) return undefined;
  for (const url of guessesAt(sight.target))
    if (await isFeed(url, context)) return { target: url, why: `there is a feed at ${shownAddress(url)}` };
  return undefined;
}

const mostNamed = 3;

/** A page that shows itself to nobody may still have an open feed; something else than a page has none. */
const mayHaveFeed = ({ status, type, start }: Sight): boolean =>
  status === 200
    ? type === 'text/html' || /<html[\s>]/i.test(start.slice(0, 2048))
    : [401, 403, 406, 451].includes(status);

/** Where the address is one of a feed is all that matters here: why it is none, nobody asks. */
async function isFeed(url: string, context: SourceContext): Promise<boolean> {
  try {
    return lookAtStart((await lookAt(url, context)).start) !== undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof QuotaError || !(error instanceof OxbowError)) throw error;
    return false;
  }
}

const sure = /^\s*application\/(rss|atom|rdf|feed)\+(xml|json)\s*(;|$)/i;
const likely = /^\s*(application|text)\/(json|xml)\s*(;|$)/i;

/** The feeds that a page names, those of its own host first; those of comments are none of the blog. */
export function namedBy({ url, links }: Pick<Sight, 'url' | 'links'>): readonly string[] {
  const found = links
    .map((link, n) => ({ link, n, rank: rankOf(link, url) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank || a.n - b.n);
  return [...new Set(found.map(({ link }) => link.href))];
}

function rankOf({ rel, href, type = '', title = '' }: SeenLink, page: string): number {
  const isNamed =
    rel.includes('feed') || (rel.includes('alternate') && (sure.test(type) || likely.test(type)));
  if (!isNamed || !/^https?:/i.test(href) || isOfComments(href, title)) return 0;
  const isOwn = URL.canParse(href) && new URL(href).host === new URL(page).host;
  return 1 + (sure.test(type) || rel.includes('feed') ? 2 : 0) + (isOwn ? 1 : 0);
}

const isOfComments = (href: string, title: string): boolean =>
  /\bcomments?\b|\breplies\b/i.test(title.slice(0, 500)) || /[/=_-]comments?\b/i.test(href.slice(0, 2000));

const usual = ['feed/', 'rss.xml', 'atom.xml', 'feed.xml', 'index.xml', 'rss'];

/** Usual places below the target itself, for what else is on its host may be others'; deeper down posts have their own. */
function guessesAt(target: string): readonly string[] {
  const url = new URL(target);
  url.search = url.hash = '';
  if (!/^\/(?:[^/.]{1,200}\/?)?$/.test(url.pathname)) return [];
  url.pathname = url.pathname.replace(/\/*$/, '/');
  return usual.map((name) => new URL(name, url).href);
}
