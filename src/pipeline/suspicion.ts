import type { In, MediaRecord, Reason, Sharing, Verdict } from '../model.ts';
import type { Report } from '../progress.ts';
import { askedAt } from '../vault/records.ts';
import { evidenceInWords, evidenceOf, suspectOf } from '../verify/suspects.ts';
import { Seen } from './seen.ts';
import type { Change } from './superseding.ts';
import type { Tally } from './tally.ts';

/** What it needs of the vault. */
export interface Sharers {
  sharings(sha256: string): Promise<readonly Sharing[]>;
  sharersOf(sha256: string): AsyncIterable<string>;
}

export interface SuspicionOptions {
  /** What looks like a placeholder does not count as kept. */
  readonly strict: boolean;
  readonly tally: Tally;
  readonly report: Report;
}

/** Items whose lines no longer stand, and what stands instead. */
interface Revision {
  readonly ids: AsyncIterable<string> | Iterable<string>;
  readonly change: Change;
}

/**
 * Looks at everything that counts as kept: are these the bytes of many unrelated addresses? Then that is told, once
 * for each content, and where it is to count for nothing, all lines that say kept are revised. No file is touched.
 */
export class Suspicion {
  readonly #sharers: Sharers;
  readonly #options: SuspicionOptions;
  readonly #met = new Set<string>();
  /** Only a strict run must know whom it has counted. */
  readonly #recalled = new Seen();

  constructor(sharers: Sharers, options: SuspicionOptions) {
    this.#sharers = sharers;
    this.#options = options;
  }

  get strict(): boolean {
    return this.#options.strict;
  }

  wasRecalled(id: string): boolean {
    return this.#recalled.has(id);
  }

  /** An item that counts as held from earlier runs. */
  recall({ item, status }: MediaRecord): void {
    if (this.strict && status === 'kept') this.#recalled.add(item);
  }

  /** The ledger has learned of these records. What is the same as something else is a duplicate by its line. */
  async *look(records: readonly MediaRecord[]): AsyncGenerator<Revision> {
    const { strict, tally, report } = this.#options;
    for (const { item, status, origin, sha256 } of records) {
      if (status !== 'kept' || origin !== 'duplicate' || sha256 === undefined) continue;
      const suspect = suspectOf(await this.#sharers.sharings(sha256));
      if (!suspect) continue;
      const isNew = !this.#met.has(sha256);
      if (isNew) {
        this.#met.add(sha256);
        tally.suspects++;
        report({ event: 'suspect', ...evidenceOf(suspect) });
      }
      const change: Change = (record) =>
        record.sha256 === sha256 ? inSuspicion(record, suspect) : undefined;
      if (strict) yield { ids: isNew ? this.#sharers.sharersOf(sha256) : [item], change };
    }
  }
}

/** A strict run refuses such bytes when they come, so that they are looked for elsewhere at once. */
export function refuseSuspects(
  judge: (parcel: In<'fetched'>) => Promise<Verdict>,
  sharers: Pick<Sharers, 'sharings'>,
) {
  return async (parcel: In<'fetched'>): Promise<Verdict> => {
    const verdict = await judge(parcel);
    const suspect = verdict.accepted && suspectOf(await sharers.sharings(parcel.download.sha256));
    return suspect ? { accepted: false, reason: reasonOf(suspect) } : verdict;
  };
}

const reasonOf = (suspect: Sharing): Reason => ({
  code: 'suspect',
  detail: `sha256 ${suspect.sha256} at ${evidenceInWords(suspect)}`,
});

/** It still says where the bytes lie, but not that they are what was wanted. */
function inSuspicion(record: MediaRecord, suspect: Sharing): MediaRecord | undefined {
  const { v, run, at, item, kind, post, index, url, path, bytes, sha256, type } = record;
  const { status, origin, snapshot, from, tried = [] } = record;
  if (status !== 'kept') return undefined;
  const reason = reasonOf(suspect);
  const asked = snapshot?.url ?? askedAt(record);
  const answered = {
    where: snapshot?.archive ?? (origin === 'alternate' ? origin : 'live'),
    url: asked,
    ...(from && from !== asked && { from }),
    outcome: reason.code,
    detail: reason.detail,
    ...(sha256 && { sha256 }),
  };
  const about = { v, run, item, status: 'failed', kind, post, index, url } as const;
  return { ...about, path, bytes, sha256, type, reason, tried: [...tried, answered], at };
}
