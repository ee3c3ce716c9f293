import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Page, Post } from '../../src/model.ts';
import { openHttp } from '../../src/net/http.ts';
import type { Listing, Source, SourceContext } from '../../src/sources/source.ts';

/** A context for a source under test; its requests reach loopback, and what it warns of is kept. */
export interface TestContext extends SourceContext {
  readonly warnings: readonly string[];
  readonly asked: readonly string[];
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
  return {
    settings: {},
    signal: new AbortController().signal,
    report: (event) => void (event.event === 'warning' && warnings.push(event.message)),
    fetch: (url, headers) => {
      asked.push(url);
      return http.ask(url, headers ? { headers } : {});
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
  };
}

export async function pagesOf(listing: Listing, cursor?: unknown): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of listing.pages(cursor)) pages.push(page);
  return pages;
}

export const postsOf = async (listing: Listing, cursor?: unknown): Promise<Post[]> =>
  (await pagesOf(listing, cursor)).flatMap(({ posts }) => posts);

/** A case is a folder with an `input…`, an `expected.json` and, where it needs some, the `settings.json` of the source. */
interface Case {
  readonly input: string;
  readonly expected: Expected;
  readonly settings: Readonly<Record<string, string>>;
}

interface Expected {
  readonly name: string | null;
  readonly posts: readonly unknown[];
  /** What is warned of, without the name of the file. */
  readonly warnings: readonly string[];
}

/** The contract of a source, run over every case in a folder: a new source brings its cases and one call of this. */
export function testSource(source: Source, folder: string): void {
  for (const name of readdirSync(folder).sort()) {
    describe(`${source.name}: ${name}`, () => {
      const { input, expected, settings } = readCase(source, join(folder, name));
      const open = (context = testContext({ settings })) => source.open(input, context);

      it('claims the target', () => expect(source.claims(input)).toBe(true));
      it('lists the posts in order, and says what was wrong', async () => {
        const context = testContext({ settings });
        const listing = await open(context);
        const posts = await postsOf(listing);
        const warnings = context.warnings.map((text) => text.replaceAll(input, 'INPUT'));
        expect({ name: listing.name, posts: posts.map(essence), warnings }).toEqual(expected);
      });
      testContract(() => open());
      it('closes what it reads when told to stop', async () => {
        const pages = (await open()).pages(undefined)[Symbol.asyncIterator]();
        await pages.next();
        await pages.return?.();
        expect(openFiles()).not.toContain(realpathSync(input));
      });
    });
  }
}

/** What holds of every listing, wherever it comes from. */
export function testContract(open: () => Promise<Listing>): void {
  it('gives the same again', async () => {
    const listing = await open();
    expect(await postsOf(listing)).toEqual(await postsOf(await open()));
  });
  it('gives absolute addresses, and none twice in a post', async () => {
    for (const { items } of await postsOf(await open())) {
      for (const { url, alternates } of items) {
        for (const address of [url, ...alternates]) expect(new URL(address).href).toBe(address);
        expect(alternates).not.toContain(url);
      }
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    }
  });
  it('can be written out', async () => {
    for (const post of await postsOf(await open())) expect(JSON.parse(JSON.stringify(post))).toEqual(post);
  });
  it('continues after a cursor, or lists from the beginning', async () => {
    const listing = await open();
    const pages = await pagesOf(listing);
    for (const [at, { cursor }] of pages.entries()) {
      const rest = typeof cursor === 'undefined' ? pages : pages.slice(at + 1);
      expect(await postsOf(listing, cursor ?? undefined)).toEqual(rest.flatMap(({ posts }) => posts));
    }
  });
}

function readCase(source: Source, folder: string): Case {
  const input = readdirSync(folder).find((file) => file.startsWith('input'))!;
  const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const given: Record<string, string> = existsSync(join(folder, 'settings.json'))
    ? json('settings.json')
    : {};
  const settings = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [`sources.${source.name}.${key}`, value]),
  );
  return { input: join(folder, input), expected: json('expected.json'), settings };
}

/** What a case states of a post: everything that identifies, places or finds its media. */
const essence = ({ id, date, url, items }: Post) => ({
  id,
  date,
  url,
  items: items.map((item) => ({ ...item, date: undefined })),
});

/** Which files this process has open, where the system tells. */
export function openFiles(): readonly string[] {
  const folder = '/proc/self/fd';
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))];
    } catch {
      return []; // the one that listed the folder
    }
  });
}
