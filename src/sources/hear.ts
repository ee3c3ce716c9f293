import { OxbowError, QuotaError, SourceError, sentence } from '../errors.ts';
import { retryAfter } from '../net/backoff.ts';
import type { Answer } from '../net/http.ts';
import { quoted, shownAddress } from '../shown.ts';
import { boundedText, typeOf } from './answer.ts';
import { readValue, Unreadable } from './json-stream.ts';
import type { SourceContext } from './source.ts';
import type { Warnings } from './warnings.ts';

export interface Hearing {
  /** What is listed, as it stands in sentences. */
  readonly name: string;
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly warnings: Warnings;
  readonly headers?: Readonly<Record<string, string>>;
  /** What no sentence may repeat. */
  readonly secrets?: readonly string[];
  /** How many bytes an answer may have. */
  readonly largest?: number;
  /** What stands before the JSON and is none of it, such as a notice of PHP; by default all counts. */
  readonly skips?: (text: string) => string;
}

/** One answer of an API: its value, exactly, or why there is none in it. */
export interface Said {
  readonly status: number;
  readonly headers: Answer['headers'];
  /** The address that answered. */
  readonly url: string;
  readonly value: unknown;
  /** Why it makes no sense, as the rest of a sentence about the answer. */
  readonly nonsense?: string;
}

/** Asks an API once; every answer is one, also a refusal (429 among them). Throws where nobody answers. */
export async function hear(url: string, hearing: Hearing): Promise<Said> {
  const { context, headers } = hearing;
  const answer = await context.fetch(
    url,
    { 'accept-encoding': 'identity', ...headers },
    ({ status }) => status === 429,
  );
  const about = { status: answer.status, headers: answer.headers, url: answer.url };
  return { ...about, ...(await valueIn(answer, hearing)) };
}

async function valueIn(
  answer: Answer,
  { name, context, warnings, secrets = [], largest, skips = (text) => text }: Hearing,
): Promise<Pick<Said, 'value' | 'nonsense'>> {
  const { signal } = context;
  try {
    const { text, isDamaged } = await boundedText(answer, { most: largest, signal, name: 'the answer' });
    if (isDamaged)
      warnings.warn(`An answer about ${name} is not all UTF-8: what is not was replaced by U+FFFD.`);
    return { value: readValue(skips(text)) };
  } catch (error) {
    signal.throwIfAborted();
    const why = masked(sentence(error), secrets);
    if (error instanceof Unreadable)
      return {
        value: undefined,
        nonsense: typeOf(answer) === 'text/html' ? 'is a web page (text/html)' : why,
      };
    if (error instanceof OxbowError) return { value: undefined, nonsense: `cannot be read: ${why}` };
    throw error;
  }
}

/** A text of theirs as it may be told: bounded, and without what is nobody else's business. */
export function masked(text: string, secrets: readonly string[]): string {
  let told = text.slice(0, 10_000);
  for (const secret of secrets)
    told = told.replaceAll(secret, '…').replaceAll(encodeURIComponent(secret), '…');
  return told;
}

export interface Question<T> {
  readonly url: string;
  /** What is looked for in an answer of status 200; undefined if it is not there. */
  readonly find: (value: unknown, said: Said) => T | undefined;
  /** What an answer of another status means here; by default what it means everywhere. */
  readonly refusal?: (said: Said) => OxbowError | undefined;
  /** What an answer without it lacks, as the rest of a sentence about the answer. */
  readonly lacks: string;
}

/** What `find` has found in the answer; one that has it not, or makes no sense, is asked for once more. */
export async function askFor<T>(question: Question<T>, hearing: Hearing): Promise<T> {
  const { url, find, refusal, lacks } = question;
  let why = '';
  for (let attempt = 1; attempt <= 2; attempt++) {
    const said = await hear(url, hearing);
    if (said.status === 429) throw spent(said, hearing);
    if (said.status !== 200) throw refusal?.(said) ?? usualRefusal(said, hearing);
    const found = said.nonsense === undefined ? find(said.value, said) : undefined;
    if (found !== undefined) return found;
    why = said.nonsense ?? lacks;
  }
  throw new SourceError(`${hearing.name} cannot be listed: its API answered twice, and the answer ${why}.`, {
    url: shownAddress(url),
  });
}

function usualRefusal({ status, url }: Said, { name }: Hearing): SourceError {
  const why =
    status === 404 || status === 410
      ? `is gone, or was never there: its API answers ${status}`
      : `cannot be listed: its API answers ${status}`;
  return new SourceError(`${name} ${why}.`, { url: shownAddress(url) });
}

/** What a refusal says for itself, in quotes and brackets; empty where it says nothing. */
export function wordsOf(text: unknown, { secrets = [] }: Hearing): string {
  if (typeof text !== 'string' || text.trim() === '') return '';
  return `, ${quoted(masked(text, secrets), 200)}`;
}

const usualWait = 60_000;

/** The answer 429, and until when, as it says in one of the ways that platforms have. */
function spent(said: Said, { name }: Hearing): QuotaError {
  const now = Date.now();
  const wait = retryAfter(said.headers['retry-after'], now) ?? resetIn(said.headers, now) ?? usualWait;
  const resumes = new Date(Math.ceil((now + wait) / 1000) * 1000).toISOString();
  return new QuotaError(`The API of ${name} asks us to come back later (status 429)`, { resumes });
}

const longestWait = 86_400_000;

/** When calls are answered again, in milliseconds from now: as a date, a Unix time, or seconds from now. */
export function resetIn(headers: Answer['headers'], now: number): number | undefined {
  const text = String(headers['ratelimit-reset'] ?? headers['x-ratelimit-reset'] ?? '').trim();
  const number = /^\d{1,13}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
  const at =
    number === undefined
      ? Date.parse(text)
      : number < 1e9
        ? now + number * 1000
        : number < 1e11
          ? number * 1000
          : number;
  return at > now ? Math.min(at - now, longestWait) : undefined;
}
