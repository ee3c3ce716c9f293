import { StringDecoder } from 'node:string_decoder';
import { type Bytes, begun } from './bytes.ts';

export type Text = AsyncIterable<string>;

interface Decoder {
  write(bytes: Uint8Array): string;
  end(): string;
}

/** UTF-8, or UTF-16 where a mark says so; what is neither becomes U+FFFD, and `onDamage` hears of the first. */
export async function* decoded(bytes: Bytes, onDamage: () => void): AsyncGenerator<string> {
  let decoder: Decoder | undefined;
  let damaged = false;
  for await (const chunk of begun(bytes, 3)) {
    const first = decoder === undefined;
    decoder ??= decoderFor(chunk);
    const text = decoder.write(chunk);
    if (!damaged && isDamaged(text, chunk)) {
      damaged = true;
      onDamage();
    }
    if (text !== '') yield first ? withoutMark(text) : text;
  }
  const rest = decoder?.end() ?? '';
  if (rest !== '' && !damaged) onDamage();
  if (rest !== '') yield rest;
}

/** The beginning of a text, for a look at what it is. */
export const decodedHead = (bytes: Uint8Array): string => withoutMark(decoderFor(bytes).write(bytes));

function decoderFor(start: Uint8Array): Decoder {
  const mark = `${start[0]},${start[1]}`;
  if (mark !== '255,254' && mark !== '254,255') return new StringDecoder('utf8') as unknown as Decoder; // twice as fast as TextDecoder
  const decoder = new TextDecoder(mark === '255,254' ? 'utf-16le' : 'utf-16be');
  return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

const withoutMark = (text: string) => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);

/** Some text holds U+FFFD rightfully; then its bytes are there too. */
const isDamaged = (text: string, bytes: Uint8Array) =>
  text.includes('\ufffd') && !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('\ufffd');

export interface Line {
  readonly number: number;
  /** Undefined where it was too long to be held. */
  readonly text: string | undefined;
}

/** Lines, as many at a time as a chunk holds. */
export async function* lines(text: Text, longest: number): AsyncGenerator<readonly Line[]> {
  let number = 0;
  let held = '';
  let tooLong = false;
  const line = (end: string): Line => {
    const whole = tooLong || held.length + end.length > longest ? undefined : (held + end).replace(/\r$/, '');
    held = '';
    tooLong = false;
    number++;
    return { number, text: whole };
  };
  for await (const chunk of text) {
    const found: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', from)) {
      found.push(line(chunk.slice(from, at)));
      from = at + 1;
    }
    held += tooLong ? '' : chunk.slice(from);
    if (held.length > longest) [held, tooLong] = ['', true];
    if (found.length > 0) yield found;
  }
  if (held !== '' || tooLong) yield [line('')];
}

/** A copy that does not hold on to the chunk it was cut from: an id may outlive a file of gigabytes. */
export const detached = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
