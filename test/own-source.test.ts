import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type * as Library from '../src/index.ts';
import { oxbow } from './helpers/cli.ts';
import { photo } from './helpers/media.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

const root = resolve(import.meta.dirname, '..');
/** As built, for a source of somebody else's runs in a thread that takes what is built. */
const { archive, defineSource, verifyArchive } = (await import(
  pathToFileURL(join(root, 'dist/index.js')).href
)) as typeof Library;

const docs = readFileSync(join(root, 'docs/third-party.md'), 'utf8');
const [template, tests] = [...docs.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code!);
const [fixture] = [...docs.matchAll(/^```json\n(.*?)^```/gms)].map(([, code]) => code!);

interface Reed {
  readonly url: string;
  readonly asked: readonly string[];
  entries: { id: string; html: string; posted: string }[];
}

/** A blog as the template of the docs reads it: `entries` are the newest first. */
async function withReed(count: number, test: (reed: Reed) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://reed');
    asked.push(request.url!);
    if (pathname.endsWith('.jpg')) {
      response.writeHead(200, { 'content-type': 'image/jpeg' });
      return response.end(photo(Number(/\d+/.exec(pathname)![0])));
    }
    const before = searchParams.get('before');
    const from = before === null ? 0 : reed.entries.findIndex(({ id }) => id === before) + 1;
    const to = from + Number(searchParams.get('limit'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ entries: reed.entries.slice(from, to), more: to < reed.entries.length }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const reed: Reed = { url, asked, entries: entriesDownFrom(count) };
  try {
    await test(reed);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

const entriesDownFrom = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `e${count - n}`,
    html: `<p><img src="/${count - n}.jpg"></p>`,
    posted: '2024-05-06T07:08:09Z',
  }));

describe('the template of the docs', () => {
  it('has at most 60 lines', () => expect(template!.trimEnd().split('\n').length).toBeLessThanOrEqual(60));

  it('archives a blog from the command line, and the next run asks for what is new alone', () =>
    withTempFolder(async (dir) => {
      writeFileSync(join(dir, 'reed.js'), template!);
      await withReed(5, async (reed) => {
        const words = [
          `${reed.url}/`,
          '--source',
          './reed.js',
          '-D',
          'out',
          '-o',
          'sources.reed.page=2',
          '--json',
        ];
        const first = await oxbow(words, { cwd: dir });
        expect([first.stderr, first.code]).toEqual(['', 0]);
        const summaryOf = (text: string) => JSON.parse(text.trim().split('\n').at(-1)!);
        expect(summaryOf(first.stdout)).toMatchObject({ posts: 5, kept: 5, balanced: true });
        reed.entries = entriesDownFrom(6);
        (reed.asked as string[]).length = 0;
        const second = await oxbow(words, { cwd: dir });
        expect(summaryOf(second.stdout)).toMatchObject({ newPosts: 1, kept: 1, exitCode: 0 });
        expect(reed.asked).toEqual(['/api/entries?limit=2', '/6.jpg', '/api/entries?limit=2&before=e5']);
      });
    }));

  it('passes the suite that is published for it, by the runner of Node', () =>
    withTempFolder(async (dir) => {
      mkdirSync(join(dir, 'node_modules'));
      symlinkSync(root, join(dir, 'node_modules/oxbow'));
      mkdirSync(join(dir, 'fixtures/reed/one'), { recursive: true });
      const expected = {
        name: 'moss.example',
        posts: [
          {
            id: 'b',
            date: null,
            url: 'https://moss.example/b',
            items: [
              {
                id: 'https://moss.example/1.jpg',
                kind: 'image',
                url: 'https://moss.example/1.jpg',
                alternates: [],
                post: 'b',
                index: 0,
              },
            ],
          },
        ],
        warnings: [],
      };
      for (const [name, text] of Object.entries({
        'package.json': '{"type":"module"}',
        'reed.js': template!,
        'reed.test.js': tests!,
        'fixtures/reed/one/case.json': fixture!,
        'fixtures/reed/one/expected.json': JSON.stringify(expected),
      }))
        writeFileSync(join(dir, name), text);
      const { stdout } = await promisify(execFile)(process.execPath, ['--test'], {
        cwd: dir,
        env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
      });
      expect(stdout).toMatch(/(# |ℹ )fail 0/);
      expect(stdout).toMatch(/(# |ℹ )pass [5-9]/);
    }));
});

const good = `{ id: 'first', date: null, url: null, raw: {}, items: [] }`;
const source = (pages: string, given = '') => `
  import { defineSource } from 'oxbow/kit';
  ${given}
  export default defineSource({
    name: 'wild',
    async open(target, context) {
      return { name: 'wild', trusted: [], async *pages(cursor, way) { ${pages} } };
    },
  });`;

async function run(text: string, given: Library.GivenOptions = {}) {
  let outcome: unknown;
  const warnings: string[] = [];
  let isSound: boolean | undefined;
  let posts = '';
  await withTempFolder(async (dir) => {
    writeFileSync(join(dir, 'wild.mjs'), text);
    const directory = join(dir, 'out');
    const options = { directory, source: join(dir, 'wild.mjs'), sourcePatience: 60_000, ...given };
    const run = archive('anything', options).on('warning', ({ message }) => warnings.push(message));
    outcome = await run.finished.catch((error: Error) => error);
    if (!existsSync(directory)) return;
    isSound = (await verifyArchive(directory)).sound;
    posts = readFileSync(join(directory, 'data/posts/0001.jsonl'), 'utf8');
  });
  return { outcome, warnings, isSound, posts };
}

/** What a source does, in how many words the run ends, and whether what came before is kept. */
const wild: readonly [what: string, text: string, told: RegExp, keeps: boolean][] = [
  ['is no module', 'this is no script', /wild\.mjs failed: /, false],
  [
    'exports nothing',
    'export const x = 1;',
    /That is no source: the module has to export one as its default/,
    false,
  ],
  ['has no open', `export default { name: 'wild' };`, /That is no source: wild has no function open/, false],
  ['throws as it is loaded', `throw new Error('it fell');`, /wild\.mjs failed: it fell/, false],
  [
    'throws as it is opened',
    source('').replace('return {', `throw new Error('it fell'); return {`),
    /it fell/,
    false,
  ],
  [
    'throws in the middle',
    source(`yield { posts: [${good}] }; throw new Error('it fell');`),
    /it fell/,
    true,
  ],
  [
    'throws what is no error',
    source(`yield { posts: [${good}] }; throw { not: 'an error' };`),
    /failed/,
    true,
  ],
  [
    'ends the process',
    source(`yield { posts: [${good}] }; process.exit(0);`),
    /ended by itself.*exit code 0/,
    true,
  ],
  [
    'rejects where nobody waits',
    source(
      `yield { posts: [${good}] }; Promise.reject(new Error('stray')); await new Promise(() => setInterval(() => {}, 1000));`,
    ),
    /stray/,
    true,
  ],
  [
    'speaks in between',
    source(
      `yield { posts: [${good}] }; parentPort.postMessage(null); await new Promise(() => setInterval(() => {}, 1000));`,
      `import { parentPort } from 'node:worker_threads';`,
    ),
    /says what nobody understands/,
    true,
  ],
  [
    'takes all memory',
    source(`yield { posts: [${good}] }; const held = []; for (;;) held.push(new Array(4e6).fill(0.5));`),
    /took more than 512 MB of memory/,
    true,
  ],
];

describe('a source of somebody else that', () => {
  it.each(wild)('%s ends in a clear error, and leaves a sound archive', async (_, text, told, keeps) => {
    const { outcome, isSound, posts } = await run(text);
    expect((outcome as Error).message).toMatch(told);
    expect([(outcome as { exitCode: number }).exitCode, isSound]).toEqual(
      keeps ? [3, true] : [expect.any(Number), undefined],
    );
    expect(posts.includes('"post":"first"')).toBe(keeps);
  });

  it.each([
    ['computes without end', `yield { posts: [${good}] }; for (;;);`],
    [
      'waits for what never comes',
      `yield { posts: [${good}] }; await new Promise(() => setInterval(() => {}, 1e6));`,
    ],
  ])('%s is ended once it has been silent for too long', async (_, pages) => {
    const { outcome, isSound, posts } = await run(source(pages), { sourcePatience: 1000 });
    expect((outcome as Error).message).toMatch(/neither asks nor answers for 1 s: it was ended/);
    expect([isSound, posts.includes('"post":"first"')]).toEqual([true, true]);
  });

  it('changes what all others share changes it for itself alone', async () => {
    const pages = `
      JSON.stringify = () => 'broken'; Array.prototype.map = () => { throw new Error('broken'); };
      Object.prototype.polluted = 1; globalThis.URL = undefined; process.env.PATH = ''; process.exitCode = 9;
      yield { posts: [${good}] };`;
    const { outcome, isSound } = await run(source(pages));
    expect([outcome, isSound]).toMatchObject([{ posts: 1, exitCode: 0 }, true]);
    expect([JSON.stringify([1].map(String)), ({} as { polluted?: 1 }).polluted]).toEqual([
      '["1"]',
      undefined,
    ]);
    expect([typeof URL, process.env.PATH === '', process.exitCode === 9]).toEqual(['function', false, false]);
  });

  it('yields nonsense loses the nonsense, with words, and nothing else', async () => {
    const pages = `
      yield 7; yield { posts: 'none' };
      yield { posts: [${good}, 5, { id: '' }, { id: 'second', date: null, url: null, raw: { f: () => 1 }, items: [{ id: 'x' }] }] };`;
    const { outcome, warnings, isSound, posts } = await run(source(pages));
    expect([outcome, isSound]).toMatchObject([{ posts: 2, exitCode: 1 }, true]);
    expect(posts).toContain('"post":"second"');
    expect(warnings.filter((text) => /^The source wild.* gives/.test(text)).length).toBeGreaterThan(3);
  });

  it('prints is told as warnings, and leaves the output to us', async () => {
    const { warnings } = await run(
      source(`console.log('moss'); console.error('fern'); yield { posts: [${good}] };`),
    );
    expect(warnings.filter((text) => /says: (moss|fern)$/.test(text))).toHaveLength(2);
  });

  it('hangs in the middle of a request does not hold up a run that is stopped', () =>
    withTempFolder(async (dir) => {
      const server = createServer(() => undefined); // never answers
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address() as AddressInfo;
      const asks = `yield { posts: [${good}] }; await context.fetch('http://127.0.0.1:${port}/');`;
      writeFileSync(join(dir, 'wild.mjs'), source(asks));
      const run = archive('anything', {
        ...{ directory: join(dir, 'out'), source: join(dir, 'wild.mjs'), allowPrivate: true },
      });
      server.once('request', () => run.cancel());
      await expect(run.finished).rejects.toThrow();
      expect((await verifyArchive(join(dir, 'out'))).sound).toBe(true);
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }));
});

it('takes a source of a program of one’s own in the same thread', () =>
  withTempFolder(async (dir) => {
    const own = defineSource({
      name: 'own',
      open: async () => ({
        name: 'own',
        trusted: [],
        async *pages() {
          yield { posts: [{ id: 'a', date: null, url: null, raw: { from: process.pid }, items: [] }] };
        },
      }),
    });
    const summary = await archive('x', { directory: join(dir, 'out'), ownSource: own }).finished;
    expect(summary).toMatchObject({ posts: 1, exitCode: 0 });
  }));

it('says that there is no such source, where there is neither a name, nor a file, nor a package', async () => {
  const { outcome } = await run('', { source: './nowhere.js' });
  expect(outcome).toMatchObject({ exitCode: 2, message: expect.stringContaining("'./nowhere.js'") });
});
