import { sentence, UsageError } from '../errors.ts';
import { suggestion } from '../nearest.ts';
import type { Settings } from '../options.ts';
import { webAddress } from '../readers.ts';
import { quoted } from '../shown.ts';

/** A source that wants a key of the user's own: how it is called, got and tested. Nothing shared is built in. */
export interface CredentialKind {
  /** The name of the source. */
  readonly source: string;
  /** The setting that takes it, as in `-o SETTING=VALUE`. */
  readonly setting: string;
  readonly what: string;
  /** How one comes by it, in a few lines. */
  readonly advice: readonly string[];
  /** The base address of the service, where the setting `sources.<source>.api` names no other. */
  readonly api: string;
  /** The question, behind the base address, that a good key is answered. */
  readonly question: (secret: string) => string;
  /** Does an answer with status 200 show that the service itself speaks? A hotel's login page does not. */
  readonly isAnswer: (parsed: unknown) => boolean;
}

/** A line for each source that can have one. */
export const credentialKinds: readonly CredentialKind[] = [
  {
    source: 'tumblr',
    setting: 'sources.tumblr.key',
    what: 'API key',
    advice: [
      'Tumblr gives keys to anybody who has an account: register an application at https://www.tumblr.com/oauth/apps',
      '(name and address are up to you). The "OAuth consumer key" is the key; the secret beside it is not needed.',
    ],
    api: 'https://api.tumblr.com/v2',
    question: (secret) => `/blog/staff/info?api_key=${encodeURIComponent(secret)}`,
    isAnswer: (parsed) => (parsed as { meta?: { status?: unknown } } | null)?.meta?.status === 200,
  },
];

export function credentialKind(source: string): CredentialKind {
  const kind = credentialKinds.find((one) => one.source === source);
  if (kind) return kind;
  const known = credentialKinds.map((one) => one.source);
  throw new UsageError(
    `No source ${quoted(source, 40)} takes a key${suggestion(source.slice(0, 40), known) || `; these do: ${known.join(', ')}.`}`,
  );
}

/** The base address of its service: the setting, else the usual one. */
export function apiOf({ source, api }: CredentialKind, settings: Settings): string {
  const name = `sources.${source}.api`;
  try {
    return webAddress(settings[name] ?? api);
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
