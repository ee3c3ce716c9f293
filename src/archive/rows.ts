import { type Capture, WebArchiveError } from './capture.ts';
import type { Found } from './web-archive.ts';

/** Rows that an index is asked for at once, the oldest first. */
export const MOST_ROWS = 1000;
/** Questions about one address that are worth their time. */
const MOST_PAGES = 5;

/** One question: the rows from a certain time on, or from the beginning. */
type AskFrom = (from: string | undefined) => Promise<Found>;

/**
 * All rows about one address. As many as were asked for may hide others behind them, a picture behind a thousand
 * archived errors; all indexes know how to begin at a certain time.
 */
export async function allRows(ask: AskFrom): Promise<Found> {
  const first = await ask(undefined);
  const rows = new Map<string, Capture>();
  let page: Found | undefined = first;
  for (let asked = 1; page; asked++) {
    const before = rows.size;
    for (const row of page.captures) rows.set(Object.values(row).join(' '), row);
    if (page.captures.length < MOST_ROWS) return { ...first, captures: [...rows.values()] };
    // An index that gives the same again begins at its beginning, whatever it is asked.
    if (rows.size === before || asked === MOST_PAGES) break;
    page = await further(ask, page.captures.at(-1)!.timestamp);
  }
  return { captures: [...rows.values()], partial: `only ${rows.size} of its captures were told` };
}

/** What became of a further question says nothing about the rows that are there already. */
async function further(ask: AskFrom, from: string): Promise<Found | undefined> {
  try {
    const found = await ask(from);
    return found.excluded === undefined ? found : undefined;
  } catch (error) {
    if (error instanceof WebArchiveError) return undefined;
    throw error;
  }
}
