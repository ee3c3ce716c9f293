import type { Kind, MediaItem, Post } from '../../model.ts';
import { isAddress, kindOfAddress, linkIn, normalise } from '../address.ts';
import { readDate } from '../date.ts';
import { limits } from '../finds.ts';
import { at, isObject, type JsonObject, measureIn } from '../json-path.ts';
import { detached } from '../text.ts';
import { attachmentIn, type Contents } from './archive-contents.ts';
import { beyond, PostMedia } from './media.ts';
import { profileId } from './profile.ts';

export interface ArchiveWay {
  readonly contents: Contents;
  /** The server that the account is on, where the archive says so. */
  readonly host: string | null;
}

const dialect = 'archive';

/** A post, or a boost of another's, out of the outbox; undefined if nothing tells it from others. */
export function readActivity(raw: JsonObject, way: ArchiveWay): Post | undefined {
  const note = isObject(raw.object) ? raw.object : undefined;
  const id = idOf(note?.id) ?? idOf(raw.id);
  if (id === undefined) return undefined;
  const date = dateIn(note?.published) ?? dateIn(raw.published);
  const media = new PostMedia({ post: id, date }, { host: way.host ?? '', base: 'https://nowhere.invalid' });
  const unknown = isKnownType(raw) ? [] : [`activity ${String(raw.type).slice(0, 40)}`];
  const attachments = listOf(note?.attachment);
  if (attachments.length > limits.media) unknown.push(beyond);
  for (const entry of attachments.slice(0, limits.media)) {
    const medium = mediumOf(entry, way);
    if (typeof medium === 'object') media.add(medium);
    else if (medium !== undefined) unknown.push(medium);
  }
  return {
    ...{
      id,
      date,
      url: linkIn(note?.url) ?? linkIn(note?.id) ?? linkIn(raw.object),
      raw,
      items: media.items,
    },
    ...{ tags: tagsIn(note?.tag), isReblog: raw.type === 'Announce', dialect },
    ...(unknown.length > 0 && { unknown }),
  };
}

const isKnownType = ({ type, object }: JsonObject): boolean =>
  type === 'Announce' || (type === 'Create' && isObject(object));

/** The number of the status, by which the API knows it too; the whole address where there is none. */
function idOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > 2000) return undefined;
  return detached(/\/statuses\/([0-9A-Za-z]{1,64})(?:\/activity)?$/.exec(value)?.[1] ?? value);
}

type Medium = Omit<MediaItem, 'post' | 'date' | 'index'>;

const documents: ReadonlySet<unknown> = new Set(['Document', 'Image', 'Video', 'Audio']);

/** What nobody understands is named; undefined for a link, which is no medium. */
function mediumOf(entry: unknown, { contents, host }: ArchiveWay): Medium | string | undefined {
  if (!isObject(entry)) return 'attachment';
  if (entry.type === 'Link') return undefined;
  if (!documents.has(entry.type)) return `attachment ${String(entry.type).slice(0, 40)}`;
  const { url: path } = entry;
  if (typeof path !== 'string' || path === '' || path.length > limits.address)
    return 'attachment without an address';
  const live = isAddress(path) ? normalise(path) : undefined;
  const url = live ?? contents.addressOf(path);
  const attachment = attachmentIn(url);
  const isOwn = attachment !== undefined && host !== null;
  return {
    id: isOwn ? `mastodon:${host}:${attachment}` : url,
    kind: kindOf(entry, url),
    ...{ url, alternates: [] },
    ...measureIn(entry),
  };
}

function kindOf({ mediaType, type }: JsonObject, url: string): Kind {
  const [family] = String(mediaType ?? type)
    .toLowerCase()
    .split('/', 1);
  return family === 'image' || family === 'video' || family === 'audio' ? family : kindOfAddress(url);
}

const publicly = /(?:^as:|^https:\/\/www\.w3\.org\/ns\/activitystreams#|^)Public$/;

/** Neither to the public nor to followers: a message to those who are named. */
export function isDirect(raw: JsonObject): boolean {
  const note = isObject(raw.object) ? raw.object : {};
  const to = [raw.to, raw.cc, note.to, note.cc].flatMap(listOf);
  return !to.some(
    (one) => typeof one === 'string' && one.length < 2000 && (publicly.test(one) || /\/followers$/.test(one)),
  );
}

/** The pictures of the account, which lie beside its posts; undefined where there are none. */
export function profileIn(actor: JsonObject, { contents, host }: ArchiveWay): Post | undefined {
  const media = new PostMedia(
    { post: profileId, date: null },
    { host: host ?? '', base: 'https://nowhere.invalid' },
  );
  for (const path of [at(actor, ['icon', 'url']), at(actor, ['image', 'url'])]) {
    if (typeof path !== 'string' || path === '' || path.length > limits.address) continue;
    const url = (isAddress(path) ? normalise(path) : undefined) ?? contents.addressOf(path);
    media.add({ id: url, kind: 'image', url, alternates: [] });
  }
  if (media.items.length === 0) return undefined;
  const raw = { icon: actor.icon, image: actor.image };
  return { id: profileId, date: null, url: linkIn(actor.url), raw, items: media.items, dialect };
}

const dateIn = (value: unknown): string | null => (typeof value === 'string' ? readDate(value) : null);

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

function tagsIn(value: unknown): readonly string[] {
  const tags = listOf(value)
    .slice(0, 1000)
    .filter((tag) => at(tag, ['type']) === 'Hashtag');
  const names = tags.map((tag) => at(tag, ['name'])).filter((name) => typeof name === 'string') as string[];
  return names
    .map((name) => detached(name.trim().replace(/^#/, '').slice(0, 1000)))
    .filter((name) => name !== '');
}
