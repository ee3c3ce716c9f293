import { existsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Ledger } from '../../src/vault/ledger.ts';
import { openLmdb } from '../../src/vault/ledger-store.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { missing, numberedItem, recordOf, sha256 } from '../helpers/vaults.ts';

const withLedger = <T>(work: (ledger: Ledger) => Promise<T>) =>
  withTempFolder(async (dir) => {
    const ledger = Ledger.at(join(dir, 'ledger'));
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
    }
  });

async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const entry of entries) found.push(entry);
  return found;
}

const kept = (n: number, given = {}) =>
  recordOf(numberedItem(n), {
    status: 'kept',
    path: `data/media/${n}.jpg`,
    bytes: 1,
    sha256: sha256(`${n}`),
    ...given,
  });
const post = (id: string, items: string[], offset = 0) => ({ id, segment: 1, offset, sum: 's', items });

describe('the ledger', () => {
  it('says where the last record of an item, of some bytes and of a file is', () =>
    withLedger(async (ledger) => {
      await ledger.learnRecords([
        { record: kept(1), offset: 0 },
        { record: missing(numberedItem(2)), offset: 100 },
      ]);
      await ledger.learnRecords([{ record: kept(1), offset: 200 }]);
      expect(await ledger.itemAt('demo:1')).toBe(200);
      expect(await ledger.itemAt('demo:2')).toBe(100);
      expect(await ledger.itemAt('demo:3')).toBeUndefined();
      expect(await ledger.contentAt(sha256('1'))).toBe(200);
      expect(await ledger.fileAt('data/media/1.jpg')).toBe(200);
      expect(await all(ledger.files())).toEqual(['data/media/1.jpg']);
    }));

  it('takes the last of several records of one item that come together', () =>
    withLedger(async (ledger) => {
      await ledger.learnPosts([post('p', ['demo:1'])]);
      await ledger.learnRecords([
        { record: missing(numberedItem(1)), offset: 0 },
        { record: kept(1), offset: 50 },
      ]);
      expect(await ledger.itemAt('demo:1')).toBe(50);
      expect(await all(ledger.openItems())).toEqual([]);
    }));

  it('holds an item open from the post that wants it until it is kept, and again when it is lost', () =>
    withLedger(async (ledger) => {
      await ledger.learnPosts([post('p', ['demo:1', 'demo:2'], 7)]);
      expect(await all(ledger.openItems())).toEqual(['demo:1', 'demo:2']);
      expect(await ledger.openItem('demo:2')).toEqual({ id: 'demo:2', segment: 1, offset: 7, n: 1 });
      await ledger.learnRecords([
        { record: kept(1), offset: 0 },
        { record: missing(numberedItem(2)), offset: 9 },
      ]);
      expect(await all(ledger.openItems())).toEqual(['demo:2']);
      await ledger.learnPosts([post('q', ['demo:1', 'demo:3'], 70)]);
      expect(await all(ledger.openItems())).toEqual(['demo:2', 'demo:3']);
      await ledger.learnRecords([{ record: recordOf(numberedItem(1)), offset: 20 }]);
      expect(await all(ledger.openItems())).toEqual(['demo:1', 'demo:2', 'demo:3']);
      expect(await ledger.openItem('demo:1')).toMatchObject({ offset: 70, n: 0 });
    }));

  it('holds open what is kept while there may be a larger one, wherever it is described last', () =>
    withLedger(async (ledger) => {
      const reduced = kept(1, { bestKnown: { url: 'http://blog.example/page' } });
      await ledger.learnPosts([post('p', ['demo:1'], 7)]);
      await ledger.learnRecords([{ record: reduced, offset: 0 }]);
      expect(await all(ledger.openItems())).toEqual(['demo:1']);
      expect(await all(ledger.keptItems())).toEqual(['demo:1']);
      await ledger.learnPosts([post('q', ['demo:1'], 70)]);
      expect(await ledger.openItem('demo:1')).toMatchObject({ offset: 70 });
      await ledger.learnRecords([{ record: kept(1), offset: 10 }]);
      expect(await all(ledger.openItems())).toEqual([]);
    }));

  it('gives the same open items whether records come one by one or all at once after the posts (I-20)', async () => {
    const posts = [
      post('p', ['demo:1', 'demo:2'], 7),
      post('q', ['demo:2', 'demo:1', 'demo:3', 'demo:4', 'demo:5'], 70),
    ];
    const records = [
      kept(1),
      recordOf(numberedItem(1)),
      recordOf(numberedItem(2)),
      kept(2),
      missing(numberedItem(3)),
      kept(4, { bestKnown: { url: 'http://blog.example/page' } }),
      kept(5, { bestKnown: { url: 'http://blog.example/page' } }),
      kept(5),
    ];
    const found = records.map((record, i) => ({ record, offset: i * 10 }));
    const one = await withLedger(async (ledger) => {
      for (const entry of posts) await ledger.learnPosts([entry]);
      for (const entry of found) await ledger.learnRecords([entry]);
      return Promise.all((await all(ledger.openItems())).map((id) => ledger.openItem(id)));
    });
    const other = await withLedger(async (ledger) => {
      await ledger.learnPosts(posts);
      await ledger.learnRecords(found);
      return Promise.all((await all(ledger.openItems())).map((id) => ledger.openItem(id)));
    });
    expect(one.map((place) => place?.id)).toEqual(['demo:1', 'demo:3', 'demo:4']);
    expect(other).toEqual(one);
  });

  it('remembers posts, cursors and marks', () =>
    withLedger(async (ledger) => {
      await ledger.learnPosts([post('p', [], 7)]);
      await ledger.listings.learnCursor('json:x', { segment: 2, offset: 5 });
      await ledger.setMark('0001.jsonl', { bytes: 9, lastAt: 1, sum: 'x' });
      expect(await ledger.postAt('p', 's')).toEqual({ segment: 1, offset: 7 });
      expect(await ledger.postAt('p', 't')).toBeUndefined();
      expect(await ledger.listings.cursorAt('json:x')).toEqual({ segment: 2, offset: 5 });
      expect(await ledger.mark('0001.jsonl')).toEqual({ bytes: 9, lastAt: 1, sum: 'x' });
      expect(await all(ledger.marks())).toEqual([['0001.jsonl', { bytes: 9, lastAt: 1, sum: 'x' }]]);
      await ledger.clear();
      expect(await ledger.postAt('p', 's')).toBeUndefined();
      expect(await ledger.listings.cursorAt('json:x')).toBeUndefined();
      expect(await all(ledger.marks())).toEqual([]);
    }));

  it('goes through more items than one batch, while they are kept underway', () =>
    withLedger(async (ledger) => {
      const ids = Array.from({ length: 2500 }, (_, n) => `demo:${n}`);
      await ledger.learnPosts([post('p', ids)]);
      const seen = new Set<string>();
      for await (const id of ledger.openItems()) {
        expect(seen.has(id)).toBe(false);
        seen.add(id);
        await ledger.learnRecords([{ record: kept(Number(id.slice(5))), offset: 0 }]);
      }
      expect(seen.size).toBe(2500);
      expect(await all(ledger.openItems())).toEqual([]);
      await ledger.clear();
      expect(await all(ledger.files())).toEqual([]);
    }));

  it('takes ids of any length and any letters, and keeps them apart', () =>
    withLedger(async (ledger) => {
      const long = `http://blog.example/${'語'.repeat(2000)}`;
      const ids = [`${long}a`, `${long}b`, '', 'a:b', '\u{10ffff}', 'ключ', 'a\nb'];
      await ledger.learnPosts([post('p', ids)]);
      await ledger.learnRecords(
        ids.map((item, i) => ({ record: recordOf(numberedItem(0), { item }), offset: i + 1 })),
      );
      for (const [i, id] of ids.entries()) expect(await ledger.itemAt(id)).toBe(i + 1);
      expect(new Set(await all(ledger.openItems()))).toEqual(new Set(ids));
    }));

  it('does one work after the other, and goes on after one that failed', () =>
    withLedger(async (ledger) => {
      const said: string[] = [];
      const work = (name: string) => async () => {
        said.push(`${name} begins`);
        await ledger.itemAt(name);
        said.push(`${name} ends`);
      };
      const failing = ledger.inTurn(() => Promise.reject(new Error('no')));
      const others = [ledger.inTurn(work('a')), ledger.inTurn(work('b'))];
      await expect(failing).rejects.toThrow('no');
      await Promise.all(others);
      expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    }));
});

describe('the store of a ledger', () => {
  it('still has everything after it was closed, each name for itself', () =>
    withTempFolder(async (dir) => {
      const path = join(dir, 'ledger');
      const first = openLmdb(path);
      await Promise.all([first.store<number>('one').set('key', 1), first.store<number>('two').set('key', 2)]);
      await first.close();
      const again = openLmdb(path);
      expect([await again.store('one').get('key'), await again.store('two').get('key')]).toEqual([1, 2]);
      expect([await again.store('one').has('key'), await again.store('one').has('none')]).toEqual([
        true,
        false,
      ]);
      await again.store('one').clear();
      expect([await again.store('one').get('key'), await again.store('two').get('key')]).toEqual([
        undefined,
        2,
      ]);
      await again.close();
    }));

  it('begins anew from an empty file', () =>
    withTempFolder(async (dir) => {
      const path = join(dir, 'ledger');
      const first = openLmdb(path);
      await first.store('one').set('key', 1);
      await first.close();
      expect(existsSync(join(path, 'data.mdb'))).toBe(true);
      truncateSync(join(path, 'data.mdb'), 0);
      const again = openLmdb(path);
      expect(await again.store('one').get('key')).toBeUndefined();
      await again.store('one').set('key', 2);
      await again.close();
    }));

  it('says so when a value cannot be read, instead of taking it for a miss', () =>
    withTempFolder(async (dir) => {
      const stores = openLmdb(join(dir, 'ledger'));
      const store = stores.store<number>('one');
      await store.opts.store!.set('one:key', '{"value": torn');
      await expect(store.get('key')).rejects.toThrow();
      await stores.close();
    }));
});

it('remembers for a week what a web archive answered, and no longer', () =>
  withLedger(async (ledger) => {
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now');
    try {
      await ledger.learnAnswer('http://index/?url=a', { captures: [] });
      clock.mockReturnValue(now + 7 * 86_400_000 - 60_000);
      expect(await ledger.answerTo('http://index/?url=a')).toEqual({ captures: [] });
      expect(await ledger.answerTo('http://index/?url=b')).toBeUndefined();
      clock.mockReturnValue(now + 7 * 86_400_000 + 60_000);
      expect(await ledger.answerTo('http://index/?url=a')).toBeUndefined();
    } finally {
      clock.mockRestore();
    }
  }));
