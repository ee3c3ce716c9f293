import { kindOfAddress } from '../address.ts';
import type { Attributes } from '../elements.ts';
import type { Find } from '../finds.ts';
import type { MarkupOptions } from '../markup.ts';

/** An address of an upload and its equals, in the order in which they are to be asked. */
export interface Sizes {
  /** The first to ask: where the name is that of a smaller size, the upload that it was likely made of. */
  readonly url: string;
  /** Where that fails: other likely names, then what is certain, then the address as it was given. */
  readonly alternates: readonly string[];
}

/**
 * What an address of an upload stands for. The first to ask may be a mere guess, for `photo-1024x768.jpg` may be the name
 * that somebody gave: so it is no identity. Spread it over an item whose `id` is `uploadOf` the address that was named.
 */
export function sizesOf(url: string): Sizes {
  const upload = uploadOf(url);
  const [first = upload, ...others] = new Set([...largerNames(upload), upload, url]);
  return { url: first, alternates: others };
}

/** How WordPress marks media in the HTML of a post, and what its addresses stand for; `original` is certain of it. */
export const markupOfWordPress: Pick<MarkupOptions, 'own' | 'original'> = {
  own: linkedUpload,
  original: uploadOf,
};

/** A file that is neither picture nor player, such as a PDF, is shown as a link to the upload. */
function linkedUpload(name: string, attributes: Attributes): readonly Find[] {
  const address = (name === 'a' ? attributes.href : name === 'object' ? attributes.data : undefined) ?? '';
  const path = address.slice(0, longestAddress).split(/[?#]/, 1)[0]!;
  const isFile = path === '' || address.length > longestAddress ? false : inUploads.test(path);
  if (!isFile || !/\.[a-z0-9]{1,8}$/i.test(path) || kindOfAddress(path) !== 'file') return [];
  return [{ kind: 'file', candidates: [{ address, rank: 0 }] }];
}

const longestAddress = 8192;
/** Where WordPress keeps what was uploaded, by its own habit and by that of others who arrange it anew. */
const inUploads = /\/wp-content\/(?:uploads|blogs\.dir)\/|\/app\/uploads\/|\.files\.wordpress\.com\//i;

/** What wraps or reduces a file on its way, by the address alone: undone as often as it was done. */
export function uploadOf(url: string): string {
  let upload = url;
  for (let depth = 0; depth < 3; depth++) {
    const inner = unwrapped(upload);
    if (inner === undefined) break;
    upload = inner;
  }
  return withoutSizes(upload);
}

/** Jetpack's picture server bears the address of the picture within its own. */
function unwrapped(url: string): string | undefined {
  const [, inner, query = ''] =
    /^https?:\/\/i[0-3]\.wp\.com\/([^/?#]+\/[^?#]+)(?:\?([^#]*))?/i.exec(url) ?? [];
  if (inner === undefined || !/^[^/]*\.[^/]*\//.test(inner)) return undefined;
  const scheme = /(?:^|&)ssl=1(?:&|$)/.test(query) ? 'https' : 'http';
  const address = `${scheme}://${inner}`;
  return URL.canParse(address) ? new URL(address).href : undefined;
}

const reductions = new Set(
  'w h fit resize crop quality strip ssl zoom lb ulb filter unattachedsize is-pending-load'.split(' '),
);

/** An upload is a file: that a query asks for another size of it is known of these words alone. */
function withoutSizes(url: string): string {
  const [address, query] = url.split('?', 2) as [string, string | undefined];
  if (query === undefined || !inUploads.test(address)) return url;
  const kept = query.split('&').filter((part) => !reductions.has(part.split('=', 1)[0]!.toLowerCase()));
  return kept.length > 0 ? `${address}?${kept.join('&')}` : address;
}

/** Names under which a larger file may lie; WordPress.com reduces by the query alone, so its names are what they are. */
function largerNames(upload: string): readonly string[] {
  const [address, query] = upload.split('?', 2) as [string, string | undefined];
  const isReducedByName = query === undefined && inPlace.test(address) && !wordPressCom.test(address);
  if (!isReducedByName || kindOfAddress(address) !== 'image') return [];
  const dot = address.lastIndexOf('.');
  const [stem, ending] = [address.slice(0, dot), address.slice(dot)];
  const sized = withoutEnd(stem, /-\d{1,5}x\d{1,5}$/);
  if (sized !== undefined) return [`${sized}${ending}`, `${sized}-scaled${ending}`];
  const made = withoutEnd(stem, /-(?:scaled|rotated)$/);
  return made === undefined ? [] : [`${made}${ending}`];
}

/** Also where a network of blogs or a delivery network keeps them: by year and month. */
const inPlace = /\/uploads\/|\/files\/|\/(?:19|20)\d\d\/(?:0[1-9]|1[0-2])\/[^/]*$/i;
const wordPressCom = /^https?:\/\/[^/]*\.wordpress\.com\//i;

/** The stem without what its end says, if there is a name left. */
function withoutEnd(stem: string, end: RegExp): string | undefined {
  const tail = stem.slice(-16);
  const found = end.exec(tail);
  if (!found) return undefined;
  const left = stem.slice(0, stem.length - (tail.length - found.index));
  return left.endsWith('/') ? undefined : left;
}
