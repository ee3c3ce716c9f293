import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import { checkBag, closeBag, isClosed, openBag, type Payload, startBag } from '../../src/vault/bag.ts';
import { treeOf } from '../helpers/archives.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { inRun, keep, missing, numberedItem, openVault, postOf, sha256 } from '../helpers/vaults.ts';

const [one, two] = [numberedItem(1, { date: '2019-05-01T00:00:00Z' }), numberedItem(2)];

async function fill(root: string): Promise<void> {
  await inRun(root, async (vault) => {
    await vault.posts.add('demo', { posts: [postOf('p1', [one]), postOf('p2', [two])], cursor: null });
    await keep(vault, one, 'picture');
    await keep(vault, two, 'another');
    await vault.record([missing(numberedItem(3))]);
  });
}

const filesUnder = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

/** RFC 8493, sections 2 and 3, and nothing of ours: what is wrong with a bag. */
function faultsOfBag(root: string): string[] {
  const declaration = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';
  const declared = readFileSync(join(root, 'bagit.txt'), 'utf8') === declaration;
  const hasPayload = existsSync(join(root, 'data')) && statSync(join(root, 'data')).isDirectory();
  if (!declared || !hasPayload) return ['no declaration, or no payload folder'];
  const [payload, tags] = [readList(root, 'manifest-sha256.txt'), readList(root, 'tagmanifest-sha256.txt')];
  const needed = ['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt'];
  return [
    ...[...payload, ...tags].flatMap(([path, sum]) => faultOfFile(root, path, sum)),
    ...filesUnder(root, 'data')
      .filter((path) => !payload.has(path))
      .map((path) => `${path} is not listed`),
    ...[...payload.keys()].filter((path) => !path.startsWith('data/')).map((path) => `${path} is no payload`),
    ...[...tags.keys()]
      .filter((path) => /^(data\/|tagmanifest)/.test(path))
      .map((path) => `${path} is no tag file`),
    ...needed.filter((name) => !tags.has(name)).map((name) => `${name} is not sealed`),
    ...faultsOfInfo(root),
  ];
}

/** Each line a sum and a path; the same path twice, or a line of another kind, is an error of the test's own. */
function readList(root: string, name: string): Map<string, string> {
  const listed = new Map<string, string>();
  for (const line of readFileSync(join(root, name), 'utf8').split(/\r?\n/).filter(Boolean)) {
    const [, sum, encoded] = /^([0-9a-fA-F]{64})[ \t]+(.+)$/.exec(line) ?? [];
    const path = encoded?.replace(/%(25|0D|0A)/gi, (code) => decodeURIComponent(code));
    if (!sum || !path || path.startsWith('/') || path.split('/').includes('..'))
      throw new Error(`${name}: ${line}`);
    if (listed.has(path)) throw new Error(`${name} has ${path} twice`);
    listed.set(path, sum.toLowerCase());
  }
  return listed;
}

function faultOfFile(root: string, path: string, sum: string): string[] {
  if (!existsSync(join(root, path))) return [`${path} is missing`];
  return sha256(readFileSync(join(root, path))) === sum ? [] : [`${path} differs`];
}

function faultsOfInfo(root: string): string[] {
  const info = readFileSync(join(root, 'bag-info.txt'), 'utf8');
  const files = filesUnder(root, 'data');
  const bytes = files.reduce((sum, path) => sum + statSync(join(root, path)).size, 0);
  const oxums = [...info.matchAll(/^Payload-Oxum: (.*)$/gm)].map(([, oxum]) => oxum);
  const faults = info.split('\n').filter((line) => line !== '' && !/^(\S[^:]*: .*|[ \t].*)$/.test(line));
  if (oxums.join() !== `${bytes}.${files.length}`) faults.push(`Payload-Oxum ${oxums.join()}`);
  if (!/^Bagging-Date: \d{4}-\d\d-\d\d$/m.test(info)) faults.push('Bagging-Date');
  return faults;
}

async function* listOf(...payload: Payload[]): AsyncGenerator<Payload> {
  yield* payload;
}

const sha256sum = (root: string, name: string) =>
  execFileSync('sha256sum', ['-c', '--strict', '--quiet', name], { cwd: root, stdio: 'pipe' }).toString();

describe('a bag', () => {
  it('is valid after a run that ended in order: by sha256sum, and by the standard alone (I-18)', () =>
    withTempFolder(async (root) => {
      await fill(root);
      expect(sha256sum(root, 'manifest-sha256.txt')).toBe('');
      expect(sha256sum(root, 'tagmanifest-sha256.txt')).toBe('');
      expect(faultsOfBag(root)).toEqual([]);
      expect(readFileSync(join(root, 'manifest-sha256.txt'), 'utf8').trim().split('\n').length).toBe(3);
      expect(readFileSync(join(root, 'tagmanifest-sha256.txt'), 'utf8')).toMatch(/ {2}manifest\.jsonl$/m);
      const media = filesUnder(root, 'data/media').map((path) => join(root, path));
      writeFileSync(media[0]!, 'pictura');
      expect(() => sha256sum(root, 'manifest-sha256.txt')).toThrow('1 computed checksum did NOT match');
      expect(faultsOfBag(root).join()).toContain('differs');
    }));

  it('is valid after several runs, and when nothing at all was found', () =>
    withTempFolder(async (root) => {
      await inRun(root, async () => undefined);
      expect(faultsOfBag(root)).toEqual([]);
      await fill(root);
      await inRun(root, ({ posts }) => posts.add('demo', { posts: [postOf('p3')] }));
      expect(faultsOfBag(root)).toEqual([]);
      expect(readFileSync(join(root, 'bag-info.txt'), 'utf8').match(/^Payload-Oxum/gm)?.length).toBe(1);
    }));

  it('lists names in need of encoding as the standard asks, and no target breaks its lines (F12)', () =>
    withTempFolder(async (root) => {
      const payload = { path: 'data/100%\r\n.jpg', bytes: 1, sha256: sha256('x') };
      mkdirSync(join(root, 'data'));
      writeFileSync(join(root, 'data/100%\r\n.jpg'), 'x');
      await startBag(root, 'http://x/\r\nPayload-Oxum: 9.9');
      await closeBag(root, 'http://x/\r\nPayload-Oxum: 9.9', listOf(payload));
      expect(readFileSync(join(root, 'manifest-sha256.txt'), 'utf8')).toBe(
        `${sha256('x')}  data/100%25%0D%0A.jpg\n`,
      );
      expect(faultsOfBag(root)).toEqual([]);
    }));

  it('is closed only when all of it is there, and open once the seal is off', () =>
    withTempFolder(async (root) => {
      await startBag(root, 't');
      expect(isClosed(root)).toBe(false);
      await closeBag(root, 't', listOf());
      expect(isClosed(root)).toBe(true);
      await openBag(root);
      expect(isClosed(root)).toBe(false);
      await openBag(root);
      expect(readdirSync(root).sort()).toEqual([
        '.oxbow',
        'bag-info.txt',
        'bagit.txt',
        'data',
        'manifest-sha256.txt',
      ]);
      expect(readdirSync(join(root, '.oxbow'))).toEqual([]);
    }));

  it('keeps what it was when its listing fails, and nothing half-written beside it', () =>
    withTempFolder(async (root) => {
      await fill(root);
      const before = treeOf(root);
      async function* failing() {
        yield { path: 'data/x', bytes: 1, sha256: sha256('x') };
        throw new Error('no more');
      }
      await expect(closeBag(root, 't', failing())).rejects.toThrow('no more');
      expect(treeOf(root)).toEqual(before);
    }));
});

describe('opening a folder', () => {
  const refused = async (root: string, words: RegExp) => {
    const before = existsSync(root) && statSync(root).isDirectory() ? treeOf(root) : undefined;
    const entries = before && readdirSync(root);
    const failing = openVault(root);
    await expect(failing).rejects.toThrow(StorageError);
    await expect(failing).rejects.toThrow(words);
    await expect(failing).rejects.toThrow(/ .*\.$/);
    if (before) expect(treeOf(root)).toEqual(before);
    if (entries) expect(readdirSync(root)).toEqual(entries);
  };

  it('refuses an archive of a newer format and leaves it untouched (U01)', () =>
    withTempFolder(async (root) => {
      await fill(root);
      rmSync(join(root, '.oxbow'), { recursive: true });
      const info = join(root, 'bag-info.txt');
      writeFileSync(info, readFileSync(info, 'utf8').replace('Oxbow-Format: 1', 'Oxbow-Format: 2'));
      await expect(checkBag(root)).rejects.toThrow('has format 2');
      await refused(root, /has format 2; this version of Oxbow reads format 1\. Please update Oxbow\./);
    }));

  it('refuses a folder that holds something else, also a bag of other hands', () =>
    withTempFolder(async (root) => {
      writeFileSync(join(root, 'thesis.doc'), 'years of work');
      await refused(root, /holds something else: it is not an archive of Oxbow\./);
      writeFileSync(join(root, 'bagit.txt'), 'BagIt-Version: 1.0\n');
      writeFileSync(join(root, 'bag-info.txt'), 'Source-Organization: Another\n');
      await refused(root, /holds something else/);
    }));

  it('refuses a file as a destination, and a destination below a file', () =>
    withTempFolder(async (dir) => {
      writeFileSync(join(dir, 'file'), 'text');
      await refused(join(dir, 'file'), /is a file; an archive needs a folder\./);
      await refused(join(dir, 'file/archive'), /Cannot make an archive at .*ENOTDIR/);
      expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('text');
    }));

  it('takes an empty folder, a lacking one, and one in which a run died that had just begun', () =>
    withTempFolder(async (dir) => {
      await inRun(dir, async () => undefined);
      await inRun(join(dir, 'data/a/b'), async () => undefined);
      const begun = join(dir, 'begun');
      mkdirSync(join(begun, '.oxbow'), { recursive: true });
      writeFileSync(join(begun, '.oxbow/bag-info.txt~'), 'Baggi');
      await inRun(begun, async () => undefined);
      expect(faultsOfBag(begun)).toEqual([]);
      rmSync(join(begun, 'bagit.txt'));
      await inRun(begun, async () => undefined);
      expect(faultsOfBag(begun)).toEqual([]);
    }));
});
