import { register } from 'node:module';
import { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { ofSource } from '../../errors.ts';
import type { Page } from '../../model.ts';
import type { Answer } from '../../net/http.ts';
import { defineSource } from '../define.ts';
import type { Listing, ListingWay, Source, SourceContext } from '../source.ts';
import type { AskedOf, Begin, Facts, Given, Reply } from './crossing.ts';
import { Line } from './line.ts';

/** The thread of a source that is none of ours: whatever it does to its world, it is this one. */
const { module, hooks } = workerData as Given;
const port = parentPort!;
const listings = new Map<string, AsyncIterator<Page>>();
const cut = new AbortController();
let source: Source | undefined;
let listing: Listing | undefined;
let count = 0;

const answers: AskedOf = {
  async describe() {
    register(hooks, {
      parentURL: import.meta.url,
      data: { kit: new URL('../../kit.js', import.meta.url).href },
    });
    const loaded = (await import(module)) as { readonly default?: unknown };
    source = defineSource(loaded.default as Source);
    const { name, takes, settings } = source;
    return { name, takes, settings };
  },
  claims: (target) => source!.claims(target) === true,
  async open({ target, settings, reach }) {
    listing = await source!.open(target, contextOf(settings, reach));
    return factsOf(listing);
  },
  begin({ cursor, way }) {
    const number = String(++count);
    const pages = listing!.pages(cursor, wayOf(way, number));
    listings.set(number, pages[Symbol.asyncIterator]());
    return number;
  },
  next: async (number) => await listings.get(number)!.next(),
  async leave(number) {
    const pages = listings.get(number);
    listings.delete(number);
    await pages?.return?.();
  },
  larger: async (item) => await listing!.larger?.(item),
  close: async () => await listing?.close?.(),
  abort: (reason) => cut.abort(new Error(reason)),
};

const line = new Line(port, answers);
port.on('message', (message) => line.heard(message));
process.on('unhandledRejection', (error) => {
  throw error; // ends this thread, and is told
});

function factsOf(opened: Listing): Facts {
  if (typeof opened?.pages !== 'function' || !Array.isArray(opened.trusted))
    throw ofSource(source!.name, new TypeError('it gives no listing'));
  const { name, trusted, listedAs, isUnchecked, isNewestFirst, larger } = opened;
  return { name, trusted, listedAs, isUnchecked, isNewestFirst, hasLarger: typeof larger === 'function' };
}

function contextOf(settings: Begin['settings'], reach: Begin['reach']): SourceContext {
  const none = () => {
    throw new Error('a source of your own cannot ask the web archive');
  };
  return {
    settings,
    ...(reach && { reach }),
    signal: cut.signal,
    report: (event) => line.note('report', JSON.parse(JSON.stringify(event))),
    fetch: async (url, headers, takes) =>
      answerOf(await line.ask<Reply>('fetch', { url, headers, taken: taken(takes) })),
    webArchive: { scope: 'none', captures: none, replay: none },
  };
}

/** A question cannot be asked of this thread at once: which of the passing troubles it takes is asked beforehand. */
const taken = (takes: ((answer: Answer) => boolean) | undefined): readonly number[] =>
  [429, 500, 502, 503, 504].filter((status) =>
    takes?.({ status, headers: {}, url: '', body: undefined as never }),
  );

function answerOf({ body, ...head }: Reply): Answer {
  const stream = new Readable({
    read() {
      line.ask<Uint8Array | null>('read', body).then(
        (chunk) => this.push(chunk === null ? null : Buffer.from(chunk)),
        (error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      line.note('drop', body);
      done(error);
    },
  });
  return { ...head, body: stream as Answer['body'] };
}

function wayOf(way: Begin['way'], number: string): ListingWay | undefined {
  if (!way) return undefined;
  const { knows, ...plain } = way;
  return {
    ...plain,
    leaveOut: (why) => line.note('leaveOut', { number, why: String(why) }),
    ...(knows && { isHeld: (post: string) => line.ask<boolean>('isHeld', { number, post }) }),
  };
}
