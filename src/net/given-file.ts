import { readFileSync } from 'node:fs';
import { sentence, UsageError } from '../errors.ts';

/** Reads a file that an option names, and says of which option it is if that fails. */
export function readGiven<T>(file: string, option: string, read: (text: string, file: string) => T): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read the file of --${option}: ${sentence(error)}.`, { cause: error });
  }
  return read(text, file);
}
