import { setTimeout as delay } from 'node:timers/promises';
import { sentence } from '../errors.ts';
import type { Permit } from '../model.ts';
import { type BackoffOptions, delayBefore, retryAfter } from '../net/backoff.ts';
import type { Gate } from '../net/gate.ts';
import { signOf } from '../net/health.ts';
import type { Http } from '../net/http.ts';
import { Parked } from '../net/lane.ts';
import { silenceOf } from '../net/silence.ts';

/** One row of the index: a capture of an address. */
export interface Capture {
  /** YYYYMMDDhhmmss */
  readonly timestamp: string;
  readonly original: string;
  readonly mimetype: string;
  readonly statuscode: string;
  readonly digest: string;
}

/** The archive could not be asked: that proves no absence. */
export class WebArchiveError extends Error {}

/** Names of the two services of the Internet Archive at the gate. */
export const lanes = { index: 'wayback index', replay: 'wayback replay' } as const;

export interface WaybackOptions extends BackoffOptions {
  readonly base: string;
  readonly retries: number;
  /** Milliseconds without a byte after which an answer counts as stalled. */
  readonly timeout: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

const fields = ['timestamp', 'original', 'mimetype', 'statuscode', 'digest'] as const;
const MOST_ROWS = 1000;
const MOST_BYTES = 2 ** 20;

export function indexQuestion(base: string, url: string): string {
  const question = new URLSearchParams({
    url,
    output: 'json',
    fl: fields.join(','),
    filter: 'statuscode:200',
    collapse: 'digest',
    limit: String(MOST_ROWS),
  });
  return `${base}/cdx/search/cdx?${question}`;
}

/** The bytes as captured: without `id_` they would be rewritten. */
export const rawCapture = (base: string, { timestamp, original }: Capture): string =>
  `${base}/web/${timestamp}id_/${original}`;

/** Asks the index which captures of an address there are. Throws WebArchiveError if no sound answer comes. */
export function waybackIndex(http: Http, gate: Gate, options: WaybackOptions) {
  const { base, retries, random, signal } = options;
  return async (url: string): Promise<Capture[]> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await askOnce(http, gate, indexQuestion(base, url), options);
      if (Array.isArray(answer)) return answer;
      if (attempt > retries) throw new WebArchiveError(answer.trouble);
      await delay(delayBefore(attempt, options, random), undefined, { signal });
    }
  };
}

async function askOnce(
  http: Http,
  gate: Gate,
  question: string,
  { signal, timeout }: WaybackOptions,
): Promise<Capture[] | { trouble: string }> {
  let permit: Permit | undefined;
  try {
    permit = await gate.permit(lanes.index, signal);
    await permit.clear(signal);
    const { status, headers, body } = await http.ask(question, { signal, stall: timeout });
    const after = retryAfter(headers['retry-after'], Date.now());
    permit.rest();
    gate.heard(lanes.index, signOf(status, after));
    if (status === 429 || (status === 503 && after !== undefined))
      gate.askedToWait(lanes.index, after, `status ${status}`);
    if (status === 200) return parseRows(await textOf(body)) ?? { trouble: 'the answer is no index' };
    body.destroy();
    return { trouble: `status ${status}` };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Parked) throw new WebArchiveError(`left alone for now: ${error.message}`);
    permit?.rest();
    gate.heard(lanes.index, silenceOf(error, 'archive-unreachable'));
    return { trouble: sentence(error) };
  } finally {
    permit?.release();
  }
}

async function textOf(body: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MOST_BYTES) throw new WebArchiveError('the answer is too long');
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Rows by the names in the first one; undefined for anything that is not such a table. No row at all: no capture. */
export function parseRows(text: string): Capture[] | undefined {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    return undefined; // a page, or a cut answer: it proves nothing
  }
  if (
    !Array.isArray(rows) ||
    !rows.every((row) => Array.isArray(row) && row.every((cell) => typeof cell === 'string'))
  )
    return undefined;
  const [head, ...body] = rows as string[][];
  if (!head) return [];
  const columns = fields.map((field) => head.indexOf(field));
  if (columns.includes(-1) || body.some((row) => row.length < head.length)) return undefined;
  return body.map(
    (row) => Object.fromEntries(fields.map((field, i) => [field, row[columns[i]!]!])) as unknown as Capture,
  );
}
