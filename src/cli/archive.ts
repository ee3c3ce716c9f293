import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { sentence, UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { checkOptions } from '../options.ts';
import { Company } from './company.ts';
import { addOptions, givenOptions } from './flags.ts';
import type { OutputOptions } from './output.ts';
import { tell } from './trouble.ts';
import { printable } from './words.ts';

interface Flags extends OutputOptions {
  readonly inputFile?: string;
  readonly targets?: string;
  readonly simulate?: boolean;
  readonly getUrls?: boolean;
  readonly dumpJson?: boolean;
}

/** `oxbow archive <target…>`, or `oxbow <target…>` for short. */
export function archiveCommand(program: Command, leave: (code: number) => void): void {
  const command = program
    .command('archive', { isDefault: true })
    .description('archive a blog, and go on where an earlier run stopped')
    .argument('[target...]', 'an address, a file, or a name with a prefix')
    .option('-i, --input-file <file>', 'archive the media addresses of a list ("-" is stdin)')
    .option('--targets <file>', 'archive many blogs: a target a line')
    .option(
      '-s, --simulate',
      'list only, and forecast what a run would come to: fetch no media, write nothing',
    )
    .option('--dry-run', 'the same')
    .option('-g, --get-urls', 'print the media addresses, one a line')
    .option('-j, --dump-json', 'print a line of JSON for each media item')
    .option('-q, --quiet', 'tell nothing but errors')
    .option('-v, --verbose', 'tell more')
    .option('--json', 'tell everything as JSON Lines on stdout')
    .option('--write-log <file>', 'the same, appended to a file')
    .option('-e, --error-file <file>', 'append the addresses of what is missing or failed');
  addOptions(command);
  command.action(async (words: string[], flags: Flags & { dryRun?: boolean }) => {
    const targets = await allTargets(words, flags);
    for (const word of words) refuseCommandLike(word, program);
    const warn = (message: string) => {
      if (!flags.quiet) process.stderr.write(`warning: ${printable(message)}\n`);
    };
    const { withCredentials } = await import('./credentials.ts');
    const given = withCredentials(givenOptions(flags as Record<string, unknown>), { env: process.env, warn });
    if (targets.length > 1 && given.directory)
      throw new UsageError('One folder cannot be the archive of several targets; use -d DIR.');
    const company = new Company();
    const isListed = flags.simulate || flags.dryRun || flags.getUrls || flags.dumpJson;
    const one = async (target: string) => {
      if (isListed) return (await import('./simulate.ts')).simulate(target, flags, given);
      return (await import('./archive-one.ts')).archiveOne(target, flags, given, { company });
    };
    if (targets.length === 1) return leave(await one(targets[0]!));
    checkOptions(given); // what is wrong for all of them is said once
    const { openFiles } = await import('./output.ts');
    await openFiles(flags).close();
    leave(await oneByOne(targets, one, company));
  });
}

/** Trouble with one target is told and ends that target alone; the worst of the exit codes. */
async function oneByOne(
  targets: readonly string[],
  one: (target: string) => Promise<number>,
  company: Company,
): Promise<number> {
  let worst = 0;
  for (const target of targets) {
    worst = Math.max(worst, await one(target).catch(tell));
    if (company.interrupted) break;
  }
  return worst;
}

async function allTargets(words: readonly string[], { inputFile, targets }: Flags): Promise<string[]> {
  const listed =
    targets === undefined
      ? []
      : (await readText(targets))
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '' && !line.startsWith('#'));
  const all = [
    ...words,
    ...(inputFile === undefined ? [] : [inputFile === '-' ? '-' : `list:${inputFile}`]),
    ...listed,
  ];
  if (all.length === 0)
    throw new UsageError(
      "There is nothing to archive: name a target, for example 'oxbow export.json' or 'oxbow -i list.txt'. 'oxbow --help' tells more.",
    );
  return [...new Set(all)];
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read the targets in ${path}: ${sentence(error)}.`, { cause: error });
  }
}

/** `oxbow verfy` looks like a target to the parser, and like a mistake to a person. */
function refuseCommandLike(word: string, program: Command): void {
  if (!/^[a-z]+$/i.test(word) || existsSync(word)) return;
  const meant = nearest(
    word,
    program.commands.map((command) => command.name()),
  );
  if (meant !== undefined)
    throw new UsageError(`There is no command and no target '${word}'; did you mean 'oxbow ${meant}'?`);
}
