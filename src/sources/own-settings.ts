import { UsageError } from '../errors.ts';
import { type Settings, settingsOf } from '../options.ts';
import { quoted } from '../shown.ts';
import { isAddress } from './address.ts';

/** The settings of one source (`sources.<name>.<key>`), each read as what it should be, or refused by its name. */
export class OwnSettings<K extends string> {
  readonly #source: string;
  readonly #given: { readonly [P in K]?: string };

  constructor(source: string, settings: Readonly<Record<K, string>>, given: Settings) {
    this.#source = source;
    this.#given = settingsOf(source, Object.keys(settings) as K[], given);
  }

  /** What was set to nothing is not set. */
  text(key: K): string | undefined {
    return this.#given[key]?.trim() || undefined;
  }

  /** A base address, without a slash at the end. */
  base(key: K): string | undefined {
    const text = this.#given[key];
    if (text === undefined) return undefined;
    const url = isAddress(text) && URL.canParse(text) ? new URL(text) : undefined;
    if (url && url.search + url.hash + url.username + url.password === '')
      return url.href.replace(/\/+$/, '');
    throw new UsageError(`${this.#name(key)} takes an http address without a query, user or password.`);
  }

  whole(key: K, usual: number, [least, most]: readonly [number, number]): number {
    const text = this.#given[key] ?? String(usual);
    const number = Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new UsageError(
      `${quoted(text, 80)} does not fit ${this.#name(key)}: it takes a number from ${least} to ${most}.`,
    );
  }

  truth(key: K, usual: boolean): boolean {
    const text = this.#given[key] ?? String(usual);
    if (text === 'true' || text === 'false') return text === 'true';
    throw new UsageError(`${quoted(text, 80)} does not fit ${this.#name(key)}: it takes true or false.`);
  }

  #name(key: K): string {
    return `sources.${this.#source}.${key}`;
  }
}
