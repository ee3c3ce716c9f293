import { UsageError } from './errors.ts';
import { suggestion } from './nearest.ts';
import { type Option, table } from './option-table.ts';
import type { Report } from './progress.ts';

type Table = typeof table;
type ValueOf<O> = O extends Option<infer T> ? T : never;
export type OptionName = keyof Table;

/** What a caller may set, by name; the types are those inside (milliseconds, bytes, tokens per second). */
export type Options = { readonly [K in OptionName]: ValueOf<Table[K]> };

/** Settings of one source, by `sources.<name>.<key>`. */
export type Settings = Readonly<Record<string, string>>;

/** Everything a run is given: options, settings of sources, the two grades of stopping, a listener. */
export interface CrawlOptions extends Options {
  readonly settings: Settings;
  /** Now: what is under way ends, part files stay for the next run. */
  readonly signal: AbortSignal;
  /** Gently: no new work; what is in hand is finished. */
  readonly stop: AbortSignal;
  readonly report: Report;
  readonly random: () => number;
  /** A source of one's own (`defineSource`), in this very process; null where the list of sources has one. */
  readonly ownSource: object | null;
}

export type GivenOptions = Partial<CrawlOptions>;

const names = Object.keys(table) as OptionName[];
const defaults = Object.fromEntries(names.map((name) => [name, table[name].default])) as unknown as Options;

/** One door: unknown names are refused, gaps filled with the defaults, the result frozen. */
export function checkOptions(given: GivenOptions): CrawlOptions {
  const { settings = {}, signal, stop, report, random, ownSource = null, ...options } = given;
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name))
      throw new UsageError(`There is no option '${name}'${suggestion(name, names) || '.'}`);
  }
  const defined = Object.entries(options).filter(([, value]) => value !== undefined);
  const set = Object.fromEntries(
    defined.map(([name, value]) => [name, checkValue(name as OptionName, value)]),
  );
  if (set.reblog === false && set.onlyReblog === true)
    throw new UsageError('--no-reblog and --only-reblog leave nothing over.');
  const { dateAfter = null, dateBefore = null } = set as Partial<Options>;
  if (dateAfter !== null && dateBefore !== null && dateAfter >= dateBefore)
    throw new UsageError('No date is both --date-after and --date-before what they say.');
  const never = new AbortController().signal;
  return Object.freeze({
    ...defaults,
    ...(set as Partial<Options>),
    settings,
    signal: signal ?? never,
    stop: stop ?? never,
    report: report ?? (() => undefined),
    random: random ?? Math.random,
    ownSource,
  });
}

/** A text is read as on the command line; of numbers, only these may be nothing. */
const mayBeZero: ReadonlySet<OptionName> = new Set<OptionName>([
  'retries',
  'filesizeMin',
  'minSpeed',
  'simulateSample',
  'depth',
]);

function checkValue(name: OptionName, value: unknown): unknown {
  const { read, default: standard }: Option<unknown> = table[name];
  if (typeof value === 'string') return readOption(name, value);
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return value.flatMap((one) => readOption(name, one));
  if (value === standard || (typeof value === 'boolean' && typeof standard === 'boolean')) return value;
  if (typeof value === 'function' && name === 'backoff') return value;
  const taken = read.accept?.(value);
  if (taken === undefined || (taken === 0 && !mayBeZero.has(name)))
    throw new UsageError(`${JSON.stringify(value)} does not fit the option '${name}'.`);
  return taken;
}

/** Reads the text of an option and says which option a bad text belongs to. */
export function readOption<K extends OptionName>(name: K, text: string): Options[K] {
  try {
    return table[name].read(text) as Options[K];
  } catch (error) {
    const flag = table[name].flags?.match(/--[\w-]+/)?.[0] ?? name;
    const { secret }: Option<unknown> = table[name];
    const shown = secret ? 'What was given' : `'${text}'`;
    throw new UsageError(`${shown} does not fit ${flag}: it takes ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** `-o KEY=VALUE`: a key of the table, or a setting of a source. */
export function readAssignment(text: string): GivenOptions {
  const at = text.indexOf('=');
  const key = text.slice(0, at).trim();
  const value = text.slice(at + 1);
  if (at < 1) throw new UsageError(`'${text}' does not fit -o: it takes KEY=VALUE.`);
  if (key.startsWith('sources.')) return { settings: { [key]: value } };
  if (!Object.hasOwn(table, key))
    throw new UsageError(`There is no option '${key}'${suggestion(key, names) || '.'}`);
  return { [key]: readOption(key as OptionName, value) };
}

/** The keys that a source takes, read from its settings; an unknown key is answered with the nearest. */
export function settingsOf<const K extends string>(
  source: string,
  keys: readonly K[],
  settings: Settings,
): { readonly [P in K]?: string } {
  const prefix = `sources.${source}.`;
  const own = Object.entries(settings).filter(([key]) => key.startsWith(prefix));
  for (const [key] of own) {
    if (!(keys as readonly string[]).includes(key.slice(prefix.length))) {
      throw new UsageError(
        `The source '${source}' has no setting '${key}'${
          suggestion(
            key,
            keys.map((k) => prefix + k),
          ) || '.'
        }`,
      );
    }
  }
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])) as {
    [P in K]?: string;
  };
}
