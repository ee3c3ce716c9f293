import type { MediaItem, Post } from '../../model.ts';
import { itemsOf } from '../finds.ts';
import { sumOfWords } from '../words.ts';
import { idOf, keyOf, tidy } from './addresses.ts';
import type { ReadPage } from './page.ts';
import { isWithin, type Place } from './place.ts';
import type { Robots } from './robots.ts';
import type { SitemapEntry } from './sitemap.ts';
import { isList } from './traps.ts';

interface Making {
  readonly place: Place;
  readonly robots: Robots;
  readonly entry?: Pick<SitemapEntry, 'lastmod' | 'published'> | undefined;
}

/** A page as a post. A list of posts is one only for what it shows: its words stand elsewhere, and change every day. */
export function postOf(page: ReadPage, { place, robots, entry = {} }: Making): Post | undefined {
  const { markup, html, isDamaged, says } = page;
  const { title, canonical } = markup.page;
  const address = addressOf(page, place);
  const isListing = isList(new URL(address)) && !markup.page.isArticle;
  if (isListing && markup.media.length === 0) return undefined;
  const id = idOf(address);
  const published = isListing ? undefined : publishedOf(page, entry.published);
  const date = published?.date ?? null;
  const raw = {
    page: page.url,
    ...(title && { title }),
    ...(canonical && { canonical }),
    ...(published && { datedBy: published.by }),
    ...(says.robots.length > 0 && { robots: says.robots.join(', ') }),
    ...(entry.lastmod && { lastmod: entry.lastmod }),
    ...(isDamaged && { damaged: true }),
    ...(isListing ? { isList: true } : { words: sumOfWords(html), html }),
  };
  const items = itemsOf(markup.media, { post: id, date }).map((item) => allowed(item, robots));
  return {
    ...{ id, date, url: address, raw, items, passing: ['html', 'lastmod'] },
    ...(says.tags.length > 0 && { tags: [...new Set(says.tags)] }),
  };
}

/**
 * By which address a page is known: the canonical one where that is another spelling of its own. One that names a page
 * with another path is a mistake as often as not, and pages that all name the same would be one post.
 */
export function addressOf({ url, markup }: Pick<ReadPage, 'url' | 'markup'>, place: Place): string {
  const canonical = tidy(markup.page.canonical ?? '', url);
  if (!markup.page.canonical || canonical === undefined || !isWithin(place, new URL(canonical))) return url;
  if (keyOf(canonical).toLowerCase() !== keyOf(url).toLowerCase()) return url;
  const { pathname, search } = new URL(canonical);
  return new URL(`${pathname}${search}`, new URL(url).origin).href; // where the site is is known better by now
}

type Published = { readonly date: string; readonly by: string } | undefined;

function publishedOf({ url, markup }: ReadPage, listed: string | undefined): Published {
  return (
    markup.page.published ?? datedByAddress(url) ?? (listed ? { date: listed, by: 'sitemap' } : undefined)
  );
}

/** `/2014/05/03/…` is the day on which it was posted. */
function datedByAddress(url: string): Published {
  const [, year, month, day] = /\/((?:19|20)\d\d)\/(\d\d?)\/(\d\d?)\//.exec(new URL(url).pathname) ?? [];
  const time = day === undefined ? Number.NaN : Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isDay = !Number.isNaN(time) && new Date(time).getUTCDate() === Number(day);
  return isDay ? { date: new Date(time).toISOString(), by: 'address' } : undefined;
}

/** What a robots.txt that was read forbids is not asked for; another address of the same may be free. */
function allowed(item: MediaItem, robots: Robots): MediaItem {
  const isFree = (url: string) => robots.known(url)?.allows(url) !== false;
  const [url, ...alternates] = [item.url, ...item.alternates].filter(isFree);
  if (url === undefined)
    return { ...item, forbidden: `the robots.txt of ${new URL(item.url).host} forbids it` };
  if (url === item.url) return { ...item, alternates };
  const { width: _, height: __, ...rest } = item; // those were said of the other address
  return { ...rest, url, alternates };
}
