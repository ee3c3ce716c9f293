import type { Kind, MediaItem } from '../../model.ts';
import { kindOfAddress, resolveMedia } from '../address.ts';
import { fullRoom, limits } from '../finds.ts';
import { detached } from '../text.ts';
import { isNoContent, mediaKeyOf, type OwnHosts } from './addresses.ts';
import { type HtmlMedia, mediaInHtml } from './html.ts';
import { choose, type Placed, placed, type Size } from './sizes.ts';

export type { Size } from './sizes.ts';

export interface MediaOptions {
  /** Where the page that names the media lies in an export, `posts/html/123.html`. */
  readonly page?: string;
  /**
   * What a relative address stands for: it is told the path from the top of the export, `media/123_0.jpg`, still
   * encoded as in addresses. Undefined where there is no such thing; without it relative addresses are left out.
   */
  readonly resolve?: (path: string) => string | undefined;
  readonly ownHosts?: OwnHosts | undefined;
}

interface Medium {
  id: string;
  readonly nth: number;
  readonly kind: Kind;
  readonly names: Set<string>;
  readonly sizes: Map<string, Placed>;
}

const nowhere = 'http://export.invalid/';

/** The media of one post, each once by its media key, in the order in which the post shows them. */
export class PostMedia {
  readonly #post: Pick<MediaItem, 'post' | 'date'>;
  readonly #base: string | null;
  readonly #resolve: (path: string) => string | undefined;
  readonly #ownHosts: OwnHosts | undefined;
  readonly #media = new Set<Medium>();
  #begun = 0;
  readonly #known = new Map<string, Medium>();
  readonly #htmls = new Set<string>();
  readonly #room = fullRoom();
  readonly #leftOut = { surplus: 0, unusable: 0, embedded: 0, unreadable: 0 };
  readonly #unknown = new Set<string>();

  constructor(post: Pick<MediaItem, 'post' | 'date'>, { page = '', resolve, ownHosts }: MediaOptions = {}) {
    this.#post = post;
    this.#base = resolve ? new URL(page, nowhere).href : null;
    this.#resolve = resolve ?? (() => undefined);
    this.#ownHosts = ownHosts;
  }

  /** A medium in all sizes that are known, in any order; the platform may have said by which key it knows it. */
  add(kind: Kind, sizes: readonly Size[], key?: string): void {
    const usable = sizes.slice(0, limits.candidates).flatMap((size) => this.#usable(size) ?? []);
    if (usable.length > 0) this.#join(kind, usable, key);
  }

  /** Whatever media a piece of HTML shows; the pieces of a post repeat each other. */
  addHtml(html: string): void {
    if (this.#htmls.has(html)) return;
    this.#htmls.add(html);
    const found = mediaInHtml(html, {
      base: this.#base,
      original: (url) => this.#original(url) ?? '',
      keyOf: (url) => this.keyOf(url),
      room: this.#room,
    });
    for (const { kind, sizes, key } of found.media) {
      const shown = sizes.filter(({ url }) => url !== '' && !isNoContent(url));
      if (shown.length > 0) this.#join(kind, shown, key);
    }
    this.#count(found);
  }

  /** The lasting key of what lies at an address, if Tumblr keeps it. */
  keyOf(url: string): string | undefined {
    return mediaKeyOf(url, this.#ownHosts);
  }

  /** A part that nobody understands, by its kind. */
  addUnknown(what: string): void {
    if (this.#unknown.size < mostUnknown)
      this.#unknown.add(what.replace(/[^\p{L}\p{N}_ -]/gu, '').slice(0, 60));
  }

  get items(): readonly MediaItem[] {
    return [...this.#media].map(({ id, kind, sizes }, index) => ({
      id,
      kind,
      ...choose(kind, [...sizes.values()]),
      ...this.#post,
      index,
    }));
  }

  get unknown(): readonly string[] {
    return [...this.#unknown];
  }

  /** What was left out and why, in words; empty where nothing was. */
  get faults(): string {
    const parts = Object.entries(this.#leftOut).filter(([, count]) => count > 0);
    return parts
      .map(([what, count]) => `${sentences[what as keyof typeof sentences]} (${count} ×)`)
      .join(', ');
  }

  #usable(size: Size): Size | undefined {
    if (this.#room.left < 0) {
      this.#leftOut.surplus++;
      return undefined;
    }
    const address = size.url.trim();
    if (address === '' || /^data:/i.test(address.slice(0, 8)) || isNoContent(address)) return undefined;
    const resolved = address.length > limits.address ? undefined : resolveMedia(address, this.#base);
    const url = resolved && 'url' in resolved ? this.#original(resolved.url) : undefined;
    if (url === undefined) this.#leftOut.unusable++;
    this.#room.left -= url?.length ?? 0;
    return url === undefined ? undefined : { ...size, url: detached(url) };
  }

  #original(url: string): string | undefined {
    return this.#base !== null && url.startsWith(nowhere) ? this.#resolve(url.slice(nowhere.length)) : url;
  }

  #join(given: Kind, named: readonly Size[], key: string | undefined): void {
    const kind = kindOf(given, named[0]!.url);
    const sizes = named.map((size) => placed(size, this.#ownHosts));
    const names = this.#namesOf(kind, sizes, key);
    const known = new Set(names.flatMap((name) => this.#known.get(name) ?? []));
    const [medium = this.#begin(kind, names[0]!), ...others] = [...known].sort((a, b) => a.nth - b.nth);
    if (!medium) return;
    for (const other of others) {
      if (medium.names.size + other.names.size > limits.candidates) continue;
      medium.id = detached(names[0]!); // what copies were made of names them all
      this.#media.delete(other);
      this.#give(medium, [...other.names], [...other.sizes.values()]);
    }
    this.#give(medium, names, sizes);
  }

  #give(medium: Medium, names: readonly string[], sizes: readonly Placed[]): void {
    for (const name of names) {
      medium.names.add(name);
      this.#known.set(name, medium);
    }
    for (const size of sizes) addSize(medium, size);
  }

  /** By which names it is known; one that a film bears is none of a picture. */
  #namesOf(kind: Kind, sizes: readonly Placed[], key: string | undefined): readonly string[] {
    const names = keysOf(sizes, key).map((one) => `tumblr:${one}`);
    const own = names.filter((name) => (this.#known.get(name)?.kind ?? kind) === kind);
    return own.length > 0 ? own : [choose(kind, sizes).url];
  }

  #begin(kind: Kind, id: string): Medium | undefined {
    if (this.#media.size >= limits.media) {
      this.#leftOut.surplus++;
      return undefined;
    }
    const nth = this.#begun++;
    const medium: Medium = { id: detached(id), nth, kind, names: new Set(), sizes: new Map() };
    this.#media.add(medium);
    return medium;
  }

  #count({ leftOut, unreadable }: HtmlMedia): void {
    this.#leftOut.surplus += leftOut.surplus;
    this.#leftOut.unusable += leftOut.unusable;
    this.#leftOut.embedded += leftOut.embedded;
    this.#leftOut.unreadable += unreadable;
  }
}

const mostUnknown = 20;
const sentences = {
  surplus: 'a medium more than a post may have',
  unusable: 'an address that makes no sense, or is endless',
  embedded: 'a picture within the text itself',
  unreadable: 'a figure whose description cannot be read',
} as const;

/** What the ending says of a picture or a film is surer than where it stands; sound has the endings of films, too. */
function kindOf(given: Kind, url: string): Kind {
  const byEnding = kindOfAddress(url);
  return byEnding === 'file' || (given === 'audio' && byEnding === 'video') ? given : byEnding;
}

/** The keys of its addresses, else the one that was told. */
function keysOf(sizes: readonly Placed[], key = ''): readonly string[] {
  const keys = new Set(sizes.flatMap(({ address }) => address?.key ?? []));
  if (keys.size > 0) return [...keys];
  return /^[\w-]{1,100}(:[\w.-]{1,100}){0,3}$/.test(key) ? [key] : [];
}

/** What states its size knows more than what does not. */
function addSize({ sizes }: Medium, size: Placed): void {
  const known = sizes.get(size.url);
  if (known ? !known.width && size.width : sizes.size < limits.candidates) sizes.set(size.url, size);
}
