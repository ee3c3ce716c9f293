import { at, textAt } from '../json-path.ts';
import { detached } from '../text.ts';
import { type ApiWay, addressOf, askRows, Closed, Refused } from './api.ts';
import { chunks } from './chunks.ts';

const mostHeld = 50_000;

/** The names of tags or categories, which posts give as numbers; asked for by the hundred, each once. */
export class Terms {
  readonly #of: 'tags' | 'categories';
  readonly #way: ApiWay & { readonly root: string };
  readonly #names = new Map<string, string | undefined>();
  #isClosed = false;

  constructor(of: 'tags' | 'categories', way: ApiWay & { readonly root: string }) {
    this.#of = of;
    this.#way = way;
  }

  /** Where they are not told, posts go without. */
  async learn(ids: readonly string[]): Promise<void> {
    if (this.#names.size > mostHeld) this.#names.clear();
    const unknown = [...new Set(ids)].filter((id) => !this.#names.has(id));
    for (const some of chunks(unknown, 100)) {
      if (this.#isClosed) return;
      for (const id of some) this.#names.set(id, undefined);
      for (const term of await this.#ask(some)) {
        const [id, name] = [textAt(term, [['id']], 20), textAt(term, [['name']], 1000)];
        if (id !== undefined && this.#names.has(id) && name !== undefined) this.#names.set(id, plain(name));
      }
    }
  }

  namesOf(ids: readonly string[]): readonly string[] {
    return ids.flatMap((id) => this.#names.get(id) ?? []);
  }

  async #ask(ids: readonly string[]): Promise<readonly unknown[]> {
    const query = { include: ids.join(','), per_page: 100, _fields: 'id,name' };
    try {
      return (await askRows(addressOf(this.#way.root, this.#of, query), this.#way)).rows;
    } catch (error) {
      if (!(error instanceof Closed || error instanceof Refused)) throw error;
      this.#isClosed = true;
      return [];
    }
  }
}

const signs: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#039': "'",
  '#8217': '’',
};

/** Names come as HTML has them, and are wanted as people type them. */
const plain = (name: string): string =>
  detached(
    name.replace(/&([a-z]{2,4}|#\d{3,4});/g, (whole, sign: string) => String(at(signs, [sign]) ?? whole)),
  );
