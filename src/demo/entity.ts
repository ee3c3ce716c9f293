import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** What a server says about a file; null leaves a header out. */
export interface Traits {
  readonly type?: string;
  /** As it stands in the header, quotes included. By default a strong one, made from the bytes. */
  readonly etag?: string | null;
  readonly lastModified?: string;
}

/** A file as a proper server has it: bytes, and the headers that describe them. */
export interface Entity {
  readonly body: Buffer;
  readonly headers: {
    readonly 'content-type': string;
    readonly etag?: string;
    readonly 'last-modified'?: string;
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

export function entityOf(bytes: string | Uint8Array, { type, etag, lastModified }: Traits = {}): Entity {
  const body = Buffer.from(bytes);
  const tag = etag === undefined ? `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"` : etag;
  return {
    body,
    headers: {
      'content-type': type ?? typeOf(body),
      ...(tag !== null && { etag: tag }),
      ...(lastModified !== undefined && { 'last-modified': lastModified }),
    },
  };
}

/** What RFC 9110 has a server answer to conditions and to a single range; several ranges it may ignore. */
export function answerTo(asked: IncomingHttpHeaders, { body, headers }: Entity): Answer {
  const common = { ...headers, 'accept-ranges': 'bytes' };
  if (unchanged(asked, headers)) return { status: 304, headers: common, body: Buffer.alloc(0) };
  const range = mayContinue(asked, headers) ? rangeOf(asked.range, body.length) : undefined;
  if (range === undefined) return whole(200, common, body);
  if (range === 'unsatisfiable') {
    return whole(416, { ...common, 'content-range': `bytes */${body.length}` }, Buffer.alloc(0));
  }
  const [first, last] = range;
  const part = body.subarray(first, last + 1);
  return whole(206, { ...common, 'content-range': `bytes ${first}-${last}/${body.length}` }, part);
}

const whole = (status: number, headers: OutgoingHttpHeaders, body: Buffer): Answer => ({
  status,
  headers: { ...headers, 'content-length': body.length },
  body,
});

const opaque = (tag: string) => tag.trim().replace(/^W\//, '');

function unchanged(
  asked: IncomingHttpHeaders,
  { etag, 'last-modified': modified }: Entity['headers'],
): boolean {
  const tags = asked['if-none-match'];
  if (tags !== undefined)
    return tags === '*' || (etag !== undefined && tags.split(',').map(opaque).includes(opaque(etag)));
  const since = Date.parse(asked['if-modified-since'] ?? '');
  return modified !== undefined && Date.parse(modified) <= since;
}

/** A range may be cut out only of the version that the client has a part of; weak tags do not prove that. */
function mayContinue(
  asked: IncomingHttpHeaders,
  { etag, 'last-modified': modified }: Entity['headers'],
): boolean {
  const condition = asked['if-range'];
  if (typeof condition !== 'string') return true;
  return condition.startsWith('"') ? condition === etag : condition === modified;
}

function rangeOf(
  header: string | undefined,
  total: number,
): readonly [number, number] | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  const first = from === '' ? Math.max(0, total - Number(to)) : Number(from);
  if (first >= total) return 'unsatisfiable';
  return [first, from === '' || to === '' ? total - 1 : Math.min(total - 1, Number(to))];
}

const marks: readonly (readonly [RegExp, string])[] = [
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^\x89PNG/, 'image/png'],
  [/^GIF8/, 'image/gif'],
  [/^RIFF.{4}WEBP/s, 'image/webp'],
  [/^.{4}ftyp/s, 'video/mp4'],
  [/^ID3|^\xff[\xfb\xf3\xf2]/, 'audio/mpeg'],
  [/^OggS/, 'audio/ogg'],
  [/^<!doctype html|^<html/i, 'text/html; charset=utf-8'],
];

function typeOf(body: Buffer): string {
  const head = body.toString('latin1', 0, 16);
  return marks.find(([mark]) => mark.test(head))?.[1] ?? 'application/octet-stream';
}
