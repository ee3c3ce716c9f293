import type { MediaItem, MediaRecord, Sharing } from '../model.ts';
import { names } from './layout.ts';
import type { IndexedRecord, Ledger } from './ledger.ts';
import type { LineFile } from './lines.ts';
import type { Posts } from './posts.ts';
import { lineSum, recordAt, scanRecords } from './records.ts';
import { sharedBy } from './sharers.ts';

/** The ledger named a place where something else stands. */
const misled = Symbol('misled');

export interface CatalogueParts {
  readonly manifest: LineFile;
  readonly posts: Posts;
  readonly ledger: Ledger;
  readonly warn: (message: string) => void;
}

/** Finds lines of the manifest and of the posts through the ledger, and believes the lines. */
export class Catalogue {
  readonly #manifest: LineFile;
  readonly #posts: Posts;
  readonly #ledger: Ledger;
  readonly #warn: (message: string) => void;
  #rebuilding: Promise<void> | undefined;

  constructor({ manifest, posts, ledger, warn }: CatalogueParts) {
    this.#manifest = manifest;
    this.#posts = posts;
    this.#ledger = ledger;
    this.#warn = warn;
  }

  /** The last record of an item, of these bytes, or of a file. */
  recordOf(key: 'item' | 'sha256' | 'path', value: string): Promise<MediaRecord | undefined> {
    const where = {
      item: () => this.#ledger.itemAt(value),
      sha256: () => this.#ledger.contentAt(value),
      path: () => this.#ledger.fileAt(value),
    }[key];
    return this.#lookUp(where, (at) => {
      const record = recordAt(this.#manifest, at);
      return record?.[key] === value ? record : undefined;
    });
  }

  /** The last record of every file that one names. */
  async *files(): AsyncGenerator<MediaRecord> {
    for await (const path of this.#ledger.files()) {
      const record = await this.recordOf('path', path);
      if (record) yield record;
    }
  }

  /** Which addresses of which hosts gave these bytes; nothing if a single one did. */
  sharings(sha256: string): Promise<readonly Sharing[]> {
    return this.#ledger.sharings(sha256);
  }

  /** The items whose lines name these bytes, the last line first; an item may come several times. */
  async *sharersOf(sha256: string): AsyncGenerator<string> {
    let at = await this.#ledger.contentAt(sha256);
    while (at !== undefined) {
      const record = recordAt(this.#manifest, at);
      if (record?.sha256 !== sha256) return;
      yield record.item;
      const before = await this.#ledger.linkAt(at);
      if (before !== undefined && before >= at) return; // lines are linked backwards, or not by us
      at = before;
    }
  }

  /** Items that some post wants and that are not kept, or may exist larger, as their posts describe them. */
  async *openItems(): AsyncGenerator<MediaItem> {
    for await (const id of this.#ledger.openItems()) {
      const item = await this.#lookUp(
        () => this.#ledger.openItem(id),
        (place) => this.#posts.item(place),
      );
      if (item) yield item;
    }
  }

  /** Items that are kept, as their posts describe them, or as their records do where no post names them. */
  async *keptItems(): AsyncGenerator<MediaItem> {
    for await (const id of this.#ledger.keptItems()) {
      const record = await this.recordOf('item', id);
      if (record?.status !== 'kept') continue;
      const item = await this.#lookUp(
        () => this.#ledger.wantedItem(id),
        (place) => this.#posts.item(place),
      );
      yield item ?? itemOf(record);
    }
  }

  /** Records are written and synced, and only then the ledger learns of them. */
  async record(records: readonly MediaRecord[]): Promise<void> {
    await this.#ledger.inTurn(async () => {
      const offsets = await this.#manifest.append(records);
      await this.#manifest.sync();
      await this.#learn(records.map((record, i) => ({ record, offset: offsets[i]! })));
      await this.#mark(offsets.at(-1)!, JSON.stringify(records.at(-1)));
    });
  }

  /** Whatever the manifest has and the ledger has not seen: the end of a run that died, or everything. */
  async catchUp(): Promise<void> {
    let batch: { record: MediaRecord; offset: number }[] = [];
    const learn = async () => {
      if (batch.length > 0) await this.#learn(batch);
      batch = [];
    };
    const from = (await this.#ledger.mark(names.manifest))?.bytes ?? 0;
    let last: number | undefined;
    for (const line of scanRecords(this.#manifest.path, from)) {
      last = line.offset;
      if ('damage' in line) this.#warn(`${names.manifest} is damaged: ${line.damage}`);
      else batch.push(line);
      if (batch.length >= 1000) await learn();
    }
    await learn();
    if (last !== undefined) await this.#mark(last, this.#manifest.readAt(last)!);
  }

  async #learn(found: readonly IndexedRecord[]): Promise<void> {
    const shared = await sharedBy(found, this.#ledger, (at) => recordAt(this.#manifest, at));
    await this.#ledger.learnRecords(found, shared);
  }

  async #mark(lastAt: number, text: string): Promise<void> {
    await this.#ledger.setMark(names.manifest, { bytes: this.#manifest.size, lastAt, sum: lineSum(text) });
  }

  /** The ledger says where; a line that is not the one expected there unmasks it, and it is made anew. */
  async #lookUp<P, T>(
    where: () => Promise<P | undefined>,
    read: (place: P) => T | undefined,
  ): Promise<T | undefined> {
    const look = async (): Promise<T | typeof misled | undefined> => {
      const place = await where();
      return place === undefined ? undefined : (read(place) ?? misled);
    };
    await this.#rebuilding;
    const found = await look().catch((): typeof misled => misled); // an entry that cannot be read is a wrong one, too
    if (found !== misled) return found;
    await this.#rebuild();
    const again = await look();
    return again === misled ? undefined : again;
  }

  #rebuild(): Promise<void> {
    this.#rebuilding ??= this.#ledger
      .inTurn(async () => {
        this.#warn('the ledger did not agree with the lines and is made anew');
        await this.#ledger.clear();
        await this.#posts.indexAll();
        await this.catchUp();
      })
      .finally(() => {
        this.#rebuilding = undefined;
      });
    return this.#rebuilding;
  }
}

/** An item of which only its record is known. */
const itemOf = ({ item, kind, url, post, index }: MediaRecord): MediaItem => ({
  id: item,
  kind,
  url,
  alternates: [],
  post,
  index,
  date: null,
});
