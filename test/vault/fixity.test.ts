import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import { recordAudit, verifyArchive } from '../../src/vault/fixity.ts';
import { recordsOf, treeOf } from '../helpers/archives.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import {
  inKilledRun,
  inRun,
  keep,
  missing,
  numberedItem,
  openVault,
  place,
  postOf,
} from '../helpers/vaults.ts';

const withArchive = <T>(work: (root: string, media: string) => Promise<T>) =>
  withTempFolder(async (dir) => {
    const root = join(dir, 'archive');
    await inRun(root, async (vault) => {
      await vault.posts.add('demo', { posts: [postOf('p1', [numberedItem(1)])] });
      for (const n of [1, 2, 3, 4, 5, 6]) await keep(vault, numberedItem(n), `picture ${n}`);
      await vault.record([missing(numberedItem(9))]);
    });
    return work(root, recordsOf(root)[0]!.path!);
  });

const edit = (file: string, change: (text: string) => string) => {
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, change(before));
  expect(readFileSync(file, 'utf8')).not.toBe(before);
};

/** What the audit must name: a path and a problem, in the order of paths. */
type Named = [path: string, problem: string];

const tagged = (name: string): Named => [name, 'checksum'];

const mutations: [string, (root: string, media: string) => void, (media: string) => Named[]][] = [
  [
    'a flipped bit',
    (root, media) => {
      const bytes = readFileSync(join(root, media));
      bytes[3]! ^= 1;
      writeFileSync(join(root, media), bytes);
    },
    (media) => [[media, 'checksum']],
  ],
  ['a file cut short', (root, media) => truncateSync(join(root, media), 3), (media) => [[media, 'size']]],
  ['a file that grew', (root, media) => appendFileSync(join(root, media), 'x'), (media) => [[media, 'size']]],
  ['a file deleted', (root, media) => rmSync(join(root, media)), (media) => [[media, 'missing']]],
  [
    'a link in place of a file',
    (root, media) => {
      writeFileSync(join(root, '../elsewhere'), readFileSync(join(root, media)));
      rmSync(join(root, media));
      symlinkSync(join(root, '../elsewhere'), join(root, media));
    },
    (media) => [[media, 'missing']],
  ],
  [
    'a folder in place of a file',
    (root, media) => {
      rmSync(join(root, media));
      mkdirSync(join(root, media));
    },
    (media) => [[media, 'missing']],
  ],
  [
    'a stray file among the media',
    (root) => writeFileSync(join(root, 'data/media/stray.jpg'), 'x'),
    () => [['data/media/stray.jpg', 'stray']],
  ],
  [
    'a stray file beside the media',
    (root) => writeFileSync(join(root, 'data/.hidden'), 'x'),
    () => [['data/.hidden', 'stray']],
  ],
  [
    'a damaged line of the manifest',
    (root) => edit(join(root, 'manifest.jsonl'), (text) => text.replace('"v":1', '"v":')),
    () => [['manifest.jsonl', 'line'], tagged('manifest.jsonl')],
  ],
  [
    'a line of the manifest that still is one, but says another thing',
    (root) =>
      edit(join(root, 'manifest.jsonl'), (text) =>
        text.replace('"failed"', '"missing"').replace('status 404', 'status 405'),
      ),
    () => [tagged('manifest.jsonl')],
  ],
  [
    'a record that names a file outside the archive',
    (root) =>
      edit(join(root, 'manifest.jsonl'), (text) => text.replace('"path":"data/media/', '"path":"../')),
    () => [['manifest.jsonl', 'line'], tagged('manifest.jsonl')],
  ],
  [
    'a torn record at the end of the manifest',
    (root) => appendFileSync(join(root, 'manifest.jsonl'), '{"v"'),
    () => [tagged('manifest.jsonl')],
  ],
  [
    'another sum in the list of the bag',
    (root) => edit(join(root, 'manifest-sha256.txt'), (text) => `${'0'.repeat(64)}${text.slice(64)}`),
    (media) => [[media, 'checksum'], tagged('manifest-sha256.txt')],
  ],
  [
    'a line missing in the list of the bag',
    (root) => edit(join(root, 'manifest-sha256.txt'), (text) => text.slice(text.indexOf('\n') + 1)),
    (media) => [[media, 'unlisted'], tagged('manifest-sha256.txt')],
  ],
  [
    'a line in the list of the bag that is no sum',
    (root) => edit(join(root, 'manifest-sha256.txt'), (text) => `${text}what is this\n`),
    () => [['manifest-sha256.txt', 'line'], tagged('manifest-sha256.txt')],
  ],
  [
    'a line in the list of the bag that leads outside',
    (root) => edit(join(root, 'manifest-sha256.txt'), (text) => `${text}${'0'.repeat(64)}  ../elsewhere\n`),
    () => [['manifest-sha256.txt', 'line'], tagged('manifest-sha256.txt')],
  ],
  [
    'posts changed',
    (root) => edit(join(root, 'data/posts/0001.jsonl'), (text) => text.replace('Post', 'Pest')),
    () => [['data/posts/0001.jsonl', 'checksum']],
  ],
  [
    'posts deleted',
    (root) => rmSync(join(root, 'data/posts/0001.jsonl')),
    () => [['data/posts/0001.jsonl', 'missing']],
  ],
  [
    'facts about the bag changed',
    (root) => edit(join(root, 'bag-info.txt'), (text) => text.replace('blog', 'glob')),
    () => [tagged('bag-info.txt')],
  ],
];

describe('an audit', () => {
  it('says that a sound archive is sound, having read every byte, and changes nothing', () =>
    withArchive(async (root) => {
      const before = treeOf(root);
      const seen: { files: number; bytes: number; of: number }[] = [];
      const audit = await verifyArchive(root, { progress: (event) => void seen.push(event) });
      expect(audit).toMatchObject({ path: root, closed: true, sound: true, damage: [], files: 11 });
      expect(seen.length).toBe(11);
      expect(seen.at(-1)).toEqual({ files: audit.files, bytes: audit.bytes, of: 11 });
      expect(treeOf(root)).toEqual(before);
    }));

  it.each(mutations)('finds and names %s', (_, mutate, expected) =>
    withArchive(async (root) => {
      // The first by path is also the first in the list of the bag.
      const media = recordsOf(root)
        .flatMap(({ path }) => path ?? [])
        .sort()[0]!;
      const before = treeOf(root);
      mutate(root, media);
      expect(treeOf(root)).not.toEqual(before);
      const { sound, damage } = await verifyArchive(root);
      expect(sound).toBe(false);
      const named = damage.map(({ path, problem }) => `${path}: ${problem}`);
      for (const [path, problem] of expected(media)) expect(named).toContain(`${path}: ${problem}`);
      const innocent = recordsOfOthers(media);
      for (const entry of named) expect(innocent.test(entry), entry).toBe(false);
    }),
  );

  it('tells of a file that cannot be read, and looks at all others (E06)', () =>
    withTempFolder(async (root) => {
      const item = numberedItem(1);
      const kept = await inRun(root, (vault) => keep(vault, item, 'picture'));
      const path = `data/media/${'x'.repeat(300)}.jpg`; // no system gives back a name of this length
      appendFileSync(join(root, 'manifest.jsonl'), `${JSON.stringify({ ...kept, item: 'demo:2', path })}\n`);
      rmSync(join(root, 'tagmanifest-sha256.txt'));
      const { damage, files } = await verifyArchive(root);
      expect(damage).toMatchObject([{ path, problem: 'unreadable' }]);
      expect(damage[0]!.detail).toContain('ENAMETOOLONG');
      expect(files).toBe(2);
    }));

  it('finds several at once, in the order of their paths', () =>
    withArchive(async (root) => {
      const paths = recordsOf(root)
        .flatMap(({ path }) => path ?? [])
        .sort();
      for (const path of paths) rmSync(join(root, path));
      const { damage, files } = await verifyArchive(root);
      expect(damage.map(({ path }) => path)).toEqual(paths);
      expect(files).toBe(11);
    }));

  it('judges the files but not the bag when a run is under way or died', () =>
    withArchive(async (root, media) => {
      const { vault } = await openVault(root);
      await place(vault, numberedItem(7), 'placed, not recorded');
      expect(await verifyArchive(root)).toMatchObject({ closed: false, sound: true, damage: [], files: 6 });
      truncateSync(join(root, media), 3);
      expect(await verifyArchive(root)).toMatchObject({
        closed: false,
        sound: false,
        damage: [{ path: media, problem: 'size' }],
      });
      await vault.close({ inOrder: false });
    }));

  it('sees a file that was recorded twice by what its last record says', () =>
    withArchive(async (root) => {
      await inKilledRun(root, (vault) => keep(vault, numberedItem(1), 'picture 1'));
      expect(recordsOf(root).filter(({ item }) => item === 'demo:1').length).toBe(2);
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('ends at once when it is told to', () =>
    withArchive(async (root) => {
      const control = new AbortController();
      const progress = () => control.abort(new Error('enough'));
      await expect(verifyArchive(root, { signal: control.signal, progress })).rejects.toThrow('enough');
    }));

  it('is kept as a line of its own, after those before it, and does not break the bag', () =>
    withArchive(async (root, media) => {
      await recordAudit(await verifyArchive(root));
      truncateSync(join(root, media), 3);
      await recordAudit(await verifyArchive(root));
      const lines = readFileSync(join(root, 'audits.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines).toMatchObject([
        { v: 1, sound: true, damage: [] },
        { v: 1, sound: false, damage: [{ path: media, problem: 'size' }] },
      ]);
      expect(lines[0].path).toBeUndefined();
      writeFileSync(join(root, media), 'picture 1');
      expect((await verifyArchive(root)).sound).toBe(true);
    }));

  it('says so when there is no archive', () =>
    withTempFolder(async (dir) => {
      await expect(verifyArchive(join(dir, 'none'))).rejects.toThrow(StorageError);
      await expect(verifyArchive(join(dir, 'none'))).rejects.toThrow(
        `There is no archive at ${join(dir, 'none')}.`,
      );
      await expect(verifyArchive(dir)).rejects.toThrow('not an archive of Oxbow');
      expect(existsSync(join(dir, 'none'))).toBe(false);
    }));
});

/** Any medium but this one. */
const recordsOfOthers = (media: string) =>
  new RegExp(`^data/media/(?!${media.slice('data/media/'.length)}|stray)`);
