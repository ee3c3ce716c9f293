import type { Interval } from '../intervals.ts';
import type { BlogFacts, MediaItem, Post, PostFacts } from '../model.ts';
import { sumOfText } from '../sums.ts';
import type { IndexedPost } from './ledger.ts';
import { parseLine } from './lines.ts';
import type { Presence } from './listing-index.ts';
import { withoutPassing } from './passing.ts';

/** Lines of a segment: posts as the source gave them, and where a listing stands. */
export interface PostLine extends PostFacts {
  readonly v: 1;
  readonly line: 'post';
  readonly run: string;
  readonly post: string;
  readonly date: string | null;
  readonly url: string | null;
  readonly items: readonly MediaItem[];
  readonly dialect?: string;
  /** The sum of what does not change by itself, where that is not all of it. */
  readonly form?: string;
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

/** Between these moments every post was listed. `anew`: what was covered before no longer counts. */
export interface CoverLine extends Interval {
  readonly v: 1;
  readonly line: 'covered';
  readonly run: string;
  readonly source: string;
  readonly anew?: true;
  readonly at: string;
}
/** A post is not there any more; nothing of it is deleted here. */
export interface GoneLine {
  readonly v: 1;
  readonly line: 'gone';
  readonly run: string;
  readonly source: string;
  readonly post: string;
  readonly at: string;
}
/** All that is there was listed since it was begun anew, and what was not met is told as gone. */
export interface ListedLine {
  readonly v: 1;
  readonly line: 'listed';
  readonly run: string;
  readonly source: string;
  readonly at: string;
}

/** What the source says of the blog as a whole; a new line where that has changed. */
export interface BlogLine extends Omit<BlogFacts, 'passing'> {
  readonly v: 1;
  readonly line: 'blog';
  readonly run: string;
  readonly source: string;
  readonly form: string;
  readonly at: string;
}

export type SegmentLine = PostLine | CursorLine | CoverLine | GoneLine | ListedLine | BlogLine;

/** A line of a segment; undefined where it is damaged. */
export function readPostLine(text: string): SegmentLine | undefined {
  const line = parseLine<SegmentLine>(text);
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
  sum: line.form ?? sumOf(line),
  items: line.items.map(({ id }) => id),
});

/** A post that is there. */
export const presenceOf = ({ date, dialect }: Pick<Post, 'date' | 'dialect'>, seen?: string): Presence => ({
  ...(date !== null && !Number.isNaN(Date.parse(date)) && { at: Date.parse(date) }),
  ...(seen !== undefined && { seen }),
  ...(dialect !== undefined && { in: [dialect] }),
});

/** An item together with what is known of its post. */
export const ofPost = (item: MediaItem, { tags, isReblog }: PostFacts): MediaItem =>
  tags || isReblog ? { ...item, of: { ...(tags && { tags }), ...(isReblog && { isReblog }) } } : item;

/** What a line says of a post, beside what all lines say. */
export function fieldsOf(post: Post) {
  const { id, date, url, items, tags, isReblog, dialect, passing, raw } = post;
  return {
    ...{ post: id, date, url, items },
    ...(tags && tags.length > 0 && { tags }),
    ...(isReblog && { isReblog }),
    ...(dialect !== undefined && { dialect }),
    ...(passing && { form: sumOf(post) }),
    raw,
  };
}

export function fieldsOfBlog(blog: BlogFacts) {
  const { passing: _, ...facts } = blog;
  return { ...facts, form: sumOfBlog(blog) };
}

type Form = Pick<Post, 'date' | 'url' | 'items' | 'raw' | 'passing'>;

/** Tells whether a post is still as it was written; what changes by itself does not count. */
export const sumOf = ({ date, url, items, raw, passing }: Form): string =>
  briefSum([date, url, items, withoutPassing(raw, passing)]);

export const sumOfBlog = ({ id, raw, passing }: BlogFacts): string =>
  briefSum([id, withoutPassing(raw, passing)]);

const briefSum = (value: unknown): string => sumOfText('sha256', JSON.stringify(value)).slice(0, 16);
