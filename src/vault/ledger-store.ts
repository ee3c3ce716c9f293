import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { open, type RootDatabase } from 'lmdb';

/** The key-value stores of a ledger, one per name, over one database. */
export interface Stores {
  store<T>(name: string): Keyv<T>;
  close(): Promise<void>;
}

/** LMDB takes keys up to 1,978 bytes, the name of the store included. */
const LONGEST_KEY = 1500;
const BATCH = 1000;
/** All keys of a store begin with its name and a colon; the semicolon is what comes next. */
const range = (name: string | undefined) => ({ start: `${name}:`, end: `${name};` });

/** One adapter object per name: Keyv writes the name onto the store it is given, and would mix two up. */
class LmdbStore extends EventEmitter implements KeyvStoreAdapter {
  opts = { dialect: 'sqlite', url: '' }; // Keyv offers its iterator only for dialects it knows
  namespace?: string;
  readonly #db: RootDatabase<string, string>;

  constructor(db: RootDatabase<string, string>) {
    super();
    this.#db = db;
  }

  async get<T>(key: string): Promise<T | undefined> {
    return this.#db.get(short(key)) as T | undefined;
  }

  async getMany<T>(keys: string[]): Promise<(T | undefined)[]> {
    return keys.map((key) => this.#db.get(short(key)) as T | undefined);
  }

  async has(key: string): Promise<boolean> {
    return this.#db.doesExist(short(key));
  }

  async set(key: string, value: string): Promise<boolean> {
    return this.#db.put(short(key), value);
  }

  async setMany(entries: { key: string; value: string }[]): Promise<void> {
    await Promise.all(entries.map(({ key, value }) => this.#db.put(short(key), value)));
  }

  async delete(key: string): Promise<boolean> {
    return this.#db.doesExist(short(key)) && this.#db.remove(short(key));
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return (await Promise.all(keys.map((key) => this.delete(key)))).some(Boolean);
  }

  async clear(): Promise<void> {
    await this.#db.transaction(() => {
      for (const key of this.#db.getKeys(range(this.namespace))) void this.#db.remove(key);
    });
  }

  /** In batches: a range held open over awaits would pin old pages of the database while others write. */
  async *iterator<T>(namespace?: string): AsyncGenerator<(string | Awaited<T> | undefined)[]> {
    for (let { start, end } = range(namespace); ; ) {
      const batch = Array.from(this.#db.getRange({ start, end, limit: BATCH + 1 }));
      for (const { key, value } of batch.slice(0, BATCH)) yield [key, value as Awaited<T>];
      if (batch.length <= BATCH) return;
      start = batch[BATCH]!.key;
    }
  }

  async disconnect(): Promise<void> {
    await this.#db.flushed;
  }
}

function short(key: string): string {
  if (Buffer.byteLength(key) <= LONGEST_KEY) return key;
  return `${key.slice(0, 200)}#${createHash('sha256').update(key).digest('hex')}`;
}

export function openLmdb(path: string): Stores {
  const db = open<string, string>({ path, encoding: 'string', noMemInit: true });
  return {
    store<T>(namespace: string) {
      // Without throwOnErrors a failed read is a plain miss: a broken store would look like "never seen".
      const store = new Keyv<T>({ store: new LmdbStore(db), namespace, throwOnErrors: true });
      store.on('error', () => undefined); // thrown as well, and an event without listener ends the process
      return store;
    },
    async close() {
      await db.flushed;
      await db.close();
    },
  };
}
