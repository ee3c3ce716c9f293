import { sentence, UsageError } from '../errors.ts';
import type { GivenOptions, Settings } from '../options.ts';
import { sources as all } from '../sources/index.ts';
import type { Source } from '../sources/source.ts';
import { credentialFile, readCredentials } from './credential-store.ts';
import { credentialKinds, readSecret, variableOf } from './credential-table.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Circumstances {
  readonly env: Environment;
  readonly warn: (message: string) => void;
  readonly sources?: readonly Pick<Source, 'name' | 'settings'>[];
}

/** The keys that a run may need: what `-o` gives goes before the environment, and that before what is stored. */
export function withCredentials(
  given: GivenOptions,
  { env, warn, sources = all }: Circumstances,
): GivenOptions {
  const taken = credentialKinds
    .map(({ setting }) => setting)
    .filter((setting) => sources.some((source) => takes(source, setting)));
  const lacking = taken.filter((setting) => given.settings?.[setting] === undefined);
  const exported = exportedOf(lacking, env);
  const stored = lacking.every((setting) => setting in exported) ? {} : storedOf({ env, warn });
  const found = Object.fromEntries(
    lacking
      .map((setting) => [setting, exported[setting] ?? stored[setting]])
      .filter(([, secret]) => secret !== undefined),
  ) as Settings;
  return { ...given, settings: { ...found, ...given.settings } };
}

/** A setting that no source knows would be refused as a mistake of the user's. */
function takes({ name, settings }: Pick<Source, 'name' | 'settings'>, setting: string): boolean {
  const prefix = `sources.${name}.`;
  return setting.startsWith(prefix) && Object.hasOwn(settings, setting.slice(prefix.length));
}

/** What is set to nothing is not set. */
function exportedOf(settings: readonly string[], env: Environment): Settings {
  const found: Record<string, string> = {};
  for (const setting of settings) {
    const text = env[variableOf(setting)]?.trim();
    if (!text) continue;
    const secret = readSecret(text);
    if (secret === undefined)
      throw new UsageError(`${variableOf(setting)} of the environment does not fit: it takes one word.`);
    found[setting] = secret;
  }
  return found;
}

/** Most runs need no key: one that cannot be read is told, and ends none of them. */
function storedOf({ env, warn }: Circumstances): Settings {
  try {
    return readCredentials(credentialFile(env), warn);
  } catch (error) {
    warn(`the stored keys are left aside: ${sentence(error)}`);
    return {};
  }
}
