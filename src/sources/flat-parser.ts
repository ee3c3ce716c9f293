import { Parser, type ParserOptions } from 'htmlparser2';

const deepest = 64;

export interface Handlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  /** Implied: it was left open by what closes around it, or by the end. */
  close(name: string, isImplied: boolean): void;
  text(text: string): void;
  /** Told of each at once: a tag may have more of them than there is room for. */
  attribute?(): void;
}

type Tracked = Pick<ReadonlySet<string>, 'has'>;

/**
 * A parser that remembers hardly anything that is open: the library moves all open elements for each further one, and
 * looks through all of them for each that closes (200,000 unclosed tags take it 12 s). Where more of the tracked ones
 * are open than a sound page has, each element stands for itself from there on.
 */
export class FlatParser extends Parser {
  readonly #tracked: Tracked;
  #isFull = false;

  /** `tracked` are the elements that say something to what is within them: only of these the end is told. */
  constructor(tracked: Tracked, { open, close, text, attribute }: Handlers, options?: ParserOptions) {
    let depth = 0;
    super(
      {
        onopentag: (name, attributes) => {
          if (tracked.has(name) && ++depth > deepest) this.#isFull = true;
          open(name, attributes);
        },
        onclosetag: (name, isImplied) => {
          if (tracked.has(name)) depth--;
          close(name, isImplied);
        },
        ontext: text,
        ...(attribute && { onattribute: attribute }),
      },
      options,
    );
    this.#tracked = tracked;
  }

  override isVoidElement(name: string): boolean {
    return this.#isFull || !this.#tracked.has(name);
  }
}
