import { CommanderError } from 'commander';
import { OxbowError, sentence } from '../errors.ts';
import { wrapped } from './words.ts';

/** One sentence for a person, the trace only of what should never happen; the exit code that it deserves. */
export function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof OxbowError && error.exitCode !== 70) {
    const { columns = Number.POSITIVE_INFINITY } = process.stderr; // a terminal breaks words, not lines
    process.stderr.write(`${wrapped(`oxbow: ${sentence(error)}`, columns - 1).join('\n')}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `oxbow: internal error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 70;
}
