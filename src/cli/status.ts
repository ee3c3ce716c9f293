import type { Command } from 'commander';
import type { MediaRecord } from '../model.ts';
import { inWords } from '../reasons.ts';
import { type Holdings, readHoldings } from '../vault/holdings.ts';
import { Losses, shortPath } from './closing.ts';
import { many, printable, size } from './words.ts';

/** `oxbow status DIR`: what is held, what is missing, and why. */
export function statusCommand(program: Command, leave: (code: number) => void): void {
  program
    .command('status')
    .description('tell what an archive holds, what is missing, and why')
    .argument('<archive>', 'the folder of an archive')
    .option('--missing', 'list everything that is missing or failed, with the places asked')
    .option('--json', 'tell it as JSON')
    .action(async (archive: string, { missing, json }: { missing?: boolean; json?: boolean }) => {
      const holdings = await readHoldings(archive);
      const { lost, ...counts } = holdings;
      if (json) process.stdout.write(`${JSON.stringify(missing ? holdings : counts)}\n`);
      else process.stdout.write(`${(missing ? lost.flatMap(lostLines) : overview(holdings)).join('\n')}\n`);
      leave(0);
    });
}

function overview(holdings: Holdings): string[] {
  const {
    path,
    posts,
    items,
    kept,
    recovered,
    missing,
    failed,
    filtered,
    open,
    files,
    bytes,
    lastRun,
    closed,
    lost,
    damagedLines,
  } = holdings;
  const losses = new Losses();
  for (const record of lost) losses.add(record);
  return [
    `${shortPath(path)}: ${many(posts, 'post')}, ${many(items, 'media item')}`,
    `  ${String(kept).padStart(6)}  kept, in ${many(files, 'file')} of ${size(bytes)}${recovered > 0 ? `; ${recovered} of them from web archives` : ''}`,
    `  ${String(missing).padStart(6)}  missing`,
    `  ${String(failed).padStart(6)}  failed: the next run tries again`,
    ...(filtered > 0 ? [`  ${String(filtered).padStart(6)}  not wanted`] : []),
    ...(open > 0 ? [`  ${String(open).padStart(6)}  not settled yet: run it again`] : []),
    ...losses.lines(5),
    `last run ${lastRun ?? 'never'}${closed ? '' : '; a run is under way, or the last one did not end in order'}`,
    ...(damagedLines > 0
      ? [`${many(damagedLines, 'line')} of the manifest cannot be read: oxbow verify tells which`]
      : []),
    ...(lost.length > 0 ? [`oxbow status ${shortPath(path)} --missing lists what is not held`] : []),
  ];
}

function lostLines({ status, url, post, reason, tried = [] }: MediaRecord): string[] {
  const why = reason ? inWords(reason.code) : 'no reason given';
  return [
    printable(`${status}: ${url}${post === null ? '' : ` (post ${post})`} — ${why}`),
    ...tried.map(({ where, outcome, detail }) => printable(`    ${where}: ${inWords(outcome)} (${detail})`)),
  ];
}
