import type { Kind } from '../../model.ts';
import { kindOfAddress, normalise } from '../address.ts';
import { kindOfType, numberIn } from '../elements.ts';
import { type Candidate, type Find, limits } from '../finds.ts';
import { readSrcset } from '../srcset.ts';
import { childrenOf, type Element, resolved } from './tree.ts';

/** What the elements of an entry name as media, its text apart. */
export interface FeedMedia {
  readonly finds: readonly Find[];
  /** Pictures that stand for something else, to be taken where there is nothing else. */
  readonly previews: readonly Find[];
  /** SHA-256 by normalised address. */
  readonly sums: ReadonlyMap<string, string>;
  /** Normalised addresses of what is the same thing in another encoding or size. */
  readonly renditions: ReadonlySet<string>;
}

/** One address of a medium, and what is said of it. */
export interface Named {
  readonly kind: Kind;
  readonly address: string;
  /** The larger, the better. */
  readonly worth: number;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly sha256?: string | undefined;
}

const most = 1000;
const named = 3e7;
const mostWorth = 9e6;

export function mediaOf(entry: Element): FeedMedia {
  const groups = [...enclosures(entry), ...mediaRss(entry), ...pictures(entry), ...companions(entry)];
  return joinedMedia(groups, previewsOf(entry));
}

/** Media from groups of which each is one thing at several addresses. */
export function joinedMedia(
  groups: readonly (readonly Named[])[],
  previews: FeedMedia['previews'],
): FeedMedia {
  const [sums, renditions] = [new Map<string, string>(), new Set<string>()];
  const finds = groups.slice(0, most).map((group) => {
    const best = Math.max(...group.slice(0, limits.candidates).map(({ worth }) => worth));
    for (const { address, sha256, worth } of group) {
      const url = sha256 === undefined && worth === best ? undefined : normalise(address);
      if (url !== undefined && sha256 !== undefined) sums.set(url, sha256);
      if (url !== undefined && worth < best) renditions.add(url);
    }
    return findOf(group);
  });
  return { finds, previews, sums, renditions };
}

const findOf = (group: readonly Named[]): Find => ({
  kind: group[0]!.kind,
  candidates: group.map(
    ({ address, worth, width, height }): Candidate => ({
      address,
      rank: named + Math.min(worth, mostWorth),
      width,
      height,
    }),
  ),
});

/** An address by the base of its own element; elsewhere the base of the entry is as good. */
const addressIn = ({ base }: Element, address: string): string =>
  base === undefined ? address.trim() : (resolved(address, base) ?? address.trim());

const isNoMedium = /^\s*(text\/html|application\/(xhtml\+xml|x-shockwave-flash|x-bittorrent))/i;

export function kindOfNamed(address: string, type: string | undefined, medium?: string): Kind | undefined {
  if (isNoMedium.test((type ?? '').slice(0, 60)) || medium === 'executable') return undefined;
  const byEnding = address.length > limits.address ? 'file' : kindOfAddress(address.trim());
  const stated = kindOfType(type) ?? kindOfType(medium && `${medium}/`);
  return stated ?? (byEnding === 'file' ? (medium === 'document' ? 'file' : undefined) : byEnding);
}

const wholeIn = (text: string | undefined): number => {
  const number = /^\s{0,9}\d{1,15}(\.\d{1,9})?\s{0,9}$/.test(text ?? '') ? Number(text) : 0;
  return Number.isFinite(number) ? number : 0;
};

/**
 * The enclosures of an entry: what it is there to bring, whatever kind of file it is. Other encodings of one stand beside
 * it, each at one address or several.
 */
function enclosures(entry: Element): Named[][] {
  const links = childrenOf(entry, 'link').filter(({ attributes }) => attributes.rel === 'enclosure');
  const groups = [...childrenOf(entry, 'enclosure'), ...links].flatMap((element): Named[][] => {
    const { url, href, type, length } = element.attributes;
    const address = url ?? href;
    if (!address || isNoMedium.test((type ?? '').slice(0, 60))) return [];
    const kind = kindOfNamed(address, type) ?? 'file';
    return [[{ kind, address: addressIn(element, address), worth: kilobytes(length) }]];
  });
  const outOfLine = childrenOf(entry, 'content').flatMap((element): Named[][] => {
    const { src, type } = element.attributes;
    const kind = src ? kindOfNamed(src, type) : undefined;
    return kind ? [[{ kind, address: addressIn(element, src!), worth: 0 }]] : [];
  });
  for (const other of childrenOf(entry, 'podcast:alternateenclosure')) {
    const sources = alternate(other);
    const group = groups.find(([one]) => one!.kind === sources[0]?.kind);
    if (group) group.push(...sources.filter(({ address }) => !isIn(group, address)).map(beside(group[0]!)));
    else if (sources.length > 0) groups.push([...sources]);
    for (const one of sources) if (group) promise(group, one);
  }
  return [...groups, ...outOfLine];
}

const isIn = (group: readonly Named[], address: string) => group.some((one) => one.address === address);

/** The same address, named twice: the sum that one of the elements promises is that of both. */
function promise(group: Named[], { address, sha256 }: Named): void {
  const at = group.findIndex((one) => one.address === address);
  if (sha256 !== undefined && at >= 0) group[at] = { ...group[at]!, sha256 };
}

const kilobytes = (bytes: string | undefined) => Math.min(wholeIn(bytes) / 1024, mostWorth - 1);

/** Of two encodings the larger is the better; where either does not say how large it is, the first one named is. */
const beside =
  (first: Named) =>
  (one: Named): Named =>
    one.worth > 1 && first.worth > 1 ? one : { ...one, worth: -1 };

function alternate(element: Element): readonly Named[] {
  const { type, length } = element.attributes;
  const sha256 = sumIn(childrenOf(element, 'podcast:integrity')[0]);
  return childrenOf(element, 'podcast:source').flatMap((source): Named[] => {
    const { uri = '', contenttype, contentType = contenttype } = source.attributes;
    const kind = /^https?:/i.test(uri) ? kindOfNamed(uri, contentType ?? type) : undefined;
    return kind ? [{ kind, address: addressIn(source, uri), worth: kilobytes(length), sha256 }] : [];
  });
}

/** As subresource integrity has it: `sha256-` and base64. Longer sums are of another kind. */
function sumIn(integrity: Element | undefined): string | undefined {
  const { type, value = '' } = integrity?.attributes ?? {};
  const [, base64] = /(?:^|\s)sha256-([A-Za-z0-9+/_-]{43}=?)(?:\s|\?|$)/.exec(value.slice(0, 1000)) ?? [];
  return type === 'sri' && base64 !== undefined ? Buffer.from(base64, 'base64').toString('hex') : undefined;
}

/** Media RSS: what stands in a group is one thing in several renditions, of each kind. */
function mediaRss(entry: Element): Named[][] {
  const alone = childrenOf(entry, 'media:content').flatMap((element) => contentOf(element, entry));
  const groups = childrenOf(entry, 'media:group').flatMap((group) => {
    const all = childrenOf(group, 'media:content').flatMap((element) => contentOf(element, group));
    return kinds.map((kind) => all.filter((one) => one.kind === kind)).filter((some) => some.length > 0);
  });
  return [...groups, ...alone.map((one) => [one])];
}

const kinds: readonly Kind[] = ['image', 'video', 'audio', 'file'];
const avatars = /(^|\.)gravatar\.com$/i;

function contentOf(element: Element, around: Element): readonly Named[] {
  const { url, type, medium, width, height } = element.attributes;
  const kind = url ? kindOfNamed(url, type, medium) : undefined;
  if (!kind || isAvatar(url!)) return [];
  const [wide, high] = [numberIn(width), numberIn(height)];
  const hash = [...childrenOf(element, 'media:hash'), ...childrenOf(around, 'media:hash')][0];
  const worth = worthOf(element.attributes, wide ?? 0);
  return [{ kind, address: addressIn(element, url!), worth, width: wide, height: high, sha256: hexIn(hash) }];
}

/** Wider is better, then more bits; a trailer or a stream is no match for the whole. */
function worthOf(
  { expression, bitrate, filesize, fileSize = filesize }: Element['attributes'],
  wide: number,
) {
  const detail = Math.min(wholeIn(bitrate) / 1e6, 0.5) + Math.min(wholeIn(fileSize) / 1e12, 0.4);
  return (expression === 'sample' || expression === 'nonstop' ? -1e6 : 0) + wide + detail;
}

const isAvatar = (address: string): boolean =>
  URL.canParse(address, 'https://nowhere.invalid') &&
  avatars.test(new URL(address, 'https://nowhere.invalid').hostname);

/** Media RSS knows MD5 and SHA-1 alone, of which nothing here makes use; some name more. */
function hexIn(hash: Element | undefined): string | undefined {
  const text = hash?.text.trim().toLowerCase() ?? '';
  const isSha256 = /^sha-?256$/i.test(hash?.attributes.algo ?? '');
  return isSha256 && /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

/** The picture of an episode. */
function pictures(entry: Element): Named[][] {
  const own = childrenOf(entry, 'itunes:image', 'googleplay:image').flatMap((element) => {
    const address = element.attributes.href ?? element.attributes.url;
    return address ? [[picture(element, address)]] : [];
  });
  const sets = childrenOf(entry, 'podcast:images').map((element) =>
    readSrcset(element.attributes.srcset ?? '').map(({ address, width }) => ({
      ...picture(element, address),
      worth: width,
    })),
  );
  return [...own, ...sets.filter((set) => set.length > 0)];
}

const picture = (element: Element, address: string): Named => ({
  kind: 'image',
  address: addressIn(element, address),
  worth: 0,
});

/** What belongs to an episode besides: what is said in it, and where its chapters are. */
const companions = (entry: Element): Named[][] =>
  childrenOf(entry, 'podcast:transcript', 'podcast:chapters').flatMap((element) => {
    const { url } = element.attributes;
    return url ? [[{ kind: 'file', address: addressIn(element, url), worth: 0 }]] : [];
  });

/** All sizes of one preview, or several of one thing: one of them is enough. */
function previewsOf(entry: Element): readonly Find[] {
  const within = childrenOf(entry, 'media:group', 'media:content');
  const thumbnails = [entry, ...within].flatMap((element) => childrenOf(element, 'media:thumbnail'));
  const candidates = [...thumbnails, ...childrenOf(entry, 'image')]
    .slice(0, limits.candidates)
    .flatMap(sizeOf);
  return candidates.length === 0 ? [] : [{ kind: 'image', candidates }];
}

function sizeOf(element: Element): readonly Candidate[] {
  const { url, href, width } = element.attributes;
  const inner = childrenOf(element, 'url')[0]?.text ?? element.text;
  const address = (url ?? href ?? inner).trim();
  if (address === '' || isAvatar(address)) return [];
  return [{ address: addressIn(element, address), rank: 1 + (numberIn(width) ?? 0) }];
}
