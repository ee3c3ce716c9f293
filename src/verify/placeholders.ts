import { readFileSync } from 'node:fs';
import { sentence, UsageError } from '../errors.ts';
import type { Download, Reason } from '../model.ts';

/** A picture that servers send in place of one that was removed. Every entry says where it was seen. */
interface Placeholder {
  readonly sha256?: string;
  /** The final address, where the file behind it may change. */
  readonly address?: string;
  readonly seen: string;
}

export type Placeholders = ReadonlyMap<string, Placeholder>;

/** The built-in list, and one of the user's. */
export function readPlaceholders(file: string | null): Placeholders {
  const own = new URL('./placeholders.json', import.meta.url);
  return new Map([...entries(own, 'built-in list'), ...(file === null ? [] : entries(file, file))]);
}

function entries(file: string | URL, name: string): [string, Placeholder][] {
  let list: unknown;
  try {
    list = (JSON.parse(readFileSync(file, 'utf8')) as { placeholders?: unknown }).placeholders;
  } catch (error) {
    throw new UsageError(`Cannot read the placeholders of ${name}: ${sentence(error)}.`, { cause: error });
  }
  if (!Array.isArray(list)) throw new UsageError(`The file ${name} has no list of 'placeholders'.`);
  return (list as Placeholder[]).map((entry, i) => {
    const key = entry?.sha256 ?? entry?.address;
    if (typeof key !== 'string')
      throw new UsageError(`Entry ${i + 1} of ${name} has neither sha256 nor address.`);
    return [key === entry.sha256 ? key.toLowerCase() : key, entry];
  });
}

export function isPlaceholder(known: Placeholders, { sha256, from }: Download): Reason | undefined {
  const entry = known.get(sha256) ?? known.get(from);
  return entry && { code: 'placeholder', detail: `${sha256}, seen at ${entry.seen}` };
}
