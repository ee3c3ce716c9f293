import { resolveMedia } from '../address.ts';
import type { Copies } from '../copies.ts';
import type { Attributes } from '../elements.ts';
import type { Find } from '../finds.ts';
import { at, elements, isObject, type JsonObject, textAt } from '../json-path.ts';
import { readValue, Unreadable } from '../json-stream.ts';
import { uploadAddress } from './addresses.ts';

const longest = 262_144;
/** Logos of other publications in previews of their posts; the icon of a file. */
const decoration = /(?:^|\s)(?:embedded-(?:post|publication)-\S{0,40}|file-embed-thumbnail-default)(?:\s|$)/;

/** What elements of a text say in JSON of what they stand for, and which pictures are mere decoration. */
export class Facts {
  readonly #base: string | null;
  readonly #wrapped: Copies;
  readonly #decoration = new Set<string>();

  constructor(base: string | null, wrapped: Copies) {
    this.#base = base;
    this.#wrapped = wrapped;
  }

  of(name: string, attributes: Attributes): readonly Find[] {
    const { href = '', src = '' } = attributes;
    const text = attributes['data-attrs'] ?? '';
    if (name === 'img' && decoration.test((attributes.class ?? '').slice(0, 1000))) this.#leave(src);
    if (name === 'a' && href.length <= 8192 && /\/api\/v1\/file\/[^/?#]/.test(href))
      return [{ kind: 'file', candidates: [{ address: href, rank: 1 }] }];
    if (!text.startsWith('{') || text.length > longest) return [];
    const told = objectIn(text);
    return told ? this.#told(name, attributes, told) : [];
  }

  isDecoration(url: string): boolean {
    return this.#decoration.has(url);
  }

  #leave(src: string): void {
    const found = src.length <= 8192 ? resolveMedia(src, this.#base) : undefined;
    if (found && 'url' in found && this.#decoration.size < 1000)
      this.#decoration.add(this.#wrapped.original(found.url));
  }

  #told(name: string, attributes: Attributes, told: JsonObject): readonly Find[] {
    const about = `${attributes.class ?? ''} ${attributes['data-component-name'] ?? ''}`.slice(0, 1000);
    const kind = /native-audio|AudioPlaceholder/.test(about) ? 'audio' : 'video';
    const isUpload = /native-(?:audio|video)|(?:Audio|Video)Placeholder/.test(about);
    const id = isUpload ? textAt(told, [['mediaUploadId']], 64) : undefined;
    const address = uploadAddress(kind, id, this.#base);
    return [
      ...(address === undefined ? [] : [{ kind, candidates: [{ address, rank: 1 }] } as const]),
      ...(name === 'img' ? pictureAt(told.src) : []),
      ...elements(at(told, ['gallery', 'images'])).flatMap((one) => pictureAt(at(one, ['src']))),
      ...(Array.isArray(told.photos) ? told.photos : []).flatMap((one) => pictureAt(at(one, ['img_url']))),
      ...(/instagram/i.test(about) ? pictureAt(told.thumbnail_url) : []),
    ];
  }
}

/** The best there is: the original itself. */
const pictureAt = (address: unknown): readonly Find[] =>
  typeof address === 'string' && address !== ''
    ? [{ kind: 'image', candidates: [{ address, rank: 1e8 }] }]
    : [];

function objectIn(text: string): JsonObject | undefined {
  try {
    const value = readValue(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined; // what everybody sees in the element counts still
    throw error;
  }
}
