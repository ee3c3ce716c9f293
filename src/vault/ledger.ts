import type { Keyv } from 'keyv';
import type { MediaRecord, Sharing } from '../model.ts';
import { mayBeLarger } from '../reasons.ts';
import { entriesOf, openLmdb, type Stores } from './ledger-store.ts';
import { ListingIndex, type PostPlace } from './listing-index.ts';
import { isFiled } from './sharing.ts';

export interface OpenItem extends PostPlace {
  readonly id: string;
  readonly n: number;
}

/** How far the lines are indexed, with the sum of the last one: lines that changed since are indexed anew. */
export interface Mark {
  readonly bytes: number;
  readonly lastAt: number;
  readonly sum: string;
}

export interface IndexedRecord {
  readonly record: MediaRecord;
  readonly offset: number;
}

export interface IndexedPost extends PostPlace {
  readonly id: string;
  readonly sum: string;
  readonly items: readonly string[];
}

/** What records say of bytes that an earlier line named already. */
export interface Shared {
  readonly sha256: string;
  readonly sharings: readonly Sharing[];
  /** The place of each such line, and of the one before it that names the same bytes. */
  readonly links: readonly { readonly at: number; readonly before: number }[];
}

interface ItemEntry {
  readonly at: number;
  readonly kept: boolean;
  /** Kept, and there is something to be asked for all the same. */
  readonly lesser?: true;
  /** The first digits of the sum of the bytes that it had last; it may have been lost since. */
  readonly had?: string;
}

/** So long an index of a web archive is not asked the same again: new captures of what is gone are rare. */
const WEEK = 7 * 86_400_000;

/**
 * What we remember between runs: an index into the lines of the manifest and of the posts, never the product.
 * It says where a line is; the line itself is then read, so a damaged ledger costs time and tells no lie.
 */
export class Ledger {
  readonly listings: ListingIndex;
  readonly #stores: Stores;
  readonly #items: Keyv<ItemEntry>;
  readonly #contents: Keyv<number>;
  readonly #sharings: Keyv<readonly Sharing[]>;
  readonly #links: Keyv<number>;
  readonly #files: Keyv<number>;
  readonly #wanted: Keyv<OpenItem>;
  readonly #open: Keyv<OpenItem>;
  readonly #posts: Keyv<PostPlace>;
  readonly #marks: Keyv<Mark>;
  readonly #answers: Keyv<unknown>;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(stores: Stores) {
    this.#stores = stores;
    this.listings = new ListingIndex(stores);
    this.#items = stores.store('oxbow-item');
    this.#contents = stores.store('oxbow-content');
    this.#sharings = stores.store('oxbow-sharing');
    this.#links = stores.store('oxbow-link');
    this.#files = stores.store('oxbow-file');
    this.#wanted = stores.store('oxbow-wanted');
    this.#open = stores.store('oxbow-open');
    this.#posts = stores.store('oxbow-post');
    this.#answers = stores.store('oxbow-answer');
    this.#marks = stores.store('oxbow-mark-6'); // the number grows when entries change: an older ledger is made anew
  }

  static at(path: string): Ledger {
    return new Ledger(openLmdb(path));
  }

  /** One at a time: lines are indexed in the order they are written in, and by nobody else while all are. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined); // whoever asked is told
    return mine;
  }

  async itemAt(id: string): Promise<number | undefined> {
    return (await this.#items.get(id))?.at;
  }

  async contentAt(sha256: string): Promise<number | undefined> {
    return this.#contents.get(sha256);
  }

  /** The last lines that name these bytes, in the order of the sums. */
  async contentsAt(sums: readonly string[]): Promise<(number | undefined)[]> {
    return this.#contents.getMany<number>([...sums]);
  }

  /** Which addresses of which hosts gave these bytes; nothing if a single one did. */
  async sharings(sha256: string): Promise<readonly Sharing[]> {
    return (await this.#sharings.get(sha256)) ?? [];
  }

  /** The line that named the same bytes before the one at this place. */
  async linkAt(at: number): Promise<number | undefined> {
    return this.#links.get(String(at));
  }

  /** Are these the bytes that an item had last? */
  async had(id: string, sha256: string): Promise<boolean> {
    return (await this.#items.get(id))?.had === briefly(sha256);
  }

  async fileAt(path: string): Promise<number | undefined> {
    return this.#files.get(path);
  }

  /** Where a post lies in this very form; a post may have several, and each is written once. */
  async postAt(id: string, sum: string): Promise<PostPlace | undefined> {
    return this.#posts.get(formOf(id, sum));
  }

  async mark(name: string): Promise<Mark | undefined> {
    return this.#marks.get(name);
  }

  marks(): AsyncGenerator<[string, Mark]> {
    return entriesOf(this.#marks);
  }

  async setMark(name: string, mark: Mark): Promise<void> {
    await this.#marks.set(name, mark);
  }

  /** What a web archive answered to a question, for as long as that is worth. */
  async answerTo(question: string): Promise<unknown> {
    return this.#answers.get(question);
  }

  async learnAnswer(question: string, answer: unknown): Promise<void> {
    await this.#answers.set(question, answer, WEEK);
  }

  /** The items that some post wants and that are not kept, or may exist larger. */
  async *openItems(): AsyncGenerator<string> {
    for await (const [, { id }] of entriesOf(this.#open)) yield id;
  }

  /** The items that are kept. */
  async *keptItems(): AsyncGenerator<string> {
    for await (const [id, { kept }] of entriesOf(this.#items)) if (kept) yield id;
  }

  /** Where an item is described that some post wants, kept or not. */
  async wantedItem(id: string): Promise<OpenItem | undefined> {
    return this.#wanted.get(id);
  }

  /** Where it is described. */
  async openItem(id: string): Promise<OpenItem | undefined> {
    return this.#open.get(id);
  }

  /** Every file that a record names. */
  async *files(): AsyncGenerator<string> {
    for await (const [path] of entriesOf(this.#files)) yield path;
  }

  async learnRecords(found: readonly IndexedRecord[], shared: readonly Shared[] = []): Promise<void> {
    const last = await this.#entries(found);
    const filed = found.flatMap(({ record, offset }) => (isFiled(record) ? [{ record, offset }] : []));
    const left = [...last].filter(([, entry]) => isOpen(entry)).map(([id]) => id);
    const places = (await this.#wanted.getMany<OpenItem>(left)).filter((place) => place !== undefined);
    const links = shared.flatMap((one) => one.links);
    await Promise.all([
      this.#items.setMany([...last].map(([key, value]) => ({ key, value }))),
      this.#contents.setMany(filed.map(({ record, offset }) => ({ key: record.sha256, value: offset }))),
      this.#sharings.setMany(shared.map(({ sha256, sharings }) => ({ key: sha256, value: sharings }))),
      this.#links.setMany(links.map(({ at, before }) => ({ key: String(at), value: before }))),
      this.#files.setMany(filed.map(({ record, offset }) => ({ key: record.path, value: offset }))),
      this.#open.deleteMany([...last].filter(([, entry]) => !isOpen(entry)).map(([id]) => id)),
      this.#open.setMany(places.map((value) => ({ key: value.id, value }))), // also what was kept and is lost again
    ]);
  }

  /** For each item its last line, and the bytes that it had last. */
  async #entries(found: readonly IndexedRecord[]): Promise<Map<string, ItemEntry>> {
    const without = [
      ...new Set(found.filter(({ record }) => !isFiled(record)).map(({ record }) => record.item)),
    ];
    const known = await this.#items.getMany<ItemEntry>(without);
    const before = new Map(without.map((id, i) => [id, known[i]?.had]));
    const last = new Map<string, ItemEntry>();
    for (const { record, offset } of found) {
      const { item, status } = record;
      const had = isFiled(record) ? briefly(record.sha256) : (last.get(item)?.had ?? before.get(item));
      const lesser = mayBeLarger(record) && { lesser: true as const };
      last.set(item, { at: offset, kept: status === 'kept', ...lesser, ...(had && { had }) });
    }
    return last;
  }

  async learnPosts(found: readonly IndexedPost[]): Promise<void> {
    const wanted = new Map<string, OpenItem>();
    for (const { segment, offset, items } of found) {
      for (const [n, id] of items.entries()) wanted.set(id, { id, segment, offset, n });
    }
    const places = [...wanted].map(([key, value]) => ({ key, value }));
    const known = await this.#items.getMany<ItemEntry>([...wanted.keys()]);
    await Promise.all([
      this.#posts.setMany(
        found.map(({ id, segment, offset, sum }) => ({ key: formOf(id, sum), value: { segment, offset } })),
      ),
      this.#wanted.setMany(places),
      this.#open.setMany(places.filter((_, i) => isOpen(known[i]))),
    ]);
  }

  async clear(): Promise<void> {
    const all = [
      this.#items,
      this.#contents,
      this.#sharings,
      this.#links,
      this.#files,
      this.#wanted,
      this.#open,
      this.#posts,
      this.#marks,
      this.#answers,
    ];
    for (const store of all) await store.clear();
    await this.listings.clear();
  }

  async close(): Promise<void> {
    await this.#stores.close();
  }
}

/** Is anything left to be asked for? */
const isOpen = (entry: ItemEntry | undefined): boolean => !entry?.kept || entry.lesser === true;

const briefly = (sha256: string) => sha256.slice(0, 16);

/** By the id first: what is listed in order lies together. */
const formOf = (id: string, sum: string) => `${id} ${sum}`;
