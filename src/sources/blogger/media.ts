import type { MediaItem } from '../../model.ts';
import { normalise } from '../address.ts';
import { type Attributes, kindOfType, numberIn } from '../elements.ts';
import type { Candidate, Find, LeftOut } from '../finds.ts';
import { type Keying, keyedItems, type Original } from '../keyed-items.ts';
import { MarkupReader } from '../markup.ts';
import { readImage } from './images.ts';
import { isVideoPage, videoKey } from './video-page.ts';

export interface PostMedia {
  readonly items: readonly MediaItem[];
  readonly unknown: readonly string[];
  readonly leftOut: LeftOut;
}

/** What a post has beside its text. */
export interface Beside {
  readonly enclosures: readonly { readonly href: string; readonly type: string | undefined }[];
  /** Shown where there is nothing else. */
  readonly thumbnail: string | undefined;
}

const mostOriginals = 10_000;

/** The media of the text of a post, and what its entry names besides. */
export function mediaOf(
  html: string,
  { enclosures, thumbnail }: Beside,
  post: Pick<MediaItem, 'post' | 'date'> & { readonly base: string | null },
): PostMedia {
  const own = new OwnMedia(post.base);
  const reader = new MarkupReader({ base: post.base, own: (name, attributes) => own.in(name, attributes) });
  for (const { href, type } of enclosures.slice(0, 100))
    reader.add({ kind: kindOfType(type) ?? 'file', candidates: [{ address: href, rank: 1 }] });
  reader.write(html);
  const { media, leftOut } = reader.end();
  const shown = media.length > 0 || thumbnail === undefined ? media : previewAt(thumbnail, post.base);
  const { base: _, ...of } = post;
  const items = keyedItems(shown, { platform: 'blogger', read: readMedium, originals: own.originals }, of);
  return { items: items.map(asVideo), unknown: own.unknown, leftOut };
}

const readMedium: Keying['read'] = (address) => {
  const key = videoKey(address);
  return key === undefined ? readImage(address) : { key: `video:${key}`, best: [address], size: 0 };
};

function previewAt(address: string, base: string | null) {
  const reader = new MarkupReader({ base });
  reader.add({ kind: 'image', candidates: [{ address, rank: 1 }] });
  return reader.end().media;
}

/** Of a video only a page is named; the page names streams, whose addresses are good for some hours. */
const asVideo = (item: MediaItem): MediaItem =>
  isVideoPage(item.url) ? { ...item, kind: 'video', larger: item.url } : item;

/** What Blogger puts into a post in a way of its own. */
class OwnMedia {
  readonly unknown: string[] = [];
  /** How large a picture is that the text shows reduced. */
  readonly originals = new Map<string, Original>();
  readonly #base: string | null;

  constructor(base: string | null) {
    this.#base = base;
  }

  in(name: string, attributes: Attributes): readonly Find[] {
    if (name === 'img') this.#measure(attributes);
    if (name === 'a') return found('image', imageIn(attributes.href));
    if (name === 'iframe' || name === 'object') return this.#video(attributes);
    return [];
  }

  #measure(attributes: Attributes): void {
    const width = numberIn(attributes['data-original-width']);
    const height = numberIn(attributes['data-original-height']);
    if (width === undefined || height === undefined || this.originals.size >= mostOriginals) return;
    const url = normalise((attributes.src ?? '').slice(0, 8193), this.#base ?? 'https://nowhere.invalid');
    const known = url === undefined ? undefined : readImage(url);
    if (known) this.originals.set(known.key, { width, height });
  }

  #video({ class: classes = '', src, data }: Attributes): readonly Find[] {
    const address = src ?? data ?? '';
    const isVideo = /(?:^|\s)BLOG_video_class(?:\s|$)/.test(classes.slice(0, 200));
    const url =
      address.length > 8192 ? undefined : normalise(address, this.#base ?? 'https://nowhere.invalid');
    if (url !== undefined && isVideoPage(url)) return found('video', url);
    if (isVideo && this.unknown.length < 100) this.unknown.push('video');
    return [];
  }
}

/** A link to a picture whose address has no ending; those that have one are links to media everywhere. */
function imageIn(href: string | undefined): string | undefined {
  if (href === undefined || href.length > 8192) return undefined;
  const url = normalise(href, 'https://nowhere.invalid');
  return url !== undefined && /=[swh]\d/.test(url) && readImage(url) ? url : undefined;
}

function found(kind: Find['kind'], address: string | undefined): readonly Find[] {
  const candidates: Candidate[] = address === undefined ? [] : [{ address, rank: 1 }];
  return candidates.length > 0 ? [{ kind, candidates }] : [];
}
