import type { Command } from 'commander';
import type { MediaRecord, Tried } from '../model.ts';
import { dueFrom, inWords } from '../reasons.ts';
import type { Holdings } from '../vault/holdings.ts';
import type { OnlyCopy } from '../vault/only-copies.ts';
import { Losses, shortPath } from './closing.ts';
import { many, printable, size } from './words.ts';

interface Flags {
  readonly missing?: boolean;
  readonly onlyCopies?: boolean;
  readonly suspects?: boolean;
  readonly json?: boolean;
}

/** `oxbow status DIR`: what is held, what is missing, and why. */
export function statusCommand(program: Command, leave: (code: number) => void): void {
  program
    .command('status')
    .description('tell what an archive holds, what is missing, and why')
    .argument('<archive>', 'the folder of an archive')
    .option('--missing', 'list everything that is missing or failed, with the places asked')
    .option('--only-copies', 'list the files that are gone from their servers and from the web archives')
    .option('--suspects', 'list what looks like a placeholder, as a file for --placeholders')
    .option('--json', 'tell it as JSON')
    .action(async (archive: string, flags: Flags) => {
      process.stdout.write((await told(archive, flags)).map((line) => `${line}\n`).join(''));
      leave(0);
    });
}

async function told(archive: string, flags: Flags): Promise<string[]> {
  if (flags.suspects) {
    const { suspectList } = await import('./suspects.ts');
    const warn = (message: string) => process.stderr.write(`warning: ${printable(message)}\n`);
    return [JSON.stringify(await suspectList(archive, warn), null, 2)];
  }
  const { readHoldings } = await import('../vault/holdings.ts');
  const holdings = await readHoldings(archive);
  return flags.json ? [JSON.stringify(dataOf(holdings, flags))] : linesOf(holdings, flags);
}

/** The counts; what is listed only if that was asked for. */
function dataOf({ lost, onlyCopies, ...counts }: Holdings, flags: Flags): object {
  return {
    ...counts,
    ...(flags.missing && { lost: lost.map(withDue) }),
    onlyCopies: onlyCopies.length,
    ...(flags.onlyCopies && { alone: onlyCopies }),
  };
}

function linesOf(holdings: Holdings, { missing, onlyCopies }: Flags): string[] {
  const lists = [
    ...(missing ? holdings.lost.flatMap(lostLines) : []),
    ...(onlyCopies ? holdings.onlyCopies.flatMap(onlyCopyLines) : []),
  ];
  if (!missing && !onlyCopies) return overview(holdings);
  return lists.length > 0
    ? lists
    : [`nothing of that sort, as far as was asked${missing ? '' : ' (--refresh asks)'}`];
}

function overview(holdings: Holdings): string[] {
  const {
    path,
    posts,
    items,
    kept,
    recovered,
    lesser,
    reduced,
    unverified,
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
    ...(lesser > 0
      ? [
          `  ${String(lesser).padStart(6)}  of these are not the best that is known${reduced > 0 ? `; ${reduced} may exist larger: a later run asks` : ''}`,
        ]
      : []),
    ...(unverified > 0
      ? [`  ${String(unverified).padStart(6)}  of these have no end that proves them whole`]
      : []),
    `  ${String(missing).padStart(6)}  missing`,
    `  ${String(failed).padStart(6)}  failed: the next run tries again`,
    ...(filtered > 0 ? [`  ${String(filtered).padStart(6)}  not wanted`] : []),
    ...(open > 0 ? [`  ${String(open).padStart(6)}  not settled yet: run it again`] : []),
    ...losses.lines(5),
    ...goneLines(holdings),
    ...listingLines(holdings),
    `last run ${lastRun ?? 'never'}${closed ? '' : '; a run is under way, or the last one did not end in order'}`,
    ...(damagedLines > 0
      ? [`${many(damagedLines, 'line')} of the manifest cannot be read: oxbow verify tells which`]
      : []),
    ...(lost.length > 0 ? [`oxbow status ${shortPath(path)} --missing lists what is not held`] : []),
  ];
}

function lostLines(record: MediaRecord): string[] {
  const { status, url, post, path, reason, tried = [], losses = 1 } = record;
  const why = reason ? inWords(reason.code) : 'no reason given';
  const due = askedAgain(record);
  const often = losses > 1 ? `found so ${losses} times, ` : '';
  return [
    printable(`${status}: ${url}${post === null ? '' : ` (post ${post})`} — ${why}`),
    ...(path === undefined ? [] : [printable(`    what came lies in ${path}`)]),
    ...tried.map(placeLine),
    due === null ? '    the next run tries again' : `    ${often}asked again from ${due.slice(0, 10)}`,
  ];
}

/** What was never asked for is not claimed: only when it was is told. */
function goneLines({ path, gone, unsought, onlyCopies }: Holdings): string[] {
  if (gone === 0) return [];
  const days = onlyCopies.map(({ asked }) => asked.slice(0, 10)).sort();
  const [first, last] = [days[0], days.at(-1)];
  const n = onlyCopies.length;
  return [
    `${many(gone, 'kept item is', 'kept items are')} gone from ${gone === 1 ? 'its server' : 'their servers'}`,
    ...(n > 0
      ? [
          `${many(n, 'file is', 'files are')} the only copy known, as of ${first === last ? first : `${first} to ${last}`}: oxbow status ${shortPath(path)} --only-copies`,
        ]
      : []),
    ...(unsought > 0 ? [`for ${unsought} of them no web archive was asked, or none could answer`] : []),
  ];
}

/** Nothing is said where no listing of everything has come to its end: then nobody knows. */
const listingLines = ({ gonePosts, listedToEnd, isPartlyListed }: Holdings): string[] => [
  ...(gonePosts > 0 ? [`${many(gonePosts, 'post is', 'posts are')} gone from the blog, not from here`] : []),
  ...(isPartlyListed ? ['not all of the blog is listed yet: a run without limits goes on'] : []),
  ...(listedToEnd === null || isPartlyListed
    ? []
    : [`a listing of everything last came to its end on ${printable(listedToEnd.slice(0, 10))}`]),
];

function onlyCopyLines({ path, url, post, since, asked, reason, detail }: OnlyCopy): string[] {
  return [
    printable(path),
    printable(`    ${url}${post === null ? '' : ` (post ${post})`}`),
    printable(`    ${inWords(reason)} (${detail}) since ${since}; no capture in a web archive on ${asked}`),
  ];
}

/** The address only where it is another than what was wanted. */
function placeLine({ where, url, from, outcome, detail }: Tried): string {
  const place = where === 'live' ? '' : ` ${url}`;
  const answered = from === undefined ? '' : `, answered by ${from}`;
  return printable(`    ${where}:${place} ${inWords(outcome)} (${detail}${answered})`);
}

/** The day from which a run asks for it once more; null if the next one does. */
function askedAgain(record: MediaRecord): string | null {
  const due = dueFrom(record);
  return due > Date.now() ? new Date(due).toISOString() : null;
}

const withDue = (record: MediaRecord) => ({ ...record, askedAgain: askedAgain(record) });
