import { StorageError } from '../errors.ts';
import type { MediaRecord } from '../model.ts';
import { sumOfText } from '../sums.ts';
import { staysInside } from './layout.ts';
import { type LineFile, parseLine, scanLines } from './lines.ts';

export const FORMAT = 1;

export interface Found {
  readonly record: MediaRecord;
  readonly offset: number;
  readonly end: number;
}

/** A line that is no record: damage in the middle of a manifest is told, never dropped in silence. */
export interface Damage {
  readonly damage: string;
  readonly offset: number;
  readonly end: number;
}

/** All lines of a manifest from an offset on. Lines of a format newer than ours end the run. */
export function* scanRecords(file: string, from = 0): Generator<Found | Damage> {
  for (const { text, offset, end } of scanLines(file, from)) {
    if (text.trim() === '') continue;
    const record = readRecord(text);
    yield record ? { record, offset, end } : { damage: `no record at byte ${offset}`, offset, end };
  }
}

export function readRecord(text: string): MediaRecord | undefined {
  const record = parseLine<MediaRecord>(text);
  if (record && typeof record.v === 'number' && record.v > FORMAT) {
    throw new StorageError(
      `This archive has records of format ${record.v}; this version of Oxbow reads format ${FORMAT}. Please update Oxbow.`,
    );
  }
  if (typeof record?.item !== 'string' || typeof record.status !== 'string') return undefined;
  const { path } = record;
  return path === undefined || (typeof path === 'string' && staysInside(path)) ? record : undefined;
}

/** The address at which what is kept was asked for: an alternate, or its own. */
export const askedAt = ({ got, url }: MediaRecord): string => got?.url ?? url;

/** The record at an offset, if it is the one that was expected there. */
export function recordAt(manifest: LineFile, offset: number): MediaRecord | undefined {
  const text = manifest.readAt(offset);
  return text === undefined ? undefined : readRecord(text);
}

/** Tells whether a line is still the one that was seen. */
export const lineSum = (text: string): string => sumOfText('sha256', text).slice(0, 16);
