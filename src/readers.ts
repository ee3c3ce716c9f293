import { isIP } from 'node:net';
import { UsageError } from './errors.ts';
import type { Kind } from './model.ts';

/**
 * How the text of an option is read. Each says, by its error, what it takes; `accept` is for what a program hands over
 * in place of a text, in the units used inside, and gives undefined for what does not fit.
 */
export interface Reader<T> {
  (text: string): T;
  readonly accept?: (value: unknown) => T | undefined;
}

const reader = <T>(read: (text: string) => T, accept: (value: unknown) => T | undefined): Reader<T> =>
  Object.assign((text: string) => read(text), { accept });

const numberIf =
  (fits: (n: number) => boolean) =>
  (value: unknown): number | undefined =>
    typeof value === 'number' && fits(value) ? value : undefined;

/** Tokens per second; Infinity where no limit is wanted. */
type Rate = number;

export const wholeNumber = (least: number) =>
  reader(
    (text) => {
      const n = Number(text);
      if (!Number.isSafeInteger(n) || n < least || text.trim() === '')
        throw new UsageError(`a whole number from ${least}`);
      return n;
    },
    numberIf((n) => n >= least && (Number.isSafeInteger(n) || n === Number.POSITIVE_INFINITY)),
  );

export const orInfinite = (read: Reader<number>) =>
  reader(
    (text) => (/^inf(inite)?$/i.test(text) ? Number.POSITIVE_INFINITY : read(text)),
    (value) => read.accept?.(value),
  );

/** A day: longer ones are a mistake more often than meant, and timers have an end. */
const LONGEST = 86_400_000;

/** Seconds on the command line, milliseconds inside. */
export const seconds = reader(
  (text) => {
    const n = Number(text) * 1000;
    if (!(n > 0) || n > LONGEST) throw new UsageError('a number of seconds above 0, a day at most');
    return n;
  },
  numberIf((n) => n > 0 && n <= LONGEST),
);

/** One number of seconds, or two to choose between at random. */
export const span = reader<readonly [number, number]>(
  (text) => {
    const parts = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(text.trim());
    const read = acceptSpan([Number(parts?.[1]) * 1000, Number(parts?.[2] ?? parts?.[1]) * 1000]);
    if (!read) throw new UsageError('seconds such as 2 or 1-3');
    return read;
  },
  (value) => acceptSpan(typeof value === 'number' ? [value, value] : value),
);

function acceptSpan(value: unknown): readonly [number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [from, to] = value as [unknown, unknown];
  const fits = typeof from === 'number' && typeof to === 'number' && from >= 0 && to >= from && to <= LONGEST;
  return fits ? [from, to] : undefined;
}

const byteUnits: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
export const bytes = reader(
  (text) => {
    const parts = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
    if (!parts) throw new UsageError('a size such as 500k, 20M or 2G');
    return Math.round(Number(parts[1]) * byteUnits[parts[2]!.toLowerCase()]!);
  },
  numberIf((n) => n >= 0),
);

/** Bytes a second; Infinity where no limit is wanted. */
export const speed = reader(
  (text) => {
    const n = text === 'unlimited' ? Number.POSITIVE_INFINITY : bytes(text.replace(/\/s$/, ''));
    if (n < 1) throw new UsageError('a speed above 0 such as 500k, or unlimited');
    return n;
  },
  numberIf((n) => n >= 1),
);

const rateUnits: Record<string, number> = { s: 1, sec: 1, m: 60, min: 60, h: 3600, hour: 3600 };
export const rate: Reader<Rate> = reader(
  (text) => {
    if (text === 'unlimited') return Number.POSITIVE_INFINITY;
    const parts = /^(\d+(?:\.\d+)?)\/(s|sec|m|min|h|hour)$/.exec(text);
    const perSecond = parts ? Number(parts[1]) / rateUnits[parts[2]!]! : 0;
    if (!(perSecond > 0)) throw new UsageError('a rate such as 5/s, 24/min or unlimited');
    return perSecond;
  },
  numberIf((n) => n > 0),
);

export const oneOf =
  <const T extends string>(...words: readonly T[]) =>
  (text: string): T => {
    if (!(words as readonly string[]).includes(text)) throw new UsageError(`one of ${words.join(', ')}`);
    return text as T;
  };

export const kinds = (text: string): readonly Kind[] =>
  text.split(',').map((word) => oneOf('image', 'video', 'audio', 'file')(word.trim()));

/** Words or phrases between commas. */
export const words = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

export const webAddress = (text: string) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new UsageError('an http or https address, without user and password: records name it');
  return text.replace(/\/+$/, '');
};

/** Repeatable; without a slash at the end. */
export const webAddresses = (text: string) => [webAddress(text)];

/** The address of an index, and where its captures are replayed if that does not lie beside it. */
export const indexAddress = (text: string) => {
  const addresses = text.trim().split(/ +/);
  if (addresses.length > 2)
    throw new UsageError('the address of an index, or of an index and of its replay with a space between');
  return [addresses.map(webAddress).join(' ')];
};

export const date = (text: string) => {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new UsageError('a date such as 2019-05-31');
  return new Date(time).toISOString();
};

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
export const oneLine = (text: string) => {
  if (/[\r\n\0]/.test(text)) throw new UsageError('one line of text');
  return text;
};
const originBefore = /^(https?:\/\/[^\s/?#@]+)\/?\s+(.*)$/is;

/** `Name: value`, for the origins that the user gave; with an origin before it, for exactly that one. */
export function readHeader(text: string): { origin: string | null; name: string; value: string } {
  const [, address, rest] = originBefore.exec(text) ?? [];
  const line = oneLine(rest ?? text);
  const at = line.indexOf(':');
  if (at < 1 || !headerName.test(line.slice(0, at)) || (address !== undefined && !URL.canParse(address)))
    throw new UsageError(
      'a header such as "Referer: https://…", or "https://host Name: value" for one origin',
    );
  const origin = address === undefined ? null : new URL(address).origin;
  return { origin, name: line.slice(0, at).toLowerCase(), value: line.slice(at + 1).trim() };
}
export const header = (text: string) => {
  readHeader(text);
  return [text];
};

export const proxy = (text: string) => {
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (/^socks/i.test(text)) throw new UsageError('an http or https proxy; SOCKS is not supported');
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError('the address of an http or https proxy');
  return url.href;
};
export const proxyOrNone = (text: string) => (text === 'none' ? text : proxy(text));

/** Which addresses to take for a `host:port`, in place of asking for the name. */
export function readPin(text: string): { place: string; addresses: readonly string[] } {
  const [, host, port, list = ''] = /^(\[[^\]]+\]|[^:[\]/\s]+):(\d{1,5}):(.+)$/.exec(text) ?? [];
  const addresses = list.split(',').map((address) => address.trim().replace(/^\[|\]$/g, ''));
  const url = `http://${host}:${port}/`;
  if (host === undefined || !URL.canParse(url) || !addresses.every((address) => isIP(address)))
    throw new UsageError(
      'HOST:PORT:ADDRESS, such as blog.example:443:192.0.2.7 or blog.example:443:[2001:db8::7]',
    );
  const { hostname } = new URL(url);
  return { place: `${hostname.replace(/^\[|\]$/g, '')}:${Number(port)}`, addresses };
}
export const resolve = (text: string) => {
  readPin(text);
  return [text];
};

export const onOff = (text: string) => oneOf('true', 'false')(text) === 'true';
