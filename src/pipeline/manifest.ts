import { Writable } from 'node:stream';
import type { In, MediaRecord, Parcel } from '../model.ts';
import type { Report } from '../progress.ts';
import type { Hearsay } from './hearsay.ts';
import { recordOf, type Shelf, shelve } from './record-of.ts';
import { asReduced } from './reduced.ts';
import { atTheDoor, believedNoMore, isNews } from './refresh.ts';
import { discardPart } from './remains.ts';
import { superseding } from './superseding.ts';
import type { Suspicion } from './suspicion.ts';
import type { Tally } from './tally.ts';
import { throttled } from './throttling.ts';

/** The fields that all records of a group share. */
const stampOf = (run: string) => ({ v: 1, run, at: new Date().toISOString() }) as const;

export interface ManifestOptions {
  readonly run: string;
  /** Items whose refusal was believed and no longer is. */
  readonly doubted: Set<string>;
  readonly suspicion: Suspicion;
  readonly tally: Tally;
  readonly hearsay: Hearsay;
  readonly report: Report;
}

/** Parcels settled together: the syncs of a group cost little more than those of one. */
const GROUP = 64;

/** Stage 4: every parcel ends here, whatever became of it. Bytes are placed first, then the records written. */
export function manifest(shelf: Shelf, options: ManifestOptions): Writable {
  const { settle, end } = settler(shelf, options);
  const inTurn = (parcels: readonly Parcel[], done: (error?: Error | null) => void) => {
    settle(parcels).then(() => done(), done);
  };
  return new Writable({
    objectMode: true,
    highWaterMark: GROUP,
    write: (parcel: Parcel, _encoding, done) => inTurn([parcel], done),
    writev: (chunks, done) =>
      inTurn(
        chunks.map(({ chunk }) => chunk as Parcel),
        done,
      ),
    final: (done) => {
      end().then(() => done(), done);
    },
  });
}

function settler(shelf: Shelf, options: ManifestOptions) {
  const { run, tally, report, doubted, suspicion, hearsay } = options;
  const wasRecalled = (id: string) => suspicion.wasRecalled(id);
  const supersede = superseding(shelf, { run, tally, report, wasRecalled });
  return { settle, end };

  async function settle(given: readonly Parcel[]): Promise<void> {
    const stamp = stampOf(run);
    const door = { stamp, doubted, tally, hearsay };
    const parcels = given.map((parcel) => asReduced(atTheDoor(parcel, door), door));
    const news = await stillStanding(parcels.filter(isNews));
    const kept = parcels.filter((parcel) => parcel.state === 'kept');
    const shelved = await shelve(kept, shelf, stamp);
    const written = await Promise.all(parcels.map((parcel) => recordOf(parcel, { shelf, shelved, stamp })));
    const records = written
      .filter((record) => record !== undefined)
      .map((record) => (doubted.delete(record.item) ? inDoubt(record) : record));
    await shelf.record([...records, ...news]);
    for (const parcel of kept) await tidyUp(parcel, shelf, shelved.get(parcel)!.origin !== 'duplicate');
    for (const record of records) {
      tally.settle(record);
      const supersedes = tally.reopened.get(record.item);
      tally.reopened.delete(record.item);
      report({ event: 'item', record, recalled: false, ...(supersedes && { supersedes }) });
    }
    for (const { item } of news) tally.rewrite(item);
    const recalled = await recall(parcels);
    await supersede(doubted, (record) => noLonger(record, options));
    for await (const { ids, change } of suspicion.look([...records, ...recalled])) {
      await supersede(ids, change);
    }
  }

  /** Marks that were held back, and have proved true; their items are counted as held, and stay so. */
  async function end(): Promise<void> {
    const proven = await stillStanding(hearsay.proven());
    const news = proven.map((record) => ({ ...record, ...stampOf(run) }));
    await shelf.record(news);
    for (const { item } of news) {
      tally.rewrite(item);
      tally.gone++;
      tally.unasked--;
    }
  }

  /** News about what was held when it set out; its line may have been superseded meanwhile. */
  async function stillStanding(parcels: readonly In<'settled'>[]): Promise<MediaRecord[]> {
    if (!suspicion.strict) return parcels.map(({ record }) => record);
    const standing = await Promise.all(parcels.map(({ item }) => shelf.find(item.id)));
    return parcels.flatMap(({ record }, i) => (standing[i]?.status === 'kept' ? record : []));
  }

  /** Counts what was settled before, and what is still under way. */
  async function recall(parcels: readonly Parcel[]): Promise<MediaRecord[]> {
    const recalled: MediaRecord[] = [];
    for (const { state, ...parcel } of parcels) {
      if (state === 'wanted' || state === 'admitted' || state === 'fetched') tally.open++;
      if (!('record' in parcel)) continue;
      // What it was settled by may have been superseded while it was on its way.
      const record = (suspicion.strict && (await shelf.find(parcel.item.id))) || parcel.record;
      tally.recall(record);
      suspicion.recall(record);
      report({ event: 'item', record, recalled: true });
      recalled.push(record);
    }
    return recalled;
  }
}

/** A host that refuses everything for a while proves nothing by it. */
const inDoubt = (record: MediaRecord): MediaRecord =>
  record.status === 'missing'
    ? { ...without(record, 'losses'), status: 'failed', reason: throttled(record.reason!.detail) }
    : record;

function without(record: MediaRecord, key: keyof MediaRecord): MediaRecord {
  const { [key]: _, ...rest } = record;
  return rest as MediaRecord;
}

/** What stands instead of a line that this run has written about a doubted item; nothing while it is under way. */
function noLonger(
  record: MediaRecord,
  { run, doubted, tally }: Pick<ManifestOptions, 'run' | 'doubted' | 'tally'>,
): MediaRecord | undefined {
  if (record.run !== run) return undefined;
  doubted.delete(record.item);
  const doubtful = record.status === 'kept' ? believedNoMore(record, tally) : inDoubt(record);
  return doubtful === record ? undefined : doubtful;
}

/** What is left of a kept item in the work folder: its sidecar, a duplicate's bytes, parts of places that failed. */
async function tidyUp({ item, tried, download }: In<'kept'>, shelf: Shelf, isPlaced: boolean): Promise<void> {
  if (!isPlaced || download.hasSidecar) await discardPart(download.part);
  for (const { where, url } of tried) await discardPart(shelf.partFor(item.id, where, url));
}
