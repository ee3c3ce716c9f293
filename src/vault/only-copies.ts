import type { Gone, MediaRecord, ReasonCode } from '../model.ts';
import { askedAt, scanRecords } from './records.ts';

/** A kept file that its address no longer gives, and of which no web archive that was asked has a capture. */
export interface OnlyCopy {
  readonly path: string;
  readonly bytes: number | null;
  readonly item: string;
  readonly post: string | null;
  /** The address that it was got from. */
  readonly url: string;
  readonly since: string;
  readonly reason: ReasonCode;
  readonly detail: string;
  /** When the web archives were asked. */
  readonly asked: string;
}

type GoneRecord = MediaRecord & { readonly gone: Gone; readonly path: string };

const isGone = (record: MediaRecord): record is GoneRecord =>
  record.status === 'kept' && record.gone !== undefined && record.path !== undefined;

const isAlone = ({ gone }: GoneRecord): boolean => gone.elsewhere === null;

/** Looks at records as they pass, in their order, for those whose last word is that their address has them no more. */
export class OnlyCopies {
  readonly #gone = new Map<string, GoneRecord>();

  see(record: MediaRecord): void {
    if (isGone(record)) this.#gone.set(record.item, record);
    else this.#gone.delete(record.item);
  }

  /** Kept items that are gone from their servers. */
  get gone(): number {
    return this.#gone.size;
  }

  /** Those of which no web archive was asked, or none could answer. */
  get unsought(): number {
    return [...this.#gone.values()].filter(({ gone }) => gone.elsewhere === undefined).length;
  }

  /** A file that another item was got as, too, is one of them only if that one is gone as well. */
  list(manifest: string): OnlyCopy[] {
    const alone = new Map(
      [...this.#gone.values()].filter(isAlone).map((record) => [record.path, onlyCopy(record)]),
    );
    if (alone.size > 0) for (const path of this.#alsoGot(manifest, alone)) alone.delete(path);
    return [...alone.values()];
  }

  #alsoGot(manifest: string, paths: ReadonlyMap<string, OnlyCopy>): Set<string> {
    const last = new Map<string, string>();
    for (const line of scanRecords(manifest)) {
      if (!('record' in line)) continue;
      const { item, status, path } = line.record;
      last.delete(item);
      if (status === 'kept' && path !== undefined && paths.has(path)) last.set(item, path);
    }
    const others = [...last].filter(([item]) => {
      const record = this.#gone.get(item);
      return !record || !isAlone(record);
    });
    return new Set(others.map(([, path]) => path));
  }
}

function onlyCopy(record: GoneRecord): OnlyCopy {
  const { path, bytes, item, post, gone, at } = record;
  return {
    path,
    bytes: bytes ?? null,
    item,
    post,
    url: askedAt(record),
    since: gone.at,
    reason: gone.code,
    detail: gone.detail,
    asked: at,
  };
}
