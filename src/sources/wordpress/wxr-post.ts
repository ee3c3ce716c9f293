import type { Post } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { isAddress, kindOfAddress, normalise } from '../address.ts';
import { readDate } from '../date.ts';
import { detached } from '../text.ts';
import type { Attachments, Row } from './wxr-attachments.ts';
import { idOfItem, metaOf, typeOfItem, type WxrItem, wordOf } from './wxr-item.ts';
import { WxrMedia } from './wxr-media.ts';

/** What a post needs of the export it stands in. */
export interface PostWay {
  readonly attachments: Attachments;
  /** The address of the blog, which relative ones start from. */
  readonly base: string | null;
  readonly tell: (fault: string) => void;
}

export interface WxrPost {
  readonly post: Post;
  /** The attachments that it shows. */
  readonly rows: ReadonlySet<Row>;
}

/** An item as a post; one of an attachment has that as its first medium. */
export function postOf(id: string, item: WxrItem, { attachments, base, tell }: PostWay): WxrPost {
  const url = linkOf(item);
  const media = new WxrMedia({ id, base: url ?? base }, attachments);
  addMedia(media, item);
  tellLeftOut(media, tell);
  const date = dateOf(item);
  const tags = item.categories.flatMap(({ domain, name }) => (domain === 'post_tag' && name ? [name] : []));
  const post = {
    id: detached(id),
    date,
    url,
    raw: rawOf(item, wordsOf(media, attachments)),
    items: media.items(date),
    ...(tags.length > 0 && { tags }),
    ...(media.unknown.size > 0 && { unknown: [...media.unknown] }),
    passing,
    dialect,
  };
  return { post, rows: media.rows };
}

const dialect = 'wxr';
/** Who has it open in the editor is no edit. */
const passing = ['wp:postmeta._edit_lock', 'wp:postmeta._edit_last'];

function addMedia(media: WxrMedia, item: WxrItem): void {
  if (typeOfItem(item) === 'attachment') media.addItself();
  media.addId(metaOf(item, '_thumbnail_id') ?? '');
  media.addHtml(wordOf(item, 'content:encoded'));
  media.addHtml(wordOf(item, 'excerpt:encoded'));
  addMeta(media, item);
  media.addChildren();
}

const mostMeta = 1000;

/** Files of podcasts, and custom fields that hold nothing but the address of a medium. */
function addMeta(media: WxrMedia, { meta }: WxrItem): void {
  const all = [...meta].flatMap(([key, values]) => values.map((value) => [key, value] as const));
  for (const [key, value] of all.slice(0, mostMeta)) addField(media, key, value);
}

function addField(media: WxrMedia, key: string, value: string): void {
  if (key === '_product_image_gallery') for (const id of value.slice(0, 10_000).split(',')) media.addId(id);
  else if (/(?:^|:)enclosure$/.test(key)) addEnclosure(media, value);
  else if (isMediaAddress(value)) media.addAddress(value);
}

/** An address, its length in bytes, its type, and what a plugin has added: a line each. */
function addEnclosure(media: WxrMedia, value: string): void {
  const [address = '', , type] = value.slice(0, 20_000).split('\n', 3);
  if (isAddress(address.trim())) media.addAddress(address.trim(), type);
}

const isMediaAddress = (value: string): boolean =>
  value.length < 8192 && isAddress(value) && !/\s/.test(value) && kindOfAddress(value) !== 'file';

function tellLeftOut({ leftOut, absent, isLost }: WxrMedia, tell: PostWay['tell']): void {
  const { surplus, unusable, embedded } = leftOut;
  if (isLost) tell('is an attachment, and names no file');
  if (absent.size > 0)
    tell(`shows attachments that the export does not have, such as ${quoted([...absent][0]!, 40)}`);
  if (surplus > 0) tell(`names more media than a post may have; left out: ${surplus}`);
  if (unusable > 0) tell(`names addresses that are endless or make no sense; left out: ${unusable}`);
  if (embedded > 0) tell(`holds pictures in its own text, which stay there: ${embedded}`);
}

function linkOf(item: WxrItem): string | null {
  const link = wordOf(item, 'link');
  return (isAddress(link) ? normalise(link) : undefined) ?? null;
}

/** Where nothing is set there are zeros, or the year -1; the local time of the blog counts where no other is known. */
function dateOf(item: WxrItem): string | null {
  const words = ['wp:post_date_gmt', 'pubDate', 'wp:post_date'].map((name) => wordOf(item, name));
  return words.map(readDate).find((date) => date !== null) ?? null;
}

/** What the authors of the attachments say of those that the post shows. */
function wordsOf({ rows }: WxrMedia, attachments: Attachments): readonly Readonly<Record<string, string>>[] {
  return [...rows].map((row) => {
    const { id, words } = attachments.at(row);
    return { id, ...words };
  });
}

/** The item's own words under its own names; what was said of others, and what is secret, was never read. */
function rawOf(item: WxrItem, attachments: readonly Readonly<Record<string, string>>[]): unknown {
  const { words, categories, meta, comments } = item;
  const own = idOfItem(item);
  const others = attachments.filter(({ id }) => id !== own);
  return {
    ...Object.fromEntries(words),
    ...(categories.length > 0 && { category: categories }),
    ...(meta.size > 0 && {
      'wp:postmeta': Object.fromEntries(
        [...meta].map(([key, [one, ...more]]) => [key, more.length > 0 ? [one, ...more] : one]),
      ),
    }),
    ...(comments.length > 0 && { 'wp:comment': comments.map((one) => Object.fromEntries(one)) }),
    ...(others.length > 0 && { attachments: others }),
  };
}
