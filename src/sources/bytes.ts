import { open } from 'node:fs/promises';
import { addAbortSignal, pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { OxbowError, SourceError, sentence, systemCode } from '../errors.ts';
import type { Answer } from '../net/http.ts';
import { quoted, shownAddress } from '../shown.ts';

export type Bytes = AsyncIterable<Uint8Array>;

const chunkSize = 65_536;

/** A part of a file. */
export interface Extent {
  readonly from: number;
  readonly bytes: number;
}

/** A file, chunk by chunk; read by hand, so that it is closed once whoever stopped early has been told so. */
export async function* fileBytes(
  file: string,
  signal: AbortSignal,
  { from, bytes }: Extent = { from: 0, bytes: Number.POSITIVE_INFINITY },
): AsyncGenerator<Uint8Array> {
  const handle = await open(file).catch((error) => Promise.reject(unreadable(file, error)));
  try {
    for (let at = 0; at < bytes; ) {
      signal.throwIfAborted();
      const most = Math.min(chunkSize, bytes - at);
      const { bytesRead, buffer } = await handle
        .read(Buffer.allocUnsafe(most), 0, most, from === 0 ? null : from + at)
        .catch((error) => Promise.reject(unreadable(file, error)));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

export function unreadable(file: string, error: unknown): SourceError {
  return new SourceError(`${quoted(file)} cannot be read (${systemCode(error) ?? sentence(error)}).`, {
    cause: error,
  });
}

export async function* stdinBytes(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield* addAbortSignal(signal, process.stdin);
}

export async function* bodyBytes(answer: Answer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* answer.body;
  } catch (error) {
    signal.throwIfAborted();
    const message = `${shownAddress(answer.url)} broke off in the middle (${systemCode(error) ?? sentence(error)}).`;
    throw new SourceError(message, { cause: error, url: shownAddress(answer.url) });
  } finally {
    answer.body.destroy();
  }
}

/** A body as bytes, closed when nobody reads on. */
export async function* bodyOf(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    body.destroy();
  }
}

/** The same bytes, unpacked if they begin as gzip does: names and headers are wrong about it as often as not. */
export async function* unzipped(bytes: Bytes, name: string): AsyncGenerator<Uint8Array> {
  const chunks = begun(bytes, 2);
  const first = await chunks.next();
  if (first.done) return;
  const whole = rejoined([first.value], chunks);
  yield* first.value[0] === 0x1f && first.value[1] === 0x8b ? gunzipped(whole, name) : whole;
}

/** What was taken for a look, and the rest, which is closed even if nobody came to read it. */
export async function* rejoined<T>(held: T[], rest: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    while (held.length > 0) yield held.shift()!;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

async function* gunzipped(bytes: Bytes, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* unpacked(bytes, createGunzip());
  } catch (error) {
    if (error instanceof OxbowError || systemCode(error)?.startsWith('Z_') !== true) throw error;
    const how =
      systemCode(error) === 'Z_BUF_ERROR'
        ? 'ends in the middle: its compression is cut short'
        : 'is damaged: its compression makes no sense';
    throw new SourceError(`${name} ${how}.`, { cause: error });
  }
}

/** What an engine makes of the bytes, which are closed before this is. */
export async function* unpacked(bytes: Bytes, engine: Transform): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(bytes);
  const closed = new Promise((resolve) => packed.once('close', resolve));
  const made = pipeline(packed, engine, () => undefined); // its error comes out of the loop below
  try {
    yield* made;
  } finally {
    packed.destroy();
    await closed;
  }
}

/** The same bytes, the first chunk being at least so long that its beginning can be judged. */
export async function* begun(bytes: Bytes, least: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of bytes) {
    if (held === undefined) {
      yield chunk;
      continue;
    }
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (held.length < least) continue;
    yield held;
    held = undefined;
  }
  if (held !== undefined && held.length > 0) yield held;
}
