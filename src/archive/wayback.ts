import type { IndexAnswer } from './ask.ts';
import { type Capture, isTimestamp, plainDigest } from './capture.ts';
import { allRows, MOST_ROWS } from './rows.ts';
import { surtOf } from './surt.ts';
import { type Found, foundExcluded, lanesOf, type WebArchive } from './web-archive.ts';

export type { Capture } from './capture.ts';

export const WAYBACK = 'wayback';
export const lanes = lanesOf(WAYBACK);

const fields = ['timestamp', 'original', 'mimetype', 'statuscode', 'digest'] as const;

/**
 * By status alone: a type asked for would hide captures labelled `unk` or as bytes, and revisits, which have neither
 * type nor status of their own.
 */
export function indexQuestion(base: string, url: string, from?: string): string {
  const question = new URLSearchParams({
    url,
    output: 'json',
    fl: fields.join(','),
    filter: 'statuscode:(200|-)',
    collapse: 'digest',
    limit: String(MOST_ROWS),
    ...(from && { from }),
  });
  return `${base}/cdx/search/cdx?${question}`;
}

/**
 * All addresses that begin like this. Rows of one content are not joined: they would be taken for those of the first
 * address that has it.
 */
export function belowQuestion(base: string, prefix: string): string {
  const question = new URLSearchParams({
    url: prefix,
    matchType: 'prefix',
    output: 'json',
    fl: fields.join(','),
    filter: 'statuscode:(200|-)',
    limit: String(MOST_ROWS),
  });
  return `${base}/cdx/search/cdx?${question}`;
}

/** The bytes as captured: without `id_` they would be rewritten. */
export const rawCapture = (base: string, { timestamp, original }: Capture): string =>
  `${base}/web/${timestamp}id_/${original}`;

/** The Internet Archive. */
export const wayback = (base: string): WebArchive => ({
  name: WAYBACK,
  bases: [base],
  lanes,
  keyOf: surtOf,
  question: (url) => indexQuestion(base, url),
  find: (url, _item, ask) =>
    allRows((from) => ask({ url: indexQuestion(base, url, from), lane: lanes.index }, foundIn)),
  below: {
    question: (prefix) => belowQuestion(base, prefix),
    find: async (prefix, ask) =>
      notAll(await ask({ url: belowQuestion(base, prefix), lane: lanes.index }, foundIn)),
  },
  rawAt: (capture) => [rawCapture(base, capture)],
});

/** So many rows about one picture are worth one question. */
const notAll = (found: Found): Found =>
  found.captures.length < MOST_ROWS
    ? found
    : { ...found, partial: `only ${found.captures.length} of its captures were told` };

function foundIn({ status, text }: IndexAnswer): Found | undefined {
  const captures = status === 200 ? parseRows(text) : undefined;
  return captures ? { captures } : foundExcluded(status, text);
}

/** Undefined for anything that is no table: a page, or a cut answer, proves nothing. */
export function tableIn(text: string): readonly unknown[] | undefined {
  try {
    const table: unknown = JSON.parse(text);
    return Array.isArray(table) ? table : undefined;
  } catch {
    return undefined;
  }
}

/** The captures of an index; undefined for anything else. */
export function parseRows(text: string): Capture[] | undefined {
  const table = tableIn(text);
  return table && readRows(table);
}

/** Rows by the names in the first one; undefined for anything that is not such a table. No row at all: no capture. */
export function readRows(table: readonly unknown[]): Capture[] | undefined {
  if (!table.every((row) => Array.isArray(row) && row.every((cell) => typeof cell === 'string')))
    return undefined;
  const [head, ...body] = table as string[][];
  if (!head) return [];
  const columns = fields.map((field) => head.indexOf(field));
  if (columns.includes(-1) || body.some((row) => row.length < head.length)) return undefined;
  const captures = body.map(
    (row) => Object.fromEntries(fields.map((field, i) => [field, row[columns[i]!]!])) as unknown as Capture,
  );
  return captures.every(({ timestamp, original }) => isTimestamp(timestamp) && original !== '-')
    ? captures.map((capture) => ({ ...capture, digest: plainDigest(capture.digest) }))
    : undefined;
}
