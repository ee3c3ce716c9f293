#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { StorageError } from '../errors.ts';
import { archiveCommand } from './archive.ts';
import { authCommand } from './auth.ts';
import { demoCommand } from './demo.ts';
import { sourcesCommand } from './sources.ts';
import { statusCommand } from './status.ts';
import { tell } from './trouble.ts';
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
      "\n'oxbow <target…>' is short for 'oxbow archive <target…>':\nsee 'oxbow archive --help' for its options.",
    )
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(`oxbow: ${text.replace(/^error: /, '').replace(/\n\(Did you mean/, ' (did you mean')}`),
    })
    .showSuggestionAfterError(true);
  for (const add of [archiveCommand, verifyCommand, statusCommand, sourcesCommand, authCommand, demoCommand])
    add(program, leave);
  try {
    await program.parseAsync(argv as string[]);
    return code;
  } catch (error) {
    return tell(error);
  }
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

let unheard: NodeJS.ErrnoException | undefined;
/** Nobody listens, or there is no room to write to: that is no reason to die in the middle of a record. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unheard ??= error;
  });
}

/** Milliseconds that open connections, or an open stdin, may still hold the process when all is said. */
const LINGER = 1000;

process.exitCode = await main(process.argv);
setTimeout(() => process.exit(), LINGER).unref();
if (unheard)
  process.exitCode = tell(
    new StorageError(`Cannot write the output: ${unheard.message}.`, { cause: unheard }),
  );
