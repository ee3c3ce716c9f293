import { TextDecoder } from 'node:util';
import { type Bytes, begun } from './bytes.ts';

const head = 4096;
/** By the rules of HTML these, named in bytes that one can read, cannot be meant. */
const impossible = /^utf-?(16|32)/i;

/**
 * The text of a page: by its byte order mark, what its server declares, what it declares itself; without any of these
 * UTF-8 if it begins like it, else windows-1252. What is in no such encoding becomes U+FFFD, and `onDamage` hears of
 * the first.
 */
export async function* pageText(
  bytes: Bytes,
  declared: string | undefined,
  onDamage: () => void,
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let isDamaged = false;
  const check = (text: string, chunk: Uint8Array) => {
    if (isDamaged || !text.includes('\ufffd') || holdsMark(chunk, decoder!)) return text;
    isDamaged = true;
    onDamage();
    return text;
  };
  for await (const chunk of begun(bytes, head)) {
    decoder ??= decoderFor(chunk, charsetIn(declared ?? ''));
    yield check(decoder.decode(chunk, { stream: true }), chunk);
  }
  if (decoder) yield check(decoder.decode(), new Uint8Array());
}

/** Some text holds U+FFFD rightfully; then its bytes are there too. */
const holdsMark = (chunk: Uint8Array, { encoding }: TextDecoder) =>
  encoding === 'utf-8' && Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).includes('\ufffd');

function decoderFor(chunk: Uint8Array, declared: string | undefined): TextDecoder {
  const start = chunk.subarray(0, head);
  const marked = markOf(start);
  if (marked) return new TextDecoder(marked);
  const inside = charsetIn(Buffer.from(start).toString('latin1'));
  for (const name of [declared, inside && !impossible.test(inside) ? inside : undefined]) {
    const decoder = name === undefined ? undefined : known(name);
    if (decoder) return decoder;
  }
  return new TextDecoder(beginsAsUtf8(start) ? 'utf-8' : 'windows-1252');
}

function markOf([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/** `charset=…` of a header or a `<meta>`, `encoding="…"` of an XML declaration. */
const charsetIn = (text: string): string | undefined =>
  /(?:charset|<\?xml[^>]{0,100}encoding)\s{0,8}=\s{0,8}["']?\s{0,8}([\w.:-]{2,40})/i.exec(text)?.[1];

/** Nothing for a name that nobody knows. */
function known(name: string): TextDecoder | undefined {
  try {
    return new TextDecoder(name);
  } catch {
    return undefined; // the next best sign decides
  }
}

/** The last letter may be cut. */
function beginsAsUtf8(start: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true });
    return true;
  } catch {
    return false;
  }
}
