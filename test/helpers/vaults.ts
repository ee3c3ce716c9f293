import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { In, MediaItem, MediaRecord, Post } from '../../src/model.ts';
import { mediaPath } from '../../src/vault/layout.ts';
import type { PostLine, SegmentLine } from '../../src/vault/post-lines.ts';
import { Vault, type VaultOptions } from '../../src/vault/vault.ts';
import { downloadOf, itemOf, live } from './parcels.ts';
import { withTempFolder } from './temp-folder.ts';

export const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A vault that says what it warns of. */
export async function openVault(root: string, given: Partial<VaultOptions> = {}) {
  const warnings: string[] = [];
  const vault = await Vault.open(root, {
    target: 'http://blog.example/',
    run: '2026-01-02T03:04:05.000Z',
    warn: (message) => void warnings.push(message),
    lost: (error) => void warnings.push(error.message),
    ...given,
  });
  return { vault, warnings };
}

/** One run over an archive, from opening it to an end in order. */
export async function inRun<T>(
  root: string,
  work: (vault: Vault, warnings: string[]) => Promise<T>,
): Promise<T> {
  const { vault, warnings } = await openVault(root);
  let inOrder = false;
  try {
    const result = await work(vault, warnings);
    inOrder = true;
    return result;
  } finally {
    await vault.close({ inOrder });
  }
}

/** The same, but it ends as a killed run does: nothing is closed in order. */
export async function inKilledRun(root: string, work: (vault: Vault) => Promise<unknown>): Promise<void> {
  const { vault } = await openVault(root);
  try {
    await work(vault);
  } finally {
    await vault.close({ inOrder: false });
  }
}

export const numberedItem = (n: number, given: Partial<MediaItem> = {}): MediaItem =>
  itemOf({ id: `demo:${n}`, url: `http://blog.example/${n}.jpg`, post: `p${n}`, ...given });

/** A post with as many items as ids are given. */
export const postOf = (id: string, items: readonly MediaItem[] = [], given: Partial<Post> = {}): Post => ({
  id,
  date: null,
  url: `http://blog.example/${id}`,
  raw: { title: `Post ${id}` },
  items,
  ...given,
});

/** Bytes in a part file, as the download leaves them. */
export function partOf(vault: Vault, item: MediaItem, bytes: string | Buffer): string {
  const part = vault.partFor(item.id, 'live', item.url);
  mkdirSync(dirname(part), { recursive: true });
  writeFileSync(part, bytes);
  return part;
}

/** The parcel of an item whose bytes lie in a part file now. */
export function keptParcel(
  vault: Vault,
  item: MediaItem,
  bytes: string,
  given: Partial<In<'kept'>> = {},
): In<'kept'> {
  const download = downloadOf({
    part: partOf(vault, item, bytes),
    bytes: Buffer.byteLength(bytes),
    sha256: sha256(bytes),
    from: item.url,
    response: { etag: '"x"' },
  });
  const verdict = {
    accepted: true,
    type: 'image/jpeg',
    ext: 'jpg',
    kind: 'image',
    whole: 'structure',
  } as const;
  return { state: 'kept', item, location: live(item.url), tried: [], download, verdict, ...given };
}

export const recordOf = (item: MediaItem, given: Partial<MediaRecord> = {}): MediaRecord => ({
  v: 1,
  run: '2026-01-02T03:04:05.000Z',
  item: item.id,
  status: 'failed',
  kind: 'image',
  post: item.post,
  index: item.index,
  url: item.url,
  at: '2026-01-02T03:04:06.000Z',
  ...given,
});

export const missing = (item: MediaItem): MediaRecord =>
  recordOf(item, {
    status: 'missing',
    reason: { code: 'gone', detail: 'status 404' },
    tried: [{ where: 'live', url: item.url, outcome: 'gone', detail: 'status 404' }],
  });

/** Places the bytes, as the last stage does; gives the record that is due. */
export async function place(vault: Vault, item: MediaItem, bytes: string | Buffer): Promise<MediaRecord> {
  const placing = {
    part: partOf(vault, item, bytes),
    bytes: Buffer.byteLength(bytes),
    sha256: sha256(bytes),
  };
  const facts = { status: 'kept', bytes: placing.bytes, sha256: placing.sha256, origin: 'live' } as const;
  const path = (copy?: number) => mediaPath(item, 'jpg', copy);
  const intent = { part: placing.part, record: recordOf(item, { ...facts, path: path() }) };
  const [placed] = await vault.place([{ ...placing, path }], [intent]);
  return recordOf(item, { ...facts, path: placed! });
}

/** Places the bytes and records them. */
export async function keep(vault: Vault, item: MediaItem, bytes: string | Buffer): Promise<MediaRecord> {
  const record = await place(vault, item, bytes);
  await vault.record([record]);
  return record;
}

export async function backlogOf(vault: { backlog(): AsyncIterable<MediaItem> }): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of vault.backlog()) ids.push(id);
  return ids.sort();
}

/** All lines of all segments; those of other kinds lack the fields of a post. */
export function postLines(root: string): (Omit<PostLine, 'line'> & { readonly line: SegmentLine['line'] })[] {
  const folder = join(root, 'data/posts');
  if (!existsSync(folder)) return [];
  const text = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** The sources as plain JavaScript, for tests whose process must die. */
export function withCompiled<T>(source: string, work: (file: string) => Promise<T>): Promise<T> {
  return withTempFolder(async (dir) => {
    const flags =
      '--ignoreConfig --rootDir src --target es2023 --module nodenext --types node --skipLibCheck --rewriteRelativeImportExtensions';
    const tsc = resolve('node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, `src/${source}`, '--outDir', dir, ...flags.split(' ')], {
      stdio: ['ignore', 2, 2],
    });
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
    symlinkSync(resolve('node_modules'), join(dir, 'node_modules'));
    return work(join(dir, source.replace(/ts$/, 'js')));
  });
}

/** A process that runs a script; `said` is what it printed, line by line, `ended` its exit code or signal. */
export function startScript(file: string, script: string, args: readonly string[] = []) {
  writeFileSync(file, script);
  const child: ChildProcess = spawn(process.execPath, [file, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | string>((done) =>
    child.on('exit', (code, signal) => done(code ?? signal!)),
  );
  const said = createInterface(child.stdout!)[Symbol.asyncIterator]();
  return { child, ended, next: async () => (await said.next()).value as string | undefined };
}
