import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { attachment, foot, head, post, uploads } from './wxr-made.ts';

/** 2 GB and a million items where the environment says so. */
const isFull = process.env.OXBOW_LARGE === 'full';

interface Told {
  readonly posts: number;
  readonly items: number;
  readonly grown: number;
}

/** Lists in a process of its own, as it is built before every test run, with a heap of so many MiB. */
async function listed(file: string, heap: number): Promise<Told> {
  const module = pathToFileURL(join(resolve('dist'), 'sources/wordpress/wxr.js')).href;
  const program = `
    import { openWxr } from ${JSON.stringify(module)};
    const signal = new AbortController().signal;
    const listing = await openWxr(${JSON.stringify(file)}, { settings: {}, signal, report() {} });
    const outside = () => process.memoryUsage().external;
    const start = outside();
    let [posts, items, peak] = [0, 0, start];
    for await (const page of listing.pages()) {
      posts += page.posts.length;
      for (const post of page.posts) items += post.items.length;
      peak = Math.max(peak, outside());
    }
    console.log(JSON.stringify({ posts, items, grown: peak - start }));`;
  const bounds = [`--max-old-space-size=${heap}`, '--max-semi-space-size=4'];
  const child = spawn(process.execPath, [...bounds, '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout));
}

async function write(file: string, parts: Iterable<string>): Promise<void> {
  const out = createWriteStream(file);
  for (const part of parts) if (!out.write(part)) await once(out, 'drain');
  out.end();
  await once(out, 'close');
}

function* exported(count: number, body: string): Generator<string> {
  yield head();
  for (let i = 1; i <= count; i++) {
    yield post(String(2 * i), `${body}<img src="${uploads}${i}-300x200.jpg" class="wp-image-${2 * i + 1}"/>`);
    yield attachment(String(2 * i + 1), `${i}-scaled.jpg`, String(2 * i));
  }
  yield foot;
}

const MiB = 2 ** 20;
const megabytes = isFull ? 2000 : 20;

it(`lists ${megabytes} MB with a heap that is smaller`, { timeout: 3_600_000 }, async () => {
  await withTempFolder(async (dir) => {
    const file = join(dir, 'export.xml');
    const body = `<p>${'slow water under the alder, a heron, then nothing; '.repeat(60)}</p>`;
    const count = Math.round((megabytes * 1e6) / (body.length + 600));
    await write(file, exported(count, body));
    const told = await listed(file, isFull ? 300 : 18);
    expect(told).toMatchObject({ posts: count, items: count });
    expect(told.grown).toBeLessThan((isFull ? 256 : 24) * MiB);
  });
});

const attachments = isFull ? 500_000 : 5000;

it(`lists ${2 * attachments} items in flat memory`, { timeout: 3_600_000 }, async () => {
  await withTempFolder(async (dir) => {
    const file = join(dir, 'export.xml');
    await write(file, exported(attachments, ''));
    const told = await listed(file, isFull ? 300 : 18);
    expect(told).toMatchObject({ posts: attachments, items: attachments });
    expect(told.grown).toBeLessThan(256 * MiB);
  });
});
