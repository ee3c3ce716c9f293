import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import { type Placing, placeAll, placeFile, sumOfFile, syncFile, syncFolder } from '../../src/vault/place.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { sha256 } from '../helpers/vaults.ts';

/** A part file with these bytes, to be placed as `a.jpg`, `a-2.jpg` … */
function placing(root: string, bytes: string, to = 'data/media/2019/05/a'): Placing & { bytes: number } {
  const part = join(root, `.oxbow/parts/${sha256(bytes).slice(0, 8)}.part`);
  mkdirSync(dirname(part), { recursive: true });
  writeFileSync(part, bytes);
  const path = (copy: number) => `${to}${copy > 1 ? `-${copy}` : ''}.jpg`;
  return { part, bytes: Buffer.byteLength(bytes), sha256: sha256(bytes), path };
}

const foreign = (root: string, path: string, bytes: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
};

const read = (root: string, path: string) => readFileSync(join(root, path), 'utf8');

describe('placing', () => {
  it('moves whole files side by side into folders that it makes, and syncs them', () =>
    withTempFolder(async (root) => {
      const placings = [
        placing(root, 'one'),
        placing(root, 'two', 'data/media/2020/01/b'),
        placing(root, 'three', 'data/media/2020/01/c'),
      ];
      const inodes = placings.map(({ part }) => statSync(part).ino);
      const paths = await placeAll(root, placings);
      expect(paths).toEqual([
        'data/media/2019/05/a.jpg',
        'data/media/2020/01/b.jpg',
        'data/media/2020/01/c.jpg',
      ]);
      expect(paths.map((path) => read(root, path))).toEqual(['one', 'two', 'three']);
      expect(paths.map((path) => statSync(join(root, path)).ino)).toEqual(inodes);
      expect(readdirSync(join(root, '.oxbow/parts'))).toEqual([]);
    }));

  it('never overwrites a foreign file under the name, and takes the next one (E13)', () =>
    withTempFolder(async (root) => {
      foreign(root, 'data/media/2019/05/a.jpg', 'not ours');
      foreign(root, 'data/media/2019/05/a-2.jpg', 'nor this');
      expect(await placeAll(root, [placing(root, 'ours')])).toEqual(['data/media/2019/05/a-3.jpg']);
      expect(read(root, 'data/media/2019/05/a.jpg')).toBe('not ours');
      expect(read(root, 'data/media/2019/05/a-2.jpg')).toBe('nor this');
      expect(read(root, 'data/media/2019/05/a-3.jpg')).toBe('ours');
    }));

  it('does not take a foreign file of the same size for its own', () =>
    withTempFolder(async (root) => {
      foreign(root, 'data/media/2019/05/a.jpg', 'sruo');
      expect(await placeAll(root, [placing(root, 'ours')])).toEqual(['data/media/2019/05/a-2.jpg']);
      expect(read(root, 'data/media/2019/05/a.jpg')).toBe('sruo');
    }));

  it('adopts the same bytes that a run left which died before its record', () =>
    withTempFolder(async (root) => {
      foreign(root, 'data/media/2019/05/a.jpg', 'ours');
      const left = placing(root, 'ours');
      expect(await placeAll(root, [left])).toEqual(['data/media/2019/05/a.jpg']);
      expect(readdirSync(join(root, 'data/media/2019/05'))).toEqual(['a.jpg']);
      expect(existsSync(left.part)).toBe(false);
    }));

  it('ends what a run began that died between the link and the removal of the part', () =>
    withTempFolder(async (root) => {
      const left = placing(root, 'ours');
      mkdirSync(join(root, 'data/media/2019/05'), { recursive: true });
      linkSync(left.part, join(root, 'data/media/2019/05/a.jpg'));
      expect(statSync(left.part).nlink).toBe(2);
      expect(await placeAll(root, [left])).toEqual(['data/media/2019/05/a.jpg']);
      expect(existsSync(left.part)).toBe(false);
      expect(statSync(join(root, 'data/media/2019/05/a.jpg')).nlink).toBe(1);
    }));

  it('leaves another hard link of the part with its bytes', () =>
    withTempFolder(async (root) => {
      const one = placing(root, 'ours');
      linkSync(one.part, join(root, 'elsewhere'));
      expect(await placeAll(root, [one])).toEqual(['data/media/2019/05/a.jpg']);
      expect(read(root, 'elsewhere')).toBe('ours');
      expect(read(root, 'data/media/2019/05/a.jpg')).toBe('ours');
    }));

  it('follows no link planted under the name, dangling or not (F07)', () =>
    withTempFolder(async (dir) => {
      const root = join(dir, 'archive');
      foreign(dir, 'outside.jpg', 'ours');
      mkdirSync(join(root, 'data/media/2019/05'), { recursive: true });
      symlinkSync(join(dir, 'outside.jpg'), join(root, 'data/media/2019/05/a.jpg'));
      symlinkSync(join(dir, 'nowhere.jpg'), join(root, 'data/media/2019/05/a-2.jpg'));
      expect(await placeAll(root, [placing(root, 'ours')])).toEqual(['data/media/2019/05/a-3.jpg']);
      expect(lstatSync(join(root, 'data/media/2019/05/a-3.jpg')).isFile()).toBe(true);
      expect(read(dir, 'outside.jpg')).toBe('ours');
      expect(existsSync(join(dir, 'nowhere.jpg'))).toBe(false);
    }));

  it('passes a folder under the name', () =>
    withTempFolder(async (root) => {
      mkdirSync(join(root, 'data/media/2019/05/a.jpg'), { recursive: true });
      expect(await placeAll(root, [placing(root, 'ours')])).toEqual(['data/media/2019/05/a-2.jpg']);
    }));

  it('gives two files that want the same name two names', () =>
    withTempFolder(async (root) => {
      const paths = await placeAll(root, [placing(root, 'one'), placing(root, 'two')]);
      expect([...paths].sort()).toEqual(['data/media/2019/05/a-2.jpg', 'data/media/2019/05/a.jpg']);
      expect(paths.map((path) => read(root, path))).toEqual(['one', 'two']);
    }));

  it('fails only when nothing of the group is at work any more', () =>
    withTempFolder(async (root) => {
      const many = Array.from({ length: 20 }, (_, n) => placing(root, `picture ${n}`, `data/media/m/${n}`));
      const hostile = { ...placing(root, 'ours'), path: () => '../outside/a.jpg' };
      await expect(placeAll(root, [hostile, ...many])).rejects.toThrow(StorageError);
      for (const { part, path } of many)
        expect([existsSync(part), existsSync(join(root, path(1)))]).toEqual([false, true]);
    }));

  it('refuses a name that leads out of the archive, before anything is made there', () =>
    withTempFolder(async (dir) => {
      const root = join(dir, 'archive');
      const hostile = { ...placing(root, 'ours'), path: () => '../outside/a.jpg' };
      await expect(placeAll(root, [hostile])).rejects.toThrow(StorageError);
      expect(readdirSync(dir)).toEqual(['archive']);
    }));

  it('says in one error that it cannot store, and where', () =>
    withTempFolder(async (root) => {
      foreign(root, 'data', 'a file where a folder should be');
      await expect(placeAll(root, [placing(root, 'ours')])).rejects.toThrow(StorageError);
      await expect(placeAll(root, [placing(root, 'ours')])).rejects.toThrow(`Cannot store in ${root}`);
      expect(read(root, 'data')).toBe('a file where a folder should be');
    }));
});

describe('placing one file under one name', () => {
  it('refuses another file that lies there', () =>
    withTempFolder(async (root) => {
      foreign(root, '.oxbow/posts/0001.jsonl', 'ours');
      foreign(root, 'data/posts/0001.jsonl', 'not ours');
      const placing = placeFile(root, '.oxbow/posts/0001.jsonl', 'data/posts/0001.jsonl');
      await expect(placing).rejects.toThrow(
        `There is another file at ${join(root, 'data/posts/0001.jsonl')} already.`,
      );
      expect(read(root, 'data/posts/0001.jsonl')).toBe('not ours');
      expect(read(root, '.oxbow/posts/0001.jsonl')).toBe('ours');
    }));
});

describe('syncing', () => {
  it('works on files and folders, and fails on what is not there', () =>
    withTempFolder(async (root) => {
      foreign(root, 'a/b/c', 'x');
      await syncFile(join(root, 'a/b/c'));
      await syncFolder(join(root, 'a/b'));
      await expect(syncFile(join(root, 'none'))).rejects.toThrow('ENOENT');
      await expect(syncFolder(join(root, 'none'))).rejects.toThrow('ENOENT');
      expect(await sumOfFile(join(root, 'a/b/c'))).toBe(sha256('x'));
    }));
});
