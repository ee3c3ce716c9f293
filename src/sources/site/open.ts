import { SourceError, UsageError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { quoted, shownAddress } from '../../shown.ts';
import { normalise } from '../address.ts';
import { readMarkup } from '../markup.ts';
import { OwnSettings } from '../own-settings.ts';
import { lookAt } from '../sight.ts';
import type { Listing, ListingWay, Sight, SourceContext } from '../source.ts';
import { closedSite, inPlaceOfSite, standIn, strayed } from '../stand-in.ts';
import { withoutPrefix } from '../target.ts';
import { cappedWarnings } from '../warnings.ts';
import { crawlSite } from './crawl.ts';
import { beforeOf, type Memory } from './memory.ts';
import { bareHost, type Place, placeOf } from './place.ts';
import { noRobots, openRobots, type Robots } from './robots.ts';
import { settings } from './settings.ts';
import { isSitemapName } from './site.ts';
import { isSitemap } from './sitemap.ts';
import { listSitemaps, type Sitemaps } from './sitemaps.ts';
import type { Ending, Walk } from './walk.ts';

/** A site by its sitemaps; where it has none, or they name nothing of it, from link to link. */
export async function openSite(target: string, context: SourceContext, given?: Sight): Promise<Listing> {
  const own = new OwnSettings('site', settings, context.settings);
  const usesRobots = own.truth('robots', true);
  const usesSitemaps = own.truth('sitemaps', true);
  const atOnce = own.whole('pages', 4, [1, 64]);
  const longestDelay = secondsIn(own.text('delay'));
  const isAsIs = own.truth('asIs', false);
  const named = addressOf(withoutPrefix('site', target));
  const isOfSitemap = isSitemapName(named) || (given !== undefined && isSitemap(given.start));
  const sight = given ?? (isOfSitemap ? undefined : seen(await lookAt(named, context), isAsIs));
  const place = placed(named, sight, isOfSitemap);
  const robots = usesRobots ? openRobots({ context, longestDelay }) : noRobots;
  if (!usesRobots)
    context.report({
      event: 'warning',
      message: `The robots.txt of ${place.host} is not asked for, as you said.`,
    });
  const sitemaps = isOfSitemap
    ? { named: [named], guesses: [] }
    : usesSitemaps
      ? await sitemapsOf(place, robots, sight)
      : undefined;
  await checkRobots(place, robots);
  if (!isOfSitemap) tellPlace(named, place, context);
  const reach = context.reach ?? { depth: 3, pages: 10_000 };
  return {
    name: place.name,
    trusted: [named],
    listedAs: `${place.host}${place.path}`,
    isUnchecked: true,
    pages: (_, way) =>
      pagesOf({ place, context, robots, atOnce, reach, isAsIs }, way, { sitemaps, isOfSitemap }),
  };
}

const [usualDelay, mostDelay] = [10, 3600];

function secondsIn(text = String(usualDelay)): number {
  const seconds = Number(text);
  if (seconds >= 0 && seconds <= mostDelay) return seconds;
  throw new UsageError(
    `${quoted(text, 80)} does not fit sources.site.delay: it takes seconds from 0 to ${mostDelay}.`,
  );
}

function addressOf(text: string): string {
  const { start } = placeOf(text); // throws where it is none
  return normalise(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`) ?? start;
}

function seen(sight: Sight, isAsIs: boolean): Sight {
  const { status, url, target } = sight;
  const shown = shownAddress(url);
  const other = isAsIs ? undefined : standIn({ ...sight, asked: target, html: sight.start });
  if (other) throw inPlaceOfSite(other, target);
  const elsewhere = isAsIs ? undefined : strayed(sight);
  if (elsewhere) throw elsewhere;
  if (status === 200) return sight;
  if (status === 401 || status === 403) throw closedSite(url, status);
  throw new SourceError(`${shown} cannot be listed: its server answers ${status}.`, { url: shown });
}

/** The site is where the target leads to, and its archive bears the name of the target. */
function placed(named: string, sight: Sight | undefined, isOfSitemap: boolean): Place {
  if (isOfSitemap || !sight) return placeOf(named, { isSitemap: true });
  const { isArticle } = readMarkup(sight.start, { base: sight.url }).page;
  const { name } = placeOf(named, { isArticle });
  const [asked, answered] = [new URL(named), new URL(sight.url)];
  const isMoved = bareHost(asked) !== bareHost(answered) || asked.pathname !== '/';
  if (isMoved) return { ...placeOf(sight.url, { isArticle }), name };
  return { ...placeOf(new URL('/', answered).href), start: sight.url, name }; // `/` may lead to `/en/home`
}

/** Who names a post may want the blog, and a dead blog may lead to a stranger: what is meant is said. */
function tellPlace(named: string, place: Place, { report }: SourceContext): void {
  const warn = (message: string) => report({ event: 'warning', message });
  const [asked, start] = [new URL(named), new URL(place.start)];
  if (bareHost(asked) !== place.host)
    warn(`${shownAddress(named)} leads to another host: what is archived is ${shownAddress(place.start)}.`);
  else if (asked.pathname !== start.pathname && start.pathname === place.path)
    warn(`${shownAddress(named)} is an article: all of ${shownAddress(place.start)} is archived.`);
  else if (isPart(place) && !asked.pathname.endsWith('/'))
    warn(
      `Only what lies below ${shownAddress(new URL(place.path, start).href)} is archived; name ${start.origin}/ for all of the site.`,
    );
}

const isPart = ({ path }: Place): boolean => path !== '/' && !/^\/~[^/]+\/$/.test(path);

/** Where a robots.txt cannot be had, nothing may be asked for; that is no empty site. */
async function checkRobots({ start }: Place, robots: Robots): Promise<void> {
  await robots.of(start);
  const why = robots.trouble(start);
  if (why === undefined) return;
  const { origin } = new URL(start);
  throw new SourceError(
    `${origin}/robots.txt cannot be read (${why.replace(/\.$/, '')}): until it can, nothing of the site may be asked for. Where the site is yours, -o sources.site.robots=false goes without.`,
    { url: `${origin}/robots.txt` },
  );
}

const usual = ['sitemap.xml', 'sitemap_index.xml', 'wp-sitemap.xml', 'sitemap.xml.gz', 'sitemap.txt'];

async function sitemapsOf(
  { start, path }: Place,
  robots: Robots,
  sight: Sight | undefined,
): Promise<Sitemaps> {
  const { sitemaps } = await robots.of(start);
  const linked = sight?.links.filter(({ rel }) => rel.includes('sitemap')).map(({ href }) => href) ?? [];
  const named = [...new Set(sitemaps.length > 0 ? sitemaps : linked)].filter((address) =>
    /^https?:/i.test(address),
  );
  const below = path === '/' ? [] : [new URL(`${path}sitemap.xml`, start).href];
  return { named, guesses: [...below, ...usual.map((name) => new URL(`/${name}`, start).href)] };
}

interface Means {
  readonly sitemaps: Sitemaps | undefined;
  /** Was a sitemap named? Then the site is what it names. */
  readonly isOfSitemap: boolean;
}

async function* pagesOf(
  site: Omit<Walk, 'warnings' | 'before' | 'leaveOut'>,
  way: ListingWay | undefined,
  { sitemaps, isOfSitemap }: Means,
): AsyncGenerator<Page> {
  const begun = new Date().toISOString();
  const warnings = cappedWarnings(site.context.report, site.place.host);
  const walk: Walk = {
    ...site,
    warnings,
    before: beforeOf(way, begun),
    leaveOut: (why) => (way?.leaveOut ? way.leaveOut(why) : warnings.skip(why)),
  };
  try {
    let ending: Ending | undefined = sitemaps && (yield* listSitemaps(sitemaps, walk));
    if (isOfSitemap && ending?.met === 0)
      throw new SourceError(`The sitemap names no page of ${site.place.host}.`, {
        url: shownAddress(site.place.start),
      });
    if (!ending || ending.met === 0) ending = yield* crawlSite(walk);
    const { isWhole, missed = [] } = ending;
    if (isWhole) yield { posts: [], memory: { since: begun, whole: true, missed } satisfies Memory };
  } finally {
    warnings.close();
  }
}
