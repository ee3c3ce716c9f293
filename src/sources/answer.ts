import { SourceError } from '../errors.ts';
import type { Answer } from '../net/http.ts';
import { shownAddress } from '../shown.ts';
import { type Bytes, bodyBytes, unzipped } from './bytes.ts';
import type { SourceContext } from './source.ts';
import { decoded } from './text.ts';

/** The media type that a server declares, without its parameters. */
export const typeOf = ({ headers }: Answer): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();

/** An answer of which the body is what was asked for; everything else ends the listing, never as an empty blog. */
export async function wholeAnswer(address: string, fetch: SourceContext['fetch']): Promise<Answer> {
  const answer = await fetch(address, { 'accept-encoding': 'identity' });
  const fault = faultOf(answer);
  if (fault === undefined) return answer;
  answer.body.destroy();
  const url = shownAddress(address);
  throw new SourceError(`${url} ${fault}.`, { url });
}

function faultOf(answer: Answer): string | undefined {
  const { status } = answer;
  if (status === 404 || status === 410) return `is gone: its server answers ${status}`;
  if (status !== 200) return `cannot be listed: its server answers ${status}`;
  return codingFault(answer);
}

function codingFault({ headers }: Answer): string | undefined {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  return ['', 'identity', 'gzip', 'x-gzip'].includes(coding)
    ? undefined
    : `comes compressed with ${coding.slice(0, 40)}, which nobody asked for`;
}

export interface BoundedText {
  readonly text: string;
  /** Was some of it no UTF-8, and is U+FFFD now? */
  readonly isDamaged: boolean;
}

const page = 32 * 2 ** 20;

/**
 * All text of an answer that is read as a whole, such as a page of an API: refused while it comes in if it is larger
 * than `most` bytes, be it as sent or as unpacked.
 */
export async function boundedText(
  answer: Answer,
  {
    most = page,
    signal,
    name,
  }: { readonly most?: number | undefined; readonly signal: AbortSignal; readonly name: string },
): Promise<BoundedText> {
  const fault = codingFault(answer);
  if (fault !== undefined) {
    answer.body.destroy();
    throw new SourceError(`${name} ${fault}.`, { url: shownAddress(answer.url) });
  }
  let isDamaged = false;
  const limits = { most, name, url: shownAddress(answer.url) };
  const packed = bounded(bodyBytes(answer, signal), limits);
  const parts: string[] = [];
  for await (const part of decoded(bounded(unzipped(packed, name), limits), () => {
    isDamaged = true;
  }))
    parts.push(part);
  return { text: parts.join(''), isDamaged };
}

/** The same bytes, refused while they come in if they are more than `most`. */
export async function* bounded(
  bytes: Bytes,
  { most, name, url }: { readonly most: number; readonly name: string; readonly url: string },
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > most) throw new SourceError(`${name} is larger than ${sizeInWords(most)}.`, { url });
    yield chunk;
  }
}

const sizeInWords = (bytes: number): string =>
  bytes >= 2 ** 20 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${bytes.toLocaleString('en')} bytes`;
