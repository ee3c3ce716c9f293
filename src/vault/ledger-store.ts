import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { open, type RootDatabase } from 'lmdb';
import { sumOfText } from '../sums.ts';

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
  return `${key.slice(0, 200)}#${sumOfText('sha256', key)}`;
}

const dataOf = (path: string) => `${path}/data.mdb`;
/** The sum of a database that was closed in order; gone while it is open. */
const sealOf = (path: string) => `${path}/seal`;

/** Where LMDB writes what its files are known by; the second such page follows the first, whatever a page is here. */
const MAGIC = { value: 0xbeefc0de, at: 24, pages: [4096, 8192, 16384, 32768, 65536] };

/**
 * LMDB maps its file and believes it: a damaged one ends the process, with nothing to catch. So one that was
 * closed in order is compared with its seal first, and any other must at least look like one.
 */
export function looksDamaged(path: string): boolean {
  const data = dataOf(path);
  if (!existsSync(path) || (statSync(path).isDirectory() && !existsSync(data))) return false;
  if (!statSync(path).isDirectory() || !statSync(data).isFile()) return true;
  if (statSync(`${path}/lock.mdb`, { throwIfNoEntry: false })?.isFile() === false) return true;
  if (existsSync(sealOf(path))) return readFileSync(sealOf(path), 'utf8') !== sumOf(data);
  const head = Buffer.alloc(MAGIC.pages.at(-1)! + 64);
  const fd = openSync(data, 'r');
  const size = readSync(fd, head, 0, head.length, 0);
  closeSync(fd);
  const stands = (page: number) => head.readUInt32LE(page + MAGIC.at) === MAGIC.value;
  return size > 0 && !(stands(0) && MAGIC.pages.some(stands));
}

function sumOf(file: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(2 ** 20);
  const fd = openSync(file, 'r');
  try {
    for (let size = readSync(fd, chunk); size > 0; size = readSync(fd, chunk))
      hash.update(chunk.subarray(0, size));
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

/** Addresses to begin with: where a database outgrows them, its pages are in memory once more for each growth. */
const ROOM = 2 ** 30;

export function openLmdb(path: string): Stores {
  rmSync(sealOf(path), { force: true });
  const db = open<string, string>({ path, encoding: 'string', noMemInit: true, mapSize: ROOM });
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
      if (existsSync(dataOf(path))) writeFileSync(sealOf(path), sumOf(dataOf(path)));
    },
  };
}

/** All that a store holds. */
export async function* entriesOf<T>(store: Keyv<T>): AsyncGenerator<[string, T]> {
  if (store.iterator) for await (const entry of store.iterator(undefined)) yield entry as [string, T];
}
