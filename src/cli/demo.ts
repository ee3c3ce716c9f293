import type { Command } from 'commander';
import type { OutputOptions } from './output.ts';

/** `oxbow demo`: archives a blog that Oxbow serves itself, troubles included, and says what came of it. */
export function demoCommand(program: Command, leave: (code: number) => void): void {
  program
    .command('demo')
    .description('archive a demonstration blog, served over loopback with troubles of every kind')
    .option('-D, --directory <dir>', 'where to', './demo-archive')
    .option('-q, --quiet', 'tell nothing but errors')
    .option('-v, --verbose', 'tell more')
    .option('--json', 'tell everything as JSON Lines on stdout')
    .action(async ({ directory, ...flags }: OutputOptions & { directory: string }) => {
      const { demonstrate } = await import('./demonstrate.ts');
      leave(await demonstrate(directory, flags));
    });
}
