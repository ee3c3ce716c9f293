import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a server says at one address. */
export interface ServedAnswer {
  /** A file of the case, or the text itself. */
  readonly file?: string;
  readonly text?: string;
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The address that answers, where redirects lead to another one. */
  readonly at?: string;
}

/**
 * A case is a folder with an `expected.json` and what is read: a file or folder called `input…`, with the settings in
 * `settings.json`; or a `case.json` that names a target, settings, and the answers of servers by their addresses.
 */
export interface Case {
  readonly folder: string;
  readonly target: string;
  /** Does it lie on the disk? */
  readonly isLocal: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<string, ServedAnswer>>;
}

export interface Expected {
  readonly name: string | null;
  readonly posts: readonly unknown[];
  /** What is warned of, without the path of the input. */
  readonly warnings: readonly string[];
}

export function readCase(source: string, folder: string): Case {
  const input = readdirSync(folder).find((file) => file.startsWith('input'));
  const json = (file: string) =>
    existsSync(join(folder, file)) ? JSON.parse(readFileSync(join(folder, file), 'utf8')) : {};
  const given: Partial<Case> = input === undefined ? json('case.json') : { settings: json('settings.json') };
  const settings = Object.fromEntries(
    Object.entries(given.settings ?? {}).map(([key, value]) => [`sources.${source}.${key}`, value]),
  );
  const target = input === undefined ? given.target : join(folder, input);
  if (target === undefined) throw new Error(`${folder} has neither an input nor a case.json with a target`);
  return { folder, target, isLocal: input !== undefined, settings, answers: given.answers ?? {} };
}

export const expectedOf = (folder: string): Expected =>
  JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
