import { sentence, UsageError } from '../errors.ts';
import { suggestion } from '../nearest.ts';
import type { Settings } from '../options.ts';
import { webAddress } from '../readers.ts';
import { quoted } from '../shown.ts';
import { sources } from '../sources/index.ts';
import type { SecretKind } from '../sources/source.ts';

/** The key that a source can use, and where it belongs. */
export interface CredentialKind extends SecretKind {
  /** The name of the source. */
  readonly source: string;
  /** The setting that takes it, as in `-o SETTING=VALUE`. */
  readonly setting: string;
}

/** Of each source that can have one. */
export const credentialKinds: readonly CredentialKind[] = sources.flatMap(({ name, secret }) =>
  secret ? [{ ...secret, source: name, setting: `sources.${name}.${secret.key}` }] : [],
);

export function credentialKind(source: string): CredentialKind {
  const kind = credentialKinds.find((one) => one.source === source);
  if (kind) return kind;
  const known = credentialKinds.map((one) => one.source);
  throw new UsageError(
    `No source ${quoted(source, 40)} takes a key${suggestion(source.slice(0, 40), known) || `; these do: ${known.join(', ')}.`}`,
  );
}

/** The base address of its service, where the user names one. */
export function apiOf({ source }: CredentialKind, settings: Settings): string | undefined {
  const name = `sources.${source}.api`;
  const api = settings[name];
  try {
    return api === undefined ? undefined : webAddress(api);
  } catch (error) {
    throw new UsageError(`What was given does not fit ${name}: it takes ${sentence(error)}.`, {
      cause: error,
    });
  }
}

/** The variable of the environment that stands in for a setting. */
export const variableOf = (setting: string): string => `OXBOW_${setting.replaceAll('.', '_').toUpperCase()}`;

/** A secret as services give them out, or undefined: one word of plain letters, bounded. */
export function readSecret(text: string): string | undefined {
  const secret = text.trim();
  return /^[\x21-\x7e]{1,1024}$/.test(secret) ? secret : undefined;
}

/** Enough to tell two keys apart, where so much is left that it gives nothing away. */
export const masked = (secret: string): string => `…${secret.length >= 20 ? secret.slice(-4) : ''}`;
