import { access } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { StorageError, TransferError } from './errors.ts';
import type { Parcel } from './model.ts';
import { checkOptions, type GivenOptions } from './options.ts';
import { download as downloadStage } from './pipeline/download.ts';
import { rateLimit } from './pipeline/rate-limit.ts';
import { discardPart } from './pipeline/remains.ts';
import { through } from './pipeline/stage.ts';
import { verify } from './pipeline/verify.ts';
import { inWords } from './reasons.ts';
import { shownAddress } from './shown.ts';
import { kindOfAddress } from './sources/address.ts';
import { placeAll } from './vault/place.ts';
import { openNet } from './world.ts';

/** What lies on disk after a single download. */
export interface Downloaded {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly type: string;
  readonly from: string;
  readonly attempts: number;
  readonly pieces: number;
}

/**
 * One address to one file, by the same engine: resumed from `file.part`, retried, hashed on the way, verified, and
 * never in place of a file that is there. Throws TransferError if the address does not give it.
 */
export async function download(url: string, file: string, given: GivenOptions = {}): Promise<Downloaded> {
  const checked = checkOptions(given);
  const path = resolve(file);
  const options = { ...checked, partFor: () => `${path}.part` };
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    throw new StorageError(`There is a file at ${path} already.`);
  const net = openNet(checked);
  net.http.trust([url]);
  const steps = through({
    wanted: rateLimit(net.gate, options),
    admitted: downloadStage(net.way, options),
    fetched: verify({ judge: net.judge, unwanted: () => undefined }),
  });
  const item = {
    id: url,
    kind: kindOfAddress(url),
    url,
    alternates: [],
    post: null,
    index: 0,
    date: null,
  } as const;
  try {
    const end = await steps({ state: 'wanted', item, location: { kind: 'live', url }, tried: [] });
    return await placed(end, path);
  } finally {
    await net.close();
  }
}

async function placed(end: Parcel, path: string): Promise<Downloaded> {
  if (end.state !== 'kept') {
    const reason = 'reason' in end ? end.reason : { code: 'recovery-pending' as const, detail: 'stopped' };
    throw new TransferError(
      `Cannot download ${shownAddress(end.item.url)}: ${inWords(reason.code)} (${reason.detail}).`,
      reason.code,
    );
  }
  const { part, bytes, sha256, from, attempts, pieces } = end.download;
  await placeAll(dirname(path), [{ part, bytes, sha256, isSynced: true, path: () => basename(path) }]);
  await discardPart(part);
  return { path, bytes, sha256, type: end.verdict.type, from, attempts, pieces };
}
