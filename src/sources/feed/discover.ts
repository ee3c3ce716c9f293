import { OxbowError, QuotaError } from '../../errors.ts';
import { shownAddress } from '../../shown.ts';
import { lookAt } from '../sight.ts';
import type { Recognised, SeenLink, Sight, SourceContext } from '../source.ts';
import { lookAtStart } from './look.ts';

/** What stands at an address is a feed, or a page that leads to one. */
export async function recogniseFeed(sight: Sight, context: SourceContext): Promise<Recognised | undefined> {
  if (lookAtStart(sight.start)) return { target: sight.target, why: 'what its server answers is a feed' };
  const named = namedBy(sight);
  for (const url of named.slice(0, mostNamed)) {
    const start = await feedAt(url, context);
    if (start !== undefined) return told(url, start, `its page names the feed ${shownAddress(url)}`);
  }
  if (named.length > 0 || !isClosed(sight)) return undefined;
  for (const url of guessesAt(sight.target)) {
    const start = await feedAt(url, context);
    if (start !== undefined) return told(url, start, `there is a feed at ${shownAddress(url)}`);
  }
  return undefined;
}

function told(target: string, start: string, why: string): Recognised {
  const isPartial = !leadsOn.test(start);
  return { target, why: isPartial ? `${why}, which shows its newest posts alone` : why, isPartial };
}

/** What leads to older posts, or says that there are none; or software that is known to have them. */
const leadsOn =
  /\brel\s?=\s?["'](?:next|prev-archive)["']|<(?:\w{1,20}:)?complete\s?\/?>|"next_url"\s?:\s?"|<generator[^>]{0,200}>[^<]{0,200}(?:wordpress|ghost)/i;

const mostNamed = 3;

/** A page that shows itself to nobody may still have an open feed; one that can be read would name it. */
const isClosed = ({ status }: Sight): boolean => [401, 403, 406, 451].includes(status);

/** How the feed at an address begins. That there is none is all that matters here: why, nobody asks. */
async function feedAt(url: string, context: SourceContext): Promise<string | undefined> {
  try {
    const { start } = await lookAt(url, context);
    return lookAtStart(start) === undefined ? undefined : start;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof QuotaError || !(error instanceof OxbowError)) throw error;
    return undefined;
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
