import { resolveMedia } from '../address.ts';
import { type Attributes, imageCandidates } from '../elements.ts';
import type { Find, FoundMedia, LeftOut, Room } from '../finds.ts';
import { isObject, type JsonObject } from '../json-path.ts';
import { readValue, Unreadable } from '../json-stream.ts';
import { readMarkup } from '../markup.ts';
import { mediaOfBlock, type Named } from './blocks.ts';
import type { Size } from './sizes.ts';

export interface HtmlMedia {
  readonly media: readonly Named[];
  readonly leftOut: LeftOut;
  /** Figures whose description is not what it should be. */
  readonly unreadable: number;
}

interface HtmlOptions {
  readonly base: string | null;
  readonly original: (url: string) => string;
  readonly keyOf: (url: string) => string | undefined;
  readonly room: Room;
}

/**
 * The media of a piece of a post. To what everybody sees in it Tumblr adds blocks as JSON within figures, which are
 * all that is left of a film in the words of others, and says of pictures that were copied what they were copied from.
 */
export function mediaInHtml(html: string, options: HtmlOptions): HtmlMedia {
  const facts = new Facts(options);
  const own = (name: string, attributes: Attributes) => facts.of(name, attributes);
  const { media, leftOut } = readMarkup(html, { ...options, own });
  return { media: media.flatMap((found) => facts.apart(found)), leftOut, unreadable: facts.unreadable };
}

const longest = 262_144;

/** What elements say of addresses beyond naming them. */
class Facts {
  unreadable = 0;
  readonly #options: HtmlOptions;
  readonly #sizes = new Map<string, Size>();
  readonly #keys = new Map<string, string>();
  /** Of a copy, and of what it was copied from, under which name both go. */
  readonly #copies = new Map<string, string>();

  constructor(options: HtmlOptions) {
    this.#options = options;
  }

  of(name: string, attributes: Attributes): readonly Find[] {
    if (name === 'img') this.#image(attributes);
    const text = name === 'figure' ? attributes['data-npf'] : undefined;
    return text ? this.#figure(text) : [];
  }

  /** One find may hold several media: a picture that links to another is no size of it. */
  apart({ kind, url, alternates, width, height }: FoundMedia): readonly Named[] {
    const groups = new Map<string, Size[]>();
    for (const address of [url, ...alternates]) {
      const name = this.#nameOf(address) ?? '';
      const stated = address === url ? { url, width, height } : { url: address };
      const size = this.#sizes.get(address) ?? stated;
      groups.set(name, [...(groups.get(name) ?? []), size]);
    }
    return [...groups.values()].map((sizes) => ({
      kind,
      sizes,
      key: sizes.map((size) => this.#keys.get(size.url)).find((key) => key !== undefined),
    }));
  }

  #nameOf(url: string): string | undefined {
    const name = this.#options.keyOf(url);
    return this.#copies.get(name ?? url) ?? name;
  }

  #image(attributes: Attributes): void {
    for (const { address, width, height } of imageCandidates(attributes)) {
      const url = width && this.#resolved(address);
      if (url) this.#sizes.set(url, { url, width, height });
    }
    const from = this.#resolved(attributes['data-orig-src'] ?? '');
    const copy = this.#resolved(attributes.src ?? '');
    if (from && copy) this.#copied(from, copy);
  }

  #copied(from: string, copy: string): void {
    const [original, own] = [from, copy].map(this.#options.keyOf);
    if (original && own) this.#copies.set(own, original);
    else if (own) this.#copies.set(from, own);
  }

  #figure(text: string): readonly Find[] {
    const block = blockIn(text);
    const named = block && mediaOfBlock(block);
    if (!named) this.unreadable++;
    return (named ?? []).map((one) => this.#find(one));
  }

  #find({ kind, sizes, key }: Named): Find {
    for (const size of sizes) {
      const url = this.#resolved(size.url);
      if (url) this.#sizes.set(url, { ...size, url });
      if (url && key !== undefined) this.#keys.set(url, key);
    }
    const candidates = sizes.map(({ url, width, height }, nth) => ({
      address: url,
      rank: best - nth,
      width,
      height,
    }));
    return { kind, candidates };
  }

  #resolved(address: string): string | undefined {
    if (address === '' || address.length > 8192) return undefined;
    const resolved = resolveMedia(address.trim(), this.#options.base);
    return 'url' in resolved ? this.#options.original(resolved.url) || undefined : undefined;
  }
}

/** Above whatever else elements promise. */
const best = 1e9;

function blockIn(text: string): JsonObject | undefined {
  try {
    const value = text.length > longest ? undefined : readValue(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return undefined; // counted by who asks
  }
}
