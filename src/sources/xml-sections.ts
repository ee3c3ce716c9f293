type Taker = (text: string) => void;

/** Who takes what: markup goes to a parser, CDATA is text, comments are nobody's. */
export interface SectionTakers {
  readonly markup: Taker;
  readonly text: Taker;
}

type Mode = 'markup' | 'cdata' | 'comment';

const starts: readonly (readonly [string, Mode])[] = [
  ['<![CDATA[', 'cdata'],
  ['<!--', 'comment'],
];
const ends: Readonly<Record<Exclude<Mode, 'markup'>, string>> = { cdata: ']]>', comment: '-->' };

/**
 * Takes CDATA and comments out of XML as it comes in. A parser would hold either until it ends, and a text without an
 * end may be of any size.
 */
export class XmlSections {
  #mode: Mode = 'markup';
  /** What may be the beginning of a mark, of which the rest comes later. */
  #held = '';
  readonly #takers: SectionTakers;

  constructor(takers: SectionTakers) {
    this.#takers = takers;
  }

  /** Is it in the middle of what has an end of its own? */
  get isOpen(): boolean {
    return this.#mode !== 'markup';
  }

  write(piece: string): void {
    const text = this.#held + piece;
    this.#held = '';
    for (let at = 0; at < text.length; )
      at = this.#mode === 'markup' ? this.#markup(text, at) : this.#section(text, at, this.#mode);
  }

  /** What was held back was no mark. */
  end(): void {
    if (this.#held !== '') this.#give(this.#held);
    this.#held = '';
  }

  #markup(text: string, from: number): number {
    for (let at = text.indexOf('<', from); at >= 0; at = text.indexOf('<', at + 1)) {
      const start = starts.find(([mark]) => text.startsWith(mark, at));
      if (start) {
        this.#give(text.slice(from, at));
        this.#mode = start[1];
        return at + start[0].length;
      }
      const rest = text.slice(at, at + 9);
      if (at + rest.length === text.length && starts.some(([mark]) => mark.startsWith(rest)))
        return this.#hold(text, from, at);
    }
    this.#give(text.slice(from));
    return text.length;
  }

  #section(text: string, from: number, mode: 'cdata' | 'comment'): number {
    const mark = ends[mode];
    const end = text.indexOf(mark, from);
    if (end < 0) return this.#hold(text, from, Math.max(from, text.length - mark.length + 1));
    this.#give(text.slice(from, end));
    this.#mode = 'markup';
    return end + mark.length;
  }

  #hold(text: string, from: number, at: number): number {
    this.#give(text.slice(from, at));
    this.#held = text.slice(at);
    return text.length;
  }

  #give(text: string): void {
    if (text === '' || this.#mode === 'comment') return;
    if (this.#mode === 'cdata') this.#takers.text(text);
    else this.#takers.markup(text);
  }
}
