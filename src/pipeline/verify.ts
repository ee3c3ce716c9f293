import type { In, MediaItem, Parcel, Reason, Verdict } from '../model.ts';
import { lostHere } from './asked.ts';
import { isSmallerThanKept } from './reduced.ts';
import { stillThere } from './refresh.ts';
import { discardPart } from './remains.ts';

export interface VerifyOptions {
  readonly judge: (parcel: In<'fetched'>) => Promise<Verdict>;
  /** Why the options leave an item out, now that its bytes tell what it is. */
  readonly unwanted: (item: MediaItem, bytes: number) => Reason | undefined;
  /** Takes off a wrapper that nobody announced. */
  readonly unwrap?: (parcel: In<'fetched'>) => Promise<In<'fetched'>>;
}

/** Stage 3: a rejected file is a lost one in disguise, and its bytes go at once. */
export function verify({ judge, unwanted, unwrap = async (parcel) => parcel }: VerifyOptions) {
  return async (wrapped: In<'fetched'>): Promise<Parcel> => {
    const parcel = await unwrap(wrapped);
    const { download, ...way } = parcel;
    if (way.held?.sha256 === download.sha256) {
      await discardPart(download.part);
      return stillThere(way, way.held!);
    }
    const verdict = await judge(parcel);
    if (!verdict.accepted) {
      await discardPart(download.part);
      return lostHere(way, verdict.reason, download);
    }
    if (isSmallerThanKept(way, verdict)) {
      await discardPart(download.part);
      return lostHere(way, { code: 'too-small', detail: 'smaller than what is kept already' }, download);
    }
    const item = { ...way.item, kind: verdict.kind };
    const reason = unwanted(item, download.bytes);
    if (!reason) return { ...parcel, state: 'kept', verdict };
    await discardPart(download.part);
    return { ...way, item, state: 'filtered', reason, bytes: download.bytes };
  };
}
