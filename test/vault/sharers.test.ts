import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MediaRecord, Sharing } from '../../src/model.ts';
import { readSharings } from '../../src/vault/sharers.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { inRun, numberedItem, recordOf, sha256 } from '../helpers/vaults.ts';

const contents = ['grey', 'white', 'heron', 'rare'].map((text) => sha256(text));

/** The record of an item that has these bytes, or had them and lost them. */
const has = (n: number, content: number, given: Partial<MediaRecord> = {}) =>
  recordOf(numberedItem(n, { url: `http://host-${String.fromCharCode(97 + (n % 2))}.example/${n}.jpg` }), {
    status: 'kept',
    path: `data/media/${content}.jpg`,
    bytes: 5,
    sha256: contents[content]!,
    ...given,
  });
const failed = (n: number) => recordOf(numberedItem(n), { status: 'failed' });

/** A history that is always the same for the same seed: items kept, lost, kept again, and taken back. */
function history(seed: number, length = 300): MediaRecord[] {
  let state = seed;
  const random = (below: number) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  return Array.from({ length }, () => {
    const n = random(60);
    const content = n % 10 === 0 ? 3 : n % 3; // an item has the same bytes every time
    return [has(n, content), has(n, content), failed(n), has(n, content, { status: 'failed' })][random(4)]!;
  });
}

async function write(vault: Vault, records: readonly MediaRecord[], group: number): Promise<void> {
  for (let at = 0; at < records.length; at += group) await vault.record(records.slice(at, at + group));
}

const inOrder = (sharings: readonly Sharing[]) =>
  [...sharings].sort((a, b) => (a.host + a.sha256 < b.host + b.sha256 ? -1 : 1));

const known = async (vault: Vault) =>
  inOrder((await Promise.all(contents.map((sum) => vault.sharings(sum)))).flat());

async function itemsOf(vault: Vault, sum: string): Promise<string[]> {
  const ids = new Set<string>();
  for await (const id of vault.sharersOf(sum)) ids.add(id);
  return [...ids].sort();
}

describe('who shares bytes', () => {
  it.each([1, 2, 3, 4, 5])(
    'is known alike from lines one by one, in groups, all at once, and without a ledger (%i)',
    (seed) =>
      withTempFolder(async (dir) => {
        const records = history(seed);
        const found: unknown[] = [];
        for (const group of [1, 7, 300]) {
          const root = join(dir, `by-${group}`);
          await inRun(root, async (vault) => {
            await write(vault, records, group);
            found.push(await known(vault));
          });
          rmSync(join(root, '.oxbow'), { recursive: true });
          await inRun(root, async (vault) => found.push(await known(vault)));
          found.push(inOrder(readSharings(root)));
        }
        const [first, ...others] = found as Sharing[][];
        expect(first!.length).toBeGreaterThan(5);
        for (const other of others) expect(other).toEqual(first);
        const items = first!
          .filter((one) => one.sha256 === contents[0])
          .reduce((sum, one) => sum + one.items, 0);
        const truly = new Set(records.filter((one) => one.sha256 === contents[0]).map(({ item }) => item));
        expect(items).toBe(truly.size);
      }),
  );

  it('is found item by item, of lines of all runs', () =>
    withTempFolder(async (root) => {
      const records = history(6);
      await inRun(root, (vault) => write(vault, records.slice(0, 150), 10));
      await inRun(root, async (vault) => {
        await write(vault, records.slice(150), 10);
        for (const sum of contents) {
          const truly = new Set(records.filter((one) => one.sha256 === sum).map(({ item }) => item));
          expect(await itemsOf(vault, sum)).toEqual([...truly].sort());
        }
        expect(await itemsOf(vault, sha256('of nobody'))).toEqual([]);
      });
    }));

  it('is not remembered of bytes that one item has alone, however often it is kept', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        await vault.record([has(1, 0), has(1, 0), has(2, 1)]);
        await vault.record([has(1, 0)]);
        await vault.record([has(2, 2)]);
        await vault.record([has(2, 1)]); // those it had before
        expect(await known(vault)).toEqual([]);
      });
      expect(readSharings(root)).toEqual([]);
    }));

  it('is nobody where there are no lines', () =>
    withTempFolder(async (dir) => expect(readSharings(join(dir, 'none'))).toEqual([])));
});
