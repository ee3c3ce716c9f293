import type { Kind } from '../model.ts';
import { kindOfAddress } from './address.ts';
import type { Candidate, Find } from './finds.ts';
import { readSrcset } from './srcset.ts';

export type Attributes = Readonly<Record<string, string>>;

/** What a candidate promises: the file behind a preview, then stated widths, then what is shown at last, then now. */
const tiers = { link: 5e7, original: 4e7, sized: 3e7, lazy: 2e7, shown: 1e7 } as const;

/** Attributes in which lightboxes and galleries keep the file behind the preview, the best first. */
const originals = [
  ...['data-orig-file', 'data-highres', 'data-full-url', 'data-hi-res-src', 'data-orig-src'],
  ...['data-large_image', 'data-zoom-image', 'data-hires'],
];
const sized: readonly (readonly [string, number])[] = [
  ['data-large-file', 1024],
  ['data-medium-file', 300],
];
/** Where scripts find the picture that they show as soon as the reader comes near; src holds a preview until then. */
const lazy = ['data-src', 'data-lazy-src', 'data-original', 'data-image'];
const lazySets = ['data-srcset', 'data-lazy-srcset'];

/**
 * Every address of an `<img>` and the like. Its `width` and `height` say how large it is shown, which proves nothing of
 * the file: taken for a promise, a preview as large would count as the original, and one stretched as a lesser copy.
 * So a size is promised only where it is stated of the very address: by a srcset, or of the original by name.
 */
export function imageCandidates(attributes: Attributes): readonly Candidate[] {
  const later = [...named(attributes, lazy, tiers.lazy), ...inSets(attributes, lazySets)];
  const now = [...named(attributes, ['src'], tiers.shown), ...inSets(attributes, ['srcset'])];
  return [
    ...originalsIn(attributes),
    ...sized.flatMap(([name, wide]) => named(attributes, [name], tiers.sized + wide)),
    ...(later.length > 0 ? later : now),
  ];
}

/** The sizes of a `<source>` of a picture; of equals the `<img>` itself has the format that everybody can see. */
export const sourceCandidates = (attributes: Attributes): readonly Candidate[] =>
  inSets(attributes, ['srcset', ...lazySets]).map((one) => ({ ...one, rank: one.rank - 0.5 }));

/** The file that a link around a preview leads to, if it is a media file at all. */
export function linkCandidates(attributes: Attributes): readonly Candidate[] {
  const found = named(attributes, ['data-highres', 'href'], tiers.link);
  return found.filter(({ address }) => isMediaAddress(address));
}

/** Of several sources of a video the first that can be fetched as a file is what its author put first. */
export function playableCandidate(attributes: Attributes, nth: number): readonly Candidate[] {
  if (/mpegurl|dash\+xml/i.test(attributes.type ?? '')) return [];
  return named(attributes, ['src', 'data-src'], tiers.shown - nth);
}

/** An element that embeds anything at all counts only if it embeds a media file. */
export function embedded(attributes: Attributes, name: string): Find | undefined {
  const address = attributes[name] ?? '';
  const kind = kindOfType(attributes.type) ?? kindOfEnding(address);
  return kind && { kind, candidates: [{ address, rank: tiers.shown }] };
}

/** Where scripts find a background. */
const lateBackgrounds = ['data-bg', 'data-background', 'data-background-image'];

export const hasBackground = (attributes: Attributes): boolean =>
  attributes.style !== undefined ||
  attributes.background !== undefined ||
  lateBackgrounds.some((name) => attributes[name] !== undefined);

/** Pictures of an inline style, or of one that a script makes. */
export function backgrounds(attributes: Attributes): readonly Find[] {
  const { style = '', background } = attributes;
  const late = lateBackgrounds.flatMap((name) => backgroundIn(attributes[name] ?? ''));
  const addresses = [...(background ? [background] : []), ...urlsIn(style), ...late];
  return addresses.map((address) => ({ kind: 'image', candidates: [{ address, rank: tiers.shown }] }));
}

/** Such an attribute may as well hold a colour, or the name of a theme. */
const backgroundIn = (text: string): readonly string[] =>
  text.includes('url(') ? urlsIn(text) : isMediaAddress(text) ? [text] : [];

/** What the microformats of an entry name by a link or a value. */
export function entryMedium({ class: classes = '', href, value }: Attributes): Find | undefined {
  const [, kind] = /(?:^|\s)u-(photo|video|audio)(?:\s|$)/.exec(classes.slice(0, 500)) ?? [];
  const address = href ?? value;
  if (kind === undefined || !address) return undefined;
  const named = kind === 'photo' ? 'image' : (kind as 'video' | 'audio');
  return { kind: named, candidates: [{ address, rank: tiers.link }] };
}

const mostUrls = 20;

function urlsIn(style: string): readonly string[] {
  const found: string[] = [];
  for (let at = style.indexOf('url('); at >= 0 && found.length < mostUrls; at = style.indexOf('url(', at)) {
    const end = style.indexOf(')', at);
    if (end < 0) break;
    found.push(unquoted(style.slice(at + 4, end).trim()));
    at = end;
  }
  return found;
}

const unquoted = (text: string) => (/^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text);

/** Nobody looks at a picture of two pixels: it counts readers. */
export const isPixel = ({ width, height }: Attributes): boolean =>
  isTiny(width) && isTiny(height) && width !== undefined;

const isTiny = (text: string | undefined) => /^\s*[0-2](px)?\s*$/.test((text ?? '').slice(0, 16));

/** `image/png`, `video/mp4`: what a declared type says. */
export function kindOfType(type: string | undefined): Kind | undefined {
  const [, kind] = /^\s*(image|video|audio)\//i.exec((type ?? '').slice(0, 40)) ?? [];
  return kind?.toLowerCase() as Kind | undefined;
}

const kindOfEnding = (address: string): Kind | undefined => {
  const kind = isMediaAddress(address) ? kindOfAddress(address) : 'file';
  return kind === 'file' ? undefined : kind;
};

const isMediaAddress = (address: string): boolean =>
  address.length > 8192 || /^\s*data:/i.test(address.slice(0, 64))
    ? false
    : kindOfAddress(address.trim()) !== 'file';

function named(attributes: Attributes, names: readonly string[], best: number): Candidate[] {
  return names.flatMap((name, nth) => {
    const address = attributes[name];
    return address ? [{ address, rank: best - nth }] : [];
  });
}

function inSets(attributes: Attributes, names: readonly string[]): Candidate[] {
  const sizes = names.flatMap((name) => readSrcset(attributes[name] ?? ''));
  return sizes.map(({ address, width, density }) => ({
    address,
    rank: tiers.sized + (width || density),
    width: width || undefined,
  }));
}

/** The size stands beside the attributes of its own family, and is that of the best of them. */
function originalsIn(attributes: Attributes): Candidate[] {
  const found = named(attributes, originals, tiers.original);
  const of = attributes['data-orig-file'] || attributes['data-orig-src'];
  return found.map((one) => (one.address === of ? { ...one, ...originalSize(attributes) } : one));
}

/** `data-orig-size="1600,1067"`, or in two attributes. */
function originalSize(attributes: Attributes): { width?: number | undefined; height?: number | undefined } {
  const [, wide, high] = /^(\d{1,6}),(\d{1,6})$/.exec(attributes['data-orig-size'] ?? '') ?? [];
  return {
    width: numberIn(wide ?? attributes['data-orig-width']),
    height: numberIn(high ?? attributes['data-orig-height']),
  };
}

export function numberIn(text: string | undefined): number | undefined {
  const [, digits] = /^\s{0,8}(\d{1,6})(?:px)?\s{0,8}$/.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) || undefined;
}
