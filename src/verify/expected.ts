import type { Kind, MediaItem, Reason } from '../model.ts';
import type { ContentType } from './content-type.ts';
import { errorIn, pageIn } from './page.ts';

/** Containers hold sound as well as pictures that move, and their first bytes do not say which. */
const containers = /^(application\/(ogg|mp4)|video\/(mp4|webm|ogg|3gpp|quicktime|x-matroska|x-ms-asf))$/;
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

const extensions: Record<string, string> = { image: 'img', video: 'vid', audio: 'aud' };

/** What the source and the server said of it. */
export interface Expected extends Pick<MediaItem, 'kind' | 'url'> {
  readonly declared: string | undefined;
}

/**
 * Decided by the bytes, not by what the server calls them. Bytes that nobody knows are taken for what was
 * expected, but text never is: that is how a page in place of a picture looks.
 */
export function fits(
  found: ContentType | undefined,
  expected: Expected,
  head: Uint8Array,
): { type: ContentType } | { reason: Reason } {
  if (!found) return { type: unknown(expected) };
  const isExpected = expected.kind === 'file' ? isFile(found, expected, head) : isOfKind(found, expected);
  if (isExpected) return { type: found };
  const inPlace = `${found.type} in place of ${articles[expected.kind]}`;
  return {
    reason: { code: 'wrong-type', detail: [inPlace, pageIn(found, head)].filter(Boolean).join(': ') },
  };
}

const isOfKind = ({ type }: ContentType, { kind }: Expected) => familyOf(type).includes(kind);

/** Anything may be a file, but a page that took its place, and an error that is told with the status of success. */
function isFile({ type, ext }: ContentType, { url }: Expected, head: Uint8Array): boolean {
  const ending = /\.(\w{1,8})$/.exec(url.split(/[?#]/, 1)[0]!)?.[1]?.toLowerCase() ?? '';
  if (type === 'text/html') return false;
  const promised = Object.hasOwn(promises, ending) ? promises[ending] : undefined;
  if (promised && /^text\/|json|xml/.test(type)) return promised.test(type);
  return ending === ext || !errorIn(type, head);
}

function unknown({ kind, declared }: Expected): ContentType {
  const named = declared?.split(';')[0]?.trim().toLowerCase();
  const isNamed =
    named && (kind === 'file' ? /^[\w.+-]+\/[\w.+-]+$/.test(named) : named.startsWith(`${kind}/`));
  return { type: isNamed ? named : 'application/octet-stream', ext: extensions[kind] ?? 'bin' };
}

const articles = { image: 'an image', video: 'a video', audio: 'an audio', file: 'a file' } as const;

export function kindOf(type: string): Kind {
  const family = type.split('/')[0];
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'file';
}
