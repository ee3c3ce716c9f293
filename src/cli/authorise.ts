import { SourceError, sentence, UsageError } from '../errors.ts';
import type { AuthFlags } from './auth.ts';
import { credentialFile, readCredentials, writeCredentials } from './credential-store.ts';
import {
  type CredentialKind,
  credentialKind,
  credentialKinds,
  masked,
  readSecret,
  variableOf,
} from './credential-table.ts';
import { givenOptions } from './flags.ts';
import { secretLine } from './secret-input.ts';
import { printable } from './words.ts';

const warn = (message: string) => void process.stderr.write(`warning: ${printable(message)}\n`);

/** Tells which sources have a key, where it comes from, and how others come by one. */
export function listKeys({ json }: AuthFlags): void {
  const path = credentialFile(process.env);
  const stored = readCredentials(path, warn);
  const credentials = credentialKinds.map((kind) => keyOf(kind, stored[kind.setting]));
  const lines = credentials.map(({ source, from, variable, masked: shown }) =>
    from === null
      ? `${source}: no key; 'oxbow auth ${source}' takes one`
      : `${source}: key ${shown} ${from === 'stored' ? `stored in ${path}` : `from ${variable} of the environment`}`,
  );
  tell(json, { path, credentials }, lines);
}

/** The environment goes before what is stored, as in a run. */
function keyOf({ source, setting }: CredentialKind, stored: string | undefined) {
  const variable = variableOf(setting);
  const exported = process.env[variable]?.trim() || undefined;
  const secret = exported ?? stored;
  const from = exported !== undefined ? 'environment' : stored !== undefined ? 'stored' : null;
  return { source, setting, variable, from, masked: secret === undefined ? null : printable(masked(secret)) };
}

/** Takes a key unseen, asks the service whether it is good, and stores it. */
export async function takeKey(source: string, flags: AuthFlags): Promise<void> {
  const kind = credentialKind(source);
  const { setting, what, advice } = kind;
  const given = givenOptions(flags as unknown as Record<string, unknown>);
  if (given.settings?.[setting] !== undefined)
    throw new UsageError(
      `A ${what} is typed, or comes by stdin; as an argument, everybody on this machine could read it.`,
    );
  const path = credentialFile(process.env);
  const stored = readCredentials(path, warn); // first: a damaged file is better told before anything is typed
  const line = await secretLine(process.stdin, {
    text: [...advice, '', `${what} (is not shown): `].join('\n'),
    say: (text) => void process.stderr.write(text),
  });
  const secret = readSecret(line);
  if (secret === undefined) throw new UsageError(`That is no ${what}: it takes one word, and nothing else.`);
  if (flags.check) {
    const { checkCredential } = await import('./credential-check.ts');
    await checkCredential(kind, secret, given).catch(untested);
  }
  await writeCredentials(path, { ...stored, [setting]: secret });
  const told = flags.check ? 'tested, and stored' : 'stored untested';
  tell(flags.json, { source, setting, stored: true, tested: flags.check, path }, [
    `The ${what} of ${source} is ${told} in ${path}; runs use it from now on.`,
  ]);
}

/** Where nobody can tell whether a key is good, the user may know better. */
function untested(error: unknown): never {
  if (!(error instanceof SourceError)) throw error;
  throw new SourceError(`${sentence(error)} Nothing was stored; --no-check stores it untested.`, {
    cause: error,
  });
}

export async function forgetKey(source: string, { json }: AuthFlags): Promise<void> {
  const { setting, what } = credentialKind(source);
  const path = credentialFile(process.env);
  const { [setting]: known, ...others } = readCredentials(path, warn);
  const forgotten = known !== undefined;
  if (forgotten) await writeCredentials(path, others);
  const where = `in ${path}`;
  tell(json, { source, setting, forgotten, path }, [
    forgotten
      ? `The ${what} of ${source} is no longer ${where}.`
      : `There is no ${what} of ${source} ${where}.`,
  ]);
}

function tell(json: boolean | undefined, data: object, lines: readonly string[]): void {
  const told = json ? [JSON.stringify(data)] : lines;
  process.stdout.write(told.map((line) => `${line}\n`).join(''));
}
