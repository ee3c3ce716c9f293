import { setTimeout as delay } from 'node:timers/promises';
import { SourceError, sentence, systemCode } from '../errors.ts';
import { type BackoffOptions, delayBefore } from '../net/backoff.ts';
import { takeIn } from '../net/body.ts';
import type { Answer } from '../net/http.ts';
import { quoted, shownAddress } from '../shown.ts';
import { type Capture, rawCapture, readRows, tableIn } from './wayback.ts';

export interface PrefixOptions extends BackoffOptions {
  readonly base: string;
  readonly retries: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Only captures from and to these moments, ISO 8601; null for no limit. */
  readonly from: string | null;
  readonly to: string | null;
  /** A request through the gate, on the lane of the index or of the replay. */
  readonly askIndex: (url: string) => Promise<Answer>;
  readonly askReplay: (url: string) => Promise<Answer>;
}

/** Part of an answer of the index, and by which keys it and the next one are asked for. */
export interface RowPage {
  readonly rows: readonly Capture[];
  readonly key: string | null;
  readonly next: string | null;
}

/** A page as it was captured, or why it cannot be had. */
export type Replayed = { readonly answer: Answer; readonly time: string } | { readonly trouble: string };

const MOST_BYTES = 32 * 2 ** 20;
const MOST_QUESTIONS = 100_000;
/** Web pages and feeds; the dot stands for a plus, which some indexes take for a blank. */
const PAGES =
  'mimetype:(text/html|application/xhtml.xml|application/(rss|atom|rdf).xml|(text|application)/xml)';

const digits = (moment: string) => moment.replace(/\D/g, '').slice(0, 14);

/**
 * All captures of pages whose addresses begin alike, oldest first for each address. Those of one content are not
 * left out by the index: it would take neighbours of different addresses for one, and relative links differ.
 */
export function prefixQuestion(
  { base, from, to }: Pick<PrefixOptions, 'base' | 'from' | 'to'>,
  { prefix, rows, key }: { prefix: string; rows: number; key: string | null },
): string {
  const question = new URLSearchParams({
    url: prefix,
    matchType: 'prefix',
    output: 'json',
    fl: 'timestamp,original,mimetype,statuscode,digest',
    limit: String(rows),
    showResumeKey: 'true',
  });
  for (const filter of ['statuscode:200', PAGES]) question.append('filter', filter);
  if (from !== null) question.set('from', digits(from));
  if (to !== null) question.set('to', digits(to).replace(/000000$/, '')); // a day is meant to its end
  if (key !== null) question.set('resumeKey', key);
  return `${base}/cdx/search/cdx?${question}`;
}

/** The web archive as something that can be leafed through: what a dead blog is listed from. */
export function waybackPages(options: PrefixOptions) {
  let last: { readonly question: string; readonly page: RowPage } | undefined;

  /** The page asked for last is kept: a small blog has no other, and is leafed through more than once. */
  async function ask(prefix: string, rows: number, key: string | null): Promise<RowPage> {
    const question = prefixQuestion(options, { prefix, rows, key });
    if (last?.question !== question) last = { question, page: { ...(await table(question, options)), key } };
    return last.page;
  }

  return {
    scope: [options.base, options.from, options.to].join(' '),
    async *captures(
      prefix: string,
      { rows, from }: { rows: number; from: string | null },
    ): AsyncGenerator<RowPage> {
      const met = new Set<string | null>();
      for (let key = from; ; ) {
        if (met.has(key) || met.size >= MOST_QUESTIONS)
          throw new SourceError(
            `The index of the web archive goes round in circles at ${quoted(prefix, 80)}.`,
          );
        met.add(key);
        const page = await ask(prefix, rows, key);
        yield page;
        if (page.next === null) return;
        key = page.next;
      }
    },
    replay: (capture: Capture) => replay(capture, options),
  };
}

/** An answer that is no index proves nothing: it is asked for again, and ends the listing if it stays so. */
async function table(question: string, options: PrefixOptions): Promise<Omit<RowPage, 'key'>> {
  const { askIndex, retries, random, signal, base } = options;
  for (let attempt = 1; ; attempt++) {
    const answer = await askIndex(question);
    const found = answer.status === 200 ? split(await textOf(answer)) : undefined;
    answer.body.destroy();
    signal.throwIfAborted();
    if (found) return found;
    if (answer.status !== 200 || attempt > retries) {
      const what = answer.status === 200 ? 'with something that is no index' : `${answer.status}`;
      const url = shownAddress(base);
      throw new SourceError(`The index of ${url} cannot be read: it answers ${what}.`, { url });
    }
    await delay(delayBefore(attempt, options, random), undefined, { signal });
  }
}

/** The rows, and the key behind an empty row, if there are more. */
function split(text: string | undefined): { rows: readonly Capture[]; next: string | null } | undefined {
  const table = tableIn(text ?? '');
  if (!table) return undefined;
  const [gap, tail] = table.slice(-2);
  const hasKey = Array.isArray(gap) && gap.length === 0 && Array.isArray(tail) && tail.length === 1;
  const next: unknown = hasKey ? tail[0] : null;
  if (next !== null && typeof next !== 'string') return undefined;
  const rows = readRows(hasKey ? table.slice(0, -2) : table);
  return rows && { rows, next };
}

/** Undefined for what broke off, or is longer than an index is ever asked to be. */
async function textOf({ body }: Answer): Promise<string | undefined> {
  const { bytes, isWhole } = await takeIn(body, MOST_BYTES);
  return isWhole ? bytes.toString('utf8') : undefined; // whoever asked looks whether the run was ended
}

/** Only what bears the time of its capture is a capture: the archive speaks in its own name with status 200, too. */
async function replay(capture: Capture, { base, askReplay }: PrefixOptions): Promise<Replayed> {
  const answer = await askReplay(rawCapture(base, capture)).catch(astray);
  if ('trouble' in answer) return answer;
  const { status, headers } = answer;
  const time = Date.parse(String(headers['memento-datetime'] ?? ''));
  if (status === 200 && !Number.isNaN(time)) return { answer, time: new Date(time).toISOString() };
  answer.body.destroy();
  const isCapture = !Number.isNaN(time);
  return {
    trouble: isCapture ? `its capture is of a status ${status}` : `the web archive answers ${status}`,
  };
}

const leadAstray = new Set(['EREFUSEDREDIRECT', 'EREDIRECT']);

/** What leads out of the archive, or nowhere, is no capture, and the next one may be; else the archive is in trouble. */
function astray(error: unknown): { readonly trouble: string } {
  const { cause } = error as Error;
  if (cause instanceof Error && leadAstray.has(systemCode(cause) ?? ''))
    return { trouble: `its capture is none: ${sentence(cause)}` };
  throw error;
}
