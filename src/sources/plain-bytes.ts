import { pipeline, type Transform } from 'node:stream';
import { OxbowError, SourceError, sentence } from '../errors.ts';
import { decoderFor } from '../net/decode.ts';
import type { Answer } from '../net/http.ts';
import { type Bytes, bodyBytes, unzipped } from './bytes.ts';

/** The body of an answer as its author wrote it, whatever coding it comes in: some servers ask nobody before they pack. */
export function plainBytes(answer: Answer, name: string, signal: AbortSignal): Bytes {
  const decoding = decoderFor(answer.headers['content-encoding']);
  if (decoding === 'identity') return unzipped(bodyBytes(answer, signal), name);
  if ('streams' in decoding) return undone(answer, decoding.streams, name);
  answer.body.destroy();
  throw new SourceError(`${name} comes in a coding that nothing here undoes: ${decoding.unknown}.`);
}

async function* undone(
  answer: Answer,
  streams: readonly Transform[],
  name: string,
): AsyncGenerator<Uint8Array> {
  const whole = pipeline([answer.body, ...streams], () => undefined); // its error comes out of the loop below
  try {
    yield* whole as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof OxbowError) throw error;
    throw new SourceError(`${name} cannot be unpacked: ${sentence(error)}.`, { cause: error });
  } finally {
    answer.body.destroy();
  }
}
