import { existsSync, readdirSync } from 'node:fs';
import { names, segmentName } from './layout.ts';
import type { Ledger } from './ledger.ts';
import { LineFile, lineOf, mendTail, parseLine, scanLines } from './lines.ts';
import type { PostPlace, Presence } from './listing-index.ts';
import { placeFile } from './place.ts';
import { type BlogLine, indexed, presenceOf, readPostLine, type SegmentLine } from './post-lines.ts';
import { lineSum } from './records.ts';

export interface SegmentsOptions {
  readonly ledger: Ledger;
  readonly warn: (message: string) => void;
  /** Called before anything is written. */
  readonly changing: () => Promise<void>;
}

/**
 * The lines about posts, in segments. The segment of the run is written in the work folder and closed, whole, at
 * the end of a run, or by the next one if there was no end in order.
 */
export class Segments {
  readonly #root: string;
  readonly #options: SegmentsOptions;
  readonly #ledger: Ledger;
  #open: LineFile | undefined;
  #segment = 0;

  constructor(root: string, options: SegmentsOptions) {
    this.#root = root;
    this.#options = options;
    this.#ledger = options.ledger;
  }

  /** A segment left open by a killed run is mended and closed; then whatever the ledger has not seen is indexed. */
  async recover(): Promise<void> {
    for (const n of segmentsIn(`${this.#root}/${names.openPosts}`)) {
      const torn = await mendTail(this.#openPath(n), `${this.#root}/${names.torn}`);
      if (torn > 0) this.#options.warn(`${torn} bytes of a torn line of posts were set aside`);
      await this.#options.changing();
      await this.#closeSegment(n);
    }
    await this.indexAll();
    this.#segment = (this.closedSegments().at(-1) ?? 0) + 1;
  }

  async indexAll(): Promise<void> {
    for (const n of this.closedSegments()) await this.#index(n, this.#closedPath(n));
    if (this.#open) await this.#index(this.#segment, this.#open.path);
  }

  closedSegments(): number[] {
    return segmentsIn(`${this.#root}/${names.posts}`);
  }

  /** The segment of this run goes to its place, whole. */
  async close(): Promise<void> {
    if (!this.#open) return;
    await this.#open.sync();
    await this.release();
    await this.#closeSegment(this.#segment);
  }

  /** Lets go of the segment as it is; the next run closes it. */
  async release(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }

  /** Written, synced, and only then learnt by the ledger; `seen` tells which listing has met the posts. */
  async append(lines: readonly SegmentLine[], seen?: string): Promise<void> {
    await this.#options.changing();
    this.#open ??= await LineFile.open(this.#openPath(this.#segment));
    const offsets = await this.#open.append(lines);
    await this.#open.sync();
    await this.#learn(
      lines.map((line, i) => ({ line, offset: offsets[i]! })),
      { segment: this.#segment, seen, isLate: false },
    );
    await this.#ledger.setMark(segmentName(this.#segment), {
      bytes: this.#open.size,
      lastAt: offsets.at(-1)!,
      sum: lineSum(JSON.stringify(lines.at(-1))),
    });
  }

  /** Lines that the ledger has not seen: those of a run that died, or all of them after it was deleted. */
  async #index(segment: number, path: string): Promise<void> {
    const mark = await this.#ledger.mark(segmentName(segment));
    let batch: { line: SegmentLine; offset: number }[] = [];
    let last = mark;
    for (const { text, offset, end } of scanLines(path, mark?.bytes ?? 0)) {
      const line = readPostLine(text);
      if (line) batch.push({ line, offset });
      else this.#options.warn(`${path} has a damaged line at byte ${offset}`);
      last = { bytes: end, lastAt: offset, sum: lineSum(text) };
      if (batch.length < 500) continue;
      await this.#learn(batch, { segment, isLate: true });
      batch = [];
    }
    await this.#learn(batch, { segment, isLate: true });
    if (last && last !== mark) await this.#ledger.setMark(segmentName(segment), last);
  }

  async #learn(found: readonly FoundLine[], { segment, seen, isLate }: Learning): Promise<void> {
    const posts = found.flatMap(({ line, offset }) =>
      line.line === 'post' ? [indexed(line, segment, offset)] : [],
    );
    if (posts.length > 0) await this.#ledger.learnPosts(posts);
    for (const { line, offset } of found) {
      if (line.line === 'cursor') await this.#ledger.listings.learnCursor(line.source, { segment, offset });
      else if (line.line === 'covered')
        await this.#ledger.listings.learnCover(line.source, { ...line, isLate });
      else if (line.line === 'listed') await this.#ledger.listings.learnOf(line.source, { isOpen: false });
      else if (line.line === 'blog') await this.#ledger.listings.learnOf(line.source, { blog: blogOf(line) });
    }
    await this.#ledger.listings.learnPresences(found.flatMap(({ line }) => presenceIn(line, seen)));
  }

  /** The line at a place; undefined where there is none, or a damaged one. */
  line<T extends object>({ segment, offset }: PostPlace): T | undefined {
    const path =
      segment === this.#segment && this.#open ? this.#openPath(segment) : this.#closedPath(segment);
    return existsSync(path) ? parseLine<T>(lineOf(path, offset) ?? '') : undefined;
  }

  async #closeSegment(n: number): Promise<void> {
    await placeFile(this.#root, `${names.openPosts}/${segmentName(n)}`, `${names.posts}/${segmentName(n)}`);
  }

  #openPath(n: number): string {
    return `${this.#root}/${names.openPosts}/${segmentName(n)}`;
  }

  #closedPath(n: number): string {
    return `${this.#root}/${names.posts}/${segmentName(n)}`;
  }
}

/** Is a post there, by this line? */
function presenceIn(line: SegmentLine, seen: string | undefined): readonly (readonly [string, Presence])[] {
  if (line.line === 'gone') return [[line.post, { isGone: true }]];
  return line.line === 'post' ? [[line.post, presenceOf(line, seen)]] : [];
}

const blogOf = ({ id, form }: BlogLine) => ({ sum: form, ...(id !== undefined && { id }) });

interface Learning {
  readonly segment: number;
  /** Which listing has met the posts, where that is known. */
  readonly seen?: string | undefined;
  /** Not as the lines are written: from those of an earlier run. */
  readonly isLate: boolean;
}

interface FoundLine {
  readonly line: SegmentLine;
  readonly offset: number;
}

function segmentsIn(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d+\.jsonl$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}
