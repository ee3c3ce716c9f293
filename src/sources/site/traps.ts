import { kindOfAddress } from '../address.ts';

/** Lists of posts by the looks of their path, without a slash at the end. */
const lists: readonly RegExp[] = [
  /\/page\/?\d+$/i,
  /\/(tagged|tags?|category|categories|author|authors|search|labels?|topics?)(\/|$)/i,
  /\/archives?(\/\d{4}(\/\d{1,2}){0,2})?$/i,
  /^(\/[^/]+)?\/\d{4}(\/\d{1,2}){0,2}$/,
  /\/comment-page-\d+$/i,
];
const listing = /[?&](paged?|s|q|tag|cat|author|m|offset|before|after|start|attachment_id)=/i;

/** Does it merely list what stands elsewhere? */
export function isList({ pathname, search }: URL): boolean {
  const path = pathname.replace(/\/$/, '');
  return listing.test(search) || lists.some((rule) => rule.test(path));
}

const posts: readonly RegExp[] = [
  /\/\d{4}\/\d{1,2}\/(\d{1,2}\/)?[^/]+$/,
  /\/(p|posts?|entry|entries|articles?|story|blog)\/[^/]+/i,
  /\/archives?\/\d{5,}(\.html?)?$/i,
];

/** Does it look like one entry of a blog, which stays as it is? */
export const isEntry = (url: URL): boolean =>
  !isList(url) && posts.some((rule) => rule.test(url.pathname.replace(/\/$/, '')));

const noPage =
  /\.(css|js|mjs|json|xml|rss|atom|rdf|zip|gz|tgz|bz2|xz|7z|rar|tar|pdf|epub|docx?|xlsx?|pptx?|od[tsp]|exe|dmg|iso|apk|ics|woff2?|ttf|eot|txt|csv|sql|swf|ico)$/i;
const machinery =
  /\/(wp-admin|wp-login\.php|wp-json|xmlrpc\.php|cgi-bin|cdn-cgi|feed|trackback|login|logout|signin|signup|register|cart|checkout|my-account)(\/|$)/i;
/** Answers, shares, prints, orders of a table: what is shown elsewhere in another way, or does something. */
const acts =
  /[?&](replytocom|share|add-to-cart|action|do|oldid|diff|redirect_to|returnto|return|next|print|sort|order|orderby|dir|filter[^=]*|min_price|max_price|format|feed|amp|like_comment|unapproved|moderation-hash|nonce|_wpnonce)=/i;
const mostSegments = 20;

/** Why no crawl goes there; undefined where it may. */
export function trapIn(url: URL, now = new Date()): string | undefined {
  const { pathname, search } = url;
  if (noPage.test(pathname) || kindOfAddress(pathname) !== 'file') return 'no page';
  if (machinery.test(pathname) || acts.test(search)) return 'machinery';
  const segments = pathname.split('/').filter(Boolean);
  if (segments.length > mostSegments || repeats(segments)) return 'a path without end';
  return isOutOfTime(`${pathname}${search}`, now) ? 'a calendar' : undefined;
}

/** A relative link that was meant otherwise leads deeper with each click. */
function repeats(segments: readonly string[]): boolean {
  const times = new Map<string, number>();
  for (const segment of segments) {
    const time = (times.get(segment) ?? 0) + 1;
    if (time > 2 && !/^\d{1,2}$/.test(segment)) return true;
    times.set(segment, time);
  }
  return false;
}

const day = /(?:^|[/=&-])((?:1[0-8]|2[0-9]|19)\d\d)[/-](?:0?[1-9]|1[0-2])(?=[/&-]|$)/;

/** Months that nobody has written in yet, or that no diary goes back to. */
function isOutOfTime(place: string, now: Date): boolean {
  const year = Number(day.exec(place)?.[1] ?? 2000);
  return year < 1900 || year > now.getUTCFullYear() + 1;
}

const [mostOfOne, mostOfSeveral, mostPaths] = [2000, 50, 20_000];

/** How many forms of one path are asked for: a list has hundreds of pages, the facets of a shop have no end. */
export class Variants {
  readonly #counts = new Map<string, number>();

  /** False where there were enough of them. */
  add({ pathname, search }: URL): boolean {
    if (search === '') return true;
    const isSeveral = search.includes('&');
    const key = `${isSeveral ? '&' : '='}${pathname}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count === 1 && this.#counts.size >= mostPaths) return false;
    this.#counts.set(key, count);
    return count <= (isSeveral ? mostOfSeveral : mostOfOne);
  }
}
