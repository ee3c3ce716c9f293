import type { Kind } from '../../model.ts';
import type { MediaAddress } from './addresses.ts';

interface Named {
  readonly url: string;
  readonly address: MediaAddress | undefined;
}

/** Addresses that the post does not name, and that promise more than the one that it does, the best first. */
export function ahead(
  { url, address }: Named,
  { kind, isReduced }: { readonly kind: Kind; readonly isReduced: boolean },
): readonly string[] {
  if (!address) return [];
  if (kind === 'audio') return sound(url, address);
  if (kind === 'video') return film(url);
  if (kind !== 'image') return [];
  const sources = [...(isReduced || address.isShut ? enlarged(url, address) : []), url];
  return sources.flatMap(decoded);
}

/** The page that names the original of a picture; its file bears a mark that only that page knows. */
export function originalPage(url: string, address: MediaAddress | undefined): string | undefined {
  if (address?.style !== 'sized' || address.isCropped || address.key.endsWith(':still')) return undefined;
  const page = url.replace(/\/s\d{1,5}x\d{1,5}u?\//, '/s99999x99999/');
  return page === url ? undefined : page;
}

/** Nobody asks for leave to hear it by a key of an hour; where the player only leads on, the file is known. */
function sound(url: string, { key }: MediaAddress): readonly string[] {
  const { origin, pathname } = new URL(url);
  if (!/\/audio_file\//.test(pathname)) return [`${origin}${pathname}`];
  return [`https://a.tumblr.com/tumblr_${key}.mp3`];
}

/** Films are named with the height of a lesser rendition behind, or as a last part of their path. */
const film = (url: string): readonly string[] => [
  url.replace(/(\/tumblr_\w{1,120}?)(?:_(?:480|720)(?=\.\w{2,4}$)|\/(?:480|720)$)/, '$1'),
];

/** The sizes of old pictures can be chosen freely, but of those that move a larger one may stand still. */
function enlarged(url: string, { style, box, isShut }: MediaAddress): readonly string[] {
  const { pathname } = new URL(url);
  const isSmall = box !== undefined && (box.width < 1280 || isShut);
  if (style !== 'legacy' || !isSmall || /\.gifv?$/i.test(pathname)) return [];
  const found = /^(.*\/tumblr_\w{1,120})_(?:\d{2,4}(?:sq)?|raw)(\.[a-z]{3,4})$/i.exec(pathname);
  if (!found) return [];
  const path = `${found[1]}_1280${found[2]}`;
  const live = `https://64.media.tumblr.com${path.replace(/^\/data\.tumblr\.com\//, '/')}`;
  return [isShut ? live : `${new URL(url).origin}${path}`];
}

/** What was encoded anew for browsers, behind what it was made of. */
function decoded(url: string): readonly string[] {
  const found = /^([^?#]+)\.(pnj|gifv)$/i.exec(url);
  return found ? [`${found[1]}.${found[2]!.toLowerCase() === 'pnj' ? 'png' : 'gif'}`, url] : [url];
}
