import { Command } from 'commander';
import { archive } from '../../src/archiving.ts';
import { addOptions, givenOptions } from '../../src/cli/flags.ts';
import { jsonLine, lineFor } from '../../src/cli/telling.ts';
import type { OxbowError } from '../../src/errors.ts';
import type { Ran } from '../helpers/cli.ts';

/** What `oxbow archive … --json` comes to, without the start of a process for it, which costs more than most cases. */
export async function archivedHere(words: readonly string[]): Promise<Ran> {
  const command = addOptions(
    new Command().exitOverride().argument('[target]').option('-i, --input-file <file>').option('--json'),
  );
  command.parse(words as string[], { from: 'user' });
  const flags = command.opts<{ inputFile?: string }>();
  const target = flags.inputFile === undefined ? command.args[0]! : `list:${flags.inputFile}`;
  let [stdout, stderr] = ['', ''];
  const run = archive(target, {
    ...givenOptions(flags as Record<string, unknown>),
    report(event) {
      stdout += jsonLine(event) ?? '';
      const line = lineFor(event, false);
      stderr += line === undefined ? '' : `${line}\n`;
    },
  });
  const code = await run.finished.then(
    ({ exitCode }) => exitCode,
    (error: OxbowError) => {
      stderr += `oxbow: ${error.message}\n`;
      return error.exitCode ?? 70;
    },
  );
  return { code, signal: null, stdout, stderr };
}
