import type { Order, Page } from '../../../src/model.ts';
import type { ListingWay, SourceContext } from '../../../src/sources/source.ts';
import { tumblr } from '../../../src/sources/tumblr/tumblr.ts';
import type { FakePost, FakeTumblr } from '../../helpers/fake-tumblr.ts';
import { testContext } from '../../helpers/source-suite.ts';

export interface Listed {
  readonly pages: readonly Page[];
  /** In the order in which they came, each once. */
  readonly ids: readonly string[];
  readonly warnings: readonly string[];
  readonly unread: number;
  /** Why the source was left before its end. */
  readonly left: readonly string[];
  /** What ended it, if it did not come to its end. */
  readonly error: unknown;
  /** The addresses that were asked. */
  readonly asked: readonly string[];
}

export interface Asked {
  readonly target?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly way?: Partial<ListingWay>;
  readonly fetch?: SourceContext['fetch'];
}

/** Lists what the stand-in has, and tells what came of it, be it an error. */
export async function listed(
  server: FakeTumblr,
  { target = 'tumblr:fern', settings = {}, way = {}, fetch }: Asked = {},
): Promise<Listed> {
  const warnings: string[] = [];
  const pages: Page[] = [];
  const left: string[] = [];
  let unread = 0;
  let error: unknown;
  const context = testContext({
    ...(fetch && { fetch }),
    settings: Object.fromEntries(
      Object.entries({ api: server.api, key: server.key, ...settings }).map(([name, value]) => [
        `sources.tumblr.${name}`,
        value,
      ]),
    ),
    report(event) {
      if (event.event === 'warning') warnings.push(event.message);
      if (event.event === 'unread') unread++;
    },
  });
  try {
    const listing = await tumblr.open(target, context);
    const leaveOut = (why: string) => void left.push(why);
    for await (const page of listing.pages(undefined, { order: 'newest', covered: [], leaveOut, ...way }))
      pages.push(page);
  } catch (thrown) {
    error = thrown;
  }
  const ids = [...new Set(pages.flatMap(({ posts }) => posts.map(({ id }) => id)))];
  return { pages, ids, warnings, unread, left, error, asked: context.asked };
}

/** So many posts, the newest first, a minute apart or as `at` says. */
export const posts = (count: number, at = (n: number) => 60 * n): FakePost[] =>
  Array.from({ length: count }, (_, n) => ({
    id: String(712_345_678_900_000_000n - BigInt(n)),
    timestamp: 1_700_000_000 - at(n),
  }));

export const orders: readonly Order[] = ['newest', 'oldest'];
export const idsOf = (some: readonly FakePost[]): string[] => some.map(({ id }) => id);
