import type { PageCapture, WebArchive } from '../source.ts';
import { keyIn, type Place } from './place.ts';
import { type Role, roleOf } from './roles.ts';

/** A page of the blog, and its captures, the newest first: the next is asked where one cannot be had. */
export interface WebPage {
  readonly key: string;
  readonly role: Role;
  readonly captures: readonly PageCapture[];
}

/** Where in the index the next page begins: the part of it, and the last row before it, if it is in that part. */
export interface Position {
  readonly key: string | null;
  readonly after: readonly [timestamp: string, original: string] | null;
}

export interface Placed {
  readonly page: WebPage;
  readonly next: Position;
}

const mostCaptures = 5;
const sound = /^\d{4,14}$/;

export interface Walked {
  readonly place: Place;
  /** How many rows are asked for at a time. */
  readonly rows: number;
  readonly from: Position;
  /** Of what is no post every capture is a page of its own: what a list showed then is not what it showed later. */
  readonly isEvery: boolean;
}

/** The pages in the order of the index, from a position on. Holds the captures of one page at a time. */
export async function* pagesOf(web: WebArchive, walked: Walked): AsyncGenerator<Placed> {
  let open: WebPage | undefined;
  let last = walked.from;
  for await (const { row, before, after } of rowsOf(web, walked)) {
    const key = sound.test(row.timestamp) ? keyIn(walked.place, row.original) : undefined;
    if (open && (key !== open.key || (walked.isEvery && isOther(open, row)))) {
      yield { page: open, next: before };
      open = undefined;
    }
    if (key !== undefined) open = { key, role: roleOf(key), captures: newest(row, open?.captures ?? []) };
    last = after;
  }
  if (open) yield { page: open, next: last };
}

async function* rowsOf(web: WebArchive, { place, rows, from }: Walked) {
  for await (const part of web.captures(place.prefix, { rows, from: from.key })) {
    const isFirst = part.key === from.key;
    let before: Position = { key: part.key, after: isFirst ? from.after : null };
    for (const row of isFirst ? remaining(part.rows, from.after) : part.rows) {
      const after: Position = { key: part.key, after: [row.timestamp, row.original] };
      yield { row, before, after };
      before = after;
    }
  }
}

/** The rows after that one; all of them where it is no longer there: better a page twice than none. */
function remaining(rows: readonly PageCapture[], after: Position['after']): readonly PageCapture[] {
  if (after === null) return rows;
  const at = rows.findIndex(({ timestamp, original }) => timestamp === after[0] && original === after[1]);
  return rows.slice(at + 1);
}

/** Is it another form of a page of which every form counts? */
const isOther = ({ role, captures }: WebPage, { digest }: PageCapture) =>
  role !== 'post' && digest !== captures[0]?.digest;

/** Rows come oldest first; the same content twice says nothing new. */
function newest(row: PageCapture, others: readonly PageCapture[]): readonly PageCapture[] {
  return [row, ...others.filter(({ digest }) => digest !== row.digest)].slice(0, mostCaptures);
}
