import type { MediaItem } from '../../model.ts';
import type { FoundMedia } from '../finds.ts';
import { type Attachment, itemOf } from './attachment.ts';
import { sizesOf } from './media.ts';

type Item = Omit<MediaItem, 'post' | 'index' | 'date'>;

/** All that is known of the media of one post. */
export interface Parts {
  /** Shown above the text. */
  readonly featured: Attachment | undefined;
  readonly media: readonly FoundMedia[];
  /** By the address of what is shown, what the post says that it is. */
  readonly named: ReadonlyMap<string, Attachment>;
  /** Uploaded for this post, be it shown or not. */
  readonly uploads: readonly Attachment[];
  /** From elsewhere, such as players. */
  readonly others: readonly Item[];
}

/**
 * One item for each medium: what is shown is known by its address among the media of the post itself, never of others,
 * so that a post gives the same items whichever posts were read before it.
 */
export function joined({ featured, media, named, uploads, others }: Parts): readonly Item[] {
  const own = new Own([...(featured ? [featured] : []), ...uploads, ...named.values()]);
  const items = new Items();
  if (featured) items.add(itemOf(featured));
  for (const found of media) {
    const attachment = own.find(found, named);
    items.add(attachment ? itemOf(attachment) : guessed(found));
  }
  for (const item of others) items.add(item);
  for (const attachment of uploads) items.add(itemOf(attachment));
  return items.all;
}

/** The media of the library that belong to a post. */
class Own {
  readonly #byAddress = new Map<string, Attachment>();
  /** Null where several have files of that name. */
  readonly #byStem = new Map<string, Attachment | null>();

  constructor(attachments: readonly Attachment[]) {
    for (const attachment of attachments) {
      for (const address of attachment.addresses) this.#byAddress.set(keyOf(address), attachment);
      for (const stem of stemsOf(attachment)) {
        const rival = this.#byStem.get(stem);
        const isOther = rival === null || (rival !== undefined && rival.file !== attachment.file);
        this.#byStem.set(stem, isOther ? null : attachment);
      }
    }
  }

  /** By its very address; else by the name of its file, if the post names it so, or has only one of that name. */
  find({ url, alternates }: FoundMedia, named: Parts['named']): Attachment | undefined {
    const addresses = [url, ...alternates];
    const exact = first(addresses, (address) => this.#byAddress.get(keyOf(address)));
    if (exact) return exact;
    const stems = new Set(addresses.map(stemOf));
    const said = first(addresses, (address) => named.get(address));
    // A blog that has moved names numbers of pictures that are others here.
    if (said && stemsOf(said).some((stem) => stems.has(stem))) return said;
    return first([...stems], (stem) => this.#byStem.get(stem) ?? undefined);
  }
}

function first<T>(keys: readonly string[], find: (key: string) => T | undefined): T | undefined {
  for (const key of keys) {
    const found = find(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

const stemsOf = ({ file, item }: Attachment): readonly string[] => [stemOf(file), stemOf(item.url)];

/** What no library knows: asked for by its likely larger name first, and known by the one that was named. */
function guessed({ url, alternates, ...found }: FoundMedia): Item {
  const sizes = sizesOf(url);
  const [reduced, others] = [alternates.filter(isReduced), alternates.filter((one) => !isReduced(one))];
  const equals = [...new Set([...sizes.alternates, ...others])].filter((address) => address !== sizes.url);
  const lesser = reduced.filter((address) => address !== sizes.url && !equals.includes(address));
  return { id: url, ...found, url: sizes.url, alternates: equals, ...(lesser.length > 0 && { lesser }) };
}

/** By its name, which of an address beside a better one tells enough. */
const isReduced = (url: string): boolean => sizesOf(url).url !== url;

/** Each once, by its identity and by what is asked for first: two sizes of one upload are one. */
class Items {
  readonly #ids = new Set<string>();
  readonly #all = new Map<string, Item>();

  add(item: Item): void {
    const key = keyOf(item.url);
    const twin = this.#all.get(key);
    if (twin) this.#all.set(key, merged(twin, item));
    else if (!this.#ids.has(item.id)) this.#all.set(key, item);
    this.#ids.add(item.id);
  }

  get all(): readonly Item[] {
    return [...this.#all.values()];
  }
}

function merged(item: Item, { alternates }: Item): Item {
  const known = new Set([item.url, ...item.alternates, ...(item.lesser ?? [])]);
  const more = alternates.filter((address) => !known.has(address));
  if (more.length === 0) return item;
  return { ...item, alternates: [...item.alternates, ...more].sort((a, b) => widthIn(b) - widthIn(a)) };
}

/** By the name; one that tells no width may be the whole picture. */
const widthIn = (url: string): number =>
  Number(/-(\d{1,5})x\d{1,5}\.\w{1,8}$/.exec(url.slice(-40))?.[1] ?? 100_000);

/** http and https lead to the same file. */
const keyOf = (url: string): string => url.replace(/^https?:/, '');

/** The name of a file without what says which of its sizes it is; the same upload is moved from host to host. */
function stemOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0]!;
  const name = path.slice(path.lastIndexOf('/') + 1).slice(0, 1000);
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  return stem.replace(/-(?:\d{1,5}x\d{1,5}|scaled|rotated)$/, '') || stem;
}
