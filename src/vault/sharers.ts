import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { MediaRecord, Sharing } from '../model.ts';
import { names } from './layout.ts';
import type { IndexedRecord, Ledger, Shared } from './ledger.ts';
import { scanRecords } from './records.ts';
import { type Filed, isFiled, share } from './sharing.ts';

/** Of one content, while a group of records is learned. */
interface Content {
  /** The last line that named it. */
  at: number;
  /** The record of that line, where it is of this group. */
  record?: Filed;
  sharings: readonly Sharing[];
  readonly links: { at: number; before: number }[];
}

/**
 * What records that come now say of bytes that an earlier line names. Nothing is remembered of bytes that a single
 * item has: its own line knows all of it, so most items cost the ledger nothing.
 */
export async function sharedBy(
  found: readonly IndexedRecord[],
  ledger: Pick<Ledger, 'contentsAt' | 'sharings' | 'had'>,
  recordAt: (at: number) => MediaRecord | undefined,
): Promise<Shared[]> {
  const filed = found.flatMap(({ record, offset }) => (isFiled(record) ? [{ record, offset }] : []));
  const contents = await knownContents([...new Set(filed.map(({ record }) => record.sha256))], ledger);
  const had = new Map<string, string>();
  for (const { record, offset } of filed) {
    const { item, sha256 } = record;
    const isKnown = had.has(item) ? had.get(item) === sha256 : await ledger.had(item, sha256);
    had.set(item, sha256);
    const content = contents.get(sha256);
    if (!content) {
      contents.set(sha256, { at: offset, record, sharings: [], links: [] });
      continue;
    }
    if (!isKnown) content.sharings = withSharer(content, record, recordAt);
    content.links.push({ at: offset, before: content.at });
    Object.assign(content, { at: offset, record });
  }
  return [...contents].flatMap(([sha256, { sharings, links }]) =>
    links.length > 0 ? [{ sha256, sharings, links }] : [],
  );
}

/** Whoever had the bytes alone until now is the first to share them. */
function withSharer(
  { sharings, record: last, at }: Content,
  record: Filed,
  recordAt: (at: number) => MediaRecord | undefined,
): readonly Sharing[] {
  if (sharings.length > 0) return share(sharings, record);
  const before = last ?? recordAt(at);
  if (before?.item === record.item) return [];
  return share(before && isFiled(before) ? share([], before) : [], record);
}

async function knownContents(
  sums: readonly string[],
  ledger: Pick<Ledger, 'contentsAt' | 'sharings'>,
): Promise<Map<string, Content>> {
  const contents = new Map<string, Content>();
  const places = await ledger.contentsAt(sums);
  for (const [i, sha256] of sums.entries()) {
    const at = places[i];
    if (at !== undefined) contents.set(sha256, { at, sharings: await ledger.sharings(sha256), links: [] });
  }
  return contents;
}

/**
 * The same from the lines of an archive alone, for whoever has no ledger: which bytes several items have, the
 * commonest first. Reads the lines twice, so that of bytes that nobody shares only the owner is remembered.
 */
export function readSharings(archive: string): Sharing[] {
  const manifest = join(resolve(archive), names.manifest);
  if (!existsSync(manifest)) return [];
  const owners = new Map<string, string | null>(); // null: several
  for (const { item, sha256 } of filedLines(manifest)) {
    const owner = owners.get(sha256);
    if (owner !== null) owners.set(sha256, owner === undefined || owner === item ? item : null);
  }
  const sharings = new Map<string, readonly Sharing[]>();
  const seen = new Set<string>();
  for (const record of filedLines(manifest)) {
    const key = `${record.sha256} ${record.item}`;
    if (owners.get(record.sha256) !== null || seen.has(key)) continue;
    seen.add(key);
    sharings.set(record.sha256, share(sharings.get(record.sha256) ?? [], record));
  }
  return [...sharings.values()].flat().sort((a, b) => b.items - a.items);
}

function* filedLines(manifest: string): Generator<Filed> {
  for (const line of scanRecords(manifest)) if ('record' in line && isFiled(line.record)) yield line.record;
}
