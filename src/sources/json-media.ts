import type { Kind } from '../model.ts';
import { isAddress, kindOfAddress } from './address.ts';
import { guesses, type Mapping } from './json-mapping.ts';
import { at, elements, isObject, type JsonObject, type Path, pick, textAt } from './json-path.ts';

/** One thing to keep, as an export names it. */
export interface Found {
  readonly address: string;
  readonly alternates: readonly string[];
  readonly kind?: Kind | undefined;
  /** What the name of the field says of it; the ending of the address knows better. */
  readonly hint?: Kind | undefined;
  readonly key?: string | undefined;
  readonly sha256?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** What is known on the way down to a media object. */
interface Way {
  readonly mapping: Mapping;
  readonly hint?: Kind | undefined;
  readonly depth: number;
}

/** One of several sizes of the same. */
interface Size {
  readonly address: string;
  readonly width: number;
  readonly from: JsonObject;
}

const deepest = 8;

/** The media of a post, by the mapping or from the fields in which media usually stand. */
export function mediaOf(post: JsonObject, mapping: Mapping): readonly Found[] {
  if (mapping.url && !mapping.media) return addressesAt(post, mapping.url, mapping);
  return fieldsOf(post, mapping.media ?? guesses.media, { mapping, depth: 0 });
}

/** The post is the media object where it has one address; of several, none can own the key of the post. */
function addressesAt(post: JsonObject, url: Path, mapping: Mapping): readonly Found[] {
  const found = pick(post, url).flatMap(addresses);
  return found.length === 1
    ? object(post, { mapping, depth: 0 })
    : found.map((address) => ({ address, alternates: [] }));
}

function fieldsOf(value: JsonObject, fields: readonly Path[], way: Way): readonly Found[] {
  return fields.flatMap((field) => {
    if (!Object.hasOwn(value, field[0]!) && field[0] !== '*') return [];
    const name = field.findLast((part) => !/^(\*|\d+)$/.test(part)) ?? '';
    return pick(value, field).flatMap((found) => media(found, { ...way, hint: kindIn(name) ?? way.hint }));
  });
}

function media(value: unknown, way: Way, isInList = false): readonly Found[] {
  if (looksUsable(value)) return [{ address: value.trim(), alternates: [], hint: way.hint }];
  if (typeof value !== 'object' || value === null || way.depth > deepest) return [];
  const deeper = { ...way, depth: way.depth + 1 };
  if (isObject(value)) return object(value, deeper);
  const sizes = isInList ? sizesIn(value) : []; // a list of its own is of different things
  if (sizes.length > 0) return [joined({}, sizes, way)];
  return elements(value).flatMap((element) => media(element, deeper, true));
}

/** A media object, or one that merely holds some. */
function object(value: JsonObject, way: Way): readonly Found[] {
  const sizes = sizesOf(value, way.mapping);
  if (sizes.length > 0) return [joined(value, sizes, way)];
  const named = fieldsOf(value, guesses.media, way);
  if (named.length > 0) return named;
  return Object.entries(value).flatMap(([name, inner]) =>
    isObject(inner) && !mediaFields.has(name) ? media(inner, way) : [],
  );
}

const mediaFields = new Set(guesses.media.map(([field]) => field!));

/** Every size that an object names, the widest first; what is called original has no equal. */
function sizesOf(value: JsonObject, { url }: Mapping): readonly Size[] {
  if (url) {
    const named = pick(value, url).flatMap(addresses);
    return named.map((address) => ({ address, width: 0, from: value }));
  }
  const own = sizeOf(value);
  const lists = Object.keys(value).filter(
    (name) => Array.isArray(value[name]) && (name === 'media' || !mediaFields.has(name)),
  );
  if (own && lists.length === 0) return [own];
  const sizes = lists.flatMap((name) => sizesIn(value[name]));
  return [...(own ? [own] : []), ...sizes].sort((a, b) => (a.width === b.width ? 0 : b.width - a.width));
}

/** Are all elements one thing in several widths? */
function sizesIn(list: unknown): readonly Size[] {
  const sizes: Size[] = [];
  for (const element of elements(list)) {
    const size = isObject(element) ? sizeOf(element) : undefined;
    if (!size || size.width === 0) return [];
    sizes.push(size);
  }
  return sizes.sort((a, b) => (a.width === b.width ? 0 : b.width - a.width));
}

function sizeOf(value: JsonObject, depth = 0): Size | undefined {
  for (const path of guesses.url) {
    const found = at(value, path);
    const isOriginal = path[0]!.startsWith('original');
    const inner = isObject(found) && depth < 2 ? sizeOf(found, depth + 1) : undefined;
    const size = looksUsable(found) ? { address: found.trim(), width: widthOf(value), from: value } : inner;
    if (size) return isOriginal ? { ...size, width: Number.POSITIVE_INFINITY } : size;
  }
  return undefined;
}

const points = (value: unknown): number =>
  Math.max(0, Number(typeof value === 'string' ? Number.parseInt(value, 10) : value) || 0);

const widthOf = ({ width }: JsonObject): number => points(width);

/** Where the size of what is at the address stands, if not beside it. */
const measures = ['meta.original', 'media_details', 'dimensions'].map((words) => words.split('.'));

/** Both or none: of one alone nothing follows. */
function measureOf(value: JsonObject): { width?: number; height?: number } {
  for (const found of [value, ...measures.map((path) => at(value, path))]) {
    const [width, height] = isObject(found) ? [points(found.width), points(found.height)] : [0, 0];
    if (Number.isSafeInteger(width) && Number.isSafeInteger(height) && width && height)
      return { width, height };
  }
  return {};
}

function joined(value: JsonObject, [best, ...others]: readonly Size[], { mapping, hint }: Way): Found {
  const of = (key: 'kind' | 'key' | 'alternates' | 'sha256') =>
    mapping[key] ? [mapping[key]] : guesses[key];
  const both = value === best!.from ? [value] : [value, best!.from];
  const text = (key: 'key' | 'sha256') =>
    both.map((from) => textAt(from, of(key))).find((found) => found !== undefined);
  const kinds = both.flatMap((from) => of('kind').flatMap((path) => pick(from, path)));
  return {
    address: best!.address,
    alternates: [
      ...others.map(({ address }) => address),
      ...of('alternates').flatMap((path) => pick(value, path).flatMap(addresses)),
    ],
    kind: kinds
      .map((found) => (typeof found === 'string' ? kindIn(found) : undefined))
      .find((kind) => kind !== undefined),
    hint,
    key: text('key'),
    sha256: text('sha256'),
    ...measureOf(best!.from),
  };
}

/** Every address in a text, an object, or a list of these. */
function addresses(value: unknown): readonly string[] {
  if (looksUsable(value)) return [value.trim()];
  if (Array.isArray(value))
    return value.flatMap((element) => (Array.isArray(element) ? [] : addresses(element)));
  const size = isObject(value) ? sizeOf(value) : undefined;
  return size ? [size.address] : [];
}

/** A piece of markup, a name or a yes is no address. */
function looksUsable(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const start = value.slice(0, 1000);
  return /[/.:]/.test(start) && !/[<>\n]/.test(start.trim());
}

const words: readonly (readonly [RegExp, Kind])[] = [
  [/^(image|photo|picture)(?=s?($|[^a-z]))/i, 'image'],
  [/^(video|movie)(?=s?($|[^a-z]))/i, 'video'],
  [/^(audio|sound|song)(?=s?($|[^a-z]))/i, 'audio'],
];

/** `image/png`, `photo`, `videos`: what a type or the name of a field says. */
const kindIn = (text: string): Kind | undefined => words.find(([word]) => word.test(text))?.[1];

/** The last resort: any text of a post that is as a whole the address of a media file. */
export function mediaAnywhere(value: unknown, depth = 0): readonly Found[] {
  if (typeof value === 'string') {
    const isMedia = isAddress(value) && !/\s/.test(value.slice(0, 1000)) && kindOfAddress(value) !== 'file';
    return isMedia ? [{ address: value, alternates: [] }] : [];
  }
  return depth > 2 * deepest ? [] : elements(value).flatMap((inner) => mediaAnywhere(inner, depth + 1));
}
