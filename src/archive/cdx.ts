import type { IndexAnswer } from './ask.ts';
import { type Capture, isTimestamp, plainDigest } from './capture.ts';
import { allRows, MOST_ROWS } from './rows.ts';
import { surtOf } from './surt.ts';
import { type Found, foundExcluded, lanesOf, type WebArchive } from './web-archive.ts';

export interface CdxAddress {
  readonly index: string;
  /** What stands before `<time>id_/<address>`. */
  readonly replay: string;
}

/**
 * An archive with an index as pywb has it: a line of JSON a capture. It is asked without filters, whose syntax differs
 * from one to the next.
 */
export function cdxArchive(name: string, { index, replay }: CdxAddress): WebArchive {
  const lanes = lanesOf(name);
  const question = (url: string, from?: string) =>
    `${index}?${new URLSearchParams({ url, output: 'json', limit: String(MOST_ROWS), ...(from && { from }) })}`;
  return {
    name,
    bases: [index, replay],
    lanes,
    keyOf: surtOf,
    question: (url) => question(url),
    find: (url, _item, ask) =>
      allRows((from) => ask({ url: question(url, from), lane: lanes.index }, foundIn)),
    rawAt: ({ timestamp, original }) => [`${replay}/${timestamp}id_/${original}`],
  };
}

function foundIn({ status, headers, text }: IndexAnswer): Found | undefined {
  if (status === 200 && text.trim() === '') return isOfLines(headers['content-type']) ? none : undefined;
  if (status === 404 && /"no captures found/i.test(text.slice(0, 500))) return none;
  const captures = status === 200 ? parseLines(text) : undefined;
  return captures ? { captures } : foundExcluded(status, text);
}

const none: Found = { captures: [] };

/** Nothing at all means no capture only from a server that says what it would have sent. */
const isOfLines = (type: string | undefined): boolean => /\b(x-ndjson|x-cdxj|json)\b/i.test(type ?? '');

/** A line a capture: JSON alone, or after the key and the time; undefined if a single line is neither. */
export function parseLines(text: string): Capture[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const captures = lines.map(parseLine);
  return captures.every((capture) => capture !== undefined) ? captures : undefined;
}

function parseLine(line: string): Capture | undefined {
  const at = line.indexOf('{');
  const [, before] = line.slice(0, Math.max(0, at)).trim().split(' ');
  let row: unknown;
  try {
    row = JSON.parse(line.slice(at));
  } catch {
    return undefined; // a page, or a cut answer: it proves nothing
  }
  if (at < 0 || typeof row !== 'object' || row === null) return undefined;
  return captureOf(row as Row, before);
}

type Row = Readonly<Record<string, unknown>>;

function captureOf(row: Row, before: string | undefined): Capture | undefined {
  const say = (...names: string[]) =>
    names.map((name) => row[name]).find((value) => typeof value === 'string' || typeof value === 'number');
  const timestamp = String(before ?? say('timestamp') ?? '');
  const original = String(say('url', 'original') ?? '');
  if (!isTimestamp(timestamp) || original === '' || original === '-') return undefined;
  return {
    timestamp,
    original,
    mimetype: String(say('mime', 'mimetype') ?? '-'),
    statuscode: String(say('status', 'statuscode') ?? '-'),
    digest: plainDigest(String(say('digest') ?? '-')),
  };
}
