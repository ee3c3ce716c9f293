import type { Post } from '../../model.ts';
import { linkIn } from '../address.ts';
import { readDate } from '../date.ts';
import { at, isObject, type JsonObject } from '../json-path.ts';
import { detached } from '../text.ts';
import type { OwnHosts } from './addresses.ts';
import { addLegacy, addReblogged } from './legacy.ts';
import { PostMedia } from './media.ts';
import { addBlocks, listOf, nameOf } from './npf.ts';
import { passing } from './post-passing.ts';

/** A post of the API v2, in either of its two forms; undefined if it is none at all. */
export function readTumblrPost(
  raw: JsonObject,
  warn?: (message: string) => void,
  ownHosts?: OwnHosts,
): Post | undefined {
  const id = idIn(raw.id_string) ?? idIn(raw.id);
  if (id === undefined) return undefined;
  const date = dateOf(raw);
  const media = mediaOf(raw, new PostMedia({ post: id, date }, { ownHosts }));
  if (media.faults !== '') warn?.(`Post ${id} has ${media.faults}; left out.`);
  return {
    id,
    date,
    url: linkIn(raw.post_url),
    raw,
    items: media.items,
    tags: tagsIn(raw.tags),
    isReblog: isReblog(raw, id),
    dialect: Array.isArray(raw.content) ? 'blocks' : 'legacy',
    passing,
    ...(media.unknown.length > 0 && { unknown: media.unknown }),
  };
}

/** When it was posted, in whole seconds since 1970: by this the API pages. */
export function momentOf(raw: JsonObject): number | undefined {
  const moment = secondsIn(raw.timestamp);
  if (moment !== undefined) return moment;
  const date = typeof raw.date === 'string' ? readDate(raw.date) : null;
  return date === null ? undefined : Math.floor(Date.parse(date) / 1000);
}

/** It stands above all others whatever its date. */
export const isPinned = (raw: JsonObject): boolean => raw.is_pinned === true;

/** Exact, or not at all: a number that was rounded may be the id of another post. */
function idIn(value: unknown): string | undefined {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && /^\d{1,32}$/.test(text) ? detached(text) : undefined;
}

function dateOf(raw: JsonObject): string | null {
  const moment = momentOf(raw);
  return moment === undefined ? null : new Date(moment * 1000).toISOString();
}

/** Until the end of the year 9999; what has more digits is no time in seconds. */
function secondsIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,12}(\.\d{1,9})?$/.test(value) ? Number(value) : value;
  const isTime = typeof number === 'number' && number > 0 && number < 253_402_300_800;
  return isTime ? Math.floor(number) : undefined;
}

/** Posts of two forms in one: blocks where there are any, and whatever the old fields name besides. */
function mediaOf(raw: JsonObject, media: PostMedia): PostMedia {
  for (const entry of listOf(raw.trail)) if (isObject(entry)) addBlocks(entry, media);
  addBlocks(raw, media);
  addLegacy(raw, media);
  addReblogged(raw, media);
  const isKnown = raw.type === undefined || types.has(raw.type) || listOf(raw.content).length > 0;
  if (!isKnown) media.addUnknown(`post ${nameOf(raw.type)}`);
  return media;
}

const types: ReadonlySet<unknown> = new Set([
  'blocks',
  'text',
  'photo',
  'quote',
  'link',
  'chat',
  'audio',
  'video',
  'answer',
  'postcard',
]);

const most = { tags: 1000, letters: 1000 };

function tagsIn(value: unknown): readonly string[] {
  const texts = listOf(value).filter((tag) => typeof tag === 'string' && tag.trim() !== '') as string[];
  return texts.slice(0, most.tags).map((tag) => detached(tag.trim().slice(0, most.letters)));
}

/** Not every trail is a reblog's: of old it names the post itself as well. */
function isReblog(raw: JsonObject, id: string): boolean {
  if (origins.some((field) => isSaid(raw[field])) || isSaid(at(raw, ['reblog', 'tree_html']))) return true;
  return listOf(raw.trail).some((entry) => {
    const other = idIn(at(entry, ['post', 'id']));
    return isObject(entry) && (other === undefined ? isSaid(entry.broken_blog_name) : other !== id);
  });
}

const origins = ['reblogged_from_id', 'reblogged_from_url', 'reblogged_from_name', 'reblogged_root_id'];

const isSaid = (value: unknown) =>
  (typeof value === 'string' && value !== '' && value !== '0') || (typeof value === 'number' && value > 0);
