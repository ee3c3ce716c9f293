import { normalise } from '../address.ts';

/** The box that a rendition was fitted into: no side of it is longer. */
export interface Box {
  readonly width: number;
  readonly height: number;
}

/** What the address of a medium says of it, whichever of Tumblr's many hosts it names. */
export interface MediaAddress {
  /** The same for all renditions of one medium, and for no other medium. */
  readonly key: string;
  readonly style: 'sized' | 'legacy' | 'avatar';
  /** Undefined where the address names no size. */
  readonly box?: Box;
  readonly isCropped: boolean;
  /** Of a store of originals that has been shut: worth a look into the web archives at most. */
  readonly isShut: boolean;
}

const longest = 4096;

/** Hosts, without ports, that show what Tumblr would: those of the settings, whose server stands in for it. */
export type OwnHosts = ReadonlySet<string>;

const none: OwnHosts = new Set();

/** Undefined for whatever is not kept by Tumblr under a lasting key. */
export function readMediaAddress(address: string, own: OwnHosts = none): MediaAddress | undefined {
  const url = address.length > longest ? undefined : normalise(address);
  const [, hostname, path] = /^https?:\/\/(\[[^\]]*\]|[^/:]*)[^/]*\/([^?#]*)/.exec(url ?? '') ?? [];
  if (hostname === undefined || path === undefined) return undefined;
  const parts = path.split('/').filter(Boolean);
  if (!own.has(hostname) && !isOfTumblr(hostname, parts)) return undefined;
  return sized(parts) ?? legacy(parts, /^data\.tumblr\.com$/.test(hostname)) ?? avatar(parts);
}

/** The lasting key of a medium, by any of its addresses. */
export const mediaKeyOf = (address: string, own?: OwnHosts): string | undefined =>
  readMediaAddress(address, own)?.key;

export const hostsOf = (...addresses: readonly (string | undefined)[]): OwnHosts =>
  new Set(addresses.flatMap((one) => (one !== undefined && URL.canParse(one) ? new URL(one).hostname : [])));

/** What posts name and nobody would call their content: previews of a film as a strip, stand-ins for what loads. */
export function isNoContent(address: string): boolean {
  const path = address.slice(0, longest).split(/[?#]/, 1)[0]!;
  return /_filmstrip(_\d+)?\.\w+$/.test(path) || /\/images\/inline_placeholder\.png$/.test(path);
}

/** A foreign host may show what it likes under a key, which would then pass for the picture that bears it. */
function isOfTumblr(host: string, parts: readonly string[]): boolean {
  if (host === 's3.amazonaws.com') return parts[0] === 'data.tumblr.com';
  if (host === 'static.tumblr.com' || host === 'assets.tumblr.com') return false;
  return /(^|\.)tumblr\.com$/.test(host);
}

/** `<32 hex>/<16 hex>-<2 hex>/s640x960/<token>.jpg`; a still of a picture that moves is not that picture. */
function sized(parts: readonly string[]): MediaAddress | undefined {
  const at = parts.findIndex(
    (part, nth) => /^[0-9a-f]{32}$/.test(part) && /^[0-9a-f]{16}-[0-9a-f]{2}$/.test(parts[nth + 1] ?? ''),
  );
  if (at < 0) return undefined;
  const found = /^s(\d{1,5})x(\d{1,5})u?(_[a-z]\d)?$/.exec(parts[at + 2] ?? '');
  const isStill = found?.[3]?.startsWith('_f') ?? false;
  return {
    key: `${parts[at]}:${parts[at + 1]}${isStill ? ':still' : ''}`,
    style: 'sized',
    ...(found && { box: { width: Number(found[1]), height: Number(found[2]) } }),
    isCropped: found?.[3]?.startsWith('_c') ?? false,
    isShut: false,
  };
}

/**
 * `tumblr_<key>o1_r1_500.jpg`, `tumblr_inline_<key>_500.png`, `tumblr_<key>_480.mp4`, `tumblr_<key>_smart1.jpg`: the
 * key is all of the name but its size.
 */
function legacy(parts: readonly string[], isOfShutHost: boolean): MediaAddress | undefined {
  const at = parts.findLastIndex((part) => part.startsWith('tumblr_'));
  const name = (parts[at] ?? '').slice('tumblr_'.length).split('.', 1)[0]!;
  if (!/^[a-z0-9_]{1,120}$/i.test(name)) return undefined;
  const words = name.split('_');
  const first = words[0] === 'inline' ? 2 : 1;
  const size = words.find((word, nth) => nth >= first && isSize(word));
  const kept = words.filter((word, nth) => nth < first || !isSize(word));
  const within = /^\d{3,4}$/.test(parts[at + 1] ?? '') ? parts[at + 1] : undefined;
  const redirected = ofRedirect(parts, kept.join('_'));
  return {
    key: redirected?.key ?? kept.join('_'),
    style: 'legacy',
    ...boxOf(redirected?.size ?? size ?? within),
    isCropped: size?.endsWith('sq') ?? false,
    isShut: isOfShutHost || size === 'raw' || parts[0] === 'data.tumblr.com',
  };
}

const isSize = (word: string) => /^(\d{2,4}(sq)?|raw)$/.test(word);

/** Old addresses that lead on to a file whose name has the number of the picture, or of the sound, in it. */
function ofRedirect(
  parts: readonly string[],
  key: string,
): { key: string; size?: string | undefined } | undefined {
  const numbered = (nth: string) => (/o\d{1,2}(_|$)/.test(key) ? key : `${key}o${nth}`);
  if (parts.includes('audio_file')) return { key: numbered('1') };
  const at = parts.indexOf('photo');
  if (at < 0 || !/^\d{3,4}$/.test(parts[at + 1] ?? '')) return undefined;
  const nth = /^\d{1,2}$/.test(parts[at + 3] ?? '') ? parts[at + 3]! : '1';
  return { key: numbered(nth), size: parts[at + 1] };
}

/** Pictures were fitted into boxes half as high again as they are wide. */
function boxOf(size: string | undefined): { box?: Box } {
  if (size === undefined) return {};
  if (size === 'raw') return { box: { width: 99_999, height: 99_999 } };
  const width = Number.parseInt(size, 10);
  return { box: { width, height: size.endsWith('sq') ? width : width * 1.5 } };
}

function avatar(parts: readonly string[]): MediaAddress | undefined {
  const [, key, size] = /^(avatar_[0-9a-f]{6,40})_(\d{2,3})\.\w{3,4}$/.exec(parts.at(-1) ?? '') ?? [];
  if (key === undefined) return undefined;
  const box = { width: Number(size), height: Number(size) };
  return { key, style: 'avatar', box, isCropped: false, isShut: false };
}
