import { SourceError, UsageError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { settingsOf } from '../../options.ts';
import { quoted, shownAddress } from '../../shown.ts';
import type { Source, SourceContext } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { cappedWarnings } from '../warnings.ts';
import { type Cursor, readCursor, start } from './cursor.ts';
import { pagesOf, type WebPage } from './pages.ts';
import { keyIn, type Place, readPlace } from './place.ts';
import { type ReadWay, readPage } from './read.ts';
import { roles } from './roles.ts';

const settings = {
  captures:
    'newest (the default), or all: which captures are read of what is no post, such as lists and feeds',
  rows: 'how many rows of the index are asked for at a time, 5000 by default',
  pages: 'how many archived pages are read at a time, 10 by default',
};

/** A blog that is gone, from the captures of its pages in the web archive. */
export const wayback: Source = {
  name: 'wayback',
  takes: 'a blog that is gone, from the web archive: wayback: and its host or address',
  settings,
  claims: (target) => target.startsWith('wayback:'),
  async open(target, context) {
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
  },
};

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

/** The posts of all pages, role after role; what could not be had before is tried again first. */
async function* listed(cursor: Cursor, walk: Walk): AsyncGenerator<Page> {
  const warnings = cappedWarnings(walk.context.report, 'the web archive');
  const way = { context: walk.context, warnings };
  let { left } = cursor;
  try {
    for await (const { pages, at } of batches(cursor, walk)) {
      const read = await readAll(pages, way);
      left = [...left.filter((page) => !pages.includes(page)), ...read.left].slice(0, mostLeft);
      yield { posts: read.posts, cursor: { ...at, left } satisfies Cursor };
    }
  } finally {
    warnings.close();
  }
}

interface Batch {
  readonly pages: readonly WebPage[];
  /** Where the one after it begins. */
  readonly at: Omit<Cursor, 'left'>;
}

async function* batches({ left, ...at }: Cursor, walk: Walk): AsyncGenerator<Batch> {
  for (let n = 0; n < left.length; n += walk.pages) yield { pages: left.slice(n, n + walk.pages), at };
  for (const role of roles.slice(roles.indexOf(at.role))) {
    let from = role === at.role ? at.from : start;
    let pages: WebPage[] = [];
    for await (const { page, next } of pagesOf(walk.context.webArchive, { ...walk, from })) {
      if (page.role !== role) continue;
      pages.push(page);
      from = next;
      if (pages.length < walk.pages) continue;
      yield { pages, at: { scope: at.scope, role, from } };
      pages = [];
    }
    if (pages.length > 0) yield { pages, at: { scope: at.scope, role, from } };
  }
}

/** An archive that gives none of several pages is out of order, and what it says proves nothing. */
async function readAll(pages: readonly WebPage[], way: ReadWay) {
  const readings = await Promise.all(pages.map((page) => readPage(page, way)));
  const errors = readings.flatMap((reading) => ('error' in reading && reading.error) || []);
  if (errors.length === pages.length) throw errors[0]!;
  const left = pages.filter((page, n) => {
    const reading = readings[n]!;
    if ('posts' in reading) return false;
    way.warnings.skip(`The archived page ${quoted(page.key, 200)} cannot be read: ${reading.trouble}`);
    return true;
  });
  return { left, posts: readings.flatMap((reading) => ('posts' in reading ? reading.posts : [])) };
}
