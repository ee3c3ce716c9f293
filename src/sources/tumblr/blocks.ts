import type { Kind } from '../../model.ts';
import { elements, isObject, type JsonObject, wholeOf } from '../json-path.ts';
import type { Size } from './sizes.ts';

/** A medium as the platform's JSON names it, in all its sizes. */
export interface Named {
  readonly kind: Kind;
  readonly sizes: readonly Size[];
  readonly key?: string | undefined;
}

/** Blocks that are known to show no media of their own. */
const plain: ReadonlySet<unknown> = new Set(['text', 'poll', 'paywall']);

/** The media of one block of a post, in order; undefined if nobody knows such a block. */
export function mediaOfBlock(block: JsonObject): readonly Named[] | undefined {
  switch (block.type) {
    case 'image': // its poster is a still of itself
      return [named('image', block.media ?? { url: block.url })];
    case 'video':
    case 'audio':
      return [hosted(block.type, block), ...posters(block)];
    case 'link':
      return posters(block);
    default:
      return plain.has(block.type) ? [] : undefined;
  }
}

/** The address of the block itself is that of a page where the provider is a foreign one. */
function hosted(kind: Kind, { media, url, provider }: JsonObject): Named {
  const found = named(kind, media);
  return found.sizes.length > 0 || provider !== 'tumblr' ? found : named(kind, { url });
}

function posters({ poster, media }: JsonObject): readonly Named[] {
  const within = asList(media).map((one) => one.poster);
  return [poster, ...within].map((one) => named('image', one));
}

function named(kind: Kind, value: unknown): Named {
  const list = asList(value);
  const key = list.map(({ media_key }) => media_key).find((one) => typeof one === 'string');
  return { kind, sizes: list.flatMap((one) => sizeIn(one) ?? []), key };
}

const most = 50;

/** Lists come as one object, and as an object with numbers for keys. */
function asList(value: unknown): readonly JsonObject[] {
  const list = isObject(value) && 'url' in value ? [value] : elements(value).slice(0, most);
  return list.filter(isObject);
}

/** A size as the JSON states it; where the size of the original is not known, what is stated is made up. */
export function sizeIn(value: unknown): Size | undefined {
  if (!isObject(value) || typeof value.url !== 'string' || value.url === '') return undefined;
  if (value.original_dimensions_missing === true) return { url: value.url };
  return {
    url: value.url,
    width: points(value.width),
    height: points(value.height),
    isOriginal: value.has_original_dimensions === true,
  };
}

/** How wide or high something is; what is of no size does not say. */
export const points = (value: unknown, most = 999_999): number | undefined =>
  wholeOf(value, most) || undefined;
