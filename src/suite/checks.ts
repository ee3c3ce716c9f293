import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Post } from '../model.ts';
import { claimed } from '../sources/choose.ts';
import { lookAt } from '../sources/sight.ts';
import type { Listing, Source } from '../sources/source.ts';
import { type Case, expectedOf, readCase } from './case.ts';
import { contextOf, pagesOf, postsOf, type TestContext } from './context.ts';

/** One thing that a source has to keep; `run` throws where it does not. */
export interface Check {
  readonly name: string;
  run(): Promise<void>;
}

export interface CaseChecks {
  readonly name: string;
  readonly checks: readonly Check[];
}

export interface SuiteOptions {
  /** May a post come twice, as a line of a list may? */
  readonly mayRepeat?: boolean;
}

/** The contract of a source, as checks over every case in a folder: for any runner of tests. */
export function sourceChecks(source: Source, folder: string, options: SuiteOptions = {}): CaseChecks[] {
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, checks: caseChecks(source, join(folder, name), options) }));
}

function caseChecks(source: Source, folder: string, { mayRepeat = false }: SuiteOptions): Check[] {
  const given = readCase(source.name, folder);
  const open = async () => opened(source, given, await contextOf(given));
  return [
    { name: 'takes the target', run: async () => void (await targetOf(source, given)) },
    {
      name: 'lists the posts in order, and says what was wrong',
      run: async () => assert.deepEqual(await foundIn(source, given), expectedOf(folder)),
    },
    ...(mayRepeat ? [] : [{ name: 'gives no post twice', run: () => noneTwice(open) }]),
    ...contractChecks(open),
    { name: 'closes what it reads when told to stop', run: () => closes(source, given) },
  ];
}

/** Writes what a source makes of a case as what is expected of it: to be read, and believed only then. */
export async function writeExpected(source: Source, folder: string): Promise<void> {
  const found = await foundIn(source, readCase(source.name, folder));
  writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(found, null, 2)}\n`);
}

async function noneTwice(open: () => Promise<Listing>): Promise<void> {
  const listing = await open();
  const ids = (await postsOf(listing)).map(({ id }) => id);
  await listing.close?.();
  assert.deepEqual(ids, [...new Set(ids)]);
}

/** By itself, or by what is seen there. */
async function targetOf(source: Source, given: Case, context?: TestContext) {
  if (claimed(given.target, [source], null)) return { target: given.target };
  const own = context ?? (await contextOf(given));
  const sight = given.isLocal ? undefined : await lookAt(given.target, own);
  const recognised = sight && (await source.recognises?.(sight, own));
  assert.ok(recognised, `${source.name} takes ${given.target}`);
  return { target: recognised.target, sight };
}

async function opened(source: Source, given: Case, context: TestContext): Promise<Listing> {
  const { target, sight } = await targetOf(source, given, context);
  return source.open(target, context, sight);
}

async function foundIn(source: Source, given: Case) {
  const context = await contextOf(given);
  const listing = await opened(source, given, context);
  const posts = await postsOf(listing);
  await listing.close?.();
  const warnings = context.warnings.map((text) => text.replaceAll(given.target, 'INPUT'));
  return plain({ name: listing.name, posts: posts.map(essence), warnings });
}

/** What holds of every listing, wherever it comes from. */
export function contractChecks(open: () => Promise<Listing>): Check[] {
  const listed = async () => {
    const listing = await open();
    const posts = await postsOf(listing);
    await listing.close?.();
    return posts;
  };
  return [
    {
      name: 'gives the same again',
      async run() {
        const listing = await open();
        const first = await postsOf(listing);
        const again = await postsOf(listing);
        await listing.close?.();
        assert.deepEqual(plain(again), plain(first), 'the same listing, read twice');
        assert.deepEqual(plain(await listed()), plain(first), 'opened anew');
      },
    },
    {
      name: 'gives absolute addresses, and none twice in a post',
      async run() {
        for (const { id, items } of await listed()) {
          for (const { url, alternates, lesser = [] } of items) {
            for (const address of [url, ...alternates, ...lesser])
              assert.equal(
                URL.canParse(address) && new URL(address).href,
                address,
                `an address of post ${id}`,
              );
            assert.ok(!alternates.includes(url), `${url} of post ${id} is no alternate of itself`);
          }
          const ids = items.map((item) => item.id);
          assert.equal(new Set(ids).size, ids.length, `items of post ${id} are different ones`);
        }
      },
    },
    {
      name: 'can be written out',
      async run() {
        for (const post of await listed())
          assert.deepEqual(plain(post), withoutUndefined(post), `post ${post.id}`);
      },
    },
    {
      name: 'continues after a cursor, or lists from the beginning',
      async run() {
        const listing = await open();
        const pages = await pagesOf(listing);
        for (const [at, { cursor }] of pages.entries()) {
          const rest = typeof cursor === 'undefined' || cursor === null ? pages : pages.slice(at + 1);
          const posts = await postsOf(listing, cursor ?? undefined);
          assert.deepEqual(plain(posts), plain(rest.flatMap((page) => page.posts)), `after page ${at + 1}`);
        }
        await listing.close?.();
      },
    },
  ];
}

async function closes(source: Source, given: Case): Promise<void> {
  const context = await contextOf(given);
  const listing = await opened(source, given, context);
  const pages = listing.pages(undefined)[Symbol.asyncIterator]();
  await pages.next();
  await pages.return?.();
  await listing.close?.();
  if (given.isLocal) assert.ok(!openFiles().includes(realpathSync(given.target)), 'the file is closed');
  for (const { body, url } of context.answers)
    assert.ok(
      body.destroyed || body.readableEnded,
      `what ${decodeURIComponent(url)} answers is read, or given up`,
    );
}

/** What a case states of a post: everything that identifies, places or finds its media. */
const essence = ({ id, date, url, items }: Post) => ({
  id,
  date,
  url,
  items: items.map((item) => ({ ...item, date: undefined })),
});

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** As JSON has it: nothing under a name is no name. All else has to be there still. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[key, withoutUndefined(one)]])),
  );
}

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
