import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { StorageError } from '../errors.ts';
import type { Download, Location, MediaItem } from '../model.ts';
import { originOf } from '../net/guard.ts';
import type { Answer, Ask, Http } from '../net/http.ts';
import type { Report } from '../progress.ts';
import type { Fact } from './outcome.ts';
import { addressSum, discardPart, PartWriter, type Remains, readRemains, type Sidecar } from './part-file.ts';

export interface Attempt {
  readonly item: MediaItem;
  readonly location: Location;
  /** The part file that takes the bytes. */
  readonly part: string;
  readonly signal: AbortSignal;
}

/** One attempt: from request to whole body, or the fact of what came instead. Storage trouble is thrown. */
export type Transfer = (attempt: Attempt) => Promise<Fact>;

export interface TransferOptions {
  readonly timeout: number;
  readonly filesizeMax: number;
  readonly report: Report;
}

export function openTransfer(http: Http, options: TransferOptions): Transfer {
  return async (attempt) => {
    const remains = await readRemains(attempt.part, attempt.location.url);
    let answer: Answer;
    try {
      answer = await http.ask(attempt.location.url, request(attempt, remains, options));
    } catch (error) {
      attempt.signal.throwIfAborted();
      return { fact: 'error', during: 'head', error, gained: 0, resumed: false };
    }
    const plan = planFor(answer, remains, attempt, options);
    if ('fact' in plan) {
      answer.body.destroy();
      if (plan.fact === 'restart') await discardPart(attempt.part);
      return plan;
    }
    return receive(attempt, answer, plan, options);
  };
}

function request(
  { location, signal }: Attempt,
  { size, sidecar }: Remains,
  { timeout: stall }: TransferOptions,
): Ask {
  const origin = originOf(location.url);
  return {
    signal,
    stall,
    ...(sidecar && { headers: { range: `bytes=${size}-`, 'if-range': sidecar.validator } }),
    // A replayed redirect may lead back to the living web, which is not what was asked for.
    ...(location.kind === 'snapshot' ? { mayFollow: (to: URL) => originOf(to) === origin } : {}),
  };
}

interface Plan {
  readonly offset: number;
  readonly sidecar: Sidecar | undefined;
  /** Of the whole body as it crosses the wire; null where the server does not say. */
  readonly total: number | null;
  readonly decoder: Transform | undefined;
}

const decoders: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** What is to be done with an answer, judged by its head alone, before a byte is written. */
function planFor(
  answer: Answer,
  remains: Remains,
  attempt: Attempt,
  { filesizeMax }: TransferOptions,
): Plan | Fact {
  const { status, headers } = answer;
  const { sidecar } = remains;
  if (status === 206 && sidecar) return planToGoOn(answer, sidecar, remains.size);
  if (sidecar && (status === 416 || status === 304))
    return { fact: 'restart', why: `status ${status} to a range` };
  if (status !== 200 && status !== 203) return { fact: 'status', status, retryAfter: headers['retry-after'] };
  const total = lengthOf(headers['content-length']);
  if (total !== null && total > filesizeMax) return { fact: 'too-large', bytes: total };
  const coding = codingOf(answer);
  const decoder = decoders.get(coding)?.();
  if (!decoder && coding !== 'identity') return { fact: 'undecodable', coding };
  const validator = decoder ? undefined : strongValidator(headers);
  const address = addressSum(attempt.location.url);
  return { offset: 0, total, decoder, sidecar: validator ? { address, validator, total } : undefined };
}

/**
 * Only bytes that follow on those that are there, of the same version and the same whole, may be joined to them.
 * The answer must show the version itself: there are servers that honour Range and are deaf to If-Range.
 */
function planToGoOn(answer: Answer, sidecar: Sidecar, offset: number): Plan | Fact {
  const { etag, 'last-modified': modified, 'content-range': header = '' } = answer.headers;
  const [, first, whole] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header) ?? [];
  const total = whole === undefined || whole === '*' ? null : Number(whole);
  const follows = first !== undefined && Number(first) === offset;
  const isSameWhole = total === null || sidecar.total === null || total === sidecar.total;
  const isSameVersion = (sidecar.validator.startsWith('"') ? etag : modified) === sidecar.validator;
  if (follows && isSameWhole && isSameVersion && codingOf(answer) === 'identity') {
    return { offset, sidecar, total: total ?? sidecar.total, decoder: undefined };
  }
  return { fact: 'restart', why: 'the answer does not continue what is there' };
}

const codingOf = ({ headers }: Answer) => headers['content-encoding']?.trim().toLowerCase() || 'identity';

const lengthOf = (header: string | undefined): number | null =>
  header && /^\d+$/.test(header.trim()) ? Number(header) : null;

/** A date counts only if the file was a minute old when it was sent: two changes within a second look the same. */
function strongValidator(headers: Answer['headers']): string | undefined {
  const { etag, 'last-modified': modified, date } = headers;
  if (etag?.startsWith('"')) return etag;
  const age = Date.parse(date ?? '') - Date.parse(modified ?? '');
  return etag === undefined && age >= 60_000 ? modified : undefined;
}

async function receive(
  attempt: Attempt,
  answer: Answer,
  plan: Plan,
  options: TransferOptions,
): Promise<Fact> {
  const { item, location, part, signal } = attempt;
  const { report, filesizeMax } = options;
  const writer = new PartWriter(part, { offset: plan.offset, sidecar: plan.sidecar, maxBytes: filesizeMax });
  const closed = new Promise<void>((resolve) => writer.once('close', resolve));
  let wire = plan.offset;
  report({ event: 'started', item: item.id, url: location.url, total: plan.total, had: plan.offset });
  answer.body.on('data', (chunk: Buffer) => {
    wire += chunk.length;
    report({ event: 'bytes', item: item.id, url: location.url, bytes: chunk.length });
  });
  try {
    await (plan.decoder ? pipeline(answer.body, plan.decoder, writer) : pipeline(answer.body, writer));
  } catch (error) {
    if (error instanceof StorageError) throw error;
    signal.throwIfAborted();
    return {
      fact: 'error',
      during: 'body',
      error,
      gained: plan.sidecar ? wire - plan.offset : 0,
      resumed: plan.offset > 0,
    };
  } finally {
    await closed;
    report({ event: 'ended', item: item.id, url: location.url });
  }
  if (plan.total !== null && wire !== plan.total) {
    const isPiece = plan.offset > 0 && wire < plan.total; // a server may send less than it was asked for
    if (!isPiece) await discardPart(part);
    return {
      fact: 'length',
      announced: plan.total,
      received: wire,
      gained: isPiece ? wire - plan.offset : 0,
      resumed: isPiece,
    };
  }
  return { fact: 'whole', ...downloaded(attempt, answer, writer), resumed: plan.offset > 0 };
}

function downloaded(
  { part }: Attempt,
  { headers, url }: Answer,
  writer: PartWriter,
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
      bytes: writer.bytes,
      sha256: writer.sha256,
      head: writer.head,
      from: url,
      memento: typeof memento === 'string' ? memento : null,
      response: {
        ...(etag && { etag }),
        ...(lastModified && { lastModified }),
        ...(contentType && { contentType }),
      },
    },
  };
}
