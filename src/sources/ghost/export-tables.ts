import { Finder } from '../json-finder.ts';
import { isObject, type JsonObject, textAt, wholeOf } from '../json-path.ts';
import { detached } from '../text.ts';

/** A row of a table of the database. */
export interface Row {
  readonly table: string;
  readonly value: unknown;
}

/** Takes the rows of every table, and knows in which it is. */
export class TableFinder extends Finder {
  /** The key that came last: within a row none is told. */
  table = '';
  isFound = false;

  constructor(isWrapped: boolean) {
    super(isWrapped ? ['db', '0', 'data', '*'] : ['data', '*']);
  }

  override key(name: string): void {
    super.key(name);
    this.table = detached(name.slice(0, 100));
  }

  override enter(isArray: boolean): void {
    super.enter(isArray);
    this.isFound ||= this.isAtPost;
  }
}

const mostLetters = 2 ** 26;
const longestAddress = 8192;

/** What other tables say of posts; bounded, whatever comes. */
export class Tables {
  isFull = false;
  #letters = 0;
  readonly #names = new Map<string, string>();
  readonly #tags = new Map<string, { readonly tag: string; readonly place: number }[]>();
  readonly #meta = new Map<string, JsonObject>();

  add(table: string, row: unknown): void {
    if (!isObject(row)) return;
    if (table === 'tags') this.#addName(row);
    else if (table === 'posts_tags') this.#addTag(row);
    else if (table === 'posts_meta') this.#addMeta(row);
  }

  tagsOf(post: string): readonly string[] {
    const tags = [...(this.#tags.get(post) ?? [])].sort((a, b) => a.place - b.place);
    return tags.flatMap(({ tag }) => this.#names.get(tag) ?? []);
  }

  metaOf(post: string): JsonObject {
    return this.#meta.get(post) ?? {};
  }

  #addName(row: JsonObject): void {
    const [id, name] = [textAt(row, [['id']], 100), textAt(row, [['name']], 500)];
    if (id !== undefined && name !== undefined && this.#hasRoom(id, name))
      this.#names.set(detached(id), detached(name));
  }

  #addTag(row: JsonObject): void {
    const [post, tag] = [textAt(row, [['post_id']], 100), textAt(row, [['tag_id']], 100)];
    if (post === undefined || tag === undefined || !this.#hasRoom(post, tag)) return;
    const of = this.#tags.get(post);
    const entry = { tag: detached(tag), place: wholeOf(row.sort_order) ?? 0 };
    if (of) of.push(entry);
    else this.#tags.set(detached(post), [entry]);
  }

  /** Of the many things that it says only what media are. */
  #addMeta(row: JsonObject): void {
    const post = textAt(row, [['post_id']], 100);
    const named = ['og_image', 'twitter_image'].flatMap((key) => {
      const address = textAt(row, [[key]], longestAddress);
      return address === undefined ? [] : [[key, address] as const];
    });
    if (post === undefined || named.length === 0 || !this.#hasRoom(post, ...named.map(([, text]) => text)))
      return;
    this.#meta.set(detached(post), Object.fromEntries(named.map(([key, text]) => [key, detached(text)])));
  }

  #hasRoom(...texts: readonly string[]): boolean {
    for (const { length } of texts) this.#letters += length + perEntry;
    this.isFull ||= this.#letters > mostLetters;
    return !this.isFull;
  }
}

/** What an entry takes besides its letters. */
const perEntry = 64;
