import type { BlogFacts, Post } from '../../model.ts';
import { linkIn } from '../address.ts';
import type { JsonObject } from '../json-path.ts';
import type { Account } from './account.ts';
import { type MediaWay, PostMedia } from './media.ts';
import { dialect, passingOfAccount } from './post.ts';

/** The pictures of the account itself, which belong to no post; undefined where it has none of its own. */
export function profileOf({ raw }: Account, way: MediaWay): Post | undefined {
  const { avatar, header } = raw;
  const media = new PostMedia({ post: profileId, date: null }, way);
  for (const picture of [avatar, header]) if (!isDefault(picture)) media.addPicture(picture);
  if (media.items.length === 0) return undefined;
  return {
    id: profileId,
    date: null,
    url: linkIn(raw.url),
    raw: { avatar, header },
    items: media.items,
    dialect,
  };
}

export const profileId = 'profile';

/** What everybody has who has chosen nothing. */
const isDefault = (picture: unknown): boolean =>
  typeof picture === 'string' &&
  /\/(?:missing|avi|banner|default)\.(?:png|jpe?g|svg|webp)(?:\?.*)?$/.test(picture.slice(0, 8192));

export const blogOf = ({ id, raw }: Account): BlogFacts => ({
  id: linkOr(raw, id),
  raw,
  passing: passingOfAccount,
});

/** The address by which all servers know it; its number is that of one server alone. */
const linkOr = ({ uri, url }: JsonObject, id: string): string => linkIn(uri) ?? linkIn(url) ?? id;
