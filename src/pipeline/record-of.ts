import type { In, MediaRecord, Parcel } from '../model.ts';
import { conclude, isPutOff, lossesAfter, lossesBefore } from '../reasons.ts';
import { mediaPath } from '../vault/layout.ts';
import type { Placing } from '../vault/place.ts';
import type { Intent } from '../vault/unfinished.ts';
import { renditions } from './renditions.ts';

/** What the last stage needs of the vault. */
export interface Shelf {
  find(id: string): Promise<MediaRecord | undefined>;
  findContent(sha256: string): Promise<MediaRecord | undefined>;
  place(placings: readonly Placing[], intents: readonly Intent[]): Promise<string[]>;
  record(records: readonly MediaRecord[]): Promise<void>;
  partFor(itemId: string, where: string, url: string): string;
}

/** The fields that all records of a group share. */
export type Stamp = Pick<MediaRecord, 'v' | 'run' | 'at'>;

/** The records of kept parcels, their bytes being in place. */
type Shelved = ReadonlyMap<In<'kept'>, MediaRecord>;

/** Duplicates are decided one by one: two of the same bytes looked up at once would both miss. */
export async function shelve(parcels: readonly In<'kept'>[], shelf: Shelf, stamp: Stamp): Promise<Shelved> {
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

interface Writing {
  readonly shelf: Shelf;
  readonly shelved: Shelved;
  readonly stamp: Stamp;
}

/** What is written about a parcel; nothing about one that is still under way or was settled before. */
export async function recordOf(parcel: Parcel, writing: Writing): Promise<MediaRecord | undefined> {
  const { item, tried } = parcel;
  const about = {
    ...writing.stamp,
    item: item.id,
    kind: item.kind,
    post: item.post,
    index: item.index,
    url: item.url,
  };
  switch (parcel.state) {
    case 'kept':
      return writing.shelved.get(parcel);
    case 'lost':
      return { ...about, ...(await loss(parcel, writing)), tried };
    case 'failed':
      return { ...about, status: 'failed', reason: parcel.reason, tried, ...(await putOff(parcel, writing)) };
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

/** What is put off is still missing for as many runs as it was. */
async function putOff({ item, reason }: In<'failed'>, { shelf }: Writing) {
  const losses = isPutOff(reason.code) ? lossesBefore(await shelf.find(item.id)) : 0;
  return losses > 0 ? { losses } : {};
}

/** What came of all the places; how often that was so; and which file has the bytes, if they are only suspected. */
async function loss({ item, tried }: In<'lost'>, { shelf, stamp }: Writing) {
  const conclusion = conclude(tried);
  const suspect = tried.findLast(({ outcome }) => outcome === 'suspect')?.sha256;
  const held = suspect === undefined ? undefined : await shelf.findContent(suspect);
  const losses = conclusion.status === 'missing' ? lossesAfter(await shelf.find(item.id), stamp.run) : 1;
  return {
    ...conclusion,
    ...(held && { path: held.path, bytes: held.bytes, sha256: held.sha256, type: held.type }),
    ...(losses > 1 && { losses }),
  };
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
