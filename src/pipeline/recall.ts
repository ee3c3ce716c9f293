import type { In, MediaItem, MediaRecord, Parcel, Reason } from '../model.ts';
import { isHandedOver } from '../net/hosts.ts';
import { isDue } from '../reasons.ts';
import { failedHere } from './asked.ts';
import { largerWanted } from './reduced.ts';
import { askAgain } from './refresh.ts';

/** What recall needs of the vault. */
export interface Memory {
  find(id: string): Promise<MediaRecord | undefined>;
  /** Does the disk agree with the record? */
  holds(record: MediaRecord): boolean;
}

export interface RecallOptions {
  /** Web archives that would be asked now. */
  readonly archives: readonly string[];
  /** Why the options leave an item out; undefined if they do not. */
  readonly unwanted: (item: MediaItem, bytes?: number) => Reason | undefined;
  /** Is what is kept to be asked about? */
  readonly refresh?: boolean;
  /** Is what was kept known to be a placeholder by now? */
  readonly isFalse: (record: MediaRecord) => Promise<boolean>;
}

/** Settled by an earlier run, and the disk agrees? Then it need not travel on. */
export function recall(memory: Memory, { archives, unwanted, isFalse, refresh = false }: RecallOptions) {
  return async (parcel: In<'wanted'>): Promise<Parcel> => {
    const record = await memory.find(parcel.item.id);
    const asked = wantedBefore(record) ? wantedAnyway(parcel) : parcel;
    const { item } = asked;
    const isKept = record?.status === 'kept' && !(await isFalse(record));
    const known = isKept || record?.status === 'filtered' ? record : undefined; // else its bytes are of something else
    const reason = unwanted({ ...item, kind: known?.kind ?? item.kind }, known?.bytes);
    const mayBeAsked = !reason && item.forbidden === undefined;
    if (record && isSettled(item, record, { isKept, reason }))
      return (
        (mayBeAsked && askedAnew(parcel, item, { record, refresh })) || {
          ...parcel,
          state: 'settled',
          record,
        }
      );
    if (reason) return { ...parcel, state: 'filtered', reason };
    if (item.forbidden === undefined) return asked;
    return failedHere(asked, { code: 'refused-robots', detail: item.forbidden });
  };

  function isSettled(
    { url }: MediaItem,
    record: MediaRecord,
    { isKept, reason }: { isKept: boolean; reason: Reason | undefined },
  ): boolean {
    if (record.status === 'kept') return isKept && memory.holds(record);
    if (record.status === 'filtered') return reason !== undefined;
    if (record.status !== 'missing' || refresh || isHandedOver(url)) return false; // to look at the disk costs nothing
    return !isDue(record, { url, places: archives }, Date.now());
  }
}

/** It is held; but has it changed, and is there a larger one by now? */
function askedAnew(
  parcel: In<'wanted'>,
  item: MediaItem,
  { record, refresh }: { readonly record: MediaRecord; readonly refresh: boolean },
): In<'wanted'> | undefined {
  const again = refresh ? askAgain(parcel, record) : undefined;
  if (!largerWanted(item, record, { refresh })) return again;
  return { ...(again ?? parcel), item, reduced: { record } };
}

/** What one post wanted stays wanted, also where another that shows it is left out. */
const wantedBefore = (record: MediaRecord | undefined): boolean =>
  record !== undefined && record.status !== 'filtered';

const wantedAnyway = (parcel: In<'wanted'>): In<'wanted'> => ({
  ...parcel,
  item: { ...parcel.item, of: { isWanted: true } },
});
