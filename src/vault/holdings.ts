import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StorageError } from '../errors.ts';
import type { MediaRecord, Status } from '../model.ts';
import { mayBeLarger } from '../reasons.ts';
import { checkBag, isClosed } from './bag.ts';
import { names } from './layout.ts';
import { scanLines } from './lines.ts';
import { OnlyCopies, type OnlyCopy } from './only-copies.ts';
import { readPostLine, type SegmentLine } from './post-lines.ts';
import { scanRecords } from './records.ts';

/** What an archive holds and what it lacks, read from its lines alone: no lock, no ledger, no network. */
export interface Holdings {
  readonly path: string;
  readonly posts: number;
  /** Those of them that a whole listing has not met any more. */
  readonly gonePosts: number;
  /** When the last listing of everything (`--full`) came to its end; null where none has. */
  readonly listedToEnd: string | null;
  /** A listing by time was begun and has not come to its end: interrupted, or limited. */
  readonly isPartlyListed: boolean;
  readonly items: number;
  readonly kept: number;
  readonly recovered: number;
  /** Kept, while a better one is known: larger, or at the address that was wanted. */
  readonly lesser: number;
  /** Those of which a later run asks for a larger one. */
  readonly reduced: number;
  /** Kept, and nothing in the file proves that it is whole. */
  readonly unverified: number;
  readonly missing: number;
  readonly failed: number;
  readonly filtered: number;
  /** Wanted by a post, and not yet settled by any run. */
  readonly open: number;
  readonly files: number;
  readonly bytes: number;
  readonly lastRun: string | null;
  /** False while a run is under way, or after one that did not end in order. */
  readonly closed: boolean;
  readonly damagedLines: number;
  /** The last record of everything that is missing or failed. */
  readonly lost: readonly MediaRecord[];
  /** Kept, and gone from their servers as far as a refresh has asked. */
  readonly gone: number;
  /** Those of which no web archive was asked, or none could answer. */
  readonly unsought: number;
  readonly onlyCopies: readonly OnlyCopy[];
}

/** The folder of an archive that is there, and that we can read. */
export async function rootOf(archive: string): Promise<string> {
  const root = resolve(archive);
  if (!existsSync(root)) throw new StorageError(`There is no archive at ${archive}.`);
  await checkBag(root);
  return root;
}

export async function readHoldings(archive: string): Promise<Holdings> {
  const root = await rootOf(archive);
  const { last, files, copies, lastRun, damagedLines } = foldManifest(root);
  const { wanted, ...listed } = foldPosts(root);
  const records = [...last.values()];
  const count = (status: Status) => records.filter((record) => record.status === status).length;
  return {
    path: root,
    ...listed,
    items: new Set([...wanted, ...last.keys()]).size,
    kept: count('kept'),
    recovered: records.filter(({ origin }) => origin === 'snapshot').length,
    lesser: records.filter((record) => isBrief(record) && record.isLesser).length,
    reduced: records.filter((record) => isBrief(record) && record.isReduced).length,
    unverified: records.filter((record) => isBrief(record) && record.isUnverified).length,
    missing: count('missing'),
    failed: count('failed'),
    filtered: count('filtered'),
    open: [...wanted].filter((id) => !last.has(id)).length,
    files: files.size,
    bytes: [...files.values()].reduce((sum, bytes) => sum + bytes, 0),
    lastRun,
    closed: isClosed(root),
    damagedLines,
    lost: records.filter(isNoBrief).filter(isLost),
    gone: copies.gone,
    unsought: copies.unsought,
    onlyCopies: copies.list(join(root, names.manifest)),
  };
}

/** Of what is kept, this is enough: a million whole records need not stay in memory. */
interface Brief {
  readonly status: 'kept';
  readonly origin: MediaRecord['origin'];
  readonly isLesser: boolean;
  readonly isReduced: boolean;
  readonly isUnverified: boolean;
}

const isBrief = (record: Brief | MediaRecord): record is Brief => 'isLesser' in record;

const isNoBrief = (record: Brief | MediaRecord): record is MediaRecord => !isBrief(record);

const isLost = ({ status }: MediaRecord): boolean => status === 'missing' || status === 'failed';

const inBrief = (record: MediaRecord): Brief => ({
  status: 'kept',
  origin: record.origin,
  isLesser: record.bestKnown !== undefined,
  isReduced: mayBeLarger(record),
  isUnverified: record.whole === 'unverified length',
});

function foldManifest(root: string) {
  const last = new Map<string, Brief | MediaRecord>();
  const files = new Map<string, number>();
  const copies = new OnlyCopies();
  let lastRun: string | null = null;
  let damagedLines = 0;
  const manifest = join(root, names.manifest);
  for (const line of existsSync(manifest) ? scanRecords(manifest) : []) {
    if ('damage' in line) {
      damagedLines++;
      continue;
    }
    const { record } = line;
    lastRun = record.run;
    copies.see(record);
    last.set(record.item, record.status === 'kept' ? inBrief(record) : record);
    if (record.path) files.set(record.path, record.bytes ?? 0);
  }
  return { last, files, copies, lastRun, damagedLines };
}

/** A post is gone by the last line about it: one that is there again has a line of its own. */
function foldPosts(root: string) {
  const posts = new Set<string>();
  const gone = new Set<string>();
  const wanted = new Set<string>();
  const isListed = new Map<string, boolean>();
  let listedToEnd: string | null = null;
  for (const line of postLines(root)) {
    if (line.line === 'gone') gone.add(line.post);
    if (line.line === 'covered' && (line.anew || !isListed.has(line.source)))
      isListed.set(line.source, false);
    if (line.line === 'listed') isListed.set(line.source, true);
    if (line.line === 'listed' && typeof line.at === 'string') listedToEnd = line.at;
    if (line.line !== 'post') continue;
    posts.add(line.post);
    gone.delete(line.post);
    for (const { id } of line.items) wanted.add(id);
  }
  const gonePosts = [...gone].filter((id) => posts.has(id)).length;
  return {
    posts: posts.size,
    gonePosts,
    listedToEnd,
    isPartlyListed: [...isListed.values()].includes(false),
    wanted,
  };
}

/** In the order in which they were written. */
function* postLines(root: string): Generator<SegmentLine> {
  for (const folder of [names.posts, names.openPosts]) {
    const segments = existsSync(join(root, folder)) ? readdirSync(join(root, folder)).sort(byNumber) : [];
    for (const name of segments.filter((entry) => entry.endsWith('.jsonl'))) {
      for (const { text } of scanLines(join(root, folder, name))) {
        const line = readPostLine(text);
        if (line) yield line;
      }
    }
  }
}

const byNumber = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);
