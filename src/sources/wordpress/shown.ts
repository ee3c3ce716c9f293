import { normalise } from '../address.ts';
import type { Attributes } from '../elements.ts';
import type { Find, FoundMedia, LeftOut } from '../finds.ts';
import { readMarkup } from '../markup.ts';
import { markupOfWordPress } from './media.ts';
import { playlistMedia } from './playlist.ts';

/** What the HTML of a post shows, and what it says of that. */
export interface Shown {
  readonly media: readonly FoundMedia[];
  /** By the addresses of pictures the number that the post gives them in the library. */
  readonly ids: ReadonlyMap<string, string>;
  /** Videos of VideoPress, of which no address is told. */
  readonly videos: readonly string[];
  readonly leftOut: LeftOut;
}

const mostIds = 2000;
const mostVideos = 50;

export function shownIn(html: string, base: string | null): Shown {
  const ids = new Map<string, string>();
  const videos = new Set<string>();
  const note = (name: string, attributes: Attributes): void => {
    if (name === 'img' || name === 'video' || name === 'audio') noteId(attributes, base, ids);
    const guid = name === 'iframe' ? guidIn(attributes) : undefined;
    if (guid !== undefined && videos.size < mostVideos) videos.add(guid);
  };
  const own = (name: string, attributes: Attributes): readonly Find[] => {
    note(name, attributes);
    return markupOfWordPress.own?.(name, attributes) ?? [];
  };
  const { media, leftOut } = readMarkup(html, { base, ...markupOfWordPress, own });
  return { media: [...media, ...playlistMedia(html, base, media)], ids, videos: [...videos], leftOut };
}

function noteId(attributes: Attributes, base: string | null, ids: Map<string, string>): void {
  const id = idIn(attributes);
  if (id === undefined) return;
  for (const name of sources) {
    const address = attributes[name];
    const url = address && ids.size < mostIds ? normalise(address.trim(), base ?? undefined) : undefined;
    if (url !== undefined) ids.set(original(url), id);
  }
}

const original = (url: string): string => markupOfWordPress.original?.(url) ?? url;
const sources = ['src', 'data-src', 'data-lazy-src', 'data-orig-file', 'data-full-url'];

/** In blocks, in galleries of Jetpack, of blocks and of old, in this order. */
function idIn({ class: names = '', ...rest }: Attributes): string | undefined {
  const found =
    /(?:^|\s)wp-image-(\d{1,20})(?:\s|$)/.exec(names.slice(0, 2000))?.[1] ??
    rest['data-attachment-id'] ??
    rest['data-id'] ??
    /^gallery-\d{1,6}-(\d{1,20})$/.exec((rest['aria-describedby'] ?? '').slice(0, 64))?.[1];
  return found !== undefined && /^\d{1,20}$/.test(found) ? found : undefined;
}

function guidIn({ src = '', 'data-src': later = '' }: Attributes): string | undefined {
  const address = (src || later).slice(0, 500);
  return /^(?:https?:)?\/\/(?:video\.wordpress\.com|videopress\.com)\/(?:embed|v)\/([A-Za-z0-9]{4,32})(?:[/?#]|$)/.exec(
    address,
  )?.[1];
}
