// How long 2,000 files take from a server that answers after 50 ms, over 64 connections: curl beside Oxbow, in turns,
// against the same server. `node bench/latency.mjs [rounds]` (after a build) prints each round, the medians and their
// ratios: of the fetching, from the first request to the last answer as the server saw them, and of the whole command,
// in which Oxbow starts, verifies, syncs each file, writes its records and seals the archive.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILES = 2000;
const CONNECTIONS = 64;
const LATENCY = 50;
const SIZE = 10_000;

if (process.send) serve();
else await compare(Number(process.argv[2] ?? 5));

/** In a process of its own, so that it does not share a core's attention with what is measured. */
function serve() {
  const picture = Buffer.alloc(SIZE, 'oxbow');
  const start = 'ffd8ffe0001200000000000000000000000000000000ffc0000b080040004001011100ffda0008010100003f00';
  picture.set(Buffer.from(start, 'hex'));
  picture.set([0xff, 0xd9], SIZE - 2);
  let [first, last] = [0, 0];
  const server = createServer((request, response) => {
    first ||= performance.now();
    const body = Buffer.from(picture);
    body.write(request.url, 64);
    const headers = { 'content-type': 'image/jpeg', 'content-length': SIZE, etag: `"${request.url}"` };
    setTimeout(() => {
      response.writeHead(200, headers).end(body);
      last = performance.now();
    }, LATENCY);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('message', () => {
    process.send(last - first);
    first = 0;
  });
}

async function compare(rounds) {
  const server = fork(fileURLToPath(import.meta.url));
  const [port] = await once(server, 'message');
  const folder = await mkdtemp(join(tmpdir(), 'oxbow-bench-'));
  const urls = Array.from({ length: FILES }, (_, n) => `http://127.0.0.1:${port}/${n}.jpg`);
  const all = { curl: [], oxbow: [] };
  try {
    await writeFile(join(folder, 'list.txt'), urls.map((url) => `${url}\n`).join(''));
    for (let round = 1; round <= rounds; round++) {
      all.curl.push(await timed(server, () => withCurl(folder, urls, round)));
      all.oxbow.push(await timed(server, () => withOxbow(folder, round)));
      console.log(`round ${round}: curl ${shown(all.curl.at(-1))}; oxbow ${shown(all.oxbow.at(-1))}`);
    }
    const [curl, oxbow] = [medians(all.curl), medians(all.oxbow)];
    console.log(`medians: curl ${shown(curl)}; oxbow ${shown(oxbow)}`);
    const [fetching, whole] = ['fetching', 'whole'].map((what) => (oxbow[what] / curl[what]).toFixed(2));
    console.log(`ratios:  fetching ${fetching}, whole command ${whole}`);
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(server, run) {
  const began = performance.now();
  const folder = await run();
  const whole = performance.now() - began;
  const found = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jpg'));
  if (found.length !== FILES) throw new Error(`${found.length} files in ${folder}`);
  server.send('how long?');
  const [fetching] = await once(server, 'message');
  return { whole, fetching };
}

async function withCurl(folder, urls, round) {
  const out = join(folder, `curl-${round}`);
  await mkdir(out);
  const config = urls.map((url) => `url = "${url}"\noutput = "${out}/${url.split('/').at(-1)}"\n`).join('');
  await writeFile(join(folder, 'curl.txt'), config);
  const words = ['--parallel', '--parallel-max', `${CONNECTIONS}`, '--no-progress-meter'];
  await runs('curl', [...words, '--config', join(folder, 'curl.txt')]);
  return out;
}

async function withOxbow(folder, round) {
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const out = join(folder, `oxbow-${round}`);
  const limits = ['--per-host', `${CONNECTIONS}`, '-N', `${CONNECTIONS}`, '--rate', 'unlimited'];
  await runs(process.execPath, [
    main,
    '-i',
    join(folder, 'list.txt'),
    '-D',
    out,
    '--allow-private',
    '-q',
    ...limits,
  ]);
  return join(out, 'data', 'media');
}

async function runs(command, words) {
  const [code] = await once(spawn(command, words, { stdio: 'inherit' }), 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

function medians(rounds) {
  const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
  return {
    whole: median(rounds.map(({ whole }) => whole)),
    fetching: median(rounds.map(({ fetching }) => fetching)),
  };
}

function shown({ whole, fetching }) {
  return `fetching ${(fetching / 1000).toFixed(2)} s, whole ${(whole / 1000).toFixed(2)} s`;
}
