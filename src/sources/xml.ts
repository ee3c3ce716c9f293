import { FlatParser } from './flat-parser.ts';

export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  text(text: string): void;
}

/** The prefix that the namespace of an address is known by here; undefined of one that nobody reads. */
export type Spaces = (address: string) => string | undefined;

const mostDeclared = 200;

/**
 * Reads XML as it comes in, as forgiving as feeds need it. Names bear the prefix that is usual for their namespace,
 * whichever the document has chosen; one that it does not declare is taken as it is. Of what is not `tracked` the end is
 * not told. Entities of its own are not expanded, so none can grow; CDATA is text.
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
  #isEnding = false;

  constructor(tracked: ReadonlySet<string>, handlers: XmlHandlers, spaces: Spaces = () => undefined) {
    this.#spaces = spaces;
    this.#parser = new FlatParser(
      { has: (name) => tracked.has(this.#usual(name)) },
      {
        open: (name, attributes) => {
          this.isXml = true;
          this.#declare(attributes);
          handlers.open(this.#usual(name), attributes);
        },
        close: (name, isImplied) => {
          const usual = this.#usual(name);
          if (isImplied && this.#isEnding && tracked.has(usual)) this.isCut = true;
          handlers.close(usual);
        },
        text: (text) => handlers.text(text),
      },
      { xmlMode: true },
    );
  }

  write(text: string): void {
    this.#parser.write(text);
  }

  end(): void {
    this.#isEnding = true;
    this.#parser.end();
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
