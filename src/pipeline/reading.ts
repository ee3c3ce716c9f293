import { type OxbowError, ofSource, QuotaError } from '../errors.ts';
import type { Page } from '../model.ts';
import { inTime } from './in-time.ts';
import { patiently, type QuotaOptions } from './quota.ts';
import { sound } from './sound.ts';

export interface ReadingOptions extends QuotaOptions {
  /** Under which name the listing is remembered. */
  readonly source: string;
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  /** The source cannot be read on: what is in hand is finished first, then the run ends with this. */
  readonly trouble: (error: OxbowError) => void;
}

/**
 * The pages as far as they can be read, or as far as they have come when the run is asked to stop. A spent quota is
 * waited for while there is something else to do; an adapter's own failure is trouble with the source, too.
 */
export async function* readable(
  begin: () => Promise<AsyncIterable<Page>>,
  options: ReadingOptions,
): AsyncGenerator<Page> {
  const { signal, stop, trouble } = options;
  let inVain = 0;
  let spent = await stillParked(options);
  while (!stop.aborted) {
    if (!spent) {
      const end: End = yield* untilSpent(begin, options);
      inVain = end.pages > 0 ? 0 : inVain + 1;
      spent = end.spent;
    }
    if (!spent) return;
    const isBack = inVain < mostInVain && (await patiently(spent, options));
    signal.throwIfAborted();
    if (!isBack && !stop.aborted) trouble(spent);
    if (!isBack) return;
    spent = undefined;
  }
}

/** So many waits in a row without a page between them: who says again and again that it is but a moment is not believed. */
const mostInVain = 10;

/** How far the pages have come, and the quota that ended them. */
interface End {
  readonly pages: number;
  readonly spent?: QuotaError;
}

async function stillParked({ source, account, parking }: ReadingOptions): Promise<QuotaError | undefined> {
  const resumes = await parking.parkedUntil(`${source} ${account}`);
  if (resumes === undefined || Date.parse(resumes) <= Date.now()) return undefined;
  return new QuotaError('The source asked an earlier run to come back later', {
    resumes,
  });
}

/** Gives back the quota that ended it; all other trouble is told. */
async function* untilSpent(
  begin: () => Promise<AsyncIterable<Page>>,
  { source, signal, stop, trouble, report }: ReadingOptions,
): AsyncGenerator<Page, End> {
  let pages = 0;
  try {
    for await (const page of sound(inTimeOf(await begin(), stop), { source, report })) {
      pages++;
      yield page;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof QuotaError) return { pages, spent: error };
    trouble(ofSource(source, error));
  }
  return { pages };
}

async function* inTimeOf(pages: AsyncIterable<Page>, stop: AbortSignal): AsyncGenerator<Page> {
  const iterator = pages[Symbol.asyncIterator]();
  let isOwed = false; // a page that nobody wants any more, and that may never come
  try {
    while (!stop.aborted) {
      const next = await inTime(iterator.next(), stop);
      isOwed = next === undefined && stop.aborted;
      if (!next && !isOwed) throw new TypeError('it gives neither a page nor an end');
      if (!next || next.done) break;
      yield next.value;
    }
  } finally {
    const closing = Promise.resolve(iterator.return?.()).catch(() => undefined); // it failed before, and was heard
    if (!isOwed) await closing;
  }
}
