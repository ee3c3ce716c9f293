import type { KnownAddress } from '../keyed-items.ts';

const hosts =
  /^(?:(?:\d\.)?bp\.blogspot\.com|lh\d{0,2}\.(?:googleusercontent|ggpht)\.com|blogger\.googleusercontent\.com)$/;
/** `s1600`, `w640-h480`, `s72-c`, `s200-rw`: what a server is asked to make of the picture. */
const wish = /^[swh]\d{1,5}(?:-[a-z]{1,4}\d{0,5}){0,12}$/;
const wishAtEnd = /=((?:[swh]\d{1,5}|d)(?:-[a-z]{1,4}\d{0,5}){0,12})$/;
/** An id without a wish behind it gives a small picture. */
const bareId = /^[\w-]{20,600}$/;

/**
 * A picture that lies at Google, in whichever size an address asks for. The size stands before the name of the file, or
 * behind the id; the largest is 0. That `-d` gives the very bytes that were put in is not certain, so it comes second.
 */
export function readImage(address: string): KnownAddress | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !hosts.test(url.hostname)) return undefined;
  const parts = url.pathname.split('/').slice(1);
  const last = parts.at(-1)!;
  if (last === '') return undefined;
  const [, atEnd] = wishAtEnd.exec(last.slice(-200)) ?? [];
  if (atEnd !== undefined)
    return behindId(url, [...parts.slice(0, -1), last.slice(0, -atEnd.length - 1)], atEnd);
  if (parts.length > 2 && wish.test(parts.at(-2)!))
    return beforeName(url, parts.toSpliced(-2, 1), parts.at(-2)!);
  if (parts.length > 4) return beforeName(url, parts, undefined);
  return bareId.test(last) ? behindId(url, parts, undefined) : undefined;
}

function behindId({ host }: URL, parts: readonly string[], asked: string | undefined): KnownAddress {
  const path = parts.join('/');
  const at = (size: string) => `https://${host}/${path}=${size}`;
  return {
    key: path,
    best: [at('s0'), at('s0-d')],
    ...(!isWhole(asked) && { lesser: asked === undefined ? `https://${host}/${path}` : at(asked) }),
    size: sizeOf(asked),
  };
}

/** `-h` asks for a page around the picture. */
function beforeName(url: URL, parts: readonly string[], asked: string | undefined): KnownAddress {
  const { origin, search } = url;
  const [before, name] = [parts.slice(0, -1).join('/'), parts.at(-1)!];
  const at = (from: string, size: string) => `${from}/${before}/${size}/${name}`;
  const secure = origin.replace(/^http:/, 'https:');
  return {
    key: parts.join('/'),
    best: [at(secure, 's0'), at(secure, 's0-d')],
    ...(!isWhole(asked) && {
      lesser:
        asked === undefined ? `${origin}/${parts.join('/')}${search}` : at(origin, asked.replace(/-h$/, '')),
    }),
    size: sizeOf(asked),
  };
}

const isWhole = (asked: string | undefined): boolean => asked === 's0' || asked === 's0-d';

const usual = 512;

/** Cropped ones come last. */
function sizeOf(asked: string | undefined): number {
  if (asked === undefined) return usual;
  const sides = [...asked.matchAll(/(?:^|-)[swh](\d{1,5})(?=-|$)/g)].map(([, side]) => Number(side));
  const isCropped = /-(?:c|cc|p|n)(?=-|$)/.test(asked);
  return isCropped ? 0 : Math.max(0, ...sides);
}
