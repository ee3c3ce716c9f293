import { CommanderError } from 'commander';
import { OxbowError, sentence } from '../errors.ts';

/** One sentence for a person, the trace only of what should never happen; the exit code that it deserves. */
export function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof OxbowError && error.exitCode !== 70) {
    process.stderr.write(`oxbow: ${sentence(error)}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `oxbow: internal error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 70;
}
