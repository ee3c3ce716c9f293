import type { Post } from '../../model.ts';
import { linkIn } from '../address.ts';
import { readDate } from '../date.ts';
import { at, isObject, type JsonObject } from '../json-path.ts';
import { detached } from '../text.ts';
import { type MediaWay, PostMedia } from './media.ts';

export interface PostWay extends MediaWay {
  readonly hasCards: boolean;
}

/** As the API tells of posts, and not as an archive of the account does. */
export const dialect = 'api';

/** A status of the API; undefined if it is none at all. */
export function readStatus(raw: JsonObject, way: PostWay): Post | undefined {
  const id = idIn(raw.id);
  if (id === undefined) return undefined;
  const boosted = isObject(raw.reblog) ? raw.reblog : undefined;
  const shown = boosted ?? raw;
  const date = dateIn(raw.created_at);
  const media = mediaOf(shown, { post: id, date: boosted ? dateIn(shown.created_at) : date }, way);
  return {
    id,
    date,
    url: linkIn(raw.url) ?? linkIn(raw.uri),
    raw,
    items: media.items,
    tags: tagsIn(shown.tags),
    isReblog: boosted !== undefined,
    dialect,
    passing,
    ...(media.unknown.length > 0 && { unknown: media.unknown }),
  };
}

/** What a boost shows is another's, and from when that was; a quote shows the quoted post behind its own media. */
function mediaOf(
  shown: JsonObject,
  of: { readonly post: string; readonly date: string | null },
  way: PostWay,
): PostMedia {
  const media = new PostMedia(of, way);
  media.addAttachments(shown.media_attachments);
  const quoted = at(shown, ['quote', 'quoted_status']) ?? shown.quote;
  if (isObject(quoted)) media.addAttachments(quoted.media_attachments);
  if (way.hasCards) media.addPicture(at(shown, ['card', 'image']));
  return media;
}

/** Kept as a text, for most have more digits than a number holds. */
export function idIn(value: unknown): string | undefined {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && /^[0-9A-Za-z_-]{1,64}$/.test(text) ? detached(text) : undefined;
}

/** Not a direct message to some: those are nobody else's business, even where the token of their owner shows them. */
export const isDirect = (raw: JsonObject): boolean => raw.visibility === 'direct';

const dateIn = (value: unknown): string | null => (typeof value === 'string' ? readDate(value) : null);

const most = { tags: 1000, letters: 1000 };

function tagsIn(value: unknown): readonly string[] {
  const names = (Array.isArray(value) ? value : []).slice(0, most.tags).map((tag) => at(tag, ['name']));
  const texts = names.filter((name) => typeof name === 'string' && name.trim() !== '') as string[];
  return texts.map((tag) => detached(tag.trim().slice(0, most.letters)));
}

/** What changes of a status without anybody having edited it: counts, who asks, the accounts, what a link shows. */
const ofStatus = [
  ...['replies_count', 'reblogs_count', 'favourites_count', 'quotes_count', 'emoji_reactions', 'reactions'],
  ...['favourited', 'reblogged', 'muted', 'bookmarked', 'pinned', 'filtered', 'quote_approval'],
  ...['account', 'emojis', 'card', 'mentions', 'application'],
  ...['poll.votes_count', 'poll.voters_count', 'poll.expired', 'poll.voted', 'poll.own_votes', 'poll.emojis'],
  ...['poll.options.*.votes_count', 'pleroma', 'akkoma'],
];

export const passing: readonly string[] = ['', 'reblog.', 'quote.', 'quote.quoted_status.'].flatMap((under) =>
  ofStatus.map((path) => under + path),
);

/** The same of an account. */
export const passingOfAccount: readonly string[] = [
  ...['followers_count', 'following_count', 'statuses_count', 'last_status_at', 'emojis', 'roles'],
  ...['source', 'role', 'pleroma', 'akkoma'],
];
