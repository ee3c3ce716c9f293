import type { Attributes } from '../elements.ts';
import type { WxrCategory, WxrItem } from './wxr-item.ts';
import { tagOf } from './wxr-tag.ts';

const bodies: ReadonlySet<string> = new Set(['content:encoded', 'excerpt:encoded', 'description']);
const plain: ReadonlySet<string> = new Set(['title', 'link', 'pubDate', 'guid', 'description', 'category']);
const ofExport = /^(?:wp|content|excerpt|dc|wfw):/;
/** Of whoever wrote a comment, and what opens a post to its readers: none of it belongs into an archive. */
const secret: ReadonlySet<string> = new Set([
  'wp:post_password',
  'wp:comment_author_IP',
  'wp:comment_author_email',
  'wp:comment_user_id',
]);

const most = { letters: 32 * 2 ** 20, elements: 500_000, names: 200 } as const;
const ofIdentity: ReadonlySet<string> = new Set(['wp:post_id', 'wp:post_type', 'guid', 'link']);
const longestIdentity = 1000;

interface Field {
  readonly name: string;
  readonly keep: (text: string) => void;
  text: string;
}

/**
 * An item as its elements come. The end of an element is where the next one begins, so that one which was left open
 * takes nothing else with itself.
 */
export class WxrElement {
  readonly #words = new Map<string, string>();
  readonly #categories: WxrCategory[] = [];
  readonly #meta = new Map<string, string[]>();
  readonly #comments: Map<string, string>[] = [];
  #field: Field | undefined;
  /** The key of a value that comes; undefined where the value is nobody's. */
  #key: string | undefined;
  #isOfComment = false;
  #letters = 0;
  #elements = 0;
  #isTooLarge = false;

  get isEmpty(): boolean {
    return this.#elements === 0;
  }

  open(name: string, attributes: Attributes): void {
    if (++this.#elements > most.elements) this.#refuse();
    // markup that stands in a body as it is goes on as markup
    if (this.#field && bodies.has(this.#field.name) && !isOwn(name)) this.text(tagOf(name, attributes));
    else this.#next(name, attributes);
  }

  text(text: string): void {
    if (!this.#field) return;
    if (this.#isTooLarge && this.#field.text.length > longestIdentity) return;
    this.#field.text += text;
    this.#letters += text.length;
    if (this.#letters > most.letters) this.#refuse();
  }

  end(): WxrItem {
    this.#endField();
    return {
      words: this.#words,
      categories: this.#categories,
      meta: this.#meta,
      comments: this.#comments,
      isTooLarge: this.#isTooLarge,
    };
  }

  #next(name: string, attributes: Attributes): void {
    this.#endField();
    if (name === 'wp:postmeta' || name === 'wp:commentmeta') this.#beginMeta(name === 'wp:commentmeta');
    else if (name === 'wp:comment') this.#comments.push(new Map());
    else this.#begin(name, attributes);
  }

  #beginMeta(isOfComment: boolean): void {
    this.#isOfComment = isOfComment;
    this.#key = undefined;
  }

  #begin(name: string, attributes: Attributes): void {
    const keep = this.#isTooLarge && !ofIdentity.has(name) ? undefined : this.#keeper(name, attributes);
    if (keep) this.#field = { name, keep, text: '' };
  }

  /** What becomes of the text of an element. */
  #keeper(name: string, { domain = '', nicename = '' }: Attributes): ((text: string) => void) | undefined {
    if (secret.has(name)) return undefined;
    if (name === 'wp:meta_key') return (text) => this.#nameMeta(text);
    if (name === 'wp:meta_value') return (text) => this.#addMeta(text);
    if (name === 'category') return (text) => this.#categories.push({ domain, nicename, name: text });
    if (name.startsWith('wp:comment_') && !ofPost.has(name))
      return this.#keeperIn(this.#comments.at(-1), name);
    return this.#keeperIn(this.#words, name);
  }

  #keeperIn(words: Map<string, string> | undefined, name: string) {
    if (!words || words.has(name) || words.size >= most.names) return undefined;
    return (text: string) => void (text !== '' && words.set(name, evenLines(text)));
  }

  #nameMeta(key: string): void {
    this.#key = this.#isOfComment ? undefined : key;
  }

  #addMeta(value: string): void {
    const key = this.#key;
    this.#key = undefined;
    if (key === undefined) return;
    if (!this.#meta.get(key)?.push(value)) this.#meta.set(key, [value]);
  }

  #endField(): void {
    const field = this.#field;
    this.#field = undefined;
    field?.keep(field.text.trim());
  }

  /** What is held of it is let go, but for what says which one it is. */
  #refuse(): void {
    if (this.#isTooLarge) return;
    this.#isTooLarge = true;
    this.#field = undefined;
    for (const name of this.#words.keys()) if (!ofIdentity.has(name)) this.#words.delete(name);
    this.#categories.length = 0;
    this.#meta.clear();
    this.#comments.length = 0;
  }
}

const ofPost: ReadonlySet<string> = new Set(['wp:comment_status']);

const isOwn = (name: string): boolean => plain.has(name) || ofExport.test(name);

/** As XML has it; an export that went through another system is not an edit of every post. */
const evenLines = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);
