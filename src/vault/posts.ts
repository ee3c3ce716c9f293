import type { MediaItem, Page, Post } from '../model.ts';
import type { Ledger, OpenItem } from './ledger.ts';
import { type CursorLine, type PostLine, sumOf } from './post-lines.ts';
import { Segments, type SegmentsOptions } from './segments.ts';
import { storing } from './storing.ts';

export interface PostsOptions extends SegmentsOptions {
  readonly run: string;
}

/** What was listed of a blog: its posts as the source gave them, and where each listing stands. */
export class Posts {
  readonly #root: string;
  readonly #options: PostsOptions;
  readonly #ledger: Ledger;
  readonly #segments: Segments;

  constructor(root: string, options: PostsOptions) {
    this.#root = root;
    this.#options = options;
    this.#ledger = options.ledger;
    this.#segments = new Segments(root, options);
  }

  recover(): Promise<void> {
    return this.#segments.recover();
  }

  indexAll(): Promise<void> {
    return this.#segments.indexAll();
  }

  closedSegments(): number[] {
    return this.#segments.closedSegments();
  }

  /**
   * Posts first, synced, then the cursor: a cursor never stands for posts that may be lost. A post that is here
   * already in this form is not written again, also when its id stands for several forms that take turns. Returns
   * how many lines the page brought.
   */
  add(source: string, page: Page): Promise<number> {
    return this.#ledger.inTurn(() => this.#storing(() => this.#add(source, page)));
  }

  setCursor(source: string, cursor: unknown): Promise<void> {
    return this.#ledger.inTurn(() => this.#storing(() => this.#addCursor(source, cursor)));
  }

  #storing<T>(work: () => Promise<T>): Promise<T> {
    return storing(`Cannot write posts in ${this.#root}`, work);
  }

  async #add(source: string, { posts, cursor }: Page): Promise<number> {
    const forms = new Map(posts.map((post) => [`${sumOf(post)} ${post.id}`, post]));
    const fresh: Post[] = [];
    for (const post of forms.values())
      if (!(await this.#ledger.postAt(post.id, sumOf(post)))) fresh.push(post);
    if (fresh.length === 0) return 0;
    const at = new Date().toISOString();
    await this.#segments.append(
      fresh.map(
        (post) =>
          ({
            v: 1,
            line: 'post',
            run: this.#options.run,
            post: post.id,
            date: post.date,
            url: post.url,
            items: post.items,
            raw: post.raw,
            at,
          }) satisfies PostLine,
      ),
    );
    if (cursor !== undefined) await this.#addCursor(source, cursor);
    return fresh.length;
  }

  async #addCursor(source: string, cursor: unknown): Promise<void> {
    await this.#segments.append([
      {
        v: 1,
        line: 'cursor',
        run: this.#options.run,
        source,
        cursor,
        at: new Date().toISOString(),
      } satisfies CursorLine,
    ]);
  }

  /** Where the last listing of this source was interrupted; undefined where none was. */
  async cursor(source: string): Promise<unknown> {
    const place = await this.#ledger.cursorAt(source);
    const line = place && this.#segments.line<CursorLine>(place);
    return line?.line === 'cursor' && line.source === source ? (line.cursor ?? undefined) : undefined;
  }

  /** The media item that a post line describes, if it is the one that was expected there. */
  item(place: OpenItem): MediaItem | undefined {
    const item = this.#segments.line<PostLine>(place)?.items?.[place.n];
    return item?.id === place.id ? item : undefined;
  }

  /** The segment of this run goes to its place, whole. */
  close(): Promise<void> {
    return this.#segments.close();
  }

  /** Lets go of the segment as it is; the next run closes it. */
  release(): Promise<void> {
    return this.#segments.release();
  }
}
