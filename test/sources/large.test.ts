import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { createGzip } from 'node:zlib';
import { expect, it } from 'vitest';
import { withTempFolder } from '../helpers/temp-folder.ts';

/** As it is built before every test run: memory is told best by a process of its own. */
const compiled = resolve('dist');

interface Told {
  readonly posts: number;
  readonly items: number;
  readonly last: string;
  readonly grown: number;
}

/** Less than the text of any of the files below: a process that keeps what it read dies of it. */
const heap = ['--max-old-space-size=28', '--max-semi-space-size=4'];

/**
 * Lists a target in a process of its own with a heap that is too small for all of it, and which tells how many bytes
 * it held outside of the heap. The size of the whole process would tell how lazily its collector works.
 */
async function listed(target: string, input = ''): Promise<Told> {
  const program = `
    import { openSource } from ${JSON.stringify(pathToFileURL(join(compiled, 'sources/index.js')).href)};
    const signal = new AbortController().signal;
    const { listing } = await openSource(${JSON.stringify(target)}, { settings: {}, signal, report() {} });
    const outside = () => process.memoryUsage().external;
    const start = outside();
    let [posts, items, last, peak] = [0, 0, '', start];
    for await (const page of listing.pages()) {
      posts += page.posts.length;
      for (const post of page.posts) items += post.items.length;
      last = page.posts.at(-1).id;
      peak = Math.max(peak, outside());
    }
    console.log(JSON.stringify({ posts, items, last, grown: peak - start }));`;
  const child = spawn(process.execPath, [...heap, '--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(input);
  return JSON.parse(await text(child.stdout));
}

const body = 'slow water under the alder, a heron, then nothing for an hour; '.repeat(28);

function* posts(count: number): Generator<string> {
  for (let i = 0; i < count; i++) {
    const media = [
      `https://pics.example/${i}/a.jpg`,
      { url: `https://pics.example/${i}/b`, type: 'image/png', width: 800 },
    ];
    yield JSON.stringify({
      id: `p${i}`,
      date: 1_500_000_000 + i,
      link: `https://blog.example/p/${i}`,
      body,
      media,
    });
  }
}

async function write(file: string, parts: Iterable<string>): Promise<void> {
  const out = createWriteStream(file);
  const packed = file.endsWith('.gz') ? createGzip({ level: 1 }) : undefined;
  packed?.pipe(out);
  for (const part of parts) if (!(packed ?? out).write(part)) await once(packed ?? out, 'drain');
  (packed ?? out).end();
  await once(out, 'close');
}

function* joined(
  parts: Iterable<string>,
  [start, between, end]: readonly [string, string, string],
): Generator<string> {
  let before = start;
  for (const part of parts) {
    yield before + part;
    before = between;
  }
  yield end;
}

const MiB = 2 ** 20;

it.each([
  ['export.json', ['{"title":"x","posts":[', ',', ']}']],
  ['export.json.gz', ['[', ',\n', ']']],
  ['export.jsonl', ['', '\n', '\n']],
] as const)('lists 40 MB of %s in flat memory', async (name, around) => {
  await withTempFolder(async (dir) => {
    const file = join(dir, name);
    await write(file, joined(posts(20_000), around));
    const told = await listed(file);
    expect(told).toMatchObject({ posts: 20_000, items: 40_000, last: 'p19999' });
    expect(told.grown).toBeLessThan(32 * MiB);
  });
});

it('lists 350,000 addresses in flat memory', async () => {
  await withTempFolder(async (dir) => {
    const file = join(dir, 'all.txt');
    const addresses = Array.from(
      { length: 350_000 },
      (_, i) => `https://pics.example/of/a/long/path/${i}.jpg\tpost ${i >> 2}\n`,
    );
    await write(file, addresses);
    const told = await listed(file);
    expect(told).toMatchObject({ posts: 350_000, last: 'https://pics.example/of/a/long/path/349999.jpg' });
    expect(told.grown).toBeLessThan(32 * MiB);
  });
});

it('reads a list from standard input', async () => {
  const told = await listed('-', 'https://raft.example/1.jpg\n\n# and\nhttps://raft.example/2.jpg');
  expect(told).toMatchObject({ posts: 2, items: 2, last: 'https://raft.example/2.jpg' });
});
