import { isWithin } from '../intervals.ts';
import type { MediaItem, Page, Post } from '../model.ts';
import type { Ledger, OpenItem } from './ledger.ts';
import type { Coverage, Presence } from './listing-index.ts';
import { isKnownBetter, isSeenBy, isToldSo, type Meeting, seenBy } from './meeting.ts';
import {
  type CursorLine,
  fieldsOf,
  fieldsOfBlog,
  ofPost,
  type PostLine,
  presenceOf,
  sumOf,
  sumOfBlog,
} from './post-lines.ts';
import { Segments, type SegmentsOptions } from './segments.ts';
import { storing } from './storing.ts';

export interface PostsOptions extends SegmentsOptions {
  readonly run: string;
}

/** What a page brought that was not here yet. */
export interface Added {
  /** Lines that were written. */
  readonly fresh: number;
  /** Posts that were not here in any form, by their ids. */
  readonly added: readonly string[];
  /** Posts that were here in another form. */
  readonly edited: readonly string[];
}

/** How a listing that was begun anew has ended. */
export interface Ending {
  /** How many posts the platform says there are. */
  readonly stated: number | null;
  /** Was nothing left out? */
  readonly isWhole: boolean;
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
   * Posts first, synced, then the cursor or what is covered: neither ever stands for posts that may be lost. A post
   * that is here already in this form is not written again, also when its id stands for several forms that take turns.
   */
  add(source: string, page: Page): Promise<Added> {
    return this.#inTurn(() => this.#add(source, page));
  }

  setCursor(source: string, cursor: unknown): Promise<void> {
    return this.#inTurn(() => this.#addCursor(source, cursor));
  }

  /** All is to be listed again: what is covered no longer counts, and a whole listing tells what is gone. */
  async beginAnew(source: string): Promise<void> {
    await this.#inTurn(async () => {
      await this.#segments.append([this.#line('covered', { source, from: null, to: null, anew: true })]);
      if (await this.#ledger.listings.cursorAt(source)) await this.#addCursor(source, null);
    });
  }

  covered(source: string): Promise<Coverage> {
    return this.#inTurn(() => this.#ledger.listings.coverageOf(source));
  }

  /** Was anything listed by the source of this name? */
  isListedBy(name: string): Promise<boolean> {
    return this.#inTurn(() => this.#ledger.listings.isListedBy(name));
  }

  /**
   * A listing that was begun anew has come to its end. Of one by time that left nothing out, what it has not met is
   * gone, unless the platform counts more posts than it has met, or a ledger that was made anew meanwhile cannot tell
   * what it has met. Tells which posts are gone.
   */
  endAnew(source: string, { stated, isWhole }: Ending): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      const coverage = await this.#ledger.listings.coverageOf(source);
      const isAgain = coverage.since !== ''; // a first listing has nothing to miss
      const isSure = isAgain && isWhole && !coverage.isBlind && coverage.intervals.length > 0;
      const { met, missed } = isSure ? await this.#metBy(source, coverage) : { met: 0, missed: [] };
      const gone = met + (coverage.sought ?? 0) < (stated ?? 0) ? [] : missed;
      const lines = gone.map((post) => this.#line('gone', { source, post }));
      await this.#segments.append([...lines, this.#line('listed', { source })]);
      return gone;
    });
  }

  async #metBy(source: string, coverage: Coverage) {
    const seenNow = seenBy(source, coverage);
    const missed: string[] = [];
    let met = 0;
    for await (const [id, { seen }] of this.#ledger.listings.presences()) {
      if (seen === seenNow) met++;
      else if (isSeenBy(source, seen)) missed.push(id);
    }
    return { met, missed };
  }

  /** When the posts are from that are here and not known to be gone, as far as that is known. */
  async *dates(): AsyncGenerator<Date> {
    for await (const [, { isGone, at }] of this.#ledger.listings.presences())
      if (!isGone && at !== undefined) yield new Date(at);
  }

  /** How many that are. */
  count(): Promise<number> {
    return this.#ledger.listings.countHere();
  }

  async isHeld(id: string): Promise<boolean> {
    const [presence] = await this.#ledger.listings.presencesOf([id]);
    return presence !== undefined && !presence.isGone;
  }

  /** The same, where a listing of this source was the last to meet it; not known of a ledger that was made anew. */
  async isMet(source: string, id: string): Promise<boolean> {
    const [presence] = await this.#ledger.listings.presencesOf([id]);
    return presence !== undefined && !presence.isGone && isSeenBy(source, presence.seen);
  }

  /** A listing that could not read something tells of nothing that it is gone, however many runs it takes. */
  async doubt(source: string): Promise<void> {
    await this.#inTurn(async () => {
      const { isBlind } = await this.#ledger.listings.coverageOf(source);
      if (!isBlind) await this.#ledger.listings.learnOf(source, { isBlind: true });
    });
  }

  /** So many posts that the platform counts were looked for and not found: that need not be done again. */
  async setSought(source: string, sought: number): Promise<void> {
    await this.#inTurn(() => this.#ledger.listings.learnOf(source, { sought }));
  }

  /** Until when the source wants to be left alone, if an earlier run was told so. */
  async parkedUntil(source: string): Promise<string | undefined> {
    const until = await this.#ledger.answerTo(`parked ${source}`);
    return typeof until === 'string' ? until : undefined;
  }

  async park(source: string, until: string): Promise<void> {
    await this.#inTurn(() => this.#ledger.learnAnswer(`parked ${source}`, until));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#ledger.inTurn(() => storing(`Cannot write posts in ${this.#root}`, work));
  }

  async #add(source: string, { posts, cursor, covers, blog, memory }: Page): Promise<Added> {
    const coverage = await this.#ledger.listings.coverageOf(source);
    const seen = seenBy(source, coverage);
    const isByTime = covers !== undefined || coverage.intervals.length > 0;
    const { fresh, unseen, known, ...news } = await this.#news(posts, { source, seen, isByTime });
    if (fresh.length > 0)
      await this.#segments.append(
        fresh.map((post) => this.#line('post', fieldsOf(post))),
        seen,
      );
    await this.#ledger.listings.learnPresences(unseen.map((post) => [post.id, presenceOf(post, seen)]));
    await this.#ledger.listings.learnPresences(known);
    if (blog && sumOfBlog(blog) !== coverage.blog?.sum)
      await this.#segments.append([this.#line('blog', { source, ...fieldsOfBlog(blog) })]);
    if (covers && !isWithin(coverage.intervals, covers))
      await this.#segments.append([this.#line('covered', { source, ...covers })]);
    if (cursor !== undefined && fresh.length > 0) await this.#addCursor(source, cursor);
    if (memory !== undefined) await this.#ledger.listings.learnOf(source, { memory });
    return { fresh: fresh.length, ...news };
  }

  /**
   * What is not here in this form, or was gone and is there again; and what this listing has not met before. An export
   * says nothing of whether a post is still on the blog: what a listing by time knows of that stands.
   */
  async #news(posts: readonly Post[], { source, seen, isByTime }: Meeting) {
    const forms = [...new Map(posts.map((post) => [`${sumOf(post)} ${post.id}`, post])).values()];
    const presences = await this.#ledger.listings.presencesOf(forms.map(({ id }) => id));
    const fresh: Post[] = [];
    const unseen: Post[] = [];
    const known: [id: string, presence: Presence][] = [];
    const added: string[] = [];
    const edited: string[] = [];
    for (const [n, post] of forms.entries()) {
      const presence = presences[n];
      const stands = !isByTime && isKnownBetter(presence, source);
      const isHere = (await this.#ledger.postAt(post.id, sumOf(post))) !== undefined;
      if (isHere && (stands || !presence?.isGone)) {
        if (!stands && presence?.seen !== seen) unseen.push(post);
        continue;
      }
      fresh.push(post);
      if (stands) known.push([post.id, presence!]);
      if (!presence) added.push(post.id);
      else if (!isHere && isToldSo(post, presence)) edited.push(post.id);
    }
    return { fresh, unseen, known, added, edited };
  }

  /** What all lines have. */
  #line<const L extends string, T extends object>(line: L, rest: T) {
    return { v: 1, line, run: this.#options.run, ...rest, at: new Date().toISOString() } as const;
  }

  async #addCursor(source: string, cursor: unknown): Promise<void> {
    await this.#segments.append([this.#line('cursor', { source, cursor })]);
  }

  /** Where the last listing of this source was interrupted; undefined where none was. */
  async cursor(source: string): Promise<unknown> {
    const place = await this.#ledger.listings.cursorAt(source);
    const line = place && this.#segments.line<CursorLine>(place);
    return line?.line === 'cursor' && line.source === source ? (line.cursor ?? undefined) : undefined;
  }

  /** The media item that a post line describes, if it is the one that was expected there. */
  item(place: OpenItem): MediaItem | undefined {
    const line = this.#segments.line<PostLine>(place);
    const item = line?.items?.[place.n];
    return item?.id === place.id ? ofPost(item, line!) : undefined;
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
