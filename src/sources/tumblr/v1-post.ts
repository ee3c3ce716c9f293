import type { Kind, MediaItem, Post } from '../../model.ts';
import { kindOfAddress, normalise, resolveMedia } from '../address.ts';
import { readDate } from '../date.ts';
import { at, elements, isObject, type JsonObject, textAt } from '../json-path.ts';
import { detached } from '../text.ts';
import type { OwnHosts } from './addresses.ts';
import { points } from './blocks.ts';
import { PostMedia, type Size } from './media.ts';

const types = new Set('regular text photo quote link conversation chat video audio answer'.split(' '));
const mostTags = 1000;
const mostPhotos = 1000;

/** Makes items of the media that a post is read for. */
export type TakeIn = (
  post: Pick<MediaItem, 'post' | 'date'> & { readonly post: string },
  give: (media: PostMedia) => void,
) => readonly MediaItem[];

const mediaAt =
  (ownHosts?: OwnHosts): TakeIn =>
  (post, give) => {
    const media = new PostMedia(post, { ownHosts });
    give(media);
    return media.items;
  };

export interface V1Reading {
  readonly mediaOf?: TakeIn;
  readonly ownHosts?: OwnHosts | undefined;
  /** Is the time of the blog taken, which counts as UTC, where nothing better is said? */
  readonly takesLocal?: boolean;
}

/** A post of the public API v1; undefined if nothing tells it from others. Its `raw` is what the source gave. */
export function readV1Post(raw: JsonObject, way: V1Reading = {}): Post | undefined {
  const id = idOf(raw);
  if (id === undefined) return undefined;
  const date = dateOf(raw) ?? (way.takesLocal ? readDate(at(raw, ['date'])) : null);
  const items = (way.mediaOf ?? mediaAt(way.ownHosts))({ post: id, date }, (media) => giveMedia(raw, media));
  const tags = tagsOf(raw);
  const type = textAt(raw, [['type']], 40);
  return {
    id,
    date,
    url: addressOf(raw, 'url-with-slug') ?? addressOf(raw, 'url') ?? null,
    raw,
    items,
    passing: Object.keys(raw).filter(isPassing).sort(),
    isReblog: origins.some((key) => textAt(raw, [[key]]) !== undefined),
    dialect: way.takesLocal ? 'export-xml' : 'v1',
    ...(tags.length > 0 && { tags }),
    ...(type !== undefined && !types.has(type) && { unknown: [`post ${detached(type)}`] }),
  };
}

/** Digits as they stand: the ids of today are longer than what a number holds. Some exports have them in addresses alone. */
export function idOf(raw: JsonObject): string | undefined {
  const id =
    textAt(raw, [['id']], 100) ?? /\/post\/(\d{1,20})(?:\/|$)/.exec(addressOf(raw, 'url') ?? '')?.[1];
  return id === undefined ? undefined : detached(id);
}

/** The second of a post. */
export function momentOf(raw: JsonObject): number | undefined {
  const text = textAt(raw, [['unix-timestamp']], 20) ?? '';
  if (/^\d{1,12}$/.test(text) && Number(text) > 0 && Number(text) <= latest) return Number(text);
  const date = readDate(at(raw, ['date-gmt']));
  return date === null ? undefined : Math.floor(Date.parse(date) / 1000);
}

/** The end of the year 9999: after it dates have no form that all would read. */
const latest = 253_402_300_799;

function dateOf(raw: JsonObject): string | null {
  const moment = momentOf(raw);
  return moment === undefined ? null : new Date(moment * 1000).toISOString();
}

const addressOf = (raw: JsonObject, key: string): string | undefined =>
  normalise(textAt(raw, [[key]], 16_384) ?? '');

const origins = ['reblogged-from-url', 'reblogged-from-name', 'reblogged-root-url', 'reblogged-root-name'];

function tagsOf(raw: JsonObject): readonly string[] {
  const tags = elements(at(raw, ['tags'])).slice(0, mostTags);
  return tags.flatMap((tag) => (typeof tag === 'string' && tag !== '' ? detached(tag.slice(0, 1000)) : []));
}

/** Counts, buttons, and what a blog calls itself at the moment. */
const isPassing = (key: string): boolean =>
  /^(note-count|notes|audio-plays|like-button|reblog-button|tumblelog)$/.test(key) ||
  /^reblogged-(from|root)-(title|avatar-url-\d{1,4})$/.test(key);

/** Bodies as they are shown, one after another; a post has those of its type alone. */
const before = ['regular-body', 'quote-text', 'quote-source', 'link-text', 'link-description', 'question'];
const players = ['video-player', 'video-player-500', 'video-player-250'];
const after = ['photo-caption', 'video-caption', 'audio-caption', 'conversation-text', 'answer'];

/** All media that a post names, in the order in which it shows them. */
export function giveMedia(raw: JsonObject, media: Pick<PostMedia, 'add' | 'addHtml'>): void {
  const html = (from: unknown, key: string) => {
    const text = at(from, [key]);
    if (isMarkup(text)) media.addHtml(text);
  };
  const give = (kind: Kind, sizes: readonly Size[]) => {
    if (sizes.length > 0) media.add(kind, sizes);
  };
  for (const key of before) html(raw, key);
  for (const photo of elements(at(raw, ['photos'])).slice(0, mostPhotos)) {
    give('image', photoSizes(photo));
    html(photo, 'caption');
  }
  give('image', photoSizes(raw)); // of a photoset the first once more
  addLinked(raw, media);
  const player = players.find((key) => isMarkup(at(raw, [key])));
  if (player) html(raw, player);
  html(raw, 'video-source');
  give('audio', soundOf(raw));
  html(raw, 'audio-player');
  for (const key of after) html(raw, key);
  for (const line of elements(at(raw, ['conversation'])).slice(0, mostPhotos)) html(line, 'phrase');
}

const isMarkup = (text: unknown): text is string => typeof text === 'string' && text.includes('<');

/** The largest first; the width and height that are stated are its own. */
function photoSizes(photo: unknown): readonly Size[] {
  if (!isObject(photo)) return [];
  const widths = Object.keys(photo)
    .flatMap((key) => /^photo-url-(\d{2,5})$/.exec(key)?.[1] ?? [])
    .sort((a, b) => Number(b) - Number(a));
  const found = widths.flatMap((width) => usable(at(photo, [`photo-url-${width}`])) ?? []);
  const [first, ...others] = found.map((url) => ({ url }));
  return first ? [{ ...first, ...measureOf(photo) }, ...others] : [];
}

function measureOf(photo: JsonObject): Partial<Size> {
  const [width, height] = ['width', 'height'].map((key) => points(at(photo, [key])));
  return width && height ? { width, height } : {};
}

function usable(address: unknown): string | undefined {
  if (typeof address !== 'string') return undefined;
  const resolved = resolveMedia(address.trim(), null);
  return 'url' in resolved ? resolved.url : undefined;
}

/** A photo may lead to a larger one of its author's. */
function addLinked(raw: JsonObject, media: Pick<PostMedia, 'add'>): void {
  const url = usable(at(raw, ['photo-link-url']));
  const kind: Kind = url ? kindOfAddress(url) : 'file';
  if (url && kind !== 'file') media.add(kind, [{ url }]);
}

/** The file that the player is told to play; with the ending that it lacks. */
function soundOf(raw: JsonObject): readonly Size[] {
  for (const key of ['audio-embed', 'audio-player']) {
    const html = at(raw, [key]);
    const [, coded] = typeof html === 'string' ? (/audio_file=([^&"'<>\s]{1,4000})/.exec(html) ?? []) : [];
    const url = usable(coded && uncoded(coded));
    if (url === undefined) continue;
    if (kindOfAddress(url) === 'audio') return [{ url }];
    const named = new URL(url);
    named.pathname += '.mp3';
    const both = [{ url: named.href }, { url }];
    return isHosted(url) ? both.reverse() : both;
  }
  return [];
}

/** Such an address leads on to the file by itself. */
const isHosted = (url: string): boolean => new URL(url).pathname.startsWith('/audio_file/');

function uncoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // no address then
  }
}
