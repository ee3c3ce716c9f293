import type { MediaItem } from '../../model.ts';
import { normalise } from '../address.ts';
import { sha256In } from './cid.ts';
import type { Medium } from './embeds.ts';

/** Where the media of an account lie. */
export interface Shelf {
  readonly did: string;
  /** Its own server; a guess where there is a document. */
  readonly pds: string;
  /**
   * The address of the document that names the server. Of somebody else's account it is asked for right before a download,
   * and not for what is held.
   */
  readonly document?: string | undefined;
  readonly cdn: string;
}

/** Where an account lies of which no server is known. */
export const usualPds = 'https://bsky.social';

export const blobAddress = (pds: string, did: string, cid: string): string =>
  `${pds}/xrpc/com.atproto.sync.getBlob?did=${encodeURIComponent(did)}&cid=${cid}`;

/** What the site shows: made anew from the original, and smaller. */
export type Preset = 'feed_fullsize' | 'avatar' | 'banner';

/** The items of a post, each once, in the order shown. */
export function itemsOf(
  media: readonly Medium[],
  shelf: Shelf,
  { post, date, preset = () => 'feed_fullsize' }: Of,
): readonly MediaItem[] {
  const items = new Map<string, MediaItem>();
  for (const medium of media) {
    const item = 'cid' in medium ? blobItem(medium, shelf, preset(medium.cid)) : elsewhere(medium);
    if (item && !items.has(item.id)) items.set(item.id, { ...item, post, index: items.size, date });
  }
  return [...items.values()];
}

interface Of extends Pick<MediaItem, 'post' | 'date'> {
  readonly preset?: (cid: string) => Preset;
}

type Bare = Omit<MediaItem, 'post' | 'index' | 'date'>;

function blobItem(
  { kind, cid }: Extract<Medium, { cid: string }>,
  { did, pds, document, cdn }: Shelf,
  preset: Preset,
): Bare {
  const sha256 = sha256In(cid);
  return {
    id: `bluesky:${did}:${cid}`,
    kind,
    url: blobAddress(pds, did, cid),
    alternates: [],
    ...(kind === 'image' && { lesser: [`${cdn}/img/${preset}/plain/${did}/${cid}@jpeg`] }),
    ...(sha256 !== undefined && { sha256 }),
    ...(document !== undefined && { larger: document }),
  };
}

function elsewhere({ kind, address }: Extract<Medium, { address: string }>): Bare | undefined {
  const url = normalise(address);
  return url === undefined ? undefined : { id: url, kind, url, alternates: [] };
}

/** Whose blob an item is, by its id. */
export function blobOf(id: string): { readonly did: string; readonly cid: string } | undefined {
  const found = /^bluesky:(did:.{1,500}):([A-Za-z0-9]{8,200})$/.exec(id);
  return found ? { did: found[1]!, cid: found[2]! } : undefined;
}
