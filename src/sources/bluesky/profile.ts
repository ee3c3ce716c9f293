import type { BlogFacts, Post } from '../../model.ts';
import { at, isObject, wholeOf } from '../json-path.ts';
import { isCid } from './cid.ts';
import { blobIn, type Medium } from './embeds.ts';
import { itemsOf, type Shelf } from './items.ts';

/** What an account says of itself, and the two pictures of it. */
export interface Profile {
  readonly post: Post;
  readonly blog: BlogFacts;
  /** How many posts it is said to have, those that are hidden among them. */
  readonly posts?: number | undefined;
  /** Does it ask that only those see it who have signed in? */
  readonly isShy: boolean;
}

const passing = [
  ...['followers', 'follows', 'posts'].map((key) => `${key}Count`),
  ...['associated', 'viewer', 'labels', 'verification', 'status', 'indexedAt', 'pinnedPost', 'debug'],
];

export const uriOfProfile = (did: string): string => `at://${did}/app.bsky.actor.profile/self`;

/** As the site shows it: its pictures are named by addresses in which their own stand. */
export function readProfileView(view: unknown, shelf: Shelf): Profile | undefined {
  if (!isObject(view) || at(view, ['did']) !== shelf.did) return undefined;
  const media = pictures.map((key) => pictureAt(at(view, [key])));
  const labels = at(view, ['labels']);
  return {
    post: { ...postOf(shelf, { media, raw: view }), dialect: 'view', passing },
    blog: { id: shelf.did, raw: view, passing },
    posts: wholeOf(at(view, ['postsCount'])),
    isShy:
      Array.isArray(labels) &&
      labels.slice(0, 100).some((label) => at(label, ['val']) === '!no-unauthenticated'),
  };
}

/** As the account holds it. */
export function readProfileRecord(
  { cid, value }: { readonly cid: unknown; readonly value: unknown },
  shelf: Shelf,
): Post | undefined {
  if (!isObject(value)) return undefined;
  const media = pictures.map((key) => blobIn(at(value, [key]), 'image'));
  return {
    ...postOf(shelf, { media, raw: { uri: uriOfProfile(shelf.did), cid, value } }),
    dialect: 'record',
    ...(isCid(cid) && { passing: ['value'] }),
  };
}

const pictures = ['avatar', 'banner'] as const;

/** Nobody says when the pictures were put there. */
function postOf(
  shelf: Shelf,
  { media, raw }: { readonly media: readonly (Medium | undefined)[]; readonly raw: unknown },
): Post {
  const id = uriOfProfile(shelf.did);
  const [avatar] = media;
  const isAvatar = (cid: string) => avatar !== undefined && 'cid' in avatar && avatar.cid === cid;
  const preset = (cid: string) => (isAvatar(cid) ? 'avatar' : 'banner');
  const items = itemsOf(
    media.filter((medium) => medium !== undefined),
    shelf,
    { post: id, date: null, preset },
  );
  return { id, date: null, url: `https://bsky.app/profile/${shelf.did}`, raw, items };
}

/** `…/img/avatar/plain/did:plc:…/bafkrei…@jpeg` */
function pictureAt(address: unknown): Medium | undefined {
  if (typeof address !== 'string' || address.length > 2000) return undefined;
  const cid = address.split(/[?#]/, 1)[0]!.split('/').at(-1)!.split('@')[0];
  return isCid(cid) ? { kind: 'image', cid } : undefined;
}
