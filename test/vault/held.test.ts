import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import type { MediaItem, MediaRecord, Tried } from '../../src/model.ts';
import { OnlyCopies } from '../../src/vault/only-copies.ts';
import { askedAt } from '../../src/vault/records.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { inRun, keep, missing, numberedItem, openVault, postOf, recordOf } from '../helpers/vaults.ts';

async function heldIn(root: string): Promise<MediaItem[]> {
  return inRun(root, async (vault) => {
    const items: MediaItem[] = [];
    for await (const item of vault.held()) items.push(item);
    return items.sort((a, b) => a.id.localeCompare(b.id));
  });
}

it('what is held is described as the last post did, or by its record, also after the ledger was deleted', () =>
  withTempFolder(async (root) => {
    const dated = numberedItem(1, { date: '2019-05-01T00:00:00.000Z', alternates: ['http://b.example/s'] });
    const [postless, lost, open, again] = [2, 3, 4, 5].map((n) => numberedItem(n));
    await inRun(root, async (vault) => {
      await vault.posts.add('demo', { posts: [postOf('p1', [numberedItem(1), lost!, open!, again!])] });
      await vault.posts.add('demo', { posts: [postOf('p1', [dated], { raw: 'edited' })] });
      await keep(vault, dated, 'one');
      await keep(vault, postless!, 'two');
      await vault.record([missing(lost!)]);
      await keep(vault, again!, 'five');
      await vault.record([missing(again!)]);
    });
    const expected = [dated, postless];
    expect(await heldIn(root)).toEqual(expected);
    rmSync(join(root, '.oxbow'), { recursive: true });
    expect(await heldIn(root)).toEqual(expected);
  }));

it('a file is the only copy if the last word about each item that has it says so', () =>
  withTempFolder(async (root) => {
    const { vault } = await openVault(root);
    const copies = new OnlyCopies();
    const say = async (...records: Parameters<typeof copies.see>[0][]) => {
      await vault.record(records);
      for (const record of records) copies.see(record);
      return copies.list(join(root, 'manifest.jsonl')).map(({ item }) => item);
    };
    const gone = { code: 'gone', detail: 'status 410', at: '2026-01-03T00:00:00.000Z' } as const;
    const first = await keep(vault, numberedItem(1), 'one');
    copies.see(first);
    const second = { ...first, item: 'demo:2', origin: 'duplicate' } as const;
    expect(await say(first)).toEqual([]);
    expect(await say({ ...first, gone })).toEqual([]); // nobody was asked
    expect([copies.gone, copies.unsought]).toEqual([1, 1]);
    expect(await say({ ...first, gone: { ...gone, elsewhere: 'http://a.example/1' } })).toEqual([]);
    expect(await say({ ...first, gone: { ...gone, elsewhere: null } })).toEqual(['demo:1']);
    expect(await say(second)).toEqual([]);
    expect(await say({ ...second, gone })).toEqual([]);
    expect(await say({ ...second, gone: { ...gone, elsewhere: null } })).toHaveLength(1);
    expect(await say({ ...second, path: 'data/media/other.jpg' })).toEqual(['demo:1']);
    expect(await say(missing(numberedItem(2)))).toEqual(['demo:1']);
    expect(await say(first)).toEqual([]);
    expect([copies.gone, copies.unsought]).toEqual([0, 0]);
    await vault.close({ inOrder: false });
  }));

const [own, other, led] = ['http://blog.example/1.jpg', 'http://b.example/s.jpg', 'http://c.example/x'];
const live: Tried = { where: 'live', url: own, outcome: 'gone', detail: 'status 410' };

test.each<[string, Partial<MediaRecord>, string]>([
  ['its own', { origin: 'live', from: led }, own],
  ['its own, where a smaller one was got', { origin: 'live', from: led, got: { url: own, width: 9 } }, own],
  ['the alternate', { origin: 'alternate', from: led, got: { url: other }, tried: [live] }, other],
  ['its own, with the bytes of another', { origin: 'duplicate', from: led }, own],
  [
    'the alternate, with the bytes of another',
    { origin: 'duplicate', from: led, got: { url: other }, tried: [live] },
    other,
  ],
])('a kept file was asked for at %s', (_, given, expected) => {
  expect(askedAt(recordOf(numberedItem(1), { status: 'kept', ...given }))).toBe(expected);
});
