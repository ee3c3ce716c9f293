import { STATUS_CODES } from 'node:http';
import type { Exchange, Script } from './raw-talk.ts';

/** A list makes several lines; null leaves out a line that would be there by itself. */
export type Headers = Readonly<Record<string, string | number | null | readonly string[]>>;

/** An answer as raw bytes; its length is announced unless the headers say otherwise. */
export function answer(status: number, headers: Headers = {}, body: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.from(body as string, 'latin1');
  const all: Headers = { 'Content-Length': bytes.length, ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((one) => `${name}: ${one}\r\n`),
  );
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'So'}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

export const answers =
  (status: number, headers?: Headers, body?: string | Uint8Array): Script =>
  (exchange) =>
    exchange.say(answer(status, headers, body));

/** The path that was asked for, as a body. */
export const echoes: Script = (exchange) => exchange.say(answer(200, {}, exchange.path));

/** Sends elsewhere. */
export const sendsTo = (location: string, headers: Headers = {}): Script =>
  answers(302, { Location: location, ...headers });

/** Each script once, the last one for ever. */
export const inTurn =
  (...scripts: readonly Script[]): Script =>
  (exchange) =>
    scripts[Math.min(exchange.nth, scripts.length - 1)]!(exchange);

/** Announces the whole body, sends the first bytes of it and ends in good order, whatever was asked for. */
export const cuts =
  (body: Buffer, after: number, headers: Headers = {}): Script =>
  async (exchange) => {
    await exchange.say(answer(200, { 'Content-Length': body.length, ...headers }));
    await exchange.say(body.subarray(0, after));
    exchange.end();
  };

/** Where the range begins that was asked for. */
export function startOf(exchange: Pick<Exchange, 'header'>): number | undefined {
  const [, first] = /^bytes=(\d+)-$/.exec(exchange.header('range') ?? '') ?? [];
  return first === undefined ? undefined : Number(first);
}

/** Where no total is known the last byte may be asked for again, so that the server has to say that nothing changed. */
export const goingOn = (had: number): string[] => [`bytes=${had}-`, `bytes=${had - 1}-`];

/** The Content-Range of all bytes from an offset. */
export const range = (from: number, { length }: Buffer): string => `bytes ${from}-${length - 1}/${length}`;

/** A 206 with the bytes from an offset; headers may lie about any of it. */
export const rest = (body: Buffer, from: number, headers: Headers = {}): Buffer =>
  answer(206, { 'Content-Range': range(from, body), ...headers }, body.subarray(from));

/** A sound server of one file: goes on where it is asked to if the version is still the same. */
export const serves =
  (body: Buffer, headers: Headers = {}): Script =>
  (exchange) => {
    const from = startOf(exchange);
    const isSame = [headers.ETag, headers['Last-Modified']].includes(exchange.header('if-range') ?? null);
    return exchange.say(
      from !== undefined && isSame ? rest(body, from, headers) : answer(200, headers, body),
    );
  };

/** What a request with a Range is answered with, and one without. */
export const byRange =
  (ranged: Script, plain: Script): Script =>
  (exchange) =>
    (exchange.header('range') === undefined ? plain : ranged)(exchange);

/** A page such as stands in place of a picture; the canary in it must be nowhere afterwards. */
export const canary = 'CANARY-of-an-error-page';
export const page = `<!doctype html><html><head><title>Just a moment</title></head><body>${canary}${'.'.repeat(2000)}</body></html>\n`;
