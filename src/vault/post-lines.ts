import type { MediaItem, Post } from '../model.ts';
import { sumOfText } from '../sums.ts';
import type { IndexedPost } from './ledger.ts';
import { parseLine } from './lines.ts';

/** Lines of a segment: posts as the source gave them, and where a listing stands. */
export interface PostLine {
  readonly v: 1;
  readonly line: 'post';
  readonly run: string;
  readonly post: string;
  readonly date: string | null;
  readonly url: string | null;
  readonly items: readonly MediaItem[];
  readonly raw: unknown;
  readonly at: string;
}
export interface CursorLine {
  readonly v: 1;
  readonly line: 'cursor';
  readonly run: string;
  readonly source: string;
  readonly cursor: unknown;
  readonly at: string;
}

export type ListedLine = PostLine | CursorLine;

/** A line of a segment; undefined where it is damaged. */
export function readPostLine(text: string): ListedLine | undefined {
  const line = parseLine<ListedLine>(text);
  if (line?.line !== 'post') return typeof line?.line === 'string' ? line : undefined;
  const isWhole =
    typeof line.post === 'string' &&
    Array.isArray(line.items) &&
    line.items.every((item) => typeof item?.id === 'string');
  return isWhole ? line : undefined;
}

/** What the ledger learns of a line of a post. */
export const indexed = (line: PostLine, segment: number, offset: number): IndexedPost => ({
  id: line.post,
  segment,
  offset,
  sum: sumOf(line),
  items: line.items.map(({ id }) => id),
});

/** Tells whether a post is still as it was written. */
export function sumOf({ date, url, items, raw }: Pick<Post, 'date' | 'url' | 'items' | 'raw'>): string {
  return sumOfText('sha256', JSON.stringify([date, url, items, raw])).slice(0, 32);
}
