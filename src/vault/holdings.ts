import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StorageError } from '../errors.ts';
import type { MediaRecord, Status } from '../model.ts';
import { checkBag, isClosed } from './bag.ts';
import { names } from './layout.ts';
import { scanLines } from './lines.ts';
import { OnlyCopies, type OnlyCopy } from './only-copies.ts';
import { readPostLine } from './post-lines.ts';
import { scanRecords } from './records.ts';

/** What an archive holds and what it lacks, read from its lines alone: no lock, no ledger, no network. */
export interface Holdings {
  readonly path: string;
  readonly posts: number;
  readonly items: number;
  readonly kept: number;
  readonly recovered: number;
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
  const { posts, wanted } = foldPosts(root);
  const count = (status: Status) => [...last.values()].filter((record) => record.status === status).length;
  return {
    path: root,
    posts,
    items: new Set([...wanted, ...last.keys()]).size,
    kept: count('kept'),
    recovered: [...last.values()].filter(({ origin }) => origin === 'snapshot').length,
    missing: count('missing'),
    failed: count('failed'),
    filtered: count('filtered'),
    open: [...wanted].filter((id) => !last.has(id)).length,
    files: files.size,
    bytes: [...files.values()].reduce((sum, bytes) => sum + bytes, 0),
    lastRun,
    closed: isClosed(root),
    damagedLines,
    lost: [...last.values()]
      .filter(isWhole)
      .filter(({ status }) => status === 'missing' || status === 'failed'),
    gone: copies.gone,
    unsought: copies.unsought,
    onlyCopies: copies.list(join(root, names.manifest)),
  };
}

/** Of what is kept, the status is enough: a million whole records need not stay in memory. */
type Brief = Pick<MediaRecord, 'status' | 'origin'>;

const isWhole = (record: Brief): record is MediaRecord => 'item' in record;

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
    const { status, origin } = record;
    last.set(record.item, status === 'kept' ? { status, ...(origin && { origin }) } : record);
    if (record.path) files.set(record.path, record.bytes ?? 0);
  }
  return { last, files, copies, lastRun, damagedLines };
}

function foldPosts(root: string) {
  const posts = new Set<string>();
  const wanted = new Set<string>();
  for (const folder of [names.posts, names.openPosts]) {
    const segments = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
    for (const name of segments.filter((entry) => entry.endsWith('.jsonl'))) {
      for (const { text } of scanLines(join(root, folder, name))) {
        const line = readPostLine(text);
        if (line?.line !== 'post') continue;
        posts.add(line.post);
        for (const { id } of line.items) wanted.add(id);
      }
    }
  }
  return { posts: posts.size, wanted };
}
