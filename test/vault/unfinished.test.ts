import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyArchive } from '../../src/vault/fixity.ts';
import { mediaPath, names } from '../../src/vault/layout.ts';
import { recordsOf } from '../helpers/archives.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import {
  backlogOf,
  inKilledRun,
  inRun,
  keep,
  numberedItem,
  partOf,
  place,
  postOf,
} from '../helpers/vaults.ts';

const [one, two] = [numberedItem(1), numberedItem(2)];
const nothing = async () => undefined;

describe('what a dead run left', () => {
  it('is recorded by the next, without asking anybody, where it was placed already', () =>
    withTempFolder(async (root) => {
      await inKilledRun(root, async (vault) => {
        await vault.posts.add('demo', { posts: [postOf('p1', [one, two])] });
        await place(vault, one, 'picture');
      });
      expect(recordsOf(root)).toEqual([]);
      await inRun(root, async (vault, warnings) => {
        expect(await vault.find(one.id)).toMatchObject({ status: 'kept', bytes: 7 });
        expect(await backlogOf(vault)).toEqual(['demo:2']);
        expect(warnings).toEqual([]);
      });
      await inRun(root, nothing);
      expect(recordsOf(root).length).toBe(1);
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('is recorded likewise when its part has still its old name, which goes', () =>
    withTempFolder(async (root) => {
      let part = '';
      await inKilledRun(root, async (vault) => {
        const { path } = await place(vault, one, 'picture');
        part = vault.partFor(one.id, 'live', one.url);
        linkSync(join(root, path!), part);
        writeFileSync(`${part}.json`, '{}');
      });
      expect(statSync(part).nlink).toBe(2);
      await inRun(root, async (vault) => expect((await vault.find(one.id))?.status).toBe('kept'));
      expect([existsSync(part), existsSync(`${part}.json`)]).toEqual([false, false]);
    }));

  it('is recorded under the name that it was given when a foreign file had the first', () =>
    withTempFolder(async (root) => {
      let path = '';
      await inKilledRun(root, async (vault) => {
        const first = join(root, mediaPath(one, 'jpg'));
        mkdirSync(dirname(first), { recursive: true });
        writeFileSync(first, 'foreign');
        path = (await place(vault, one, 'picture')).path!;
      });
      expect(path).toBe(mediaPath(one, 'jpg', 2));
      await inRun(root, async (vault) =>
        expect(await vault.find(one.id)).toMatchObject({ status: 'kept', path }),
      );
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('is not recorded when it never came to its place, and its part stays to be continued', () =>
    withTempFolder(async (root) => {
      let part = '';
      await inKilledRun(root, async (vault) => {
        const { path } = await place(vault, one, 'picture');
        rmSync(join(root, path!));
        part = partOf(vault, one, 'picture');
      });
      await inRun(root, async (vault) => expect(await vault.find(one.id)).toBeUndefined());
      expect(readFileSync(part, 'utf8')).toBe('picture');
    }));

  it('is not recorded when its bytes are others than were meant; it is set aside instead', () =>
    withTempFolder(async (root) => {
      let path = '';
      await inKilledRun(root, async (vault) => {
        path = (await place(vault, one, 'picture')).path!;
        truncateSync(join(root, path), 3);
      });
      await inRun(root, async (vault, warnings) => {
        expect(await vault.find(one.id)).toBeUndefined();
        expect(warnings).toEqual([
          expect.stringContaining('1 files that no record names were set aside in .oxbow/strays'),
        ]);
      });
      expect(existsSync(join(root, path))).toBe(false);
      expect(readFileSync(join(root, names.strays, path), 'utf8')).toBe('pic');
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('is recorded once, however often its successors die', () =>
    withTempFolder(async (root) => {
      await inKilledRun(root, (vault) => place(vault, one, 'picture'));
      for (let death = 0; death < 3; death++) await inKilledRun(root, nothing);
      await inRun(root, nothing);
      expect(recordsOf(root).length).toBe(1);
    }));

  it('removes nothing outside the work folder, whatever the note says', () =>
    withTempFolder(async (dir) => {
      const root = join(dir, 'archive');
      const outside = join(dir, 'outside.part');
      writeFileSync(outside, 'precious');
      await inKilledRun(root, (vault) => keep(vault, one, 'picture'));
      const note = join(root, names.intents);
      const [record] = recordsOf(root);
      const hostile = [
        { part: outside, record },
        { part: outside, record: { ...record, path: '../outside.part' } },
        { record },
        5,
      ];
      writeFileSync(note, `${hostile.map((line) => JSON.stringify(line)).join('\n')}\n{"torn`);
      await inRun(root, async (vault) => expect((await vault.find(one.id))?.status).toBe('kept'));
      expect(readFileSync(outside, 'utf8')).toBe('precious');
      expect(recordsOf(root).length).toBe(1);
    }));

  it('that was set aside twice is there twice', () =>
    withTempFolder(async (root) => {
      const stray = join(root, 'data/media/2019/05/stray.jpg');
      for (const text of ['first', 'second']) {
        await inKilledRun(root, (vault) => keep(vault, one, 'picture'));
        mkdirSync(dirname(stray), { recursive: true });
        writeFileSync(stray, text);
        await inRun(root, nothing);
        expect(existsSync(stray)).toBe(false);
      }
      const found = ['stray.jpg', 'stray.jpg-2'].map((name) =>
        readFileSync(join(root, names.strays, 'data/media/2019/05', name), 'utf8'),
      );
      expect(found).toEqual(['first', 'second']);
    }));
});
