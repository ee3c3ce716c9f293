import { normalise } from '../address.ts';
import type { Copying } from '../copies.ts';

const deepest = 3;

/** Substack shows pictures by a service that fetches, reduces and re-encodes them; their addresses hold the original's. */
export const wrappers: Copying = {
  originalOf(url) {
    let original = url;
    for (let depth = 0; depth < deepest; depth++) original = within(original) ?? original;
    return original;
  },
  /** One that states no width is not reduced. */
  widthOf: (url) => Number(/[/,]w_(\d{1,6})[,/]/.exec(url)?.[1] ?? Number.POSITIVE_INFINITY),
};

const service = /^https?:\/\/(?:[a-z\d-]{1,63}\.)?(?:substackcdn\.com|cdn\.substack\.com)\/image\/fetch\//;

/** The last part of the path, mostly with all its signs encoded. */
function within(url: string): string | undefined {
  if (!service.test(url)) return undefined;
  const start = /\/https?(?:%3A|:)/i.exec(url.slice(8))?.index;
  if (start === undefined) return undefined;
  const text = url.slice(8 + start + 1);
  try {
    return normalise(
      /^https?:/i.test(text) ? text.replace(/^(https?:)\/+/i, '$1//') : decodeURIComponent(text),
    );
  } catch {
    return undefined; // signs that decode to nothing
  }
}

const upload = /^https?:\/\/[^/]{1,253}\/api\/v1\/(?:audio|video)\/upload\/([\w-]{8,64})\/src(?:[?#]|$)/;

/** By which an uploaded sound or film is known. */
export const uploadKey = (url: string): string | undefined => upload.exec(url)?.[1];

/** Where an upload is had; the publication's own host knows who is asking. */
export function uploadAddress(kind: 'audio' | 'video', id: string | undefined, base: string | null) {
  if (id === undefined || !/^[\w-]{8,64}$/.test(id)) return undefined;
  return `${base ?? 'https://api.substack.com'}/api/v1/${kind}/upload/${id}/src`;
}
