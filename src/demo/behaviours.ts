import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { answerTo, type Entity, entityOf, type Traits } from './entity.ts';
import type { Reply } from './reply.ts';

/** One question to the server, and the way to answer it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: Reply;
  /** How often this path was asked before. */
  readonly nth: number;
}

type Act = (exchange: Exchange) => void | Promise<void>;

/** How one path of the server behaves. */
export interface Behaviour {
  readonly answer: Act;
  /** Behaves so for that many requests; what comes afterwards is said by `then`. */
  times(n: number): Repeated;
}

/** What has a `then` passes for a promise: never return this from an async function. */
export interface Repeated {
  then(next: Behaviour): Behaviour;
}

interface Turn {
  readonly act: Act;
  readonly times: number;
}

/** Makes a behaviour of what is done to one exchange; for those that have no name here. */
export const behaves = (act: Act): Behaviour => inTurn([], act);

function inTurn(before: readonly Turn[], last: Act): Behaviour {
  const answer: Act = (exchange) => {
    let nth = exchange.nth;
    for (const { act, times } of before) {
      if (nth < times) return act({ ...exchange, nth });
      nth -= times;
    }
    return last({ ...exchange, nth });
  };
  return {
    answer,
    times: (n) => ({
      // biome-ignore lint/suspicious/noThenProperty: a script reads best as "fails twice, then serves"
      then: (next) => inTurn([...before, { act: last, times: n }], next.answer),
    }),
  };
}

/** A proper server: strong ETag, ranges, conditions, HEAD. */
export function serves(body: string | Uint8Array, traits?: Traits): Behaviour {
  const entity = entityOf(body, traits);
  return behaves(({ request, response }) => {
    const { status, headers, body: part } = answerTo(request.headers, entity);
    response.writeHead(status, headers).end(part);
  });
}

/**
 * Announces all that is asked for and hangs up after n bytes of it. Chunked, it announces no length,
 * ignores ranges and hangs up in good order, only without the last chunk.
 */
export function cuts(body: string | Uint8Array, traits: Traits & { readonly chunked?: boolean } = {}) {
  const entity = entityOf(body, traits);
  return { after: (n: number): Behaviour => (traits.chunked ? cutsChunks(entity, n) : cutsOff(entity, n)) };
}

function cutsOff(entity: Entity, n: number): Behaviour {
  return behaves(async ({ request, response }) => {
    const { status, headers, body } = answerTo(request.headers, entity);
    response.writeHead(status, headers);
    await send(response, body.subarray(0, n));
    response.socket?.destroySoon(); // no reset: that throws away what the kernel still holds, more or less of it
  });
}

function cutsChunks({ headers, body }: Entity, n: number): Behaviour {
  return behaves(async ({ response }) => {
    response.writeHead(200, headers);
    await send(response, body.subarray(0, n));
    response.socket?.end();
  });
}

function send(response: Reply, bytes: Buffer): Promise<void> {
  response.flushHeaders();
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.write(bytes, () => resolve());
  });
}

/** Waits, but not for somebody who has hung up. */
function moment(response: Reply, ms: number): Promise<void> {
  if (response.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      response.off('close', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    response.on('close', over);
  });
}

export const fails = (status: number, headers: OutgoingHttpHeaders = {}): Behaviour =>
  behaves(({ response }) => {
    const text = `status ${status}\n`;
    response
      .writeHead(status, { 'content-type': 'text/plain', 'content-length': text.length, ...headers })
      .end(text);
  });

export const gone = (): Behaviour => fails(410);

export const asksToWait = (seconds: number, status = 429): Behaviour =>
  fails(status, { 'retry-after': String(seconds) });

export const redirects = (to: string, status = 302): Behaviour => fails(status, { location: to });

const page = (text: string) =>
  `<!doctype html>\n<html lang="en"><head><title>Fern &amp; Feather</title></head><body><p>${text}</p></body></html>\n`;

export const servesHtml = (text?: string): Behaviour => servesHtmlAs('text/html; charset=utf-8', text);

/** A page, whatever its label says. */
export const servesHtmlAs = (type: string, text = 'Please come in through the front door.'): Behaviour =>
  behaves(({ response }) => {
    const body = page(text);
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  });

const placeholderBytes = readFileSync(new URL('../../fixtures/demo/placeholder.png', import.meta.url));

/** The picture that stands for pictures taken down. */
export const placeholder = {
  bytes: placeholderBytes,
  sha256: createHash('sha256').update(placeholderBytes).digest('hex'),
};

export const servesPlaceholder = (): Behaviour => serves(placeholder.bytes);

/** The whole body every time, as if nobody had asked for a part. */
export function ignoresRange(body: string | Uint8Array, traits?: Traits): Behaviour {
  const { body: bytes, headers } = entityOf(body, traits);
  return behaves(({ response }) => {
    response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
  });
}

/** Half of one version; whoever comes back finds another. */
export const changesUnderway = (before: Uint8Array, after: Uint8Array): Behaviour =>
  cuts(before)
    .after(Math.floor(before.length / 2))
    .times(1)
    .then(serves(after));

/** A little at a time. */
export function drips(
  body: string | Uint8Array,
  { bytes, everyMs }: { bytes: number; everyMs: number },
): Behaviour {
  const entity = entityOf(body);
  return behaves(async ({ request, response }) => {
    const { status, headers, body: part } = answerTo(request.headers, entity);
    response.writeHead(status, headers);
    for (let at = 0; at < part.length && !response.closed; at += bytes) {
      response.write(part.subarray(at, at + bytes));
      await moment(response, everyMs);
    }
    response.end();
  });
}

/** Takes the question and never says a word. */
export const hangs = (): Behaviour => behaves(() => undefined);

export const empty = (): Behaviour =>
  behaves(({ response }) => {
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': 0 }).end();
  });

/** Bytes that no HTTP library would write: head and body as given, then the end of the connection. */
export const says = (rawBytes: string | Uint8Array): Behaviour =>
  behaves(({ response }) => response.say(Buffer.from(rawBytes)));
