import type { Page } from '../model.ts';
import { counted } from '../shown.ts';
import { sumOfText } from '../sums.ts';
import { Seen } from './seen.ts';

/** So many pages in a row that bring no post, or none that this run has not met: nobody lists like that. */
const mostBarren = 1000;
/** So many pages in all: by fifty posts each, more than any blog has. */
const mostPages = 1_000_000;

/**
 * A source that leads in a circle, or never comes to an end, is left: its cursor came before, it brings nothing but
 * what this run has met already, or more than there can be.
 */
export async function* withoutRounds(
  pages: AsyncIterable<Page>,
  leaveOut: (why: string) => void,
  most = mostPages,
): AsyncGenerator<Page> {
  const [cursors, posts] = [new Seen(), new Seen()];
  let barren = 0;
  let count = 0;
  for await (const page of pages) {
    yield page;
    if (++count >= most)
      return leaveOut(`The source has no end: it was left behind ${counted(most, 'page')}.`);
    const { cursor } = page;
    if (cursor != null && !cursors.add(sumOfText('sha256', JSON.stringify(cursor))))
      return leaveOut('The source leads in a circle: it was left. What it does not lead to was not listed.');
    if (page.covers) continue; // it has gone on
    const isNews = page.posts.reduce((found, { id }) => posts.add(id) || found, false);
    barren = isNews ? 0 : barren + 1;
    if (barren >= mostBarren)
      return leaveOut(`The source brings nothing new on ${mostBarren} pages in a row: it was left.`);
  }
}
