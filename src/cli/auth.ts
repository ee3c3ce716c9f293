import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { addAssignments } from './flags.ts';

export interface AuthFlags {
  readonly forget?: boolean;
  readonly check: boolean;
  readonly json?: boolean;
}

/** `oxbow auth [source]`: keys of the user's own, typed unseen, tested, and stored for nobody else to read. */
export function authCommand(program: Command, leave: (code: number) => void): void {
  const command = program
    .command('auth')
    .description('store a key that a source wants, or tell which are stored')
    .argument('[source]', 'the source, such as tumblr')
    .option('--forget', 'delete the stored key')
    .option('--no-check', 'store it without asking the service whether it is good')
    .option('--json', 'tell the result as one line of JSON');
  addAssignments(command).action(async (source: string | undefined, flags: AuthFlags) => {
    const { listKeys, takeKey, forgetKey } = await import('./authorise.ts');
    if (source === undefined && flags.forget)
      throw new UsageError("Say which key is to be forgotten: 'oxbow auth SOURCE --forget'.");
    if (source === undefined) listKeys(flags);
    else if (flags.forget) await forgetKey(source, flags);
    else await takeKey(source, flags);
    leave(0);
  });
}
