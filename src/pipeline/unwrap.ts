import { createReadStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { StorageError, sentence } from '../errors.ts';
import type { Download, In, Kind } from '../model.ts';
import { decoderFor } from '../net/decode.ts';
import { PartWriter } from './part-file.ts';
import { discardPart, discardSidecar } from './remains.ts';

export interface UnwrapOptions {
  readonly filesizeMax: number;
  readonly signal: AbortSignal;
  /** Do the first bytes show something of this kind? */
  readonly isOfKind: (head: Uint8Array, kind: Kind) => Promise<boolean>;
}

/**
 * Some captures are still compressed and do not say so. Where a picture, a film or a sound was expected and one is
 * inside, that is what is kept, and the wrapper goes; else all stays as it came.
 */
export async function unwrap(parcel: In<'fetched'>, options: UnwrapOptions): Promise<In<'fetched'>> {
  const { item, location, download } = parcel;
  if (location.kind !== 'snapshot' || item.kind === 'file' || !isGzip(download.head)) return parcel;
  const inner = `${download.part}~inner`;
  const opened = await open(download.part, inner, options);
  if (opened && (await options.isOfKind(opened.head, item.kind)))
    return { ...parcel, download: await exchange(download, inner, opened) };
  await discardPart(inner);
  return parcel;
}

const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

/** Bounded like any coding; undefined for what is damaged, or swells too much. */
async function open(
  part: string,
  inner: string,
  { filesizeMax, signal }: UnwrapOptions,
): Promise<PartWriter | undefined> {
  const decoding = decoderFor('gzip');
  if (typeof decoding !== 'object' || !('streams' in decoding)) return undefined;
  const writer = new PartWriter(inner, { sidecar: undefined, maxBytes: filesizeMax });
  try {
    await pipeline([createReadStream(part), ...decoding.streams, writer], { signal });
    return writer;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StorageError) throw error;
    return undefined; // the writer has removed what it wrote
  }
}

/** The sidecar speaks of the wrapper, so it goes first. */
async function exchange(download: Download, inner: string, opened: PartWriter): Promise<Download> {
  const { part } = download;
  try {
    await discardSidecar(part);
    await rename(inner, part);
  } catch (error) {
    throw new StorageError(`Cannot write ${part}: ${sentence(error)}.`, { cause: error });
  }
  const { bytes, sha256, head } = opened;
  return { ...download, bytes, sha256, head, hasSidecar: false };
}
