import type { Post } from '../../model.ts';
import { normalise } from '../address.ts';
import { readDate } from '../date.ts';
import { at, elements, type JsonObject, textAt, wholeOf } from '../json-path.ts';
import type { Attachment } from './attachment.ts';
import { joined } from './join.ts';
import type { Entry } from './list.ts';
import { type Shown, shownIn } from './shown.ts';
import type { Item } from './videopress.ts';

/** A post before anybody was asked of its media. */
export interface Draft {
  readonly entry: Entry;
  readonly url: string | null;
  readonly shown: Shown;
  /** The number of the picture above it. */
  readonly featured: string | undefined;
}

/** What others said of it. */
export interface Learnt {
  readonly get: (id: string) => Attachment | undefined;
  readonly uploads: readonly Attachment[];
  readonly videos: readonly Item[];
  /** Videos that could not be found. */
  readonly unknown: number;
  readonly tags: readonly string[];
  /** Seconds east of Greenwich. */
  readonly offset: number;
}

/** Addresses are relative to the post, or to the blog where it has none of its own. */
export function draftOf(entry: Entry, home: string): Draft {
  const { raw } = entry;
  const url = normalise(textAt(raw, [['link']], 8192) ?? '') ?? null;
  const html = at(raw, ['content', 'rendered']);
  const shown = shownIn(typeof html === 'string' ? html : '', url ?? home);
  const featured = textAt(raw, [['featured_media']], 20);
  return { entry, url, shown, featured: featured === '0' ? undefined : featured };
}

/** The numbers of media that it names. */
export const idsOf = ({ shown, featured }: Draft): readonly string[] => [
  ...new Set([...(featured === undefined ? [] : [featured]), ...shown.ids.values()]),
];

/** Its words as the API gave them, and of the media uploaded for it theirs. */
export function postOf(draft: Draft, learnt: Learnt): Post {
  const { entry, url } = draft;
  const { id, raw } = entry;
  const date = dateOf(entry, learnt.offset);
  const items = joined(partsOf(draft, learnt)).map((item, index) => ({ ...item, post: id, date, index }));
  const words = wordsOf(draft, learnt);
  return {
    ...{ id, date, url, items, passing },
    raw: words.length > 0 ? { ...raw, _attachments: words } : raw,
    ...(learnt.tags.length > 0 && { tags: learnt.tags }),
    ...(learnt.unknown > 0 && { unknown: Array.from({ length: learnt.unknown }, () => 'videopress') }),
  };
}

/** A medium of the library that belongs to no post. */
export function postOfAttachment({ id, raw, ...entry }: Entry, attachment: Attachment, offset: number): Post {
  const date = dateOf({ id, raw, ...entry }, offset);
  const { file, item } = attachment;
  const url = normalise(textAt(raw, [['link']], 8192) ?? '') ?? null;
  return { id, date, url, raw, items: [{ id: file, ...item, post: id, date, index: 0 }], passing };
}

/** What is no edit: computed from other posts, by plugins, or by the day on which somebody looks. */
const passing = [
  ...['comment_status', 'ping_status', 'class_list', '_links', '_embedded', 'jetpack-related-posts'],
  ...[
    'jetpack_likes_enabled',
    'jetpack_sharing_enabled',
    'jetpack_publicize_connections',
    'yoast_head',
    'yoast_head_json',
  ],
  ...[
    'aioseo_head',
    'aioseo_head_json',
    'aioseo_notices',
    'comment_count',
    'like_count',
    'views',
    'post_views',
  ],
];

/** By Greenwich where that is told, else by the blog's own clock. */
function dateOf({ raw, moment }: Entry, offset: number): string | null {
  const date = readDate(at(raw, ['date_gmt']));
  if (date !== null) return date;
  return moment === undefined ? null : new Date((moment - offset) * 1000).toISOString();
}

function partsOf({ entry, shown, featured }: Draft, { get, uploads, videos }: Learnt) {
  const named = new Map<string, Attachment>();
  for (const [address, id] of shown.ids) {
    const attachment = get(id);
    if (attachment) named.set(address, attachment);
  }
  const above = featured === undefined ? undefined : get(featured);
  const media = above ? shown.media : [...jetpacks(entry.raw), ...shown.media];
  return { featured: above, media, named, uploads, others: videos };
}

/** Jetpack tells the address of the picture above a post, too, which helps where the library is closed. */
function jetpacks(raw: JsonObject): Shown['media'] {
  const url = normalise(textAt(raw, [['jetpack_featured_media_url']], 8192) ?? '');
  return url === undefined ? [] : [{ kind: 'image', url, alternates: [] }];
}

function wordsOf(draft: Draft, { get, uploads }: Learnt): readonly JsonObject[] {
  const named = idsOf(draft).flatMap((id) => get(id) ?? []);
  return [...new Map([...uploads, ...named].map((one) => [one.id, one.words])).values()];
}

/** Behind a password the API gives the frame of a post alone. */
export const isProtected = ({ raw }: Entry): boolean =>
  at(raw, ['content', 'protected']) === true &&
  textAt(raw, [['content', 'rendered']], Number.MAX_SAFE_INTEGER) === undefined;

/** The numbers of its tags and categories. */
export const termsOf = ({ raw }: Entry, of: 'tags' | 'categories'): readonly string[] =>
  elements(raw[of])
    .flatMap((id) => wholeOf(id)?.toString() ?? [])
    .slice(0, 500);
