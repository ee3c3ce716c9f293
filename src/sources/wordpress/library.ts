import { SourceError } from '../../errors.ts';
import { counted } from '../../shown.ts';
import { type ApiWay, addressOf, askRows, Closed, isTooMuch, type Query, Refused } from './api.ts';
import { type Attachment, readAttachment } from './attachment.ts';
import { chunks } from './chunks.ts';

/** So many media are remembered, for posts that show them again. */
const mostHeld = 10_000;
const perPage = 100;
/** So many at a time every blog gives. */
const fewest = 10;
/** So many pages of media of a hundred posts are read. */
const mostPages = 200;

interface Part {
  readonly found: readonly Attachment[];
  /** How many there were, be they usable or not. */
  readonly rows: number;
  readonly isLast: boolean;
}

export interface LibraryWay extends ApiWay {
  readonly root: string;
}

/** What is known of the media library of a blog: asked for by the hundred, and not again. */
export class Library {
  readonly #way: LibraryWay;
  readonly #held = new Map<string, Attachment>();
  /** Ids that the library does not know. */
  readonly #lacking = new Set<string>();
  #limit: number = perPage;
  #isClosed = false;
  #knowsParents = true;
  /** What it was asked by, and has answered. */
  readonly #answered = new Set<string>();

  constructor(way: LibraryWay) {
    this.#way = way;
  }

  get(id: string): Attachment | undefined {
    return this.#held.get(id);
  }

  /** What was uploaded for these posts; nothing where the library is closed. */
  async ofPosts(ids: readonly string[]): Promise<ReadonlyMap<string, readonly Attachment[]>> {
    this.#forget();
    const found = new Map<string, Attachment[]>(ids.map((id) => [id, []]));
    for (const some of chunks(ids.filter(isNumber), perPage)) {
      if (this.#isClosed || !this.#knowsParents) break;
      for await (const attachment of this.#uploads(some))
        found.get(attachment.parent ?? '')?.push(attachment);
    }
    return found;
  }

  /** Learns what is not known yet of those that posts name by their number. */
  async learn(ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => isNumber(id) && !this.#held.has(id) && !this.#lacking.has(id));
    for (const some of chunks([...new Set(unknown)], perPage)) {
      for await (const _ of this.#pages({ include: some.join(',') }));
      if (this.#isClosed) return;
      for (const id of some) if (!this.#held.has(id) && this.#lacking.size < mostHeld) this.#lacking.add(id);
    }
  }

  #add(raw: unknown): Attachment | undefined {
    const attachment = readAttachment(raw);
    if (attachment) this.#held.set(attachment.id, attachment);
    return attachment;
  }

  async *#uploads(parents: readonly string[]): AsyncGenerator<Attachment> {
    const query = { parent: parents.join(','), orderby: 'id', order: 'asc' };
    const own = new Set(parents);
    let met = 0;
    for await (const { found, isLast } of this.#pages(query)) {
      const theirs = found.filter(({ parent }) => own.has(parent ?? ''));
      if (found.length > 0 && theirs.length === 0) return this.#ignoresParents();
      yield* theirs;
      met += theirs.length;
      if (isLast) return;
    }
    this.#way.warnings.skip(
      `${this.#way.name}: more than ${counted(met, 'medium')} were uploaded for ${counted(parents.length, 'post')}; the others are left out unless a post shows them.`,
    );
  }

  #ignoresParents(): void {
    this.#knowsParents = false;
    this.#way.warnings.warn(
      `${this.#way.name} does not tell which media were uploaded for a post: only what posts show or name is listed with them.`,
    );
  }

  async *#pages(query: Query): AsyncGenerator<Part> {
    let met = 0;
    for (let page = 1; page <= mostPages && !this.#isClosed; page++) {
      const limit = this.#limit;
      const part = await this.#ask({ ...query, ...((page > 1 || 'parent' in query) && { page }) });
      if (page > 1 && this.#limit !== limit) {
        page = Math.floor(met / this.#limit); // pages are others now
        continue;
      }
      met += part.rows;
      yield part;
      if (part.isLast) return;
    }
  }

  /**
   * A library that is closed is no reason to leave the posts, which show most of it; one that has answered the like
   * before has trouble, and what it does not tell now would be missing silently.
   */
  async #ask(query: Query): Promise<Part> {
    const { root, name } = this.#way;
    const limit = this.#limit;
    const kind = 'parent' in query ? 'parent' : 'include';
    try {
      const { rows, pages } = await askRows(
        addressOf(root, 'media', { per_page: limit, ...query }),
        this.#way,
      );
      this.#answered.add(kind);
      const isLast = pages === undefined ? rows.length < limit : Number(query.page ?? 1) >= pages;
      const found = rows.flatMap((raw) => this.#add(raw) ?? []);
      return { found, rows: rows.length, isLast: isLast || rows.length === 0 };
    } catch (error) {
      if (isTooMuch(error) && limit > fewest) {
        this.#limit = fewest;
        return this.#ask(query);
      }
      if (!(error instanceof Closed || error instanceof Refused)) throw error;
      if (this.#answered.has(kind))
        throw new SourceError(
          `The media library of ${name} answered before, and refuses now. ${error.message}`,
        );
      this.#isClosed = true;
      this.#way.warnings.warn(
        `The media library of ${name} is closed: only what its posts show is listed, in the sizes that they name.`,
      );
      return { found: [], rows: 0, isLast: true };
    }
  }

  #forget(): void {
    if (this.#held.size >= mostHeld) this.#held.clear();
  }
}

const isNumber = (id: string): boolean => /^\d{1,20}$/.test(id);
