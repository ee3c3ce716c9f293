import type { Kind } from '../model.ts';

/** Longer than what servers take; a data address of many megabytes must not get into every line of the manifest. */
const longest = 16_384;

const endings: Readonly<Record<Exclude<Kind, 'file'>, string>> = {
  image: 'jpg jpeg png gif webp avif heic bmp svg tif tiff jxl pnj',
  video: 'mp4 m4v mov webm mkv avi',
  audio: 'mp3 m4a ogg oga opus flac wav aac',
};

const kinds = new Map<string, Kind>();
for (const [kind, words] of Object.entries(endings)) {
  for (const word of words.split(' ')) kinds.set(word, kind as Kind);
}

/**
 * The identity of an address: two that differ in fragment, user, host case, default port or dot segments are one,
 * two that differ in the order of the query are not. Undefined for all that is not http.
 */
export function normalise(address: string, base?: string): string | undefined {
  const url = address.length > longest ? undefined : parse(address, base);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.href.includes('#')) url.hash = '';
  if (url.username || url.password) url.username = url.password = '';
  return url.href;
}

function parse(address: string, base?: string): URL | undefined {
  try {
    return new URL(address, base);
  } catch {
    return undefined; // what it is instead is for the caller to say
  }
}

/** What a normalised address promises by its ending. */
export function kindOfAddress(url: string): Kind {
  const path = url.split(/[?#]/, 1)[0]!;
  return kinds.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase()) ?? 'file';
}

export const isAddress = (text: string): boolean => /^https?:\/\//i.test(text);

/** The address that a field names; null where it holds anything else. */
export const linkIn = (value: unknown): string | null =>
  (typeof value === 'string' && isAddress(value) && normalise(value)) || null;

/** Whether an address can be asked for, and if not, what is wrong with it. */
export type Resolved = { readonly url: string } | { readonly refused: 'not http' | 'relative' | 'unusable' };

/** An address as a post names it: absolute, without a scheme, or relative to `base`. */
export function resolveMedia(address: string, base: string | null): Resolved {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(address.slice(0, 64))?.[1];
  if (scheme && !/^https?$/i.test(scheme)) return { refused: 'not http' };
  const startsAtHost = address.startsWith('//');
  if (!scheme && !startsAtHost && base === null) return { refused: 'relative' };
  const url = normalise(address, base ?? 'https://nowhere.invalid');
  return url === undefined ? { refused: 'unusable' } : { url };
}

const generic = new Set(['', 'posts', 'index', 'feed', 'export', 'data', 'items']);

/** What the archive of an address is called: its host, and what the address adds to it. */
export function nameOfAddress(address: string): string {
  const { host, pathname } = new URL(address);
  const stem = stemOf(pathname).replace(/[^\w.-]+/g, '_');
  const place = host.replace(/[^\w.-]+/g, '_');
  return generic.has(stem.toLowerCase()) ? place : `${place}-${stem}`;
}

/** The last part of a path without its ending; the ending of a compressed file counts for two. */
export function stemOf(path: string): string {
  const last = path.split(/[\\/]/).filter(Boolean).at(-1) ?? '';
  return last.replace(/\.gz$/i, '').replace(/(?<=.)\.[^.]*$/, '');
}
