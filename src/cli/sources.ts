import type { Command } from 'commander';
import { addOptions, givenOptions } from './flags.ts';
import { printable } from './words.ts';

export interface SourcesFlags {
  readonly json?: boolean;
}

/** `oxbow sources [target]`: what can be archived; of a target, which source takes it and why. */
export function sourcesCommand(program: Command, leave: (code: number) => void): void {
  const command = program
    .command('sources')
    .description('tell what can be archived, or which source takes a target and why')
    .argument('[target]', 'an address, a file, or a name with a prefix; an unknown address is asked once')
    .option('--json', 'tell it as JSON');
  addOptions(command).action(async (target: string | undefined, flags: SourcesFlags) => {
    const { sourceLines, choiceLines } = await import('./choices.ts');
    const { withCredentials } = await import('./credentials.ts');
    const warn = (message: string) => void process.stderr.write(`warning: ${printable(message)}\n`);
    const given = withCredentials(givenOptions(flags as Record<string, unknown>), { env: process.env, warn });
    const lines = target === undefined ? sourceLines(flags) : await choiceLines(target, given, flags);
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    leave(0);
  });
}
