import type { Kind, MediaItem } from '../../model.ts';
import { kindOfAddress, resolveMedia } from '../address.ts';
import { limits } from '../finds.ts';
import { at, isObject, type JsonObject, measureIn } from '../json-path.ts';
import { detached } from '../text.ts';

type Of = Pick<MediaItem, 'post' | 'date'>;

export interface MediaWay {
  /** The server that was asked, by which its ids are told from those of others. */
  readonly host: string;
  readonly base: string;
}

/** The media of one post, each once, in the order in which they were added. */
export class PostMedia {
  readonly items: MediaItem[] = [];
  readonly unknown: string[] = [];
  readonly #of: Of;
  readonly #way: MediaWay;
  readonly #ids = new Set<string>();

  constructor(of: Of, way: MediaWay) {
    this.#of = of;
    this.#way = way;
  }

  /** Attachments of a status, as the API has them. */
  addAttachments(list: unknown): void {
    if (list === undefined || list === null) return;
    if (!Array.isArray(list)) return void this.unknown.push('list of attachments');
    for (const entry of list.slice(0, limits.media)) this.#addAttachment(entry);
    if (list.length > limits.media) this.unknown.push(beyond);
  }

  /** A picture that is known by its address alone. */
  addPicture(address: unknown): void {
    const url = this.#resolved(address);
    if (url !== undefined) this.add({ id: url, kind: 'image', url, alternates: [] });
  }

  add(medium: Omit<MediaItem, 'post' | 'date' | 'index'>): void {
    if (this.#ids.has(medium.id)) return;
    this.#ids.add(medium.id);
    this.items.push({ ...medium, ...this.#of, index: this.items.length });
  }

  #addAttachment(entry: unknown): void {
    if (!isObject(entry)) return void this.unknown.push('attachment');
    const addresses = this.#addresses(entry);
    const [url, ...others] = addresses.whole;
    const best = url ?? addresses.lesser[0];
    if (best === undefined) return void this.unknown.push('attachment without an address');
    const kind = kindOf(entry, best);
    if (kind === undefined) this.unknown.push(`attachment ${String(entry.type).slice(0, 40)}`);
    const lesser = addresses.lesser.filter((one) => one !== best);
    this.add({
      id: keyOf(entry, this.#way.host) ?? best,
      kind: kind ?? kindOfAddress(best),
      url: best,
      alternates: others,
      ...(lesser.length > 0 && { lesser }),
      ...measureIn(entry, ['meta', 'original']),
    });
  }

  /**
   * Of a post from elsewhere the file of its own server is the original, and the one here a copy that may have been made
   * anew. A preview counts only where there is nothing else, and then the original that it was made from is guessed at.
   */
  #addresses({ remote_url, url, optimized_url, preview_url, preview_remote_url }: JsonObject) {
    const [remote, here] = [this.#resolved(remote_url), this.#resolved(url)];
    const own = here === undefined ? undefined : unwrapped(here);
    const original = remote ?? own;
    const copies = [here, this.#resolved(optimized_url)];
    if (original !== undefined) {
      const isSame = own !== undefined && own === original;
      const whole = isSame && here !== own ? [original, here!] : [original];
      return { whole, lesser: distinct(copies).filter((one) => !whole.includes(one)) };
    }
    const previews = distinct([this.#resolved(preview_remote_url), this.#resolved(preview_url)]);
    return { whole: previews.flatMap(originalOf).slice(0, 1), lesser: previews };
  }

  #resolved(address: unknown): string | undefined {
    if (typeof address !== 'string' || address === '' || address.length > limits.address) return undefined;
    const found = resolveMedia(address, this.#way.base);
    return 'url' in found ? detached(found.url) : undefined;
  }
}

/** What is named in place of all further attachments. */
export const beyond = `attachments beyond ${limits.media.toLocaleString('en')}`;

const distinct = (addresses: readonly (string | undefined)[]): string[] => [
  ...new Set(addresses.filter((one) => one !== undefined)),
];

/** Mastodon keeps its previews beside the originals, under the same name. */
function originalOf(preview: string): string[] {
  const at = preview.lastIndexOf('/small/');
  const isMastodons = at > 0 && /\/media_attachments\/files\//.test(preview);
  return isMastodons ? [`${preview.slice(0, at)}/original/${preview.slice(at + '/small/'.length)}`] : [];
}

/** The address that a media proxy of Pleroma stands for: `/proxy/<signature>/<address in base 64>/<name>`. */
export function unwrapped(url: string): string {
  const [, packed] =
    /^https?:\/\/[^/]+\/proxy\/(?:preview\/)?[\w-]{10,100}\/([\w-]{12,8000})(?:\/[^/]*)?$/.exec(url) ?? [];
  const text = packed === undefined ? '' : Buffer.from(packed, 'base64url').toString('utf8');
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(text)) return url;
  const found = resolveMedia(text, null);
  return 'url' in found ? found.url : url;
}

/** Pleroma makes up ids of 32 bits out of addresses: of many files two would have the same. */
function keyOf(entry: JsonObject, host: string): string | undefined {
  if (isObject(entry.pleroma)) return undefined;
  const id = Number.isSafeInteger(entry.id) ? String(entry.id) : entry.id;
  const isKey = typeof id === 'string' && /^[0-9A-Za-z]{1,40}$/.test(id) && id !== '0';
  return isKey ? `mastodon:${host}:${id}` : undefined;
}

const kinds: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['image', 'image'],
  ['gifv', 'video'],
  ['video', 'video'],
  ['audio', 'audio'],
]);

/**
 * `unknown` is what the server has not fetched, or cannot show: its name tells. Undefined for what is new to us. What was
 * made a film of here is the picture that it was on a server that makes none.
 */
function kindOf(entry: JsonObject, url: string): Kind | undefined {
  if (entry.type === 'gifv' && kindOfAddress(url) === 'image') return 'image';
  const known = kinds.get(entry.type);
  if (known !== undefined) return known;
  const mime = [at(entry, ['pleroma', 'mime_type']), entry.mime].find((type) => typeof type === 'string');
  const byType = kinds.get(String(mime).split('/', 1)[0]);
  if (byType !== undefined) return byType;
  return entry.type === 'unknown' || entry.type === undefined ? kindOfAddress(url) : undefined;
}
