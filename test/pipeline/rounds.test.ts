import { expect, it } from 'vitest';
import type { Page } from '../../src/model.ts';
import { withoutRounds } from '../../src/pipeline/rounds.ts';
import { postOf } from '../helpers/vaults.ts';

async function* pagesWithoutEnd(page: (n: number) => Page): AsyncGenerator<Page> {
  for (let n = 0; ; n++) yield page(n);
}

/** How many pages come through, and why no more. */
async function through(pages: AsyncIterable<Page>, most?: number) {
  const left: string[] = [];
  let count = 0;
  for await (const _ of withoutRounds(pages, (why) => left.push(why), most)) count++;
  return { count, left };
}

it.each<[string, (n: number) => Page, number, RegExp]>([
  ['a cursor that came before', (n) => ({ posts: [postOf(`${n}`)], cursor: n % 3 }), 4, /in a circle/],
  [
    'page after page without news',
    (n) => ({ posts: [postOf(`${n % 5}`)] }),
    1005,
    /nothing new on 1000 pages/,
  ],
  ['news without end', (n) => ({ posts: [postOf(`${n}`)] }), 1500, /no end: it was left behind 1,500 pages/],
  [
    'moments without end',
    (n) => ({ posts: [], covers: { from: -n, to: -n } }),
    1500,
    /no end: it was left behind 1,500 pages/,
  ],
])('leaves a source at %s (G09)', async (_what, page, pages, why) => {
  const { count, left } = await through(pagesWithoutEnd(page), 1500);
  expect({ count, left }).toEqual({ count: pages, left: [expect.stringMatching(why)] });
});
