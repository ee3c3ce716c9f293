import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { StorageError, sentence, systemCode } from '../errors.ts';
import type { Settings } from '../options.ts';
import { syncFolder } from '../vault/place.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const FORMAT = 1;
/** Longer files are none of ours. */
const MOST_BYTES = 2 ** 20;

/** Where credentials are kept; XDG wants a path that does not begin at the root to be left aside. */
export function credentialFile({ XDG_CONFIG_HOME: config = '' }: Environment): string {
  return join(isAbsolute(config) ? config : join(homedir(), '.config'), 'oxbow', 'credentials.json');
}

/** The credentials of a file, by their settings; none where there is no file. Whoever else may read it is shut out. */
export function readCredentials(path: string, warn: (message: string) => void): Settings {
  const text = textOf(path, warn);
  if (text === undefined) return {};
  const read = parsed(text);
  if (typeof read?.v === 'number' && read.v > FORMAT)
    throw new StorageError(
      `${path} has format ${read.v}; this version of Oxbow reads format ${FORMAT}. Please update Oxbow.`,
    );
  const { settings } = read ?? {};
  if (read?.v !== FORMAT || !isSettings(settings))
    throw new StorageError(`${path} is not a file of credentials; move it away and store them anew.`);
  return settings;
}

function textOf(path: string, warn: (message: string) => void): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { mode, size } = fstatSync(file);
    if (size > MOST_BYTES) return '';
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) shutOut(path, mode, warn);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new StorageError(`Cannot read the credentials in ${path}: ${sentence(error)}.`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function shutOut(path: string, mode: number, warn: (message: string) => void): void {
  const was = `${path} holds credentials, and others could read it (mode ${(mode & 0o777).toString(8)})`;
  try {
    chmodSync(path, 0o600);
    warn(`${was}; now only you can. If somebody may have looked, get new ones.`);
  } catch (error) {
    warn(`${was}, and that cannot be changed: ${sentence(error)}.`);
  }
}

function parsed(text: string): { readonly v?: unknown; readonly settings?: unknown } | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : undefined;
  } catch {
    return undefined; // its text, and so the error's, may hold a key
  }
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => typeof one === 'string');

/** Puts all credentials into the file: whole or not at all, for nobody else to read. */
export async function writeCredentials(path: string, settings: Settings): Promise<void> {
  const folder = dirname(path);
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeSynced(draft, `${JSON.stringify({ v: FORMAT, settings }, null, 2)}\n`);
    await rename(draft, path);
    await syncFolder(folder);
  } catch (error) {
    await unlink(draft).catch(() => undefined); // where there is none, there is nothing to clear away
    throw new StorageError(`Cannot store credentials in ${path}: ${sentence(error)}.`, { cause: error });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
