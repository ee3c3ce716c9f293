import type { Page, Post } from '../model.ts';
import { type Answer, openHttp } from '../net/http.ts';
import type { Listing, SourceContext } from '../sources/source.ts';
import type { Case } from './case.ts';
import { answeringAddress, placeOf } from './served.ts';

/** A context for a source under test; its requests reach loopback, and what it warns of is kept. */
export interface TestContext extends SourceContext {
  readonly warnings: readonly string[];
  readonly asked: readonly string[];
  /** Answers that came. */
  readonly answers: readonly Answer[];
}

const http = openHttp({
  userAgent: 'oxbow-test',
  connectTimeout: 10_000,
  headerTimeout: 10_000,
  allowPrivate: true,
  header: [],
  services: [],
});

export function testContext(given: Partial<SourceContext> = {}): TestContext {
  const warnings: string[] = [];
  const asked: string[] = [];
  const answers: Answer[] = [];
  return {
    settings: {},
    reach: { depth: 3, pages: 10_000 },
    signal: new AbortController().signal,
    report: (event) => void (event.event === 'warning' && warnings.push(event.message)),
    fetch: async (url, headers) => {
      asked.push(url);
      const answer = await http.ask(url, headers ? { headers } : {});
      answers.push(answer);
      return answer;
    },
    webArchive: {
      scope: 'none',
      captures: () => {
        throw new Error('this test has no web archive');
      },
      replay: () => Promise.reject(new Error('this test has no web archive')),
    },
    ...given,
    warnings,
    asked,
    answers,
  };
}

/** The same for a case: what its servers say comes from a real one on loopback. */
export async function contextOf(given: Case): Promise<TestContext> {
  const place = await placeOf(given);
  const context = testContext({ settings: given.settings });
  const { fetch } = context;
  return {
    ...context,
    fetch: async (url, headers) => {
      const answer = await fetch(place(url), headers);
      (context.asked as string[])[context.asked.length - 1] = url;
      return { ...answer, url: answeringAddress(given, url), body: answer.body };
    },
  };
}

export async function pagesOf(listing: Listing, cursor?: unknown): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of listing.pages(cursor)) pages.push(page);
  return pages;
}

export const postsOf = async (listing: Listing, cursor?: unknown): Promise<Post[]> =>
  (await pagesOf(listing, cursor)).flatMap(({ posts }) => posts);
