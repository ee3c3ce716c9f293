import { codingsOf } from '../net/decode.ts';
import type { Answer } from '../net/http.ts';
import type { Fact } from './outcome.ts';
import type { SidecarFacts } from './part-file.ts';
import type { Remains } from './remains.ts';

/** What is to be done with the body of an answer. */
export interface Plan {
  /** What it is joined to; undefined if it is the whole from its first byte. */
  readonly from: Remains | undefined;
  readonly sidecar: SidecarFacts | undefined;
  /** Of the whole body as it crosses the wire; null where the server does not say. */
  readonly total: number | null;
  readonly isCoded: boolean;
  /** Where this answer ends, as far as it says; a server may send less than it was asked for. */
  readonly end: number | null;
}

/** What is to be done with an answer, judged by its head alone, before a byte is written. */
export function planFor(
  answer: Answer,
  remains: Remains | undefined,
  url: string,
  filesizeMax: number,
): Plan | Fact {
  const { status, headers } = answer;
  const sidecar = remains?.sidecar;
  const type = essence(headers['content-type']);
  if (sidecar && (status === 200 || status === 206) && isPageInstead(type, sidecar.type))
    return { fact: 'page', type: type! }; // what is there stays as it is
  if (status === 206 && remains) return planToGoOn(answer, remains, url, filesizeMax);
  if (sidecar && (status === 416 || status === 304 || status === 412))
    return { fact: 'restart', why: `status ${status} to a range` };
  if (status !== 200 && status !== 203) return { fact: 'status', status, retryAfter: headers['retry-after'] };
  const total = lengthOf(headers['content-length']);
  if (total !== null && total > filesizeMax) return { fact: 'too-large', bytes: total };
  const coded = isCoded(answer);
  const validator = coded ? undefined : strongValidator(headers);
  return {
    from: undefined,
    total,
    isCoded: coded,
    end: total,
    sidecar: validator ? { url, validator, total, type: type ?? null } : undefined,
  };
}

/**
 * Only bytes that follow on those that are there, of the same version and the same whole, may be joined to them.
 * The answer must show the version itself: there are servers that honour Range and are deaf to If-Range.
 */
function planToGoOn(answer: Answer, remains: Remains, url: string, filesizeMax: number): Plan | Fact {
  const { sidecar } = remains;
  const { etag, 'last-modified': modified, 'content-range': header = '' } = answer.headers;
  const [, first, last, whole] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header) ?? [];
  const total = whole === undefined || whole === '*' ? null : Number(whole);
  const follows = first !== undefined && Number(first) === remains.size && Number(last) >= Number(first);
  const isSameWhole = total === null || sidecar.total === null || total === sidecar.total;
  const isInside = total === null || Number(last) < total;
  const isSameVersion = (sidecar.validator.startsWith('"') ? etag : modified) === sidecar.validator;
  if (total !== null && total > filesizeMax) return { fact: 'too-large', bytes: total };
  const isPlain = !isCoded(answer) && !/^multipart\//.test(essence(answer.headers['content-type']) ?? '');
  if (follows && isSameWhole && isInside && isSameVersion && isPlain)
    return {
      from: remains,
      sidecar: { url, validator: sidecar.validator, type: sidecar.type, total: total ?? sidecar.total },
      total: total ?? sidecar.total,
      isCoded: false,
      end: Number(last) + 1,
    };
  return { fact: 'restart', why: 'the answer does not continue what is there' };
}

const essence = (header: string | undefined) => header?.replace(/;.*$/s, '').trim().toLowerCase();

/** A door page in answer to the question for the rest of something that was no page. */
const isPageInstead = (type: string | undefined, before: string | null): boolean =>
  /^(text\/html|application\/xhtml\+xml)$/.test(type ?? '') && type !== before;

const isCoded = ({ headers }: Answer): boolean => codingsOf(headers['content-encoding']).length > 0;

const lengthOf = (header: string | undefined): number | null =>
  header && /^\d+$/.test(header.trim()) ? Number(header) : null;

/** A date counts only if the file was a minute old when it was sent: two changes within a second look the same. */
function strongValidator(headers: Answer['headers']): string | undefined {
  const { etag, 'last-modified': modified, date } = headers;
  if (etag?.startsWith('"')) return etag;
  const age = Date.parse(date ?? '') - Date.parse(modified ?? '');
  return etag === undefined && age >= 60_000 ? modified : undefined;
}
