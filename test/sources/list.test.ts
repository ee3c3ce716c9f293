import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { list } from '../../src/sources/list.ts';
import { pagesOf, postsOf, testContext, testSource } from '../helpers/source-suite.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

testSource(list, 'fixtures/list', { mayRepeat: true });

it('takes several lists as one, in order, page 2 before page 10', async () => {
  await withTempFolder(async (dir) => {
    await mkdir(join(dir, 'lists'));
    for (const page of [10, 2, 1])
      await writeFile(join(dir, 'lists', `page-${page}.txt`), `https://raft.example/${page}.jpg\n`);
    const target = join(dir, 'lists/*.txt');
    expect(list.claims(target)).toBe(true);
    const listing = await list.open(target, testContext());
    expect(listing.name).toBe('lists');
    expect((await postsOf(listing)).map(({ id }) => id)).toEqual(
      [1, 2, 10].map((page) => `https://raft.example/${page}.jpg`),
    );
  });
});

it('means a file that is there even if its name looks like a pattern', async () => {
  await withTempFolder(async (dir) => {
    const file = join(dir, 'a[1].txt');
    await writeFile(file, 'https://raft.example/1.jpg');
    await writeFile(join(dir, 'a1.txt'), 'https://raft.example/other.jpg');
    const listing = await list.open(file, testContext());
    expect(listing.name).toBe('a[1]');
    expect(await postsOf(listing)).toHaveLength(1);
  });
});

it.each([
  ['by its ending', 'x.urls', 'nothing of note', true],
  ['by its first line', 'x', '\n  # comment\n\n https://raft.example/a\n', true],
  ['not by a later line', 'x', 'hello\nhttps://raft.example/a\n', false],
  ['not an empty file', 'x', '', false],
])('claims a file %s', async (_, name, text, isClaimed) => {
  await withTempFolder(async (dir) => {
    await writeFile(join(dir, name), text);
    expect(list.claims(join(dir, name))).toBe(isClaimed);
  });
});

it('claims standard input, and nothing that is not there', () => {
  expect(list.claims('-')).toBe(true);
  expect(list.claims('no-such-file.txt')).toBe(false);
  expect(list.claims('no-such-folder/*.txt')).toBe(false);
});

it('G17 is content with a list without an address', async () => {
  await withTempFolder(async (dir) => {
    for (const text of ['', '# nothing yet\n\n']) {
      await writeFile(join(dir, 'a.txt'), text);
      const context = testContext();
      expect(await pagesOf(await list.open(join(dir, 'a.txt'), context))).toEqual([]);
      expect(context.warnings).toEqual([]);
    }
  });
});

it('G14 warns of a line of two megabytes and of a data address, and goes on', async () => {
  await withTempFolder(async (dir) => {
    const file = join(dir, 'a.txt');
    const long = `https://raft.example/${'a'.repeat(2 ** 21)}`;
    await writeFile(
      file,
      `${long}\ndata:image/gif;base64,${'A'.repeat(200_000)}\n${long.slice(0, 100_000)}\nhttps://raft.example/b.jpg\n`,
    );
    const context = testContext();
    const posts = await postsOf(await list.open(file, context));
    expect(posts.map(({ id }) => id)).toEqual(['https://raft.example/b.jpg']);
    expect(context.warnings.map((text) => text.replace(file, 'a.txt').replace(/[aA]{9,}/, '…'))).toEqual([
      "'a.txt' line 1 is longer than 1 MiB; the line is skipped.",
      "'a.txt' line 2 is not an http address ('data:image/gif;base64,……'); the line is skipped.",
      "'a.txt' line 3 is not an http address ('https://raft.example/……'); the line is skipped.",
    ]);
  });
});

it('gives twenty warnings and counts the rest', async () => {
  await withTempFolder(async (dir) => {
    await writeFile(join(dir, 'a.txt'), 'no address\n'.repeat(1025));
    const context = testContext();
    expect(await postsOf(await list.open(join(dir, 'a.txt'), context))).toEqual([]);
    expect(context.warnings).toHaveLength(21);
    expect(context.warnings.at(-1)).toBe('the list: 1,005 more warnings of this kind');
  });
});

it('keeps the line as it stood, without the password in its address', async () => {
  await withTempFolder(async (dir) => {
    await writeFile(
      join(dir, 'a.txt'),
      'https://a.example/x@y.jpg\tp\t2014-01-01 \r\nhttps://mia:$&@a.example/b.jpg\tp\n',
    );
    const posts = await postsOf(await list.open(join(dir, 'a.txt'), testContext()));
    expect(posts.map(({ raw }) => raw)).toEqual([
      { line: 'https://a.example/x@y.jpg\tp\t2014-01-01 ' },
      { line: 'https://a.example/b.jpg\tp' },
    ]);
  });
});

it('tells no password of an address that it refuses', async () => {
  await withTempFolder(async (dir) => {
    await writeFile(join(dir, 'a.txt'), 'ftp://mia:secret@a.example/x.jpg\n');
    const context = testContext();
    await postsOf(await list.open(join(dir, 'a.txt'), context));
    expect(context.warnings).toEqual([
      expect.stringMatching(
        /line 1 is not an http address \('ftp:\/\/a\.example\/x\.jpg'\); the line is skipped\.$/,
      ),
    ]);
  });
});

it('gives pages of 200', async () => {
  await withTempFolder(async (dir) => {
    await writeFile(
      join(dir, 'a.txt'),
      Array.from({ length: 450 }, (_, i) => `https://raft.example/${i}`).join('\n'),
    );
    const pages = await pagesOf(await list.open(join(dir, 'a.txt'), testContext()));
    expect(pages.map(({ posts }) => posts.length)).toEqual([200, 200, 50]);
  });
});

it('has no settings', async () => {
  const settings = { 'sources.list.url': 'x' };
  await expect(list.open('-', testContext({ settings }))).rejects.toThrow(
    "The source 'list' has no setting 'sources.list.url'",
  );
});

it('ends at once when cancelled', async () => {
  await withTempFolder(async (dir) => {
    await writeFile(join(dir, 'a.txt'), 'https://raft.example/a\n');
    const listing = await list.open(
      join(dir, 'a.txt'),
      testContext({ signal: AbortSignal.abort(new Error('enough')) }),
    );
    await expect(postsOf(listing)).rejects.toThrow('enough');
  });
});
