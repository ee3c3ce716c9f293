import { setMaxListeners } from 'node:events';
import { OxbowError } from '../errors.ts';
import { fetcher } from '../net/fetch.ts';
import type { Gate } from '../net/gate.ts';
import { isHandedOver } from '../net/hosts.ts';
import type { Answer, Http } from '../net/http.ts';
import type { CrawlOptions } from '../options.ts';
import { DamagedFile, type HandedFiles } from '../sources/source.ts';

/**
 * What a server says of a file without sending it: its size, one that is not wanted, that it is gone, that it does not
 * say, or nothing.
 */
export type Weight =
  | { readonly state: 'sized'; readonly bytes: number }
  | { readonly state: 'unwanted' | 'gone' | 'unsized' | 'silent' };

export interface WeighOptions extends CrawlOptions {
  /** Milliseconds after which whoever has not answered is not waited for. */
  readonly patience: number;
}

export interface Scales {
  readonly http: Http;
  readonly gate: Gate;
  /** What the source hands over itself: its sizes are at hand. */
  readonly files?: HandedFiles | undefined;
}

/** Asks for the sizes of some files, past the gate like everybody, and each once. */
export function weighAll(
  { http, gate, files }: Scales,
  urls: readonly string[],
  options: WeighOptions,
): Promise<Weight[]> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.patience)]);
  setMaxListeners(0, signal); // one signal serves all waits
  const way = { ...options, retries: 0, signal };
  const askHead = fetcher(http, gate, { ...way, method: 'HEAD' });
  const ask = { head: askHead, body: fetcher(http, gate, way), signal: options.signal };
  const { filesizeMin: least, filesizeMax: most } = options;
  const chosen = (one: Weight): Weight =>
    one.state === 'sized' && (one.bytes < least || one.bytes > most) ? { state: 'unwanted' } : one;
  const weightOf = (url: string) => (isHandedOver(url) ? weightAt(files, url) : weigh(ask, url));
  return Promise.all(urls.map((url) => weightOf(url).then(chosen)));
}

/** What is damaged is as little taken in as what is gone. */
async function weightAt(files: HandedFiles | undefined, url: string): Promise<Weight> {
  try {
    const file = await files?.open(url);
    file?.body.destroy();
    return file ? { state: 'sized', bytes: file.bytes } : { state: 'gone' };
  } catch (error) {
    if (error instanceof DamagedFile) return { state: 'gone' };
    throw error;
  }
}

interface Asking {
  readonly head: ReturnType<typeof fetcher>;
  readonly body: ReturnType<typeof fetcher>;
  /** The end of everything; that patience is at its end is only the end of asking. */
  readonly signal: AbortSignal;
}

async function weigh(ask: Asking, url: string): Promise<Weight> {
  try {
    const head = await ask.head(url);
    head.body.resume(); // there is none, but its end frees the connection
    if (head.status !== 405 && head.status !== 501) return weightIn(head);
    const begun = await ask.body(url, { range: 'bytes=0-0' });
    begun.body.destroy();
    return weightIn(begun);
  } catch (error) {
    ask.signal.throwIfAborted();
    if (error instanceof OxbowError || (error as Error).name === 'TimeoutError') return { state: 'silent' };
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
