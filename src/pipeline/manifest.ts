import { Writable } from 'node:stream';
import type { In, Location, Measure, MediaItem, MediaRecord, Parcel } from '../model.ts';
import type { Report } from '../progress.ts';
import { conclude } from '../reasons.ts';
import { mediaPath } from '../vault/layout.ts';
import type { Placing } from '../vault/place.ts';
import type { Intent } from '../vault/unfinished.ts';
import { isMuchSmaller, promised } from '../verify/measure.ts';
import { atTheDoor, believedNoMore, isNews } from './refresh.ts';
import { discardPart } from './remains.ts';
import type { Tally } from './tally.ts';
import { throttled } from './throttling.ts';

/** What the last stage needs of the vault. */
export interface Shelf {
  find(id: string): Promise<MediaRecord | undefined>;
  findContent(sha256: string): Promise<MediaRecord | undefined>;
  place(placings: readonly Placing[], intents: readonly Intent[]): Promise<string[]>;
  record(records: readonly MediaRecord[]): Promise<void>;
  partFor(itemId: string, where: string, url: string): string;
}

export interface ManifestOptions {
  readonly run: string;
  /** Items whose refusal was believed and no longer is. */
  readonly doubted: Set<string>;
  readonly tally: Tally;
  readonly report: Report;
}

/** Parcels settled together: the syncs of a group cost little more than those of one. */
const GROUP = 64;

/** Stage 4: every parcel ends here, whatever became of it. Bytes are placed first, then the records written. */
export function manifest(shelf: Shelf, options: ManifestOptions): Writable {
  const settle = settler(shelf, options);
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
  });
}

function settler(shelf: Shelf, options: ManifestOptions) {
  const { tally, report, doubted } = options;
  return async (given: readonly Parcel[]): Promise<void> => {
    const stamp = { v: 1, run: options.run, at: new Date().toISOString() } as const;
    const parcels = given.map((parcel) => atTheDoor(parcel, { stamp, doubted, tally }));
    const news = parcels.filter(isNews).map(({ record }) => record);
    const kept = parcels.filter((parcel) => parcel.state === 'kept');
    const shelved = await shelve(kept, shelf, stamp);
    const records = parcels
      .flatMap((parcel) => recordOf(parcel, shelved, stamp) ?? [])
      .map((record) => (doubted.delete(record.item) ? inDoubt(record) : record));
    const revoked = doubted.size > 0 ? await revoke(shelf, doubted, { stamp, tally }) : [];
    await shelf.record([...records, ...news, ...revoked.map(({ record }) => record)]);
    for (const parcel of kept) await tidyUp(parcel, shelf, shelved.get(parcel)!.origin !== 'duplicate');
    for (const record of records) {
      tally.settle(record);
      report({ event: 'item', record, recalled: false });
    }
    for (const { record, supersedes } of revoked) {
      tally.takeUp(supersedes);
      if (record.status === 'kept') tally.recall(record);
      else tally.settle(record);
      report({ event: 'item', record, recalled: false, supersedes });
    }
    for (const parcel of parcels) {
      if (parcel.state === 'wanted' || parcel.state === 'admitted' || parcel.state === 'fetched')
        tally.open++;
      if (parcel.state !== 'settled') continue;
      tally.recall(parcel.record);
      report({ event: 'item', record: parcel.record, recalled: true });
    }
  };
}

/** A host that refuses everything for a while proves nothing by it. */
const inDoubt = (record: MediaRecord): MediaRecord =>
  record.status === 'missing'
    ? { ...record, status: 'failed', reason: throttled(record.reason!.detail) }
    : record;

/** Lines about doubted items that this run has written already get another one that stands instead. */
async function revoke(shelf: Shelf, doubted: Set<string>, { stamp, tally }: { stamp: Stamp; tally: Tally }) {
  const revoked: { record: MediaRecord; supersedes: MediaRecord }[] = [];
  for (const id of doubted) {
    const supersedes = await shelf.find(id);
    if (supersedes?.run !== stamp.run) continue; // still under way
    doubted.delete(id);
    const isHeld = supersedes.status === 'kept';
    const record = isHeld ? believedNoMore(supersedes, tally) : inDoubt(supersedes);
    if (record !== supersedes) revoked.push({ record: { ...record, ...stamp }, supersedes });
  }
  return revoked;
}

/** What is left of a kept item in the work folder: its sidecar, a duplicate's bytes, parts of places that failed. */
async function tidyUp({ item, tried, download }: In<'kept'>, shelf: Shelf, isPlaced: boolean): Promise<void> {
  if (!isPlaced || download.hasSidecar) await discardPart(download.part);
  for (const { where, url } of tried) await discardPart(shelf.partFor(item.id, where, url));
}

/** The fields that all records of a group share. */
type Stamp = Pick<MediaRecord, 'v' | 'run' | 'at'>;

/** The records of kept parcels, their bytes being in place. */
type Shelved = ReadonlyMap<In<'kept'>, MediaRecord>;

/** Duplicates are decided one by one: two of the same bytes looked up at once would both miss. */
async function shelve(parcels: readonly In<'kept'>[], shelf: Shelf, stamp: Stamp): Promise<Shelved> {
  const first = new Map<string, In<'kept'>>();
  const paths = new Map<string, string>();
  for (const parcel of parcels) {
    const { sha256 } = parcel.download;
    if (first.has(sha256) || paths.has(sha256)) continue;
    const held = await shelf.findContent(sha256);
    if (held?.path) paths.set(sha256, held.path);
    else first.set(sha256, parcel);
  }
  const fresh = [...first.values()];
  const pathOf = ({ item, verdict }: In<'kept'>, copy?: number) => mediaPath(item, verdict.ext, copy);
  const placed = await shelf.place(
    fresh.map((parcel) => ({
      ...parcel.download,
      isSynced: true,
      path: (copy) => pathOf(parcel, copy),
    })),
    fresh.map((parcel) => ({
      part: parcel.download.part,
      record: keptRecord(parcel, { path: pathOf(parcel) }, stamp),
    })),
  );
  for (const [i, { download }] of fresh.entries()) paths.set(download.sha256, placed[i]!);
  return new Map(
    parcels.map((parcel) => {
      const path = paths.get(parcel.download.sha256)!;
      const isDuplicate = first.get(parcel.download.sha256) !== parcel;
      return [parcel, keptRecord(parcel, { path, isDuplicate }, stamp)];
    }),
  );
}

/** What is written about a parcel; nothing about one that is still under way or was settled before. */
function recordOf(parcel: Parcel, shelved: Shelved, stamp: Stamp): MediaRecord | undefined {
  const { item, tried } = parcel;
  const about = {
    ...stamp,
    item: item.id,
    kind: item.kind,
    post: item.post,
    index: item.index,
    url: item.url,
  };
  switch (parcel.state) {
    case 'kept':
      return shelved.get(parcel);
    case 'lost':
      return { ...about, ...conclude(tried), tried };
    case 'failed':
      return { ...about, status: 'failed', reason: parcel.reason, tried };
    case 'filtered':
      return {
        ...about,
        status: 'filtered',
        reason: parcel.reason,
        tried,
        ...(parcel.bytes && { bytes: parcel.bytes }),
      };
    default:
      return undefined;
  }
}

/** A smaller size than is known of is kept, and marked, so that a later run can ask for the better one alone. */
function renditions(item: MediaItem, location: Location, measure: Measure | undefined) {
  const promise = promised(item);
  const isSmaller = measure && promise && isMuchSmaller(measure, promise);
  const isSame = measure && promise && !isSmaller;
  if (!isSmaller && (location.kind !== 'alternate' || isSame)) return {};
  return { got: { url: location.url, ...measure }, bestKnown: { url: item.url, ...promise } };
}

function keptRecord(
  { item, tried, location, download, verdict }: In<'kept'>,
  { path, isDuplicate = false }: { path: string; isDuplicate?: boolean },
  stamp: Stamp,
): MediaRecord {
  return {
    ...stamp,
    item: item.id,
    status: 'kept',
    kind: verdict.kind,
    post: item.post,
    index: item.index,
    url: item.url,
    path,
    bytes: download.bytes,
    sha256: download.sha256,
    type: verdict.type,
    origin: isDuplicate ? 'duplicate' : location.kind,
    from: download.from,
    whole: verdict.whole,
    ...(verdict.measure && { measure: verdict.measure }),
    ...renditions(item, location, verdict.measure),
    ...(location.snapshot && { snapshot: download.snapshot ?? location.snapshot }),
    attempts: download.attempts,
    pieces: download.pieces,
    ms: download.ms,
    ...(tried.length > 0 && { tried }),
    response: download.response,
  };
}
