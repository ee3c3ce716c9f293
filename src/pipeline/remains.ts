import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { StorageError, sentence } from '../errors.ts';
import { sumOfText } from '../sums.ts';

/** What lies beside a part file: enough to tell whether the rest of the same bytes can still be asked for. */
export interface Sidecar {
  /** SHA-256 of the address, and of the same without its query: signed addresses do not stay on disk. */
  readonly address: string;
  readonly resource: string;
  /** A strong ETag, or a Last-Modified old enough to count as one. */
  readonly validator: string;
  readonly total: number | null;
  /** What the server called it. */
  readonly type: string | null;
  /** What was in the part file when it was last synced; what lies behind that is not trusted. */
  readonly prefix: Prefix;
}

export interface Prefix {
  readonly bytes: number;
  readonly sha256: string;
}

/** What an earlier attempt left that can be continued: `size` proven bytes, already hashed. */
export interface Remains {
  readonly size: number;
  readonly sidecar: Sidecar;
  readonly hash: Hash;
  readonly head: Buffer;
}

/** As many first bytes as it takes to tell what a file is. */
export const HEAD = 4100;

const sidecarOf = (part: string) => `${part}.json`;

/** What of a sidecar speaks of the address. */
export function sumsOf(url: string): Pick<Sidecar, 'address' | 'resource'> {
  const sum = (text: string) => sumOfText('sha256', text);
  return { address: sum(url), resource: sum(url.replace(/[?#].*$/s, '')) };
}

/**
 * What may be continued of a part file for this address: as much as was synced and still has the sum that it had
 * then. Where that may be the whole already, the last byte is given up, so that the server has to say that
 * nothing changed.
 */
export async function readRemains(part: string, url: string): Promise<Remains | undefined> {
  const { size, nlink } = existsSync(part) ? statSync(part) : { size: 0, nlink: 0 };
  if (nlink > 1) await discardPart(part); // a run died while placing it: the other name is a file of the archive
  if (size === 0 || nlink > 1) return undefined;
  const sidecar = await readFile(sidecarOf(part), 'utf8').then(parseSidecar, () => undefined);
  if (!sidecar || !isSameThing(sidecar, url) || size < sidecar.prefix.bytes) return undefined;
  const { total, prefix } = sidecar;
  const mayBeWhole = total === null || prefix.bytes >= total;
  const keep = mayBeWhole ? Math.min(prefix.bytes, total ?? prefix.bytes) - 1 : prefix.bytes;
  return keep < 1 ? undefined : proven(part, sidecar, keep);
}

/** The same address; or one with another query (signatures expire), if tag and length can tell the bytes apart. */
function isSameThing({ address, resource, validator, total }: Sidecar, url: string): boolean {
  const sums = sumsOf(url);
  return (
    address === sums.address || (resource === sums.resource && validator.startsWith('"') && total !== null)
  );
}

async function proven(part: string, sidecar: Sidecar, keep: number): Promise<Remains | undefined> {
  const whole = createHash('sha256');
  let head = Buffer.alloc(0);
  let kept: Hash | undefined;
  let at = 0;
  await readPart(part, sidecar.prefix.bytes, (chunk) => {
    if (head.length < HEAD) head = Buffer.concat([head, chunk.subarray(0, HEAD - head.length)]);
    const rest = keep - at;
    if (rest >= 0 && rest < chunk.length) {
      kept = whole.update(chunk.subarray(0, rest)).copy();
      whole.update(chunk.subarray(rest));
    } else whole.update(chunk);
    at += chunk.length;
  });
  const hash = kept ?? whole.copy();
  const isProven = at === sidecar.prefix.bytes && whole.digest('hex') === sidecar.prefix.sha256;
  return isProven ? { size: keep, sidecar, hash, head: head.subarray(0, keep) } : undefined;
}

/** The first bytes of a part file, piece by piece. */
export async function readPart(part: string, bytes: number, take: (chunk: Buffer) => void): Promise<void> {
  if (bytes === 0) return;
  try {
    for await (const chunk of createReadStream(part, { end: bytes - 1, highWaterMark: 2 ** 20 }))
      take(chunk as Buffer);
  } catch (error) {
    throw new StorageError(`Cannot read ${part}: ${sentence(error)}.`, { cause: error });
  }
}

function parseSidecar(text: string): Sidecar | undefined {
  try {
    const sidecar = JSON.parse(text) as Sidecar;
    const { address, resource, validator, total, type, prefix } = sidecar;
    const sound =
      [address, resource, validator, prefix.sha256].every((field) => typeof field === 'string') &&
      (type === null || typeof type === 'string') &&
      (total === null || Number.isSafeInteger(total)) &&
      Number.isSafeInteger(prefix.bytes);
    return sound ? sidecar : undefined;
  } catch {
    return undefined; // a torn sidecar, or one of another version: the part is started over
  }
}

/** The old one or the new one, never a torn one. */
export async function writeSidecar(part: string, sidecar: Sidecar): Promise<void> {
  const draft = `${sidecarOf(part)}~`;
  await writeFile(draft, JSON.stringify(sidecar));
  await rename(draft, sidecarOf(part));
}

export async function discardSidecar(part: string): Promise<void> {
  if (existsSync(sidecarOf(part))) await rm(sidecarOf(part), { force: true });
}

export async function discardPart(part: string): Promise<void> {
  try {
    await discardSidecar(part);
    if (existsSync(part)) await rm(part, { force: true });
  } catch (error) {
    throw new StorageError(`Cannot remove ${part}: ${sentence(error)}.`, { cause: error });
  }
}
