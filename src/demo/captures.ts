import { createHash } from 'node:crypto';
import type { Behaviour } from './behaviours.ts';

/** One visit of the web archive's crawler to an address, and what it brought home. */
export interface Capture {
  readonly url: string;
  /** YYYYMMDDhhmmss, in UTC. */
  readonly time: string;
  readonly body: Buffer;
  readonly type: string;
  /** As the crawler got it; 200 by default. */
  readonly status?: number;
  /** By default the true one: SHA-1 in base32. */
  readonly digest?: string;
  /** What the index says otherwise than it should. */
  readonly row?: Row;
  /** Where the crawler was sent, at a status of 3xx. */
  readonly location?: string;
  /** What the server had said besides, when it was captured. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How the replay misbehaves; by default it is a proper one. */
  readonly behaviour?: Behaviour;
  /** False: the replay speaks in the archive's own name, without Memento-Datetime. */
  readonly memento?: boolean;
}

/** A row of the index, by the names of its fields. */
export type Row = Readonly<Record<string, string>>;

export const rowOf = ({ url, time, body, type, status, digest, row }: Capture): Row => ({
  urlkey: urlKey(url),
  timestamp: time,
  original: url,
  mimetype: type.split(';')[0]!.trim(),
  statuscode: String(status ?? 200),
  digest: digest ?? base32(createHash('sha1').update(body).digest()),
  length: String(body.length),
  ...row,
});

/**
 * What the archive files an address under: the host backwards, without scheme, `www.` and default port, letter
 * case folded, the query in order.
 */
export function urlKey(address: string): string {
  const { hostname, port, pathname, search } = new URL(
    /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`,
  );
  const names = hostname.replace(/^www\d*\./, '').split('.');
  const host = /^[\d.]+$/.test(hostname) ? hostname : names.reverse().join(',');
  const query = search.slice(1).split('&').sort().join('&');
  const inner = port === '' || port === '80' || port === '443' ? host : `${host}:${port}`;
  return `${inner})${pathname}${query && `?${query}`}`.toLowerCase();
}

/** Captures by what they are filed under. */
export function filed(captures: readonly Capture[]): (address: string) => readonly Capture[] {
  const byKey = new Map<string, Capture[]>();
  for (const capture of captures) {
    const key = urlKey(capture.url);
    byKey.set(key, [...(byKey.get(key) ?? []), capture]);
  }
  return (address) => byKey.get(urlKey(address)) ?? [];
}

/** Milliseconds of a timestamp of 1 to 14 digits: what is left out is the beginning of that year, month or day. */
export function timeOf(timestamp: string): number {
  const full = timestamp + '00000101000000'.slice(timestamp.length);
  const [year, month, day, hour, minute, second] = full.match(/^\d{4}|\d\d/g)!.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits
    .match(/.{5}/g)!
    .map((five) => alphabet[Number.parseInt(five, 2)])
    .join('');
}
