import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { sentence } from '../errors.ts';
import type { Permit } from '../model.ts';
import { type BackoffOptions, delayBefore, retryAfter } from '../net/backoff.ts';
import { takeIn } from '../net/body.ts';
import type { Gate } from '../net/gate.ts';
import { signOf } from '../net/health.ts';
import type { Http } from '../net/http.ts';
import { Parked } from '../net/lane.ts';
import { captured, isCapture } from '../net/memento.ts';
import { endIfSlow, type Pace } from '../net/pace.ts';
import { isShutOut, silenceOf } from '../net/silence.ts';
import { eitherOf } from '../net/stopping.ts';
import { WebArchiveError } from './capture.ts';

export interface Question {
  readonly url: string;
  readonly lane: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The head is the answer: the body is not read. */
  readonly headOnly?: boolean;
}

export interface IndexAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The address that answered. */
  readonly url: string;
  readonly text: string;
}

/** What an answer says; undefined for one that makes no sense, which is asked for again. */
type Read<T> = (answer: IndexAnswer) => T | undefined;

/** Asks until a sound answer comes. Throws WebArchiveError if none does. */
export type Ask = <T>(question: Question, read: Read<T>) => Promise<T>;

export interface AskOptions extends BackoffOptions, Pace {
  readonly retries: number;
  /** Milliseconds without a byte after which an answer counts as stalled. */
  readonly timeout: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Gently: what waits is let go, and its item is looked for by the next run. */
  readonly stop: AbortSignal;
}

const MOST_BYTES = 2 ** 21;

/** Questions to web archives: through the gate, with patience, and silent when they are to be. */
export function openAsk(http: Http, gate: Gate, options: AskOptions): Ask {
  const { retries, random } = options;
  const signal = eitherOf(options);
  return async <T>(question: Question, read: Read<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await askOnce({ http, gate, options, either: signal }, question);
      const said = 'trouble' in answer ? undefined : read(answer);
      if (said !== undefined) return said;
      if (attempt > retries) throw new WebArchiveError(troubleWith(answer));
      const wait = delayBefore(attempt, options, random);
      await delay(wait, undefined, { signal }).catch((error) => letGo(options, error));
    }
  };
}

interface Trouble {
  readonly trouble: string;
}

function troubleWith(answer: IndexAnswer | Trouble): string {
  if ('trouble' in answer) return answer.trouble;
  return answer.status === 200 ? 'the answer is no index' : `status ${answer.status}`;
}

interface Means {
  readonly http: Http;
  readonly gate: Gate;
  readonly options: AskOptions;
  /** Stopped in either way. */
  readonly either: AbortSignal;
}

/** Nothing is concluded of what was let go: the question is open still. */
function letGo({ signal, stop }: AskOptions, error: unknown): never {
  signal.throwIfAborted();
  throw stop.aborted ? new WebArchiveError('the run was asked to stop') : error;
}

async function askOnce(
  { http, gate, options, either }: Means,
  { url, lane, headers = {}, headOnly = false }: Question,
): Promise<IndexAnswer | Trouble> {
  const { timeout } = options;
  let permit: Permit | undefined;
  try {
    permit = await gate.permit(lane, either);
    await permit.clear(either);
    const answer = await http.ask(url, { headers, signal: either, stall: timeout });
    permit.rest();
    hear(gate, lane, answer);
    endIfSlow(answer.body, null, options);
    const text = headOnly ? '' : await textOf(answer.body);
    if (headOnly) answer.body.destroy();
    return { status: answer.status, headers: answer.headers, url: answer.url, text };
  } catch (error) {
    permit?.rest();
    if (either.aborted) letGo(options, error);
    if (error instanceof WebArchiveError) throw error;
    if (error instanceof Parked) throw new WebArchiveError(`left alone for now: ${error.message}`);
    gate.heard(lane, silenceOf(error, 'archive-unreachable'));
    if (isShutOut(error)) gate.askedToWait(lane, undefined, 'it refuses connections');
    return { trouble: sentence(error) };
  } finally {
    permit?.release();
  }
}

/** An archived 429 is no complaint of the archive's own. */
function hear(gate: Gate, lane: string, answer: Pick<IndexAnswer, 'status' | 'headers'>): void {
  const { status, headers } = answer;
  const after = retryAfter(headers['retry-after'], Date.now());
  gate.heard(lane, isCapture(answer) ? captured : signOf(status, after));
  if (!isCapture(answer) && (status === 429 || status === 503))
    gate.askedToWait(lane, after, `status ${status}`);
}

async function textOf(body: AsyncIterable<unknown>): Promise<string> {
  const { bytes, isWhole, broken } = await takeIn(body, MOST_BYTES);
  if (broken !== undefined) throw broken;
  if (!isWhole) throw new WebArchiveError('the answer is too long');
  return bytes.toString('utf8');
}
