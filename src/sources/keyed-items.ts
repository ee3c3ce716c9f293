import type { MediaItem } from '../model.ts';
import type { FoundMedia } from './finds.ts';

/** An address of which a platform tells what it stands for. */
export interface KnownAddress {
  /** The same for all sizes of one thing. */
  readonly key: string;
  /** Where the original is, the best address first. */
  readonly best: readonly string[];
  /** The address as it was found, where that gives less than the original. */
  readonly lesser?: string;
  /** How large that is, to be compared with others of the same thing. */
  readonly size: number;
}

/** What the markup says of the original of a key beside its addresses. */
export interface Original {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Where else it is said to be. */
  readonly elsewhere?: string | undefined;
}

export interface Keying {
  /** What stands before the key in the id of an item. */
  readonly platform: string;
  read(address: string): KnownAddress | undefined;
  readonly originals?: ReadonlyMap<string, Original>;
}

interface Group {
  readonly id: string;
  readonly kind: FoundMedia['kind'];
  readonly size: Original;
  /** In the order in which they are to be asked. */
  readonly addresses: Set<string>;
  readonly lesser: Map<string, number>;
}

/** The items of a post, one for each thing, however many of its sizes the markup names. */
export function keyedItems(
  media: readonly FoundMedia[],
  keying: Keying,
  post: Pick<MediaItem, 'post' | 'date'>,
): readonly MediaItem[] {
  const groups = new Map<string, Group>();
  for (const found of media) {
    const known = keying.read(found.url);
    const id = known ? `${keying.platform}:${known.key}` : found.url;
    const group = groups.get(id) ?? groupOf(id, found, known && keying.originals?.get(known.key));
    groups.set(id, group);
    for (const address of [found.url, ...found.alternates]) add(group, address, keying.read(address));
    if (group.size.elsewhere !== undefined) group.addresses.add(group.size.elsewhere);
  }
  return [...groups.values()].map((group, index) => itemOf(group, { ...post, index }));
}

const groupOf = (id: string, { kind, width, height }: FoundMedia, original: Original = {}): Group => ({
  id,
  kind,
  size: { width, height, ...original },
  addresses: new Set(),
  lesser: new Map(),
});

function add({ addresses, lesser }: Group, address: string, known: KnownAddress | undefined): void {
  for (const best of known?.best ?? [address]) addresses.add(best);
  if (known?.lesser !== undefined) lesser.set(known.lesser, known.size);
}

function itemOf(
  { id, kind, size: { width, height }, addresses, lesser }: Group,
  post: Pick<MediaItem, 'post' | 'date' | 'index'>,
): MediaItem {
  const [url, ...alternates] = [...addresses] as [string, ...string[]];
  const smaller = [...lesser].filter(([address]) => !addresses.has(address)).sort(([, a], [, b]) => b - a);
  return {
    id,
    kind,
    url,
    alternates,
    ...(smaller.length > 0 && { lesser: smaller.map(([address]) => address) }),
    ...post,
    ...(width && { width }),
    ...(height && { height }),
  };
}
