import type { Attributes } from '../elements.ts';
import { FlatParser } from '../flat-parser.ts';
import type { JsonObject } from '../json-path.ts';
import { largestPost, Unreadable } from '../json-stream.ts';

interface Element {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: Element[];
  text: string;
}

const piece = 65_536;
const deepest = 32;
/** Elements and attributes. */
const most = 100_000;

/**
 * The posts of the form in XML, each as the form in JSON has it, out of a text that comes bit by bit: no more than one
 * post is held. Entities of its own are not expanded, so none can grow. Throws `Unreadable`.
 */
export class XmlPosts {
  /** What the blog says of itself. */
  blog: Attributes | undefined;
  /** What is said of the list of posts; undefined as long as none has begun. */
  list: Attributes | undefined;
  /** How many posts there were so far. */
  count = 0;
  readonly #isPage: boolean;
  readonly #parser: FlatParser;
  /** The names of what is open around a post. */
  readonly #path: string[] = [];
  /** What is open of a post, itself the first. */
  #post: Element[] = [];
  readonly #done: JsonObject[] = [];
  /** Elements and attributes, and letters, of what is held. */
  #size = 0;
  #held = 0;

  /** Is it a page, which is held as a whole? Then all its posts together have no more room than one. */
  constructor({ isPage = false } = {}) {
    this.#isPage = isPage;
    this.#parser = new FlatParser(
      { has: () => true },
      {
        open: (name, attributes) => this.#open(name, attributes),
        close: () => this.#close(),
        text: (text) => this.#text(text),
        attribute: () => this.#grow(),
      },
      { xmlMode: true },
    );
  }

  /** The posts that end in this bit of text; also those before the place where it makes no sense any more. */
  *take(text: string): Generator<JsonObject> {
    for (let from = 0; from < text.length; from += piece) {
      const part = text.slice(from, from + piece);
      this.#held += part.length;
      if (this.#held > largestPost) throw new Unreadable('has a post, or a single tag, larger than 32 MiB');
      try {
        this.#parser.write(part);
      } finally {
        yield* this.#done.splice(0);
      }
    }
  }

  /** The parser would close by itself whatever is still open. */
  end(): void {
    if (this.#path.length + this.#post.length > 0) throw new Unreadable('ends in the middle');
  }

  #open(name: string, attributes: Attributes): void {
    if (this.#path.length + this.#post.length >= deepest)
      throw new Unreadable(`is nested deeper than ${deepest} levels`);
    if (this.#post.length > 0 || this.#isPost(name)) this.#hold(name, attributes);
    else this.#pass(name, attributes);
  }

  #hold(name: string, attributes: Attributes): void {
    const parent = this.#post.at(-1);
    if (!parent) this.#held = 0;
    this.#grow();
    const element = { name, attributes, children: [], text: '' };
    parent?.children.push(element);
    this.#post.push(element);
  }

  /** Is it one of the list, and not whatever else is called a post? */
  #isPost(name: string): boolean {
    return name === 'post' && this.#path.at(-1) === 'posts' && this.#path.length <= 2;
  }

  /** What is around posts says of the blog what there is to say. */
  #pass(name: string, attributes: Attributes): void {
    if (name === 'tumblelog' && this.#path.length === 1) this.blog ??= attributes;
    if (name === 'posts' && this.#path.length <= 1) this.list ??= attributes;
    this.#path.push(name);
    this.#letGo();
  }

  #close(): void {
    const element = this.#post.pop();
    if (!element) this.#path.pop();
    if (this.#post.length > 0) return;
    if (element) {
      this.#done.push(objectOf(element));
      this.count++;
    }
    this.#letGo();
  }

  #text(text: string): void {
    const element = this.#post.at(-1);
    if (element) element.text += text;
    else this.#letGo();
  }

  #grow(): void {
    if (++this.#size > most)
      throw new Unreadable('has more elements and attributes than there can be in a post');
  }

  #letGo(): void {
    this.#held = 0;
    if (!this.#isPage) this.#size = 0;
  }
}

/** Attributes and children alike become keys, as in JSON. */
function objectOf({ attributes, children }: Element): JsonObject {
  const found = new Map<string, unknown>(Object.entries(attributes));
  const tags = children.filter(({ name }) => name === 'tag').map(({ text }) => text);
  if (tags.length > 0) found.set('tags', tags);
  for (const child of children) {
    const key = keyOf(child);
    if (child.name !== 'tag' && !found.has(key)) found.set(key, contentOf(child));
  }
  return Object.fromEntries(found);
}

/** `<photo-url max-width="500">` is `photo-url-500`. */
function keyOf({ name, attributes }: Element): string {
  if (name === 'photoset') return 'photos';
  const width = attributes['max-width'] ?? '';
  return /^\d{1,5}$/.test(width) ? `${name}-${width}` : name;
}

function contentOf(element: Element): unknown {
  const { name, children, text } = element;
  if (name === 'photoset') return children.map(objectOf);
  if (name === 'conversation') return children.map((line) => ({ ...line.attributes, phrase: line.text }));
  return children.length > 0 ? objectOf(element) : text;
}
