import type { Page } from '../../../src/model.ts';
import { lookAt } from '../../../src/sources/sight.ts';
import type { ListingWay } from '../../../src/sources/source.ts';
import { wordpress } from '../../../src/sources/wordpress/wordpress.ts';
import { testContext } from '../../helpers/source-suite.ts';

export interface Listed {
  readonly pages: readonly Page[];
  readonly ids: readonly string[];
  readonly name: string | null | undefined;
  readonly warnings: readonly string[];
  readonly unread: number;
  /** Why the source was left before its end. */
  readonly left: readonly string[];
  readonly error: unknown;
}

/** Looks at an address, opens what is recognised there, and lists it; tells what came of it, be it an error. */
export async function listed(
  target: string,
  { settings = {}, way = {} }: { settings?: Record<string, string>; way?: Partial<ListingWay> } = {},
): Promise<Listed> {
  const [warnings, left, pages]: [string[], string[], Page[]] = [[], [], []];
  let unread = 0;
  let error: unknown;
  let name: string | null | undefined;
  const context = testContext({
    settings: Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [`sources.wordpress.${key}`, value]),
    ),
    report(event) {
      if (event.event === 'warning') warnings.push(event.message);
      if (event.event === 'unread') unread++;
    },
  });
  try {
    const sight = /^https?:/.test(target) ? await lookAt(target, context) : undefined;
    const recognised = sight && (await wordpress.recognises!(sight, context));
    const listing = await wordpress.open(recognised?.target ?? target, context, sight);
    name = listing.name;
    const leaveOut = (why: string) => void left.push(why);
    for await (const page of listing.pages(undefined, { order: 'newest', covered: [], leaveOut, ...way }))
      pages.push(page);
  } catch (thrown) {
    error = thrown;
  }
  const ids = pages.flatMap(({ posts }) => posts.map(({ id }) => id));
  return { pages, ids, name, warnings, unread, left, error };
}
