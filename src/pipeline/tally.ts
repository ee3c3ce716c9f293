import type { MediaRecord, Page } from '../model.ts';
import { isPutOff, mayBeLarger } from '../reasons.ts';

/**
 * The balance of a run: every item that was offered ends in exactly one of the other counts. An item put off to
 * the end of the run is taken out of its count again when its turn comes.
 */
export class Tally {
  listed = 0;
  posts = 0;
  /** Of these: not here before in any form, or in another one. */
  newPosts = 0;
  editedPosts = 0;
  /** Posts that a whole listing has not met any more. */
  gonePosts = 0;
  /** Posts of which nothing is wanted, by the options. */
  unwantedPosts = 0;
  /** How many posts the platform says there are, and how many are here: null where nobody says so. */
  postsStated: number | null = null;
  postsHeld: number | null = null;
  /** Parts of posts that nobody understood, by their kind. */
  readonly unknown = new Map<string, number>();
  unread = 0;
  kept = 0;
  recovered = 0;
  duplicate = 0;
  recalled = 0;
  missing = 0;
  failed = 0;
  filtered = 0;
  /** In hand when the run was stopped. */
  open = 0;
  /** Put off: a part of `failed`. */
  pending = 0;
  /** Contents that look like placeholders, whatever their items count as. */
  suspects = 0;
  /** Items of the backlog that the source lists at another address now. */
  renewed = 0;
  /** Held, and not known whether it is still the same out there. */
  unasked = 0;
  /** Held, and found gone by this run. */
  gone = 0;
  /** Held, and may exist larger. */
  reduced = 0;
  /** Held and gone, and not yet looked for in the web archives. */
  unsought = 0;
  bytes = 0;
  readonly #rewritten = new Set<string>();
  readonly #waiting = new Set<() => void>();
  /** Records that no longer stand, of items that are taken up at another address: whoever counts reasons must know. */
  readonly reopened = new Map<string, MediaRecord>();

  /** A new record of this run. */
  settle(record: MediaRecord): void {
    this.#rewritten.delete(record.item);
    this[countOf(record)]++;
    if (mayBeLarger(record)) this.reduced++;
    if (record.status === 'kept' && record.origin !== 'duplicate') this.bytes += record.bytes ?? 0;
    if (isPutOff(record.reason?.code)) this.pending++;
    this.#tellIfDry();
  }

  /** Settled by an earlier run. */
  recall(record: MediaRecord): void {
    this[record.status === 'kept' ? 'recalled' : record.status]++;
    if (mayBeLarger(record)) this.reduced++;
    this.#tellIfDry();
  }

  /** Nothing that was offered is in hand any more. */
  dry(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      this.#tellIfDry();
    });
  }

  #tellIfDry(): void {
    if (this.#waiting.size === 0 || this.#ends < this.listed) return;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** A page as it was taken in. */
  took(
    { total, posts }: Page,
    { added, edited }: { readonly added: readonly string[]; readonly edited: readonly string[] },
  ): void {
    this.posts += posts.length;
    this.newPosts += added.length;
    this.editedPosts += edited.length;
    if (total !== undefined) this.postsStated = total;
    for (const { unknown = [] } of posts)
      for (const part of unknown) this.unknown.set(part, (this.unknown.get(part) ?? 0) + 1);
  }

  /** Counted as held from earlier runs, but its line is of this run. */
  rewrite(id: string): void {
    this.#rewritten.add(id);
  }

  /** What was put off, is gone, or has a new address by now is taken up again; or its record no longer stands. */
  takeUp(record: MediaRecord): void {
    const isHeld = record.status === 'kept' && this.#rewritten.has(record.item);
    this[isHeld ? 'recalled' : countOf(record)]--;
    if (mayBeLarger(record)) this.reduced--;
    if (isHeld) return;
    if (record.status === 'kept' && record.origin !== 'duplicate') this.bytes -= record.bytes ?? 0;
    if (isPutOff(record.reason?.code)) this.pending--;
  }

  /** Nor does the record of something that counted as held from earlier runs. */
  takeBack(record: MediaRecord): void {
    this.recalled--;
    if (mayBeLarger(record)) this.reduced--;
  }

  /** What the summary tells of it. */
  sums() {
    const { listed, posts, newPosts, editedPosts, gonePosts, postsStated, postsHeld, unread } = this;
    const { suspects, gone, reduced, kept, recovered, duplicate, recalled, missing, failed, filtered } = this;
    const { open, bytes } = this;
    const notUnderstood = [...this.unknown.values()].reduce((sum, n) => sum + n, 0);
    const ofPosts = {
      posts,
      newPosts,
      editedPosts,
      gonePosts,
      postsStated,
      postsHeld,
      notUnderstood,
      unread,
    };
    const ends = { kept, recovered, duplicate, recalled, missing, failed, filtered, open };
    const ofItems = { suspects, gone, reduced, ...ends };
    return { listed, ...ofPosts, ...ofItems, bytes };
  }

  get #ends(): number {
    const { kept, recovered, duplicate, recalled, missing, failed, filtered } = this;
    return kept + recovered + duplicate + recalled + missing + failed + filtered;
  }

  get balanced(): boolean {
    const counts = [this.kept, this.recovered, this.duplicate, this.recalled, this.missing, this.failed];
    return this.listed === this.#ends + this.open && counts.every((count) => count >= 0);
  }
}

function countOf({
  status,
  origin,
}: MediaRecord): 'kept' | 'recovered' | 'duplicate' | 'missing' | 'failed' | 'filtered' {
  if (status !== 'kept') return status;
  if (origin === 'duplicate') return 'duplicate';
  return origin === 'snapshot' ? 'recovered' : 'kept';
}
