import { kindOfAddress } from '../address.ts';
import { at, isObject, type JsonObject } from '../json-path.ts';
import { points, sizeIn } from './blocks.ts';
import type { PostMedia } from './media.ts';
import { listOf } from './npf.ts';
import type { Size } from './sizes.ts';

/** The media of a post of the old form, whatever its type says: several types have photos, texts, players. */
export function addLegacy(raw: JsonObject, media: PostMedia): void {
  addPhotos(raw, media);
  addFilm(raw, media);
  addSound(raw, media);
  media.add('image', sizeAt(raw, 'link_image', raw.link_image_dimensions));
  for (const field of texts) addText(raw[field], media);
}

/** Where HTML stands, in the order in which posts show it. */
const texts = ['question', 'body', 'text', 'answer', 'caption', 'description', 'source'];

/** What the post passes on, and what was said to it: as often as not the same that its body has. */
export function addReblogged(raw: JsonObject, media: PostMedia): void {
  for (const entry of listOf(raw.trail)) {
    addText(at(entry, ['content_raw']), media);
    addText(at(entry, ['content']), media);
  }
  addText(at(raw, ['reblog', 'comment']), media);
  addText(at(raw, ['reblog', 'tree_html']), media);
}

function addText(value: unknown, media: PostMedia): void {
  if (typeof value === 'string' && value.includes('<')) media.addHtml(value);
}

/** What is called the original need not be the largest, and may be missing. */
function addPhotos({ photos }: JsonObject, media: PostMedia): void {
  for (const photo of isPhoto(photos) ? [photos] : listOf(photos)) {
    if (!isObject(photo)) continue;
    const sizes = [photo.original_size, ...listOf(photo.alt_sizes), photo];
    media.add(
      'image',
      sizes.flatMap((size) => sizeIn(size) ?? []),
    );
    addText(photo.caption, media);
  }
}

const isPhoto = (value: unknown) => isObject(value) && ('original_size' in value || 'alt_sizes' in value);

/** A foreign film is not ours to fetch, but its poster lies with Tumblr. */
function addFilm(raw: JsonObject, media: PostMedia): void {
  media.add('video', hosted(raw.video_type, sizeAt(raw, 'video_url'), media));
  const poster = { width: raw.thumbnail_width, height: raw.thumbnail_height };
  media.add('image', sizeAt(raw, 'thumbnail_url', poster));
  for (const player of isObject(raw.player) ? [raw.player] : listOf(raw.player))
    addText(at(player, ['embed_code']), media);
}

function addSound(raw: JsonObject, media: PostMedia): void {
  const sizes = [...sizeAt(raw, 'audio_url'), ...sizeAt(raw, 'audio_source_url')];
  media.add('audio', hosted(raw.audio_type, sizes, media));
  media.add('image', sizeAt(raw, 'album_art'));
  for (const field of ['player', 'embed']) addText(raw[field], media);
}

/** Of foreign players the address is that of a page, unless it promises a file. */
const hosted = (type: unknown, sizes: readonly Size[], media: PostMedia): readonly Size[] =>
  type === 'tumblr' ? sizes : sizes.filter(({ url }) => media.keyOf(url) !== undefined || isFile(url));

const isFile = (url: string) => url.length < 8192 && kindOfAddress(url) !== 'file';

function sizeAt(raw: JsonObject, field: string, measure?: unknown): readonly Size[] {
  const url = raw[field];
  if (typeof url !== 'string') return [];
  return [{ url, width: points(at(measure, ['width'])), height: points(at(measure, ['height'])) }];
}
