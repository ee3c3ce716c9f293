import { FlatParser } from './flat-parser.ts';
import { DamagedFile } from './source.ts';
import { XmlSections } from './xml-sections.ts';

export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  text(text: string): void;
}

/** The prefix that the namespace of an address is known by here; undefined of one that nobody reads. */
export type Spaces = (address: string) => string | undefined;

const mostDeclared = 200;
const piece = 65_536;
/** A tag, or a list of entities, in letters: the parser holds it until it ends. */
const longestTag = 2 ** 20;

/**
 * Reads XML as it comes in, as forgiving as feeds need it. Names bear the prefix that is usual for their namespace,
 * whichever the document has chosen; one that it does not declare is taken as it is. Of what is not `tracked` the end is
 * not told. Entities of its own are not expanded, so none can grow; CDATA is text, and comes bit by bit. Throws
 * `DamagedFile` where a single tag has no end.
 */
export class XmlReader {
  /** Has the document ended before its elements did? To be asked at the end. */
  isCut = false;
  /** Was any element seen at all? */
  isXml = false;
  readonly #prefixes = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #spaces: Spaces;
  readonly #parser: FlatParser;
  readonly #sections: XmlSections;
  /** Letters that the parser was given since it last told of something. */
  #held = 0;
  #isEnding = false;

  constructor(
    tracked: Pick<ReadonlySet<string>, 'has'>,
    handlers: XmlHandlers,
    spaces: Spaces = () => undefined,
  ) {
    this.#spaces = spaces;
    this.#parser = new FlatParser(
      { has: (name) => tracked.has(this.#usual(name)) },
      {
        open: (name, attributes) => {
          this.isXml = true;
          this.#held = 0;
          this.#declare(attributes);
          handlers.open(this.#usual(name), attributes);
        },
        close: (name, isImplied) => {
          const usual = this.#usual(name);
          this.#held = 0;
          if (isImplied && this.#isEnding && tracked.has(usual)) this.isCut = true;
          handlers.close(usual);
        },
        text: (text) => {
          this.#held = 0;
          handlers.text(text);
        },
      },
      { xmlMode: true },
    );
    this.#sections = new XmlSections({
      markup: (markup) => this.#parse(markup),
      text: (text) => handlers.text(text),
    });
  }

  write(text: string): void {
    this.#sections.write(text);
  }

  end(): void {
    this.#isEnding = true;
    if (this.isXml && this.#sections.isOpen) this.isCut = true;
    this.#sections.end();
    this.#parser.end();
  }

  #parse(markup: string): void {
    for (let from = 0; from < markup.length; from += piece) {
      const part = markup.slice(from, from + piece);
      this.#held += part.length;
      if (this.#held > longestTag + piece) throw new DamagedFile('it has a single tag larger than 1 MiB');
      this.#parser.write(part);
    }
  }

  #declare(attributes: Readonly<Record<string, string>>): void {
    for (const [key, address] of Object.entries(attributes)) {
      if (!key.startsWith('xmlns:') || this.#prefixes.size >= mostDeclared) continue;
      const usual = this.#spaces(address.trim());
      if (usual === undefined) continue;
      this.#prefixes.set(key.slice('xmlns:'.length), usual);
      this.#names.clear();
    }
  }

  /** The name with the usual prefix. */
  #usual(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const at = name.indexOf(':');
    const prefix = at > 0 ? this.#prefixes.get(name.slice(0, at)) : undefined;
    const usual = prefix === undefined ? name : `${prefix}${name.slice(at)}`;
    if (this.#names.size < 1000) this.#names.set(name, usual);
    return usual;
  }
}
