import type { In, Parcel, Verdict } from '../model.ts';
import { lostHere } from './asked.ts';
import { discardPart } from './part-file.ts';

export interface VerifyOptions {
  readonly judge: (parcel: In<'fetched'>) => Promise<Verdict>;
  readonly filesizeMin: number;
}

/** Stage 3: a rejected file is a lost one in disguise, and its bytes go at once. */
export function verify({ judge, filesizeMin }: VerifyOptions) {
  return async (parcel: In<'fetched'>): Promise<Parcel> => {
    const { download, ...way } = parcel;
    const verdict = await judge(parcel);
    if (!verdict.accepted) {
      await discardPart(download.part);
      return lostHere(way, verdict.reason);
    }
    if (download.bytes < filesizeMin) {
      await discardPart(download.part);
      return {
        ...way,
        state: 'filtered',
        reason: { code: 'refused-filter', detail: `${download.bytes} bytes` },
        bytes: download.bytes,
      };
    }
    return { ...parcel, state: 'kept', verdict };
  };
}
