import type { Kind, MediaItem, Reason } from '../model.ts';
import type { ContentType } from './content-type.ts';
import { errorIn, pageIn } from './page.ts';

/** Containers hold sound as well as pictures that move, and their first bytes do not say which. */
const containers =
  /^(application\/(ogg|mp4)|audio\/mp4|video\/(mp4|webm|ogg|3gpp|quicktime|x-matroska|x-ms-asf))$/;
const familyOf = (type: string) => (containers.test(type) ? 'audio or video' : type.split('/')[0]!);

/** What an address promises by its ending, where bytes of that kind have a mark that nobody leaves out. */
const promises: Readonly<Record<string, RegExp>> = {
  pdf: /^application\/(pdf|postscript)$/,
  zip: /zip/,
  epub: /epub|zip/,
  gz: /gzip/,
  '7z': /7z/,
  rar: /rar/,
};

const extensions = { image: 'img', video: 'vid', audio: 'aud' } as const;

/** What the source and the server said of it. */
export interface Expected extends Pick<MediaItem, 'kind' | 'url'> {
  readonly declared: string | undefined;
  /** The types whose bytes would have been known; of use where they are not. */
  readonly marked?: ReadonlySet<string> | undefined;
}

/** Decided by the bytes, not by what the server calls them: that is how a page in place of a picture is seen. */
export function fits(
  found: ContentType | undefined,
  expected: Expected,
  head: Uint8Array,
): { type: ContentType } | { reason: Reason } {
  if (!found) return unknown(expected);
  const isExpected = expected.kind === 'file' ? isFile(found, expected, head) : isOfKind(found, expected);
  if (isExpected) return { type: found };
  const inPlace = `${found.type} in place of ${articles[expected.kind]}`;
  return {
    reason: { code: 'wrong-type', detail: [inPlace, pageIn(found, head)].filter(Boolean).join(': ') },
  };
}

/** Some call a short film without sound a picture that moves. */
const moving = /\.(gifv?|webp)$/i;

const isOfKind = ({ type }: ContentType, { kind, url }: Expected) =>
  familyOf(type).includes(kind) ||
  (kind === 'image' && moving.test(url.split(/[?#]/, 1)[0]!) && /^video\/(mp4|webm)$/.test(type));

/** Anything may be a file, but a page that took its place, and an error that is told with the status of success. */
function isFile({ type, ext }: ContentType, { url }: Expected, head: Uint8Array): boolean {
  const ending = /\.(\w{1,8})$/.exec(url.split(/[?#]/, 1)[0]!)?.[1]?.toLowerCase() ?? '';
  if (type === 'text/html') return false;
  const promised = Object.hasOwn(promises, ending) ? promises[ending] : undefined;
  if (promised && /^text\/|json|xml/.test(type)) return promised.test(type);
  return ending === ext || !errorIn(type, head);
}

/** Further names that servers have for kinds whose first bytes would have been known. */
const aliases =
  /^(image\/(p?jpe?g|svg|x-(png|gif|webp|bmp|ms-bmp))|audio\/(mp3|mpeg3|wave|x-(mp3|mpeg|wav|m4a|flac))|video\/x-(mp4|m4v|webm))$/;

/**
 * Bytes that nobody knows. A file may be anything; a picture, a film or a sound only if its server names a kind that
 * has no mark: under the name of one that has, or under none, it is junk.
 */
function unknown({ kind, declared, marked }: Expected): { type: ContentType } | { reason: Reason } {
  const named = declared?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (kind === 'file') {
    const type = /^[\w.+-]+\/[\w.+-]+$/.test(named) ? named : 'application/octet-stream';
    return { type: { type, ext: 'bin' } };
  }
  const isMarked = marked?.has(named) || aliases.test(named);
  if (named.startsWith(`${kind}/`) && !isMarked) return { type: { type: named, ext: extensions[kind] } };
  return { reason: { code: 'wrong-type', detail: `bytes of no known kind in place of ${articles[kind]}` } };
}

const articles = { image: 'an image', video: 'a video', audio: 'an audio', file: 'a file' } as const;

export function kindOf(type: string): Kind {
  const family = type.split('/')[0];
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'file';
}
