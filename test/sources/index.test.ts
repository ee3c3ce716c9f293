import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { behaves, fails } from '../../src/demo/behaviours.ts';
import { openSource, sources } from '../../src/sources/index.ts';
import type { Listing } from '../../src/sources/source.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { postsOf, testContext } from '../helpers/source-suite.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

/** A folder with an export, a list, a page and a folder; its path is left out of what is said. */
async function inFolder(
  test: (
    open: (target: string, named?: string | null) => Promise<{ name: string; ids: string[] }>,
    dir: string,
  ) => Promise<void>,
) {
  await withTempFolder(async (dir) => {
    await writeFile(join(dir, 'export.json'), '[{"id":"from json"}]');
    await writeFile(join(dir, 'wanted.txt'), 'https://raft.example/a.jpg\n');
    await writeFile(join(dir, 'page.html'), '<p>hello');
    await mkdir(join(dir, 'folder'));
    await test(async (target, named) => {
      const { source, listing } = await openSource(target.replace('$', dir), testContext(), {
        source: named ?? null,
      });
      return { name: source.name, ids: (await postsOf(listing)).map(({ id }) => id) };
    }, dir);
  });
}

it.each([
  ['$/export.json', undefined, 'json', 'from json'],
  ['json:$/export.json', null, 'json', 'from json'],
  ['$/export.json', 'json', 'json', 'from json'],
  ['$/wanted.txt', undefined, 'list', 'https://raft.example/a.jpg'],
  ['list:$/wanted.txt', undefined, 'list', 'https://raft.example/a.jpg'],
  ['list:$/wanted.txt', 'list', 'list', 'https://raft.example/a.jpg'],
])('opens %s (source %s)', async (target, named, name, id) => {
  await inFolder(async (open) => expect(await open(target, named)).toEqual({ name, ids: [id] }));
});

it.each([
  [
    'moss.example',
    undefined,
    "There is nothing at 'moss.example'; if it is an address, write https:// before it.",
  ],
  ['exprot.jsonl', undefined, "There is nothing at 'exprot.jsonl'."],
  ['$/exprot.json', undefined, "There is nothing at '$/exprot.json'; did you mean 'export.json'?"],
  ['$/nothing/at.all', undefined, "There is nothing at '$/nothing/at.all'."],
  ['json:$/exprot.json', undefined, "There is nothing at '$/exprot.json'; did you mean 'export.json'?"],
  ['$/wantd.txt', 'list', "There is nothing at '$/wantd.txt'; did you mean 'wanted.txt'?"],
  ['$/*.csv', undefined, "No file matches '$/*.csv'."],
  ['list:$/*.csv', undefined, "No file matches '$/*.csv'."],
  ['$/*', undefined, "No source takes every file that '$/*' matches; name those of one kind."],
  [
    '$/folder',
    undefined,
    "'$/folder' is a folder, and no export of a kind that is known; name the files in it.",
  ],
  [
    'json:$/folder',
    undefined,
    "'$/folder' is a folder, and no export of a kind that is known; name the files in it.",
  ],
  ['$/page.html', undefined, "No source takes '$/page.html'; --source NAME says that one does: NAMES."],
  ['$/export.json', 'jsn', "There is no source 'jsn'; did you mean 'json'?"],
  ['$/export.json', 'something', "There is no source 'something'; there are NAMES."],
  ['jsno:export.json', undefined, "There is no source 'jsno'; did you mean 'json'?"],
  [
    'wayback:oldblog',
    undefined,
    "'oldblog' does not fit wayback: it takes the host or the address of a blog, such as wayback:blog.example.",
  ],
  ['friendster:staff', undefined, "There is no source 'friendster'; there are NAMES."],
  [
    'ftp://blog.example/posts.json',
    undefined,
    "No source takes 'ftp://blog.example/posts.json': it is not an http address.",
  ],
  ['packge.json', undefined, "There is nothing at 'packge.json'; did you mean 'package.json'?"],
  ['fixturs', undefined, "No source takes 'fixturs'; did you mean 'fixtures'?"],
])('says what is wrong with %s (source %s)', async (target, named, sentence) => {
  await inFolder(async (open, dir) => {
    const error = await open(target, named).catch((error) => error);
    const names = sources.map(({ name }) => name).join(', ');
    expect(error.message.replaceAll(dir, '$')).toBe(sentence.replace('NAMES', names));
    expect(error).toMatchObject({ code: 'ERR_USAGE', exitCode: 2 });
  });
});

it('says what there is when a word means nothing', async () => {
  await expect(openSource('qwertyuiop', testContext())).rejects.toThrow(
    "No source takes 'qwertyuiop'. 'oxbow sources' tells what is taken.",
  );
});

it('says of an empty export that it is empty', async () => {
  await withTempFolder(async (dir) => {
    await writeFile(join(dir, 'a.json'), '');
    const error = await openSource(join(dir, 'a.json'), testContext()).catch((error) => error);
    expect(error).toMatchObject({ code: 'ERR_SOURCE', exitCode: 3 });
  });
});

it('says which settings each source reads', () => {
  for (const { settings, takes } of sources)
    for (const text of [takes, ...Object.values(settings)]) expect(text).toMatch(/^[a-zA-Z].*[^.]$/);
});

it.each([
  ['../out', undefined],
  ['..', undefined],
  ['', undefined],
  ['a\\b', undefined],
  [{ a: 1 }, undefined],
  [7, undefined],
  ['moss', { x: 1 }],
])('lets no source name an archive %o, listed as %o', async (name, listedAs) => {
  const listing = { name, trusted: [], listedAs, pages: () => [] } as unknown as Listing;
  const ownSource = { name: 'own', open: async () => listing };
  await expect(openSource('x', testContext(), { ownSource })).rejects.toThrow(
    /^The source own failed: it (gives|says)/,
  );
});

it('says which source was asked in vain, before another that may get less takes its place', () =>
  withFakeBlog(
    {
      '/': behaves(
        ({ response }) =>
          void response
            .writeHead(200, { 'content-type': 'text/html', link: '</wp-json/>; rel="https://api.w.org/"' })
            .end('<p>Moss'),
      ),
      '/wp-json/': fails(401),
    },
    async ({ url }) => {
      const { source, doubts } = await openSource(`${url}/`, testContext());
      expect([source.name, doubts.map((doubt) => doubt.source)]).toEqual(['site', ['wordpress']]);
    },
  ));
