import type { Kind, MediaItem } from '../model.ts';
import { kindOfAddress, resolveMedia } from './address.ts';
import { detached } from './text.ts';

/** One address of a medium as the markup has it, and how good it promises to be: the highest rank is the best. */
export interface Candidate {
  readonly address: string;
  readonly rank: number;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** A medium as an element names it. */
export interface Find {
  readonly kind: Kind | undefined;
  readonly candidates: readonly Candidate[];
}

/** A medium of a piece of markup: absolute addresses, the best first. */
export interface FoundMedia {
  readonly kind: Kind;
  readonly url: string;
  readonly alternates: readonly string[];
  /** In pixels, where the markup states it of this address. */
  readonly width?: number;
  readonly height?: number;
}

/** What was left out, by number. */
export interface LeftOut {
  /** Media beyond those that one page may have, by their number or by the length of their addresses. */
  surplus: number;
  /** Addresses that are endless or make no sense. */
  unusable: number;
  /** Pictures that lie in the markup itself, and are too large for a preview. */
  embedded: number;
}

export const limits = {
  media: 10_000,
  addresses: 100_000,
  candidates: 50,
  address: 8192,
  preview: 16_384,
  resolved: 2 ** 24,
} as const;

/** How many letters all resolved addresses of a page may still have: a long base makes long ones of the shortest. */
export interface Room {
  left: number;
}

export const fullRoom = (): Room => ({ left: limits.resolved });

interface Resolving {
  readonly base: string | null;
  readonly original: (url: string) => string;
  readonly room: Room;
}

interface Group {
  kind: Kind | undefined;
  readonly candidates: Map<string, Candidate>;
}

/** Resolves what the elements name, and joins what is the same: a medium, its sizes, its twin for other readers. */
export class Finds {
  readonly leftOut: LeftOut = { surplus: 0, unusable: 0, embedded: 0 };
  readonly #finds: Find[] = [];
  #addresses = 0;

  add({ kind, candidates }: Find): void {
    const usable = candidates.slice(0, limits.candidates).filter(({ address }) => this.#isUsable(address));
    if (usable.length === 0) return;
    this.#addresses += usable.length;
    const isTooMuch = this.#finds.length >= limits.media || this.#addresses > limits.addresses;
    if (isTooMuch) this.leftOut.surplus++;
    else this.#finds.push({ kind, candidates: usable });
  }

  /** Whatever was said of the base of the addresses has been said by now. */
  resolved({ base, original, room }: Resolving): readonly FoundMedia[] {
    const groups: Group[] = [];
    const known = new Map<string, Group>();
    for (const find of this.#finds) {
      const candidates = room.left > 0 ? this.#resolveAll(find, { base, original, room }) : undefined;
      if (!candidates) this.leftOut.surplus++;
      else if (candidates.size > 0) join(groups, known, { kind: find.kind, candidates });
    }
    return apart(groups).map(told);
  }

  /** Undefined where there is no room for all; nothing has room from there on, and is not even looked at. */
  #resolveAll({ candidates }: Find, { base, original, room }: Resolving): Map<string, Candidate> | undefined {
    const found = new Map<string, Candidate>();
    for (const candidate of candidates) {
      const url = this.#resolve(candidate.address, base, original);
      if (url === undefined) continue;
      const rival = found.get(url);
      if (!rival) room.left -= url.length;
      if (room.left < 0) return undefined;
      if (!rival || rival.rank < candidate.rank) found.set(url, candidate);
    }
    return found;
  }

  #isUsable(address: string): boolean {
    const text = address.slice(0, 64).trim();
    if (/^data:/i.test(text)) {
      if (/^data:(image|video|audio)\//i.test(text) && address.length > limits.preview)
        this.leftOut.embedded++;
      return false;
    }
    if (address.length > limits.address) this.leftOut.unusable++;
    return text !== '' && !text.startsWith('#') && address.length <= limits.address;
  }

  #resolve(address: string, base: string | null, original: (url: string) => string): string | undefined {
    const resolved = resolveMedia(address.trim(), base);
    if ('url' in resolved) return original(resolved.url);
    if (resolved.refused !== 'not http') this.leftOut.unusable++;
    return undefined;
  }
}

/** Two finds are one if the best address of the second is among those of the first: a mere preview joins nothing. */
function join(groups: Group[], known: Map<string, Group>, found: Group): void {
  const [best] = sorted(found.candidates)[0]!;
  const group = known.get(best) ?? found;
  if (group === found) groups.push(group);
  group.kind ??= found.kind;
  for (const [url, candidate] of found.candidates) {
    if (!known.has(url)) known.set(url, group);
    const rival = group.candidates.get(url);
    if (group.candidates.size < limits.candidates && (!rival || rival.rank < candidate.rank))
      group.candidates.set(url, candidate);
  }
}

/** What stands for several media, such as the icon of a link, is a size of none of them. */
function apart(groups: readonly Group[]): readonly Group[] {
  const times = new Map<string, number>();
  for (const { candidates } of groups)
    for (const url of candidates.keys()) times.set(url, (times.get(url) ?? 0) + 1);
  const bests = new Set(groups.map(({ candidates }) => sorted(candidates)[0]![0]));
  const alone = new Map<string, Group>();
  for (const { kind, candidates } of groups) {
    const [, ...others] = sorted(candidates);
    for (const [url, candidate] of others.filter(([url]) => times.get(url)! > 1)) {
      candidates.delete(url);
      if (!bests.has(url)) alone.set(url, { kind, candidates: new Map([[url, candidate]]) });
    }
  }
  return [...groups, ...alone.values()];
}

const sorted = (candidates: ReadonlyMap<string, Candidate>) =>
  [...candidates].sort(([, a], [, b]) => b.rank - a.rank);

function told({ kind, candidates }: Group): FoundMedia {
  const [[url, best], ...others] = sorted(candidates) as [[string, Candidate], ...[string, Candidate][]];
  const byEnding = kindOfAddress(url);
  return {
    kind: byEnding === 'file' ? (kind ?? 'file') : byEnding,
    url: detached(url),
    alternates: others.map(([other]) => detached(other)),
    ...(best.width && { width: best.width }),
    ...(best.height && { height: best.height }),
  };
}

/** The items of a post from what its markup names. */
export function itemsOf(
  media: readonly FoundMedia[],
  post: Pick<MediaItem, 'post' | 'date' | 'seen'>,
): readonly MediaItem[] {
  return media.map((found, index) => ({ id: found.url, ...found, ...post, index }));
}
