import type { Post } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { linkIn } from '../address.ts';
import { readDate } from '../date.ts';
import { elements, isObject, type JsonObject, textAt } from '../json-path.ts';
import { detached } from '../text.ts';
import type { Warnings } from '../warnings.ts';
import { itemsIn } from './media.ts';

export interface PostWay {
  /** The address of the publication, without a slash at its end; null where nobody knows it. */
  readonly base: string | null;
  /** What is listed, as it stands in sentences. */
  readonly name: string;
  readonly warnings: Warnings;
}

/** A post, or what a list says of one; undefined where it has no id. */
export function readSubstackPost(raw: JsonObject, { base, name, warnings }: PostWay): Post | undefined {
  const id = textAt(raw, [['id']], 100);
  if (id === undefined) return undefined;
  const date = readDate(raw.post_date);
  const url = linkIn(raw.canonical_url) ?? linkTo(base, raw.slug);
  const post = detached(id);
  const { items, fault } = itemsIn(raw, { base, post, date });
  if (fault !== '') warnings.warn(`${name}: post ${quoted(id, 80)} has ${fault}.`);
  const isReblog = textAt(raw, [['restacked_post_id']]) !== undefined;
  return { id: post, date, url, raw, items, passing, ...tagsOf(raw.postTags), ...(isReblog && { isReblog }) };
}

const ofAuthors = [
  'photo_url',
  'bio',
  'handle',
  'profile_set_up_at',
  'reader_installed_at',
  'publicationUsers',
];
const uploads = ['podcastUpload', 'podcastPreviewUpload', 'videoUpload', 'voiceoverUpload'];

/** Counts, what is shown beside the post, what its authors say of themselves, and addresses that expire. */
const passing: readonly string[] = [
  ...[
    'reactions',
    'reaction',
    'reaction_count',
    'restacks',
    'restacked',
    'comment_count',
    'child_comment_count',
  ],
  ...[
    'next_post_slug',
    'previous_post_slug',
    'pins',
    'section_pins',
    'top_exclusions',
    'headlineTest',
    'meter_type',
  ],
  ...[
    'audio_items',
    'coverImagePalette',
    'themeVariables',
    'teaser_post_eligible',
    'unlockedWithIP',
    'updated_at',
  ],
  ...['unlockedWithCampaign', 'is_geoblocked', 'is_viewed', 'read_progress', 'max_read_progress', 'is_saved'],
  ...[...ofAuthors, 'status', 'bestseller_tier', 'primaryPublication'].map(
    (key) => `publishedBylines.*.${key}`,
  ),
  ...uploads.map((key) => `${key}.transcription`),
];

export function linkTo(base: string | null, slug: unknown): string | null {
  const isPlain = typeof slug === 'string' && /^[^/?#\s]{1,500}$/.test(slug);
  return base !== null && isPlain ? new URL(`${base}/p/${slug}`).href : null;
}

const most = { tags: 200, letters: 500 };

function tagsOf(value: unknown): { readonly tags?: readonly string[] } {
  const names = elements(value).flatMap((tag) =>
    isObject(tag) && typeof tag.name === 'string' ? tag.name.trim() : [],
  );
  const tags = names.filter((name) => name !== '').slice(0, most.tags);
  return tags.length > 0 ? { tags: tags.map((name) => detached(name.slice(0, most.letters))) } : {};
}
