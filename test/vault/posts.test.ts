import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPostLine } from '../../src/vault/post-lines.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import {
  backlogOf,
  inKilledRun,
  inRun,
  numberedItem,
  openVault,
  postLines,
  postOf,
  startScript,
  withCompiled,
} from '../helpers/vaults.ts';

const segments = (root: string) =>
  existsSync(join(root, 'data/posts')) ? readdirSync(join(root, 'data/posts')).sort() : [];
const open = (root: string) =>
  existsSync(join(root, '.oxbow/posts')) ? readdirSync(join(root, '.oxbow/posts')).sort() : [];
const [one, two, three] = [
  postOf('p1', [numberedItem(1)]),
  postOf('p2', [numberedItem(2)]),
  postOf('p3', [numberedItem(3)]),
];

describe('the posts', () => {
  it('are written as the source gave them, in a segment that appears when the run ends', () =>
    withTempFolder(async (root) => {
      await inRun(root, async ({ posts }) => {
        expect(await posts.add('demo', { posts: [one, two] })).toMatchObject({ fresh: 2 });
        expect([segments(root), open(root)]).toEqual([[], ['0001.jsonl']]);
      });
      expect([segments(root), open(root)]).toEqual([['0001.jsonl'], []]);
      expect(postLines(root)).toMatchObject([
        {
          v: 1,
          line: 'post',
          run: '2026-01-02T03:04:05.000Z',
          post: 'p1',
          url: 'http://blog.example/p1',
          raw: { title: 'Post p1' },
          items: [{ id: 'demo:1' }],
        },
        { post: 'p2', items: [{ id: 'demo:2' }] },
      ]);
    }));

  it('write nothing that is here already, and no segment then', () =>
    withTempFolder(async (root) => {
      await inRun(root, ({ posts }) => posts.add('demo', { posts: [one, two] }));
      await inRun(root, async ({ posts }) => {
        expect(await posts.add('demo', { posts: [two, one], cursor: 'c' })).toMatchObject({ fresh: 0 });
      });
      expect(segments(root)).toEqual(['0001.jsonl']);
      expect(postLines(root).length).toBe(2);
    }));

  it('of one id in several forms are written once each, however the pages turn, and then never again', () =>
    withTempFolder(async (root) => {
      const forms = ['a', 'b', 'c'].map((title) => postOf('p1', [numberedItem(1)], { raw: { title } }));
      const [a, b, c] = forms as [typeof one, typeof one, typeof one];
      await inRun(root, async ({ posts }) => {
        expect(await posts.add('demo', { posts: [a, b, a] })).toMatchObject({ fresh: 2 });
        expect(await posts.add('demo', { posts: [c, two] })).toMatchObject({ fresh: 2 });
      });
      for (const pages of [
        [
          [a, b, a],
          [c, two],
        ],
        [[c], [two, b, a]],
        [[b], [a], [b]],
      ])
        await inRun(root, async ({ posts }) => {
          for (const page of pages)
            expect(await posts.add('demo', { posts: page })).toMatchObject({ fresh: 0 });
        });
      rmSync(join(root, '.oxbow'), { recursive: true });
      await inRun(root, async ({ posts }) => {
        expect(await posts.add('demo', { posts: [b, a, c, two] })).toMatchObject({ fresh: 0 });
        expect(await posts.add('demo', { posts: [postOf('p1', [], { raw: 'edited' })] })).toMatchObject({
          fresh: 1,
        });
      });
      expect(segments(root)).toEqual(['0001.jsonl', '0002.jsonl']);
    }));

  it.each([
    ['its words', { raw: { title: 'Edited' } }],
    ['its date', { date: '2020-01-01T00:00:00.000Z' }],
    ['its address', { url: 'http://blog.example/moved' }],
    ['its items', { items: [numberedItem(1), numberedItem(9)] }],
    ['what is nested deep', { raw: { title: 'Post p1', nested: [{ ключ: '\ud800' }] } }],
  ])('write a new line when %s changed, and leave the old one', (_, change) =>
    withTempFolder(async (root) => {
      await inRun(root, ({ posts }) => posts.add('demo', { posts: [one, two] }));
      const edited = postOf('p1', [numberedItem(1)], change);
      await inRun(root, async ({ posts }) => {
        expect(await posts.add('demo', { posts: [edited, two] })).toMatchObject({ fresh: 1 });
        expect(await posts.add('demo', { posts: [edited, two] })).toMatchObject({ fresh: 0 });
      });
      await inRun(root, async ({ posts }) => {
        expect(await posts.add('demo', { posts: [edited, two] })).toMatchObject({ fresh: 0 });
      });
      expect(postLines(root).map(({ post }) => post)).toEqual(['p1', 'p2', 'p1']);
      expect(postLines(root)[2]).toMatchObject(JSON.parse(JSON.stringify(change)));
      expect(postLines(root)[0]).toMatchObject({ raw: { title: 'Post p1' } });
    }),
  );

  it('of a killed run are closed by the next, under a number that is never given again', () =>
    withTempFolder(async (root) => {
      await inRun(root, ({ posts }) => posts.add('demo', { posts: [one] }));
      await inKilledRun(root, ({ posts }) => posts.add('demo', { posts: [two] }));
      expect([segments(root), open(root)]).toEqual([['0001.jsonl'], ['0002.jsonl']]);
      const left = readFileSync(join(root, '.oxbow/posts/0002.jsonl'), 'utf8');
      await inRun(root, async (vault, warnings) => {
        expect([segments(root), open(root)]).toEqual([['0001.jsonl', '0002.jsonl'], []]);
        expect(await vault.posts.add('demo', { posts: [one, two, three] })).toMatchObject({ fresh: 1 });
        expect(warnings).toEqual([]);
      });
      expect(segments(root)).toEqual(['0001.jsonl', '0002.jsonl', '0003.jsonl']);
      expect(readFileSync(join(root, 'data/posts/0002.jsonl'), 'utf8')).toBe(left);
    }));

  it('survive a real SIGKILL right after they were added (D01)', () =>
    withCompiled('vault/vault.ts', (compiled) =>
      withTempFolder(async (dir) => {
        const root = join(dir, 'archive');
        const script = `
          const { Vault } = await import(process.argv[2]);
          const ignore = () => undefined;
          const vault = await Vault.open(process.argv[3], { target: 't', run: 'r', warn: ignore, lost: ignore });
          await vault.posts.add('demo', { posts: [JSON.parse(process.argv[4])], cursor: 'c1' });
          process.kill(process.pid, 'SIGKILL');`;
        const runner = startScript(join(dirname(compiled), 'dies.mjs'), script, [
          compiled,
          root,
          JSON.stringify(one),
        ]);
        expect(await runner.ended).toBe('SIGKILL');
        expect(readdirSync(join(root, '.oxbow')).sort()).toEqual(['ledger', 'lock', 'posts']);
        await inRun(root, async (vault, warnings) => {
          expect(segments(root)).toEqual(['0001.jsonl']);
          expect(await vault.posts.cursor('demo')).toBe('c1');
          expect(await backlogOf(vault)).toEqual(['demo:1']);
          expect(await vault.posts.add('demo', { posts: [one] })).toMatchObject({ fresh: 0 });
          expect(warnings).toEqual([]);
        });
      }),
    ));

  it('torn at the end are set aside with a warning, and written again (D07)', () =>
    withTempFolder(async (root) => {
      await inKilledRun(root, ({ posts }) => posts.add('demo', { posts: [one] }));
      appendFileSync(join(root, '.oxbow/posts/0001.jsonl'), '{"v":1,"line":"post","post":"p2","ti');
      await inRun(root, async (vault, warnings) => {
        expect(warnings).toEqual(['36 bytes of a torn line of posts were set aside']);
        expect(readdirSync(join(root, '.oxbow/torn')).length).toBe(1);
        expect(await vault.posts.add('demo', { posts: [one, two] })).toMatchObject({ fresh: 1 });
      });
      expect(postLines(root).map(({ post }) => post)).toEqual(['p1', 'p2']);
    }));

  it('that were lost with the work folder are written again', () =>
    withTempFolder(async (root) => {
      await inKilledRun(root, ({ posts }) => posts.add('demo', { posts: [one] }));
      rmSync(join(root, '.oxbow/posts'), { recursive: true });
      await inRun(root, async (vault) => {
        expect(await backlogOf(vault)).toEqual([]);
        expect(await vault.posts.add('demo', { posts: [one] })).toMatchObject({ fresh: 1 });
      });
      expect(postLines(root).map(({ post }) => post)).toEqual(['p1']);
    }));

  it('are used as far as they can be read when lines among them are damaged (U05)', () =>
    withTempFolder(async (root) => {
      await inRun(root, ({ posts }) => posts.add('demo', { posts: [one, two, three] }));
      const file = join(root, 'data/posts/0001.jsonl');
      const lines = readFileSync(file, 'utf8').split('\n');
      for (const bad of [
        '{"v":1,"line":"post","po',
        '{"v":1,"line":"post","post":"p2"}',
        '{"v":1,"line":"post","post":"p2","items":[null]}',
      ]) {
        writeFileSync(file, [lines[0], bad, lines[2], ''].join('\n'));
        rmSync(join(root, '.oxbow'), { recursive: true });
        await inRun(root, async (vault, warnings) => {
          expect(warnings).toEqual([`${file} has a damaged line at byte ${lines[0]!.length + 1}`]);
          expect(await backlogOf(vault)).toEqual(['demo:1', 'demo:3']);
        });
      }
    }));

  it('of kinds that come later are passed over', () => {
    expect(readPostLine('{"v":1,"line":"removal","post":"p1"}')).toBeDefined();
    expect(readPostLine('{"v":1}')).toBeUndefined();
  });
});

describe('a cursor', () => {
  it('continues an interrupted listing in the next run, each source for itself, until null ends it', () =>
    withTempFolder(async (root) => {
      await inKilledRun(root, async ({ posts }) => {
        expect(await posts.cursor('demo')).toBeUndefined();
        await posts.add('demo', { posts: [one], cursor: { page: 2 } });
        await posts.add('other', { posts: [two], cursor: 'o' });
        expect(await posts.cursor('demo')).toEqual({ page: 2 });
      });
      await inRun(root, async ({ posts }) => {
        expect(await posts.cursor('demo')).toEqual({ page: 2 });
        expect(await posts.cursor('other')).toBe('o');
        await posts.setCursor('demo', null);
        expect(await posts.cursor('demo')).toBeUndefined();
      });
      rmSync(join(root, '.oxbow'), { recursive: true });
      await inRun(root, async ({ posts }) => {
        expect(await posts.cursor('demo')).toBeUndefined();
        expect(await posts.cursor('other')).toBe('o');
      });
    }));

  it('stands after the posts that it speaks of', () =>
    withTempFolder(async (root) => {
      const { vault } = await openVault(root);
      await vault.posts.add('demo', { posts: [one, two], cursor: 'c1' });
      await vault.close({ inOrder: true });
      expect(postLines(root).map(({ line }) => line)).toEqual(['post', 'post', 'cursor']);
    }));
});
