import type { MediaRecord } from '../model.ts';
import { isPutOff } from '../reasons.ts';

/**
 * The balance of a run: every item that was offered ends in exactly one of the other counts. An item put off to
 * the end of the run is taken out of its count again when its turn comes.
 */
export class Tally {
  listed = 0;
  posts = 0;
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
  /** Held and gone, and not yet looked for in the web archives. */
  unsought = 0;
  bytes = 0;
  readonly #rewritten = new Set<string>();
  /** Records that no longer stand, of items that are taken up at another address: whoever counts reasons must know. */
  readonly reopened = new Map<string, MediaRecord>();

  /** A new record of this run. */
  settle(record: MediaRecord): void {
    this.#rewritten.delete(record.item);
    this[countOf(record)]++;
    if (record.status === 'kept' && record.origin !== 'duplicate') this.bytes += record.bytes ?? 0;
    if (isPutOff(record.reason?.code)) this.pending++;
  }

  /** Settled by an earlier run. */
  recall({ status }: MediaRecord): void {
    this[status === 'kept' ? 'recalled' : status]++;
  }

  /** Counted as held from earlier runs, but its line is of this run. */
  rewrite(id: string): void {
    this.#rewritten.add(id);
  }

  /** What was put off, is gone, or has a new address by now is taken up again; or its record no longer stands. */
  takeUp(record: MediaRecord): void {
    const isHeld = record.status === 'kept' && this.#rewritten.has(record.item);
    this[isHeld ? 'recalled' : countOf(record)]--;
    if (isHeld) return;
    if (record.status === 'kept' && record.origin !== 'duplicate') this.bytes -= record.bytes ?? 0;
    if (isPutOff(record.reason?.code)) this.pending--;
  }

  /** Nor does the record of something that counted as held from earlier runs. */
  takeBack(): void {
    this.recalled--;
  }

  /** What the summary tells of it. */
  sums() {
    const {
      listed,
      posts,
      unread,
      suspects,
      gone,
      kept,
      recovered,
      duplicate,
      recalled,
      missing,
      failed,
      filtered,
      open,
      bytes,
    } = this;
    return {
      listed,
      posts,
      unread,
      suspects,
      gone,
      kept,
      recovered,
      duplicate,
      recalled,
      missing,
      failed,
      filtered,
      open,
      bytes,
    };
  }

  get balanced(): boolean {
    const ends =
      this.kept +
      this.recovered +
      this.duplicate +
      this.recalled +
      this.missing +
      this.failed +
      this.filtered;
    const counts = [this.kept, this.recovered, this.duplicate, this.recalled, this.missing, this.failed];
    return this.listed === ends + this.open && counts.every((count) => count >= 0);
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
