import type { Command } from 'commander';
import { sentence } from '../errors.ts';
import type { Audit } from '../vault/fixity.ts';
import { shortPath } from './closing.ts';
import { many, printable, size } from './words.ts';

const MOST_LINES = 50;

/** `oxbow verify DIR`: every file against its record. */
export function verifyCommand(program: Command, leave: (code: number) => void): void {
  program
    .command('verify')
    .description('read every file of an archive and compare it with its record')
    .argument('<archive>', 'the folder of an archive')
    .option('--json', 'tell the result as one line of JSON')
    .option('-q, --quiet', 'tell nothing but damage')
    .action(async (archive: string, flags: Flags) => {
      const { recordAudit, verifyArchive } = await import('../vault/fixity.ts');
      const isDrawn = process.stderr.isTTY && !flags.quiet && !flags.json;
      const audit = await verifyArchive(archive, isDrawn ? { progress: drawProgress } : {});
      if (isDrawn) process.stderr.write('\r\x1b[K');
      await recordAudit(audit).catch((error: unknown) =>
        process.stderr.write(`warning: the audit could not be recorded: ${sentence(error)}\n`),
      );
      process.stdout.write(flags.json ? `${JSON.stringify(audit)}\n` : told(audit, flags.quiet === true));
      leave(audit.sound ? 0 : 8);
    });
}

interface Flags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

function told({ path, files, bytes, closed, sound, damage }: Audit, quiet: boolean): string {
  const lines = damage
    .slice(0, MOST_LINES)
    .map((one) => `${one.problem}: ${printable(one.path)} (${one.detail})`);
  if (damage.length > MOST_LINES) lines.push(`… and ${damage.length - MOST_LINES} more; --json lists all`);
  const seen = `${many(files, 'file')}, ${size(bytes)} read in ${shortPath(path)}`;
  const open = closed
    ? ''
    : ' A run is under way, or the last one did not end in order: the bag was not judged.';
  if (!quiet) lines.push(`${seen}: ${sound ? 'all sound' : many(damage.length, 'problem')}.${open}`);
  return lines.map((line) => `${line}\n`).join('');
}

let drawn = 0;
function drawProgress({ files, of, bytes }: { files: number; of: number; bytes: number }): void {
  if (performance.now() - drawn < 100) return;
  drawn = performance.now();
  process.stderr.write(`\r\x1b[K${files} of ${of} files, ${size(bytes)}`);
}
