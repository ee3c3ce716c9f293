import type { KnownAddress, Original } from '../keyed-items.ts';

const hosts = /^(?:cdn-images-\d{1,2}\.medium\.com|miro\.medium\.com|d262ilb51hltx0\.cloudfront\.net)$/;
/** `1*aBc-_.png`, `0*aBc`: the id of a picture is the last part of each of its addresses. */
const id = /^\d\*[\w.-]{6,200}$/;
/** Also with what is to be made of it in between: `/v2/resize:fit:800/…`. */
const wish = /^\/(?:v2|max|fit|fill|freeze|focal|proxy|[a-z]{1,10}\/)/;

/** A picture at Medium, in whichever size its address asks for. */
export function readImage(
  address: string,
  originals?: ReadonlyMap<string, Original>,
): KnownAddress | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !hosts.test(url.hostname)) return undefined;
  const key = imageId(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  if (key === undefined) return undefined;
  const width = originals?.get(key)?.width;
  const best = [
    originalAt(key),
    ...(width === undefined ? [] : [`https://miro.medium.com/max/${width}/${key}`]),
  ];
  const isReduced = wish.test(url.pathname) && !best.includes(url.href);
  return { key, best, ...(isReduced && { lesser: url.href }), size: sizeIn(url.pathname) };
}

export const originalAt = (key: string): string => `https://miro.medium.com/v2/${key}`;

/** Undefined of what is none. */
export function imageId(text: string | undefined): string | undefined {
  const plain = (text ?? '').slice(0, 300).replace(/%2a/i, '*');
  return id.test(plain) ? plain : undefined;
}

/** `/max/800/`, `/fit/c/600/400/`, `/v2/resize:fit:1400/` */
const sizeIn = (path: string): number => Number(/[/:](\d{1,5})(?=\/)/.exec(path.slice(0, 200))?.[1] ?? 0);
