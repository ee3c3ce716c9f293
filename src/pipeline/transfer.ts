import { StorageError } from '../errors.ts';
import type { Download, Location, MediaItem, MediaRecord, Snapshot } from '../model.ts';
import { Bandwidth } from '../net/bandwidth.ts';
import { decoderFor } from '../net/decode.ts';
import type { Answer, Ask, Http } from '../net/http.ts';
import { endIfSlow, type Pace } from '../net/pace.ts';
import type { Report } from '../progress.ts';
import { asCaptured, cutCapture, snapshotOf, staysWithin } from './captured.ts';
import { checksFor } from './checks.ts';
import { join } from './join.ts';
import { metered } from './meter.ts';
import type { Fact } from './outcome.ts';
import { PartWriter } from './part-file.ts';
import { type Plan, planFor } from './plan.ts';
import { answerAbout, questionAbout } from './refresh.ts';
import { discardPart, type Remains, readRemains } from './remains.ts';

export interface Attempt {
  readonly item: MediaItem;
  readonly location: Location;
  /** The part file that takes the bytes. */
  readonly part: string;
  readonly signal: AbortSignal;
  /** What is there is not gone on from: it was tried often enough. */
  readonly afresh?: boolean;
  /** What is kept: only what differs from it is taken in. */
  readonly held?: MediaRecord;
}

/** One attempt: from request to whole body, or the fact of what came instead. Storage trouble is thrown. */
export type Transfer = (attempt: Attempt) => Promise<Fact>;

export interface TransferOptions extends Pace {
  readonly timeout: number;
  readonly limitRate: number;
  readonly filesizeMax: number;
  readonly report: Report;
}

export function openTransfer(http: Http, options: TransferOptions): Transfer {
  const bandwidth = new Bandwidth(options.limitRate);
  return async (attempt) => {
    const { part, location } = attempt;
    const remains = attempt.afresh ? undefined : await readRemains(part, location.url);
    const question = remains || !attempt.held ? undefined : questionAbout(attempt.held, location.url);
    let answer: Answer;
    try {
      answer = await http.ask(location.url, request(attempt, question ?? goingOn(remains), options));
    } catch (error) {
      attempt.signal.throwIfAborted();
      return { fact: 'error', during: 'head', error, gained: 0, resumed: false };
    }
    const plan = await planned(attempt, answer, { remains, question, options });
    if ('fact' in plan) return plan;
    return receive(attempt, answer, { plan, bandwidth, options });
  };
}

function request(
  { location, signal }: Attempt,
  headers: Ask['headers'],
  { timeout: stall }: TransferOptions,
): Ask {
  return {
    signal,
    stall,
    ...(headers && { headers }),
    // A replayed redirect may lead back to the living web, which is not what was asked for.
    ...(location.kind === 'snapshot'
      ? { mayFollow: (to: URL) => staysWithin(new URL(location.url), to) }
      : {}),
  };
}

interface Asked {
  readonly remains: Remains | undefined;
  readonly question: Ask['headers'];
  readonly options: TransferOptions;
}

/** What is to be done with an answer; if that is nothing, its body is let go. */
async function planned(
  { part, location, held, signal }: Attempt,
  answer: Answer,
  { remains, question, options }: Asked,
): Promise<Plan | Fact> {
  const news = held && question && answerAbout(held, answer, question);
  const first = news ?? planFor(answer, remains, location.url, options.filesizeMax);
  const plan = news ?? (await asCaptured({ location, signal, pace: options }, answer, first));
  if (!('fact' in plan)) return plan;
  if (news) letGo(answer);
  else answer.body.destroy();
  if (plan.fact === 'restart' || plan.fact === 'too-large') await discardPart(part);
  return plan;
}

const goingOn = (remains: Remains | undefined) =>
  remains && { range: `bytes=${remains.size}-`, 'if-range': remains.sidecar.validator };

/** A body of a byte at most is let run out: the connection can serve the next request. */
function letGo({ status, headers, body }: Answer): void {
  const isShort = status === 304 || Number(headers['content-length'] ?? 2) <= 1;
  if (isShort) body.resume();
  else body.destroy();
}

interface Receiving {
  readonly plan: Plan;
  readonly bandwidth: Bandwidth;
  readonly options: TransferOptions;
}

/** Takes the body in, and says what it is worth: whole only if length and announced sums agree. */
async function receive(attempt: Attempt, answer: Answer, receiving: Receiving): Promise<Fact> {
  const { plan, bandwidth, options } = receiving;
  const { part, signal } = attempt;
  const decoding = decoderFor(answer.headers['content-encoding']);
  if (typeof decoding === 'object' && 'unknown' in decoding) {
    answer.body.destroy();
    return { fact: 'undecodable', coding: decoding.unknown };
  }
  const resumed = plan.from !== undefined;
  const checks = await checksFor(answer, plan, attempt);
  const writer = new PartWriter(part, { ...plan, maxBytes: options.filesizeMax });
  const meter = metered(attempt, answer.body, {
    total: plan.total,
    had: plan.from?.size ?? 0,
    see: (chunk) => checks.see(chunk),
    report: options.report,
  });
  endIfSlow(answer.body, plan.total, options);
  const limit = bandwidth.step(signal);
  const decoders = decoding === 'identity' ? [] : decoding.streams;
  decoders.at(-1)?.on('data', (chunk: Buffer) => checks.seeInside(chunk));
  try {
    await join(answer.body, limit ? [limit, ...decoders] : decoders, writer);
  } catch (error) {
    if (error instanceof StorageError) throw error;
    signal.throwIfAborted();
    return { fact: 'error', during: 'body', error, gained: plan.sidecar ? meter.gained() : 0, resumed };
  } finally {
    meter.end();
  }
  const flaw =
    differs(checks.ofMessage()) ??
    flawOf(plan, meter.gained()) ??
    differs(checks.ofWhole()) ??
    cutCapture(attempt.location, answer, writer.bytes);
  if (flaw && !('resumed' in flaw && flaw.resumed)) await discardPart(part);
  if (flaw) return flaw;
  const snapshot = snapshotOf(attempt.location, answer, checks.ofIndex());
  return { fact: 'whole', ...downloaded(attempt, answer, writer, snapshot), resumed };
}

/** What came to its end in good order is whole only if it is as long as was announced. */
function flawOf({ from, total, end }: Plan, gained: number): Fact | undefined {
  const received = (from?.size ?? 0) + gained;
  if (from && end !== null && received > end) return { fact: 'restart', why: 'more came than the range had' };
  if (total === null || received === total) return undefined;
  const resumed = from !== undefined && received < total; // a piece: a server may send less than it was asked for
  return { fact: 'length', announced: total, received, gained: resumed ? gained : 0, resumed };
}

const differs = (detail: string | undefined): Fact | undefined =>
  detail === undefined ? undefined : { fact: 'digest', detail };

function downloaded(
  { part }: Attempt,
  { headers, url }: Answer,
  writer: PartWriter,
  snapshot: Snapshot | undefined,
): { download: Omit<Download, 'attempts' | 'pieces' | 'ms'> } {
  const {
    etag,
    'last-modified': lastModified,
    'content-type': contentType,
    'memento-datetime': memento,
  } = headers;
  return {
    download: {
      part,
      hasSidecar: writer.hasSidecar,
      bytes: writer.bytes,
      sha256: writer.sha256,
      head: writer.head,
      from: url,
      memento: typeof memento === 'string' ? memento : null,
      ...(snapshot && { snapshot }),
      response: {
        ...(etag && { etag }),
        ...(lastModified && { lastModified }),
        ...(contentType && { contentType }),
      },
    },
  };
}
