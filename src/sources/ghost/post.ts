import type { Post } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { linkIn } from '../address.ts';
import { readDate } from '../date.ts';
import { itemsOf } from '../finds.ts';
import { elements, isObject, type JsonObject, textAt } from '../json-path.ts';
import { detached } from '../text.ts';
import type { Warnings } from '../warnings.ts';
import { mediaOf } from './media.ts';

export interface PostWay {
  /** The address of the site. */
  readonly site: string;
  /** Are the originals of uploaded pictures to be asked for? */
  readonly originals: boolean;
  readonly warnings: Warnings;
}

/** A post or a page as the Content API gives it; undefined where it has no id. */
export function readGhostPost(raw: JsonObject, { site, originals, warnings }: PostWay): Post | undefined {
  const id = textAt(raw, [['id'], ['uuid']], 200);
  if (id === undefined) return undefined;
  const date = readDate(raw.published_at);
  const url = linkIn(raw.url);
  const { media, fault } = mediaOf(raw, { base: url ?? site, originals });
  if (fault !== '') warnings.warn(`Post ${quoted(id, 80)} has ${fault}.`);
  const post = detached(id);
  return { id: post, date, url, raw, items: itemsOf(media, { post, date }), passing, ...tagsOf(raw.tags) };
}

/**
 * What is no edit of the post: that it was saved again, which alone tells of no change, and what its authors and tags
 * say of themselves, which would else be an edit of all that bear them.
 */
const ofOthers = [
  ...['profile_image', 'cover_image', 'bio', 'website', 'location', 'url', 'meta_title', 'meta_description'],
  ...['facebook', 'twitter', 'threads', 'bluesky', 'mastodon', 'tiktok', 'youtube', 'instagram', 'linkedin'],
];
const ofTags = [
  ...[
    'description',
    'feature_image',
    'url',
    'meta_title',
    'meta_description',
    'accent_color',
    'canonical_url',
  ],
  ...['og_image', 'og_title', 'og_description', 'twitter_image', 'twitter_title', 'twitter_description'],
  ...['codeinjection_head', 'codeinjection_foot'],
];
const passing: readonly string[] = [
  ...['updated_at', 'primary_author', 'primary_tag', 'count'],
  ...ofOthers.map((key) => `authors.*.${key}`),
  ...ofTags.map((key) => `tags.*.${key}`),
];

const most = { tags: 200, letters: 500 };

function tagsOf(value: unknown): { readonly tags?: readonly string[] } {
  const names = elements(value).flatMap((tag) =>
    isObject(tag) && typeof tag.name === 'string' ? [tag.name] : [],
  );
  return tagsFrom(names);
}

export function tagsFrom(names: readonly string[]): { readonly tags?: readonly string[] } {
  const tags = names
    .map((name) => name.trim().slice(0, most.letters))
    .filter((name) => name !== '')
    .slice(0, most.tags)
    .map(detached);
  return tags.length > 0 ? { tags } : {};
}
