import type { Kind } from '../../model.ts';
import { at, isObject } from '../json-path.ts';
import { isCid } from './cid.ts';

/** A medium of a record: a blob of its author's, or what lies at an address elsewhere. */
export type Medium = { readonly kind: Kind } & ({ readonly cid: string } | { readonly address: string });

export interface Media {
  readonly media: readonly Medium[];
  /** What nobody understood, each by its kind. */
  readonly unknown: readonly string[];
  /** How many there were beyond those that a post may have. */
  readonly surplus: number;
}

/** Four pictures, or twenty in a gallery, are what the platform allows; whoever sends thousands has no post. */
const most = 1000;

/** What a record has embedded, in the order in which it is shown. */
export function mediaOf(embed: unknown): Media {
  if (embed === undefined || embed === null) return { media: [], unknown: [], surplus: 0 };
  const found: (Medium | string)[] = [];
  const { surplus } = gather(embed, found, true);
  return {
    media: found.filter((one) => typeof one !== 'string'),
    unknown: found.filter((one) => typeof one === 'string'),
    surplus,
  };
}

function gather(embed: unknown, found: (Medium | string)[], isOuter: boolean): { surplus: number } {
  const type = at(embed, ['$type']);
  const list = (key: string): readonly unknown[] => {
    const given = at(embed, [key]);
    return Array.isArray(given) ? given : [];
  };
  const take = (all: readonly unknown[], read: (one: unknown) => Medium | string) => {
    found.push(...all.slice(0, most).map(read));
    return { surplus: Math.max(0, all.length - most) };
  };
  switch (type) {
    case 'app.bsky.embed.images':
      return take(list('images'), pictureIn);
    case 'app.bsky.embed.gallery':
      return take(list('items'), pictureIn);
    case 'app.bsky.embed.video':
      found.push(blobIn(at(embed, ['video']), 'video') ?? 'a video without a file');
      return take(list('captions'), (one) => blobIn(at(one, ['file']), 'file') ?? 'captions without a file');
    case 'app.bsky.embed.external':
      found.push(...movingPicture(at(embed, ['external', 'uri'])));
      return { surplus: 0 };
    case 'app.bsky.embed.recordWithMedia':
      if (isOuter) return gather(at(embed, ['media']), found, false);
      break;
    case 'app.bsky.embed.record':
      return { surplus: 0 }; // what is quoted has an author of its own
  }
  found.push(typeof type === 'string' ? `embed ${type.slice(0, 100)}` : 'an embed without a type');
  return { surplus: 0 };
}

const pictureIn = (one: unknown): Medium | string =>
  blobIn(at(one, ['image']), 'image') ?? 'a picture without a file';

/** A reference to a blob, in the form of today or in the old one; what its type leaves open is told by its place. */
export function blobIn(blob: unknown, usual: Kind): Medium | undefined {
  if (!isObject(blob)) return undefined;
  const cid = [at(blob, ['ref', '$link']), at(blob, ['ref']), at(blob, ['cid'])].find(isCid);
  const family = String(at(blob, ['mimeType']) ?? '')
    .slice(0, 100)
    .split('/')[0]!
    .toLowerCase();
  const kind = family === 'image' || family === 'video' || family === 'audio' ? family : usual;
  return cid === undefined ? undefined : { kind, cid };
}

/** Hosts of nothing but short films that are called GIFs: a card of theirs is shown as the picture itself. */
const hosts = /^(media\d{0,2}|c)\.tenor\.com$|^(media\d{0,2}|i)\.giphy\.com$|^static\.klipy\.com$/;

function movingPicture(address: unknown): readonly Medium[] {
  if (typeof address !== 'string' || address.length > 8192 || !URL.canParse(address)) return [];
  const { protocol, hostname, pathname } = new URL(address);
  const isOne = /^https?:$/.test(protocol) && hosts.test(hostname) && /\.(gif|webp|mp4)$/i.test(pathname);
  return isOne ? [{ kind: /\.mp4$/i.test(pathname) ? 'video' : 'image', address }] : [];
}
