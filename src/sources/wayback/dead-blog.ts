import { SourceError, UsageError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { settingsOf } from '../../options.ts';
import { quoted, shownAddress } from '../../shown.ts';
import type { Listing, SourceContext } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { cappedWarnings } from '../warnings.ts';
import { type Cursor, readCursor, start } from './cursor.ts';
import { type Position, pagesOf, type WebPage } from './pages.ts';
import { keyIn, type Place, readPlace } from './place.ts';
import { type ReadWay, readPage } from './read.ts';
import { roles } from './roles.ts';
import { settings } from './settings.ts';

/** The posts of all pages that were captured below a place. */
export async function openDeadBlog(target: string, context: SourceContext): Promise<Listing> {
  const given = settingsOf('wayback', Object.keys(settings) as (keyof typeof settings)[], context.settings);
  const place = readPlace(withoutPrefix('wayback', target));
  const walk = {
    place,
    context,
    isEvery: isEvery(given.captures),
    rows: countIn('rows', given.rows, 5000),
    pages: countIn('pages', given.pages, 10),
  };
  await findSome(walk);
  return {
    name: place.name,
    trusted: place.addresses,
    pages: (cursor) => listed(readCursor(cursor, context.webArchive.scope), walk),
  };
}

interface Walk {
  readonly place: Place;
  readonly context: SourceContext;
  /** Is every capture read of what is no post? */
  readonly isEvery: boolean;
  readonly rows: number;
  readonly pages: number;
}

function isEvery(text = 'newest'): boolean {
  if (text === 'newest' || text === 'all') return text === 'all';
  throw new UsageError(`'${text}' does not fit sources.wayback.captures: it takes newest or all.`);
}

function countIn(key: string, text: string | undefined, standard: number): number {
  const count = Number(text ?? standard);
  if (Number.isSafeInteger(count) && count > 0 && count <= 100_000) return count;
  throw new UsageError(`'${text}' does not fit sources.wayback.${key}: it takes a number from 1 to 100000.`);
}

/** A place of which nothing was captured is a mistake more often than an empty blog. */
async function findSome({ place, context, rows }: Walk): Promise<void> {
  for await (const part of context.webArchive.captures(place.prefix, { rows, from: null }))
    if (part.rows.some(({ original }) => keyIn(place, original) !== undefined)) return;
  throw new SourceError(`The web archive holds no page of ${place.prefix}, or none in the time asked for.`, {
    url: shownAddress(place.addresses[0]!),
  });
}

/** A cursor is a line on disk after each page of posts: it must not grow with all that an archive has lost. */
const mostLeft = 100;

/** So many pages in a row to which an archive does not even answer: it is out of order, which proves nothing of them. */
const mostSilent = 3;

/**
 * The posts of all pages, role after role; what could not be had before is tried again first. Where the archive is out
 * of order the listing ends behind the pages that it did not answer for: they are left for the next run, which begins
 * with them and goes on from there, so that pages that can never be had keep no others from being read.
 */
async function* listed({ left: before, ...from }: Cursor, walk: Walk): AsyncGenerator<Page> {
  const warnings = cappedWarnings(walk.context.report, 'the web archive');
  const way = { context: walk.context, warnings };
  let come = { at: from, left: before };
  let silent: readonly SourceError[] = [];
  try {
    for await (const { pages, at, isAgain } of batches({ ...from, left: before }, walk)) {
      const { posts, ...read } = await readAll(pages, way);
      const left = [...come.left.filter((page) => !pages.includes(page)), ...read.left];
      if (!isAgain) silent = read.silent.length < pages.length ? read.silent : [...silent, ...read.silent];
      const isOutOfOrder = silent.length >= mostSilent;
      if (!isOutOfOrder || left.length <= mostLeft) come = { at, left: left.slice(0, mostLeft) };
      yield { posts, cursor: { ...come.at, left: come.left } satisfies Cursor };
      if (isOutOfOrder) throw silent[0]!;
    }
  } finally {
    warnings.close();
  }
}

interface Batch {
  readonly pages: readonly WebPage[];
  /** Where the one after it begins. */
  readonly at: Omit<Cursor, 'left'>;
  /** Could these not be had before? Then that they still cannot says nothing of the archive as a whole. */
  readonly isAgain: boolean;
}

async function* batches({ left, ...at }: Cursor, walk: Walk): AsyncGenerator<Batch> {
  for (let n = 0; n < left.length; n += walk.pages)
    yield { pages: left.slice(n, n + walk.pages), at, isAgain: true };
  for (const role of roles.slice(roles.indexOf(at.role))) {
    const batch = (pages: readonly WebPage[], from: Position): Batch => ({
      pages,
      at: { scope: at.scope, role, from },
      isAgain: false,
    });
    let from = role === at.role ? at.from : start;
    let pages: WebPage[] = [];
    for await (const { page, next } of pagesOf(walk.context.webArchive, { ...walk, from })) {
      if (page.role !== role) continue;
      pages.push(page);
      from = next;
      if (pages.length < walk.pages) continue;
      yield batch(pages, from);
      pages = [];
    }
    if (pages.length > 0) yield batch(pages, from);
  }
}

/** The posts of some pages, those that cannot be had, and what became of the last ones if the archive did not answer. */
async function readAll(pages: readonly WebPage[], way: ReadWay) {
  const readings = await Promise.all(pages.map((page) => readPage(page, way)));
  const left = pages.filter((page, n) => {
    const reading = readings[n]!;
    if ('posts' in reading) return false;
    way.warnings.skip(`The archived page ${quoted(page.key, 200)} cannot be read: ${reading.trouble}`);
    return true;
  });
  const errors = readings.map((reading) => ('error' in reading ? reading.error : undefined));
  const silent = errors.slice(errors.lastIndexOf(undefined) + 1) as SourceError[];
  return { left, silent, posts: readings.flatMap((reading) => ('posts' in reading ? reading.posts : [])) };
}
