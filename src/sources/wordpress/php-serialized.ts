/**
 * A value as PHP writes it down (`a:1:{s:5:"width";i:2560;}`); undefined for what is none, is nested too deep, or has
 * too much in it. Objects are not made: only numbers, texts, truths and lists are read. Lists of any kind become plain
 * objects, with the keys as text.
 */
export function readPhp(text: string): unknown {
  if (text.length > longest || !/^(?:[aibds]:|N;)/.test(text.slice(0, 4))) return undefined;
  const reader = new Reader(Buffer.from(text));
  try {
    return reader.value(0);
  } catch (error) {
    if (error instanceof Nonsense) return undefined;
    throw error;
  }
}

class Nonsense extends Error {}

const longest = 2 ** 20;
const deepest = 32;
const most = 20_000;
const [quote, semicolon, colon, opening, closing] = [...`";:{}`].map((letter) => letter.charCodeAt(0));
const endOfText = Buffer.from('";');

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #count = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  value(depth: number): unknown {
    if (depth > deepest || ++this.#count > most) throw new Nonsense();
    const kind = String.fromCharCode(this.#bytes[this.#at] ?? 0);
    this.#at++;
    if (kind === 'N') return this.#nothing();
    this.#expect(colon!);
    if (kind === 's') return this.#text();
    if (kind === 'a') return this.#list(depth);
    const word = this.#word(semicolon!);
    if (kind === 'b') return word === '1';
    if (kind !== 'i' && kind !== 'd') throw new Nonsense();
    return numberOf(word);
  }

  #nothing(): null {
    this.#expect(semicolon!);
    return null;
  }

  #list(depth: number): Readonly<Record<string, unknown>> {
    const count = this.#length();
    this.#expect(opening!);
    const entries: [string, unknown][] = [];
    for (let i = 0; i < count; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string' && typeof key !== 'number') throw new Nonsense();
      entries.push([String(key), this.value(depth + 1)]);
    }
    this.#expect(closing!);
    return Object.fromEntries(entries);
  }

  /** Lengths are in bytes; an export in which addresses were replaced has wrong ones, and the text ends where it ends. */
  #text(): string {
    const length = this.#length();
    this.#expect(quote!);
    const start = this.#at;
    const stated = start + length;
    const isSound = this.#bytes[stated] === quote && this.#bytes[stated + 1] === semicolon;
    const end = isSound ? stated : this.#bytes.indexOf(endOfText, start);
    if (end < 0) throw new Nonsense();
    this.#at = end + endOfText.length;
    return this.#bytes.toString('utf8', start, end);
  }

  #length(): number {
    const word = this.#word(colon!);
    if (!/^\d{1,7}$/.test(word)) throw new Nonsense();
    return Number(word);
  }

  #word(until: number): string {
    const end = this.#bytes.indexOf(until, this.#at);
    if (end < 0 || end - this.#at > 40) throw new Nonsense();
    const word = this.#bytes.toString('latin1', this.#at, end);
    this.#at = end + 1;
    return word;
  }

  #expect(byte: number): void {
    if (this.#bytes[this.#at] !== byte) throw new Nonsense();
    this.#at++;
  }
}

function numberOf(word: string): number {
  const number = Number(word);
  if (word === '' || Number.isNaN(number)) throw new Nonsense();
  return number;
}
