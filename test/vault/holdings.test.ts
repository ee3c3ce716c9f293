import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import type { MediaRecord } from '../../src/model.ts';
import { readHoldings } from '../../src/vault/holdings.ts';
import { recordsOf, treeOf } from '../helpers/archives.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import {
  inRun,
  keep,
  missing,
  numberedItem,
  openVault,
  postLines,
  postOf,
  recordOf,
} from '../helpers/vaults.ts';

const items = Array.from({ length: 9 }, (_, n) => numberedItem(n));

/** Of every kind, some of them twice. */
async function fill(root: string): Promise<void> {
  await inRun(root, async (vault) => {
    await vault.posts.add('demo', {
      posts: items.map((item) => postOf(`p${item.id}`, [item])),
      cursor: null,
    });
    await vault.record([recordOf(items[0]!), missing(items[1]!), recordOf(items[2]!)]);
    const first = await keep(vault, items[0]!, 'picture');
    await vault.record([{ ...first, item: items[3]!.id, origin: 'duplicate' }]);
    await vault.record([
      recordOf(items[4]!, { status: 'filtered', reason: { code: 'refused-filter', detail: 'kind video' } }),
    ]);
    const found = await keep(vault, items[5]!, 'recovered');
    const better = { url: items[6]!.url, width: 2048, height: 1536 };
    await vault.record([
      { ...(await keep(vault, items[6]!, 'small')), bestKnown: better, whole: 'unverified length' },
    ]);
    await vault.record([{ ...found, origin: 'snapshot' }, recordOf(numberedItem(99))]);
  });
  await inRun(root, ({ posts }) =>
    posts.add('demo', { posts: [postOf('pdemo:1', [items[1]!], { raw: 'edited' })] }),
  );
}

/** The same, counted by hand from the lines and the disk. */
function recount(root: string) {
  const last = new Map(recordsOf(root).map((record) => [record.item, record]));
  const lines = postLines(root).filter(({ line }) => line === 'post');
  const wanted = new Set(lines.flatMap((line) => line.items.map(({ id }) => id)));
  const of = (test: (record: MediaRecord) => boolean) => [...last.values()].filter(test);
  const paths = new Set(of(({ path }) => path !== undefined).map(({ path }) => path!));
  return {
    posts: new Set(lines.map(({ post }) => post)).size,
    items: new Set([...wanted, ...last.keys()]).size,
    kept: of(({ status }) => status === 'kept').length,
    recovered: of(({ origin }) => origin === 'snapshot').length,
    lesser: of(({ bestKnown }) => bestKnown !== undefined).length,
    unverified: of(({ whole }) => whole === 'unverified length').length,
    missing: of(({ status }) => status === 'missing').length,
    failed: of(({ status }) => status === 'failed').length,
    filtered: of(({ status }) => status === 'filtered').length,
    open: [...wanted].filter((id) => !last.has(id)).length,
    files: paths.size,
    bytes: [...paths].reduce((sum, path) => sum + statSync(join(root, path)).size, 0),
    lost: of(({ status }) => status === 'missing' || status === 'failed'),
  };
}

describe('the holdings of an archive', () => {
  it('agree with a recount of its lines and files, and leave it as it is (I-16)', () =>
    withTempFolder(async (root) => {
      await fill(root);
      const before = treeOf(root);
      const holdings = await readHoldings(root);
      expect(holdings).toMatchObject(recount(root));
      expect(holdings).toMatchObject({
        path: root,
        kept: 4,
        recovered: 1,
        lesser: 1,
        reduced: 0,
        unverified: 1,
        missing: 1,
        failed: 2,
        filtered: 1,
        open: 2,
        files: 3,
        closed: true,
        damagedLines: 0,
      });
      expect(holdings.lastRun).toBe('2026-01-02T03:04:05.000Z');
      expect(treeOf(root)).toEqual(before);
      rmSync(join(root, '.oxbow'), { recursive: true });
      expect(await readHoldings(root)).toEqual(holdings);
    }));

  it('can be read while a run is at work, its open segment included (P05)', () =>
    withTempFolder(async (root) => {
      const { vault } = await openVault(root);
      await vault.posts.add('demo', { posts: [postOf('p1', [items[1]!])] });
      expect(await readHoldings(root)).toMatchObject({
        posts: 1,
        items: 1,
        open: 1,
        kept: 0,
        closed: false,
        lastRun: null,
      });
      await keep(vault, items[1]!, 'picture');
      expect(await readHoldings(root)).toMatchObject({ posts: 1, items: 1, open: 0, kept: 1, closed: false });
      await vault.close({ inOrder: true });
      expect(await readHoldings(root)).toMatchObject({ posts: 1, items: 1, open: 0, kept: 1, closed: true });
    }));

  it('tell which posts are gone, and when all was listed last, once a listing of all has ended', () =>
    withTempFolder(async (root) => {
      const [one, two] = [postOf('p1'), postOf('p2')];
      const list = (...posts: ReturnType<typeof postOf>[]) =>
        inRun(root, async (vault) => {
          await vault.posts.beginAnew('demo');
          await vault.posts.add('demo', { posts, covers: { from: null, to: 9 } });
          expect((await readHoldings(root)).listedToEnd).toBe(listedToEnd);
          await vault.posts.endAnew('demo', { stated: null, isWhole: true });
          ({ listedToEnd } = await readHoldings(root));
        });
      let listedToEnd: string | null = null;
      await inRun(root, ({ posts }) => posts.add('demo', { posts: [one, two] }));
      expect(await readHoldings(root)).toMatchObject({ posts: 2, gonePosts: 0, listedToEnd: null });
      await list(one);
      const ended = postLines(root).find(({ line }) => line === 'listed');
      expect(await readHoldings(root)).toMatchObject({ posts: 2, gonePosts: 1, listedToEnd: ended!.at });
      await list(one, two);
      expect(await readHoldings(root)).toMatchObject({ posts: 2, gonePosts: 0 });
    }));

  it('count damaged lines and use all others (U05)', () =>
    withTempFolder(async (root) => {
      await fill(root);
      const holdings = await readHoldings(root);
      appendFileSync(join(root, 'manifest.jsonl'), 'xxx\n{"v":1,"item":"demo:7"}\n{"torn');
      const posts = join(root, 'data/posts/0001.jsonl');
      writeFileSync(posts, `${readFileSync(posts, 'utf8')}{"line":"post","post":"px"}\n`);
      expect(await readHoldings(root)).toEqual({ ...holdings, damagedLines: 2 });
    }));

  it('are refused where there is no archive', () =>
    withTempFolder(async (dir) => {
      await expect(readHoldings(join(dir, 'none'))).rejects.toThrow(StorageError);
      mkdirSync(join(dir, 'other'));
      await expect(readHoldings(join(dir, 'other'))).rejects.toThrow('not an archive of Oxbow');
    }));
});
