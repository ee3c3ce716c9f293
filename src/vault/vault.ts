import { lstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { StorageError } from '../errors.ts';
import type { MediaItem, MediaRecord, Sharing } from '../model.ts';
import { type Answers, rememberedIn } from './answers.ts';
import { checkBag, closeBag, isClosed, openBag, type Payload, startBag } from './bag.ts';
import { Catalogue } from './catalogue.ts';
import { inside, names, partPath, segmentName } from './layout.ts';
import type { Ledger } from './ledger.ts';
import type { LineFile } from './lines.ts';
import { type Lock, takeLock } from './lock.ts';
import { openLedger, openManifest, prepareFolder } from './opening.ts';
import { type Placing, placeAll, sumOfFile } from './place.ts';
import { Posts } from './posts.ts';
import { storing } from './storing.ts';
import {
  forgetIntents,
  type Intent,
  isPlaced,
  noteIntents,
  setAside,
  setStraysAside,
  unrecorded,
} from './unfinished.ts';

export interface VaultOptions {
  readonly target: string;
  readonly run: string;
  readonly warn: (message: string) => void;
  /** The archive was taken away under us. */
  readonly lost: (error: StorageError) => void;
}

interface Opened {
  readonly lock: Lock;
  readonly manifest: LineFile;
  readonly ledger: Ledger;
}

/** The archive on disk, opened by one run: the manifest, the posts, the ledger, and the lock over all. */
export class Vault {
  readonly root: string;
  readonly posts: Posts;
  readonly answers: Answers;
  readonly #options: VaultOptions;
  readonly #open: Opened;
  readonly #catalogue: Catalogue;
  #unsealing: Promise<void> | undefined;

  private constructor(root: string, options: VaultOptions, open: Opened) {
    this.root = root;
    this.#options = options;
    this.#open = open;
    const { ledger, manifest } = open;
    const { run, warn } = options;
    this.posts = new Posts(root, { ledger, run, warn, changing: () => this.#unseal() });
    this.answers = rememberedIn(ledger, root);
    this.#catalogue = new Catalogue({ manifest, ledger, warn, posts: this.posts });
  }

  static open(root: string, options: VaultOptions): Promise<Vault> {
    return storing(`Cannot open ${root}`, () => Vault.#openAll(root, options));
  }

  static async #openAll(root: string, options: VaultOptions): Promise<Vault> {
    await prepareFolder(root);
    const lock = await takeLock(`${root}/${names.lock}`, options.lost);
    let manifest: LineFile | undefined;
    let ledger: Ledger | undefined;
    try {
      await startBag(root, options.target);
      await checkBag(root);
      manifest = await openManifest(root, options.warn);
      ledger = await openLedger(root, options.warn);
      const vault = new Vault(root, options, { lock, manifest, ledger });
      await vault.posts.recover();
      await vault.#catalogue.catchUp();
      if (!isClosed(root)) await vault.#finishTheDead();
      return vault;
    } catch (error) {
      await manifest?.close();
      await ledger?.close();
      await lock.release();
      throw error;
    }
  }

  /** The last record of a media item. */
  find(id: string): Promise<MediaRecord | undefined> {
    return this.#catalogue.recordOf('item', id);
  }

  /** A record of these bytes whose file is there and still has them: others are about to rely on it. */
  async findContent(sha256: string): Promise<MediaRecord | undefined> {
    const record = await this.#catalogue.recordOf('sha256', sha256);
    return record && this.holds(record) && (await isPlaced(this.root, record)) ? record : undefined;
  }

  /** Which addresses of which hosts gave these bytes; nothing if a single one did. */
  sharings(sha256: string): Promise<readonly Sharing[]> {
    return this.#catalogue.sharings(sha256);
  }

  /** The items whose lines name these bytes, the last line first; an item may come several times. */
  sharersOf(sha256: string): AsyncIterable<string> {
    return this.#catalogue.sharersOf(sha256);
  }

  /** Does the disk agree with a record? By the size of a regular file; `verify` reads the bytes. */
  holds({ path, bytes }: MediaRecord): boolean {
    if (path === undefined) return false;
    const found = lstatSync(inside(this.root, path), { throwIfNoEntry: false });
    return found?.isFile() === true && found.size === bytes;
  }

  /** Where the bytes of an item from a kind of place are gathered. */
  partFor(itemId: string, kind: string, url: string): string {
    return inside(this.root, partPath(itemId, kind, url));
  }

  /** Places files; what is to be recorded of them is noted first, for whoever comes after if this process dies. */
  async place(placings: readonly Placing[], intents: readonly Intent[]): Promise<string[]> {
    if (placings.length === 0) return [];
    return storing(`Cannot store in ${this.root}`, async () => {
      await this.#unseal();
      await noteIntents(this.root, intents);
      return placeAll(this.root, placings, (path) => this.#makeWay(path));
    });
  }

  /** Records come after their bytes. */
  async record(records: readonly MediaRecord[]): Promise<void> {
    if (records.length === 0) return;
    await storing(`Cannot write records in ${this.root}`, async () => {
      await this.#unseal();
      await this.#catalogue.record(records);
    });
  }

  /** What earlier runs wanted and did not keep, or not in the size that there may be, from the lines of the posts. */
  backlog(): AsyncIterable<MediaItem> {
    return this.#catalogue.openItems();
  }

  /** What is kept, whether its posts are still listed or not. */
  held(): AsyncIterable<MediaItem> {
    return this.#catalogue.keptItems();
  }

  /** An end in order: posts closed, the bag listed and sealed. A run that changed nothing writes nothing. */
  close({ inOrder }: { inOrder: boolean }): Promise<void> {
    return storing(`Cannot close ${this.root}`, () => this.#closeAll(inOrder));
  }

  async #closeAll(inOrder: boolean): Promise<void> {
    try {
      if (inOrder) {
        this.#open.lock.check();
        await this.posts.close();
        if (isClosed(this.root)) return;
        this.#open.lock.check();
        await forgetIntents(this.root);
        await closeBag(this.root, this.#options.target, this.#payload());
      }
    } finally {
      await this.posts.release();
      await this.#open.manifest.close();
      await this.#open.ledger.close();
      await this.#open.lock.release();
    }
  }

  /** A file that a record names and that no longer has its bytes is our own, damaged: it is set aside. */
  async #makeWay(path: string): Promise<boolean> {
    const record = await this.#catalogue.recordOf('path', path);
    if (!record || (await isPlaced(this.root, record))) return false;
    await setAside(this.root, path);
    this.#options.warn(`${path} was damaged: it was set aside in ${names.strays}`);
    return true;
  }

  /** Before the first change of a run the seal comes off: whatever happens then, the next end in order closes it. */
  async #unseal(): Promise<void> {
    this.#open.lock.check();
    this.#unsealing ??= openBag(this.root);
    await this.#unsealing;
  }

  /** What a run that died had placed and not recorded is recorded now; what nobody can name is set aside. */
  async #finishTheDead(): Promise<void> {
    await this.record(await unrecorded(this.root, (id) => this.find(id)));
    const isKnown = async (path: string) => (await this.#catalogue.recordOf('path', path)) !== undefined;
    const strays = await setStraysAside(this.root, isKnown);
    if (strays > 0)
      this.#options.warn(
        `${strays} files that no record names were set aside in ${names.strays}: look there before you delete ${names.work}`,
      );
  }

  async *#payload(): AsyncGenerator<Payload> {
    for await (const { path, bytes, sha256 } of this.#catalogue.files()) {
      yield { path: path!, bytes: bytes!, sha256: sha256! };
    }
    for (const n of this.posts.closedSegments()) {
      const path = `${names.posts}/${segmentName(n)}`;
      const file = inside(this.root, path);
      yield { path, bytes: (await stat(file)).size, sha256: await sumOfFile(file) };
    }
  }
}
