import type { MediaRecord } from '../model.ts';
import type { Report } from '../progress.ts';
import type { Tally } from './tally.ts';

/** What it needs of the vault. */
export interface Lines {
  find(id: string): Promise<MediaRecord | undefined>;
  record(records: readonly MediaRecord[]): Promise<void>;
}

export interface SupersedingOptions {
  readonly run: string;
  readonly tally: Tally;
  readonly report: Report;
  /** Was the item counted as held from earlier runs? */
  readonly wasRecalled: (id: string) => boolean;
}

/** Says what stands instead of a line; nothing if it stands. */
export type Change = (record: MediaRecord) => MediaRecord | undefined;

const GROUP = 64;

/**
 * Lines that no longer stand get another one that does. Of those that this run has counted the count is set right;
 * an item that it has not met yet, or never will, is counted when it comes, as what its line says then.
 */
export function superseding(lines: Lines, options: SupersedingOptions) {
  const { run, tally, report, wasRecalled } = options;
  return async (ids: AsyncIterable<string> | Iterable<string>, change: Change): Promise<void> => {
    let group = new Set<string>();
    for await (const id of ids) {
      group.add(id);
      if (group.size < GROUP) continue;
      await supersede(group, change);
      group = new Set();
    }
    await supersede(group, change);
  };

  async function supersede(ids: ReadonlySet<string>, change: Change): Promise<void> {
    const changed: { record: MediaRecord; supersedes: MediaRecord }[] = [];
    const stamp = { run, at: new Date().toISOString() };
    for (const id of ids) {
      const supersedes = await lines.find(id);
      const record = supersedes && change(supersedes);
      if (record) changed.push({ record: { ...record, ...stamp }, supersedes });
    }
    if (changed.length > 0) await lines.record(changed.map(({ record }) => record));
    for (const pair of changed) recount(pair);
  }

  function recount({ record, supersedes }: { record: MediaRecord; supersedes: MediaRecord }): void {
    if (supersedes.run === run) tally.takeUp(supersedes);
    else if (wasRecalled(record.item)) tally.takeBack(supersedes);
    else return;
    if (record.status === 'kept') tally.recall(record);
    else tally.settle(record);
    report({ event: 'item', record, recalled: false, supersedes });
  }
}
