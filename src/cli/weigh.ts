import { setMaxListeners } from 'node:events';
import { OxbowError } from '../errors.ts';
import { fetcher } from '../net/fetch.ts';
import type { Gate } from '../net/gate.ts';
import type { Answer, Http } from '../net/http.ts';
import type { CrawlOptions } from '../options.ts';

/**
 * What a server says of a file without sending it: its size, one that is not wanted, that it is gone, that it does not
 * say, or nothing.
 */
export type Weight =
  | { readonly state: 'sized'; readonly bytes: number }
  | { readonly state: 'unwanted' | 'gone' | 'unsized' | 'silent' };

/** Milliseconds after which whoever has not answered is not waited for: a forecast that takes longer is none. */
const PATIENCE = 60_000;

/** Asks for the sizes of some files, past the gate like everybody, and each once. */
export function weighAll(
  { http, gate }: { readonly http: Http; readonly gate: Gate },
  urls: readonly string[],
  options: CrawlOptions,
): Promise<Weight[]> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(PATIENCE)]);
  setMaxListeners(0, signal); // one signal serves all waits
  const way = { ...options, retries: 0, signal };
  const ask = { head: fetcher(http, gate, { ...way, method: 'HEAD' }), body: fetcher(http, gate, way) };
  const { filesizeMin: least, filesizeMax: most } = options;
  const chosen = (one: Weight): Weight =>
    one.state === 'sized' && (one.bytes < least || one.bytes > most) ? { state: 'unwanted' } : one;
  return Promise.all(urls.map((url) => weigh(ask, url, signal).then(chosen)));
}

type Fetch = ReturnType<typeof fetcher>;

async function weigh(ask: { head: Fetch; body: Fetch }, url: string, signal: AbortSignal): Promise<Weight> {
  try {
    const head = await ask.head(url);
    head.body.resume(); // there is none, but its end frees the connection
    if (head.status !== 405 && head.status !== 501) return weightIn(head);
    const begun = await ask.body(url, { range: 'bytes=0-0' });
    begun.body.destroy();
    return weightIn(begun);
  } catch (error) {
    if (error instanceof OxbowError || signal.aborted) return { state: 'silent' };
    throw error;
  }
}

const gone: ReadonlySet<number> = new Set([401, 403, 404, 410, 451]);

function weightIn({ status, headers }: Answer): Weight {
  if (gone.has(status)) return { state: 'gone' };
  const told =
    status === 206 ? /\/(\d{1,15})$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length'];
  if ((status !== 200 && status !== 206) || told === undefined || !/^\d{1,15}$/.test(told))
    return { state: 'unsized' };
  return { state: 'sized', bytes: Number(told) };
}
