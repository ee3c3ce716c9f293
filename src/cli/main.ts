#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { OxbowError, sentence } from '../errors.ts';
import { archiveCommand } from './archive.ts';
import { demoCommand } from './demo.ts';
import { statusCommand } from './status.ts';
import { verifyCommand } from './verify.ts';

/** Runs a command line and answers with its exit code. */
async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const leave = (exitCode: number) => {
    code = exitCode;
  };
  const program = new Command('oxbow')
    .description('Keeps what a blog leaves behind: every picture, video and sound of every post, verified.')
    .version(version())
    .addHelpText(
      'after',
      "\n'oxbow <target…>' is short for 'oxbow archive <target…>': see 'oxbow archive --help' for its options.",
    )
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(`oxbow: ${text.replace(/^error: /, '').replace(/\n\(Did you mean/, ' (did you mean')}`),
    })
    .showSuggestionAfterError(true);
  for (const add of [archiveCommand, verifyCommand, statusCommand, demoCommand]) add(program, leave);
  try {
    await program.parseAsync(argv as string[]);
    return code;
  } catch (error) {
    return tell(error);
  }
}

/** One sentence for a person; the trace only of what should never happen. */
function tell(error: unknown): number {
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

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Whoever listened has gone: that is no reason to die in the middle of a record. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv);
