import type { MediaItem, Post } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { sumOfText } from '../../sums.ts';
import { itemsOf } from '../finds.ts';
import { tellLeftOut } from '../left-out.ts';
import type { Markup } from '../markup.ts';
import { detached } from '../text.ts';
import type { Warnings } from '../warnings.ts';
import type { Entry } from './entry.ts';
import type { FeedMedia } from './media.ts';

/** A post as an entry has told of it. */
export interface Told {
  readonly post: Post;
  /** Another id, where it goes by its link alone: old feeds have one link for all of their entries. */
  readonly spare?: string;
}

export interface Telling {
  /** The feed, as it stands in sentences. */
  readonly name: string;
  readonly warnings: Warnings;
}

/** What changes in an entry by itself: how many comments, views and stars it has. */
const passing = [
  'slash:comments',
  'thr:total',
  'link.@thr:count',
  'link.*.@thr:count',
  'media:community',
  'media:group.media:community',
  '@gd:etag',
];

/** Undefined, with a warning, for an entry of which nothing is known. */
export function entryPost(entry: Entry, telling: Telling): Told | undefined {
  const { guid, link, title, html, date, markup, facts, tags, raw, embedded } = entry;
  const named = guid ?? link;
  if (named === undefined && !title && html.trim() === '' && markup.media.length === 0) {
    telling.warnings.skip(`${telling.name} has an entry without anything in it; it is left out.`);
    return undefined;
  }
  const sum = sumOfText('sha256', [title ?? '', date ?? '', html].join('\n'));
  const id = shortId(named ?? sum);
  if (entry.isCut)
    telling.warnings.skip(
      `${telling.name} has an entry (${quoted(id, 80)}) that is too long: its end is left out.`,
    );
  tellLeftOut(entryIn(telling.name, id), markup.leftOut, telling.warnings);
  const post = {
    ...{ id, date, url: link ?? null, raw },
    items: mediaItems(markup, facts, { post: id, date }),
    ...(tags.length > 0 && { tags }),
    ...(embedded.length > 0 && { unknown: embedded.map((type) => `content of ${type}`) }),
    passing,
  };
  return { post, ...(guid === undefined && { spare: sum }) };
}

const longestId = 1024;

/** Every item of a post bears its id, so that one of 8 kB would multiply. */
export const shortId = (id: string): string =>
  id.length <= longestId ? detached(id) : sumOfText('sha256', id);

/** With what the feed promises of them; other renditions are no copies that could take the place of the best one. */
export function mediaItems(
  { media }: Markup,
  { sums, renditions }: Pick<FeedMedia, 'sums' | 'renditions'>,
  of: Pick<MediaItem, 'post' | 'date'>,
): readonly MediaItem[] {
  return itemsOf(media, of).map((item) => {
    const sha256 = sums.get(item.url);
    const lesser = item.alternates.filter(
      (url) => renditions.has(url) || (sha256 !== undefined && sums.get(url) !== sha256),
    );
    const alternates = item.alternates.filter((url) => !lesser.includes(url));
    return { ...item, alternates, ...(lesser.length > 0 && { lesser }), ...(sha256 && { sha256 }) };
  });
}

export const entryIn = (feed: string, id: string): string => `The entry ${quoted(id, 80)} of ${feed}`;
