import { UsageError } from './errors.ts';
import type { Kind } from './model.ts';

/** How the text of an option is read. Each says, by its error, what it takes. */

/** Tokens per second; Infinity where no limit is wanted. */
type Rate = number;

export const wholeNumber = (least: number) => (text: string) => {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < least || text.trim() === '')
    throw new UsageError(`a whole number from ${least}`);
  return n;
};

export const orInfinite = (read: (text: string) => number) => (text: string) =>
  /^inf(inite)?$/i.test(text) ? Number.POSITIVE_INFINITY : read(text);

/** Seconds on the command line, milliseconds inside. */
export const seconds = (text: string) => {
  const n = Number(text);
  if (!(n > 0) || n > 86_400) throw new UsageError('a number of seconds above 0');
  return n * 1000;
};

const byteUnits: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
export const bytes = (text: string) => {
  const parts = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (!parts) throw new UsageError('a size such as 500k, 20M or 2G');
  return Math.round(Number(parts[1]) * byteUnits[parts[2]!.toLowerCase()]!);
};

const rateUnits: Record<string, number> = { s: 1, sec: 1, m: 60, min: 60, h: 3600, hour: 3600 };
export const rate = (text: string): Rate => {
  if (text === 'unlimited') return Number.POSITIVE_INFINITY;
  const parts = /^(\d+(?:\.\d+)?)\/(s|sec|m|min|h|hour)$/.exec(text);
  const perSecond = parts ? Number(parts[1]) / rateUnits[parts[2]!]! : 0;
  if (!(perSecond > 0)) throw new UsageError('a rate such as 5/s, 24/min or unlimited');
  return perSecond;
};

export const oneOf =
  <const T extends string>(...words: readonly T[]) =>
  (text: string): T => {
    if (!(words as readonly string[]).includes(text)) throw new UsageError(`one of ${words.join(', ')}`);
    return text as T;
  };

export const kinds = (text: string): readonly Kind[] =>
  text.split(',').map((word) => oneOf('image', 'video', 'audio', 'file')(word.trim()));

export const webAddress = (text: string) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError('an http or https address');
  return text.replace(/\/+$/, '');
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
export const header = (text: string) => {
  const at = text.indexOf(':');
  if (at < 1 || !headerName.test(text.slice(0, at)))
    throw new UsageError('a header such as "Referer: https://…"');
  return [oneLine(text)];
};

export const onOff = (text: string) => oneOf('true', 'false')(text) === 'true';
