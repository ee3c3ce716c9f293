import type { MediaItem, Post } from '../../model.ts';
import { readDate } from '../date.ts';
import { at, isObject, type JsonObject } from '../json-path.ts';
import { isCid } from './cid.ts';
import { mediaOf } from './embeds.ts';
import { itemsOf, type Shelf } from './items.ts';
import { isDid, isKey } from './target.ts';
import { dateOfTid } from './tid.ts';

export interface PostReading {
  readonly shelfOf: (did: string) => Shelf;
  readonly warn: (message: string) => void;
}

/** Where a post is, by its own address: whose it is, and its key. */
export function partsOfUri(uri: unknown): { readonly did: string; readonly key: string } | undefined {
  if (typeof uri !== 'string' || uri.length > 1100) return undefined;
  const [, , did, collection, key, ...more] = uri.split('/');
  const isPost = uri.startsWith('at://') && collection === 'app.bsky.feed.post' && more.length === 0;
  return isPost && isDid(did) && isKey(key) ? { did, key } : undefined;
}

/** What a view of a post has of others than its author, and what is counted anew all the time. */
const passingOfView = [
  ...['author', 'embed', 'labels', 'viewer', 'threadgate', 'debug'].map((key) => `post.${key}`),
  ...['bookmark', 'like', 'quote', 'reply', 'repost'].map((key) => `post.${key}Count`),
  ...['reply', 'reason', 'feedContext', 'reqId'],
];

/** An entry of a list of the site: a post, or one that somebody has passed on. Undefined of what is no post. */
export function readEntry(entry: unknown, reading: PostReading): Post | undefined {
  const [uri, record] = [at(entry, ['post', 'uri']), at(entry, ['post', 'record'])];
  const place = partsOfUri(uri);
  if (!place || !isObject(record)) return undefined;
  const indexed = readDate(at(entry, ['post', 'indexedAt']));
  const passedOn = repostIn(entry, uri as string);
  const id = passedOn?.id ?? (uri as string);
  const date = passedOn ? (passedOn.date ?? indexed) : dateOf(record, indexed, indexed);
  return {
    ...partsOf(record, { ...place, id, date }, reading),
    raw: entry,
    isReblog: passedOn !== undefined,
    dialect: 'view',
    passing: passingOfView,
  };
}

/** Passed on by whom, and when: an entry of its own, also if it is the account's own post. */
function repostIn(entry: unknown, uri: string): Pick<Post, 'id' | 'date'> | undefined {
  const reason = at(entry, ['reason']);
  const by = at(reason, ['by', 'did']);
  const own = at(reason, ['uri']);
  const isRepost = at(reason, ['$type']) === 'app.bsky.feed.defs#reasonRepost';
  if (!isRepost) return undefined;
  const isNamed = typeof own === 'string' && /^at:\/\/.{1,1000}$/.test(own);
  const id = isNamed ? own : `${uri}#reposted-by-${isDid(by) ? by : 'somebody'}`;
  return { id, date: readDate(at(reason, ['indexedAt'])) };
}

/** A record as the account holds it, be it told of by its server or out of an export. */
export function readRecord(
  { uri, cid, value }: { readonly uri: unknown; readonly cid: unknown; readonly value: unknown },
  reading: PostReading,
): Post | undefined {
  const place = partsOfUri(uri);
  if (!place || !isObject(value)) return undefined;
  const made = dateOfTid(place.key);
  const now = new Date().toISOString();
  const date = dateOf(value, made !== null && made <= now ? made : null, now);
  return {
    ...partsOf(value, { ...place, id: uri as string, date }, reading),
    raw: { uri, cid, value },
    isReblog: false,
    dialect: 'record',
    ...(isCid(cid) && { passing: ['value'] }), // its name is its sum: servers and exports put its parts in an order of their own
  };
}

const dayAhead = 86_400_000;

/** People write the date of a post themselves: what is none, or is later than can be, gives way to what is known besides. */
function dateOf(record: JsonObject, known: string | null, latest: string | null): string | null {
  const written = readDate(at(record, ['createdAt']));
  if (written === null) return known;
  return latest !== null && Date.parse(written) > Date.parse(latest) + dayAhead ? known : written;
}

function partsOf(
  record: JsonObject,
  { did, key, id, date }: { did: string; key: string; id: string; date: string | null },
  { shelfOf, warn }: PostReading,
): Pick<Post, 'id' | 'date' | 'url' | 'items' | 'tags' | 'unknown'> {
  const { media, unknown, surplus } = mediaOf(at(record, ['embed']));
  if (surplus > 0) warn(`The post ${id.slice(0, 200)} has ${surplus} media more than are taken of one post.`);
  const items: readonly MediaItem[] = itemsOf(media, shelfOf(did), { post: id, date });
  return {
    id,
    date,
    url: `https://bsky.app/profile/${did}/post/${key}`,
    items,
    tags: tagsOf(record),
    ...(unknown.length > 0 && { unknown }),
  };
}

const mostTags = 200;

/** Those beside the text, and those within it. */
function tagsOf(record: JsonObject): readonly string[] {
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, mostTags) : []);
  const within = list(at(record, ['facets']))
    .flatMap((facet) => list(at(facet, ['features'])))
    .filter((feature) => at(feature, ['$type']) === 'app.bsky.richtext.facet#tag')
    .map((feature) => at(feature, ['tag']));
  const tags = [...list(at(record, ['tags'])), ...within].filter(
    (tag): tag is string => typeof tag === 'string' && tag !== '' && tag.length <= 640,
  );
  return [...new Set(tags)].slice(0, mostTags);
}
