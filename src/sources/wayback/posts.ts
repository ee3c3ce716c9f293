import type { MediaItem, Post } from '../../model.ts';
import { normalise } from '../address.ts';
import type { Entry } from '../feed/entry.ts';
import { itemsOf } from '../finds.ts';
import type { Markup } from '../markup.ts';
import type { PageCapture } from '../source.ts';
import type { WebPage } from './pages.ts';
import { keyOf } from './place.ts';
import { postIdOf, shortened } from './roles.ts';

/** A page, its capture, and when that was made by the archive's own word. */
export interface Captured {
  readonly page: WebPage;
  readonly capture: PageCapture;
  readonly time: string;
  readonly isDamaged: boolean;
}

/**
 * A page as a post. Its date is the one that the page states; the day of a capture is not the day of a post, so
 * without one the date stays open and the items bear the time at which the page was seen to name them.
 */
export function pagePost(markup: Markup, html: string, captured: Captured): readonly Post[] {
  const { page, capture } = captured;
  const { title, canonical, isArticle } = markup.page;
  const isPost = page.role === 'post' || (page.role === 'page' && isArticle);
  const published = isPost ? (markup.page.published ?? datedByAddress(page.key)) : undefined;
  const isList = page.role === 'index' || /\bxml$/.test(capture.mimetype.replace('xhtml+xml', ''));
  if (isList && markup.media.length === 0) return []; // a list of posts that shows nothing tells nothing
  const [id, date] = [postIdOf(page.key), published?.date ?? null];
  const raw = {
    ...provenance(captured),
    ...(title && { title }),
    ...(canonical && { canonical }),
    ...(published && { datedBy: published.by }),
    ...(!isList && { html }),
  };
  const items = itemsOf(markup.media, { post: id, date, ...seen(date, captured) });
  return [{ id, date, url: normalise(capture.original) ?? null, raw, items }];
}

/** Each entry of a feed is a post; it bears the id that the post's own page has. */
export function entryPosts(entries: readonly Entry[], captured: Captured): readonly Post[] {
  const posts = entries.filter((entry) => !isComment(entry));
  return posts.map(({ link, guid, title, date, html, markup }, n) => {
    const url = (link && normalise(link)) ?? null;
    const id = url === null ? shortened(guid ?? `${captured.page.key}#${n}`) : postIdOf(keyOf(url));
    const items = itemsOf(markup.media, { post: id, date, ...seen(date, captured) });
    const raw = { ...provenance(captured), ...(title && { title }), ...(guid && { guid }), html };
    return { id, date, url, raw, items };
  });
}

/** What readers said is no post, unless they showed something. */
const isComment = ({ link = '', markup }: Entry) =>
  /#(comment-?|c)\d{1,20}$/.test(link.slice(-64)) && markup.media.length === 0;

/** Where the archive has it from, and when: what any web archive can be asked for again. */
const provenance = ({ capture, time, isDamaged }: Captured) => ({
  page: capture.original,
  capture: capture.timestamp,
  captured: time,
  type: capture.mimetype,
  digest: capture.digest,
  ...(isDamaged && { damaged: true }),
});

const seen = (date: string | null, { time }: Captured): Pick<MediaItem, 'seen'> =>
  date === null ? { seen: time } : {};

/** `/2014/05/03/…` is the day on which it was posted. */
function datedByAddress(key: string): { date: string; by: 'address' } | undefined {
  const [, year, month, day] = /\/((?:19|20)\d\d)\/(\d\d?)\/(\d\d?)\//.exec(key.slice(0, 2048)) ?? [];
  const time = day === undefined ? Number.NaN : Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isDay = !Number.isNaN(time) && new Date(time).getUTCDate() === Number(day);
  return isDay ? { date: new Date(time).toISOString(), by: 'address' } : undefined;
}
