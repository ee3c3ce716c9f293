/** Feeds mutated inputs to all sources and parsers: node test/fuzz/run.mjs [count] [seed] [only]. Prints what came of it. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { inputsOf } from './inputs.mjs';
import { isOurs, listed } from './listing.mjs';
import { mutated, randomFrom } from './mutate.mjs';
import { parsers } from './parsers.mjs';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
/** Milliseconds of CPU that one input may take, and of silence after which the thread is given up. */
const mostTime = 2000;
const mostSilence = 30_000;
const mostMemory = 300;

if (isMainThread) watch();
else await fuzz(workerData);

/** By the source, or the parser. */
function groupOf(name) {
  return name.includes('/') ? name.split(' ', 1)[0] : name;
}

function grouped(inputs) {
  const groups = new Map();
  for (const input of inputs)
    groups.set(groupOf(input.name), [...(groups.get(groupOf(input.name)) ?? []), input]);
  return groups;
}

/** The thread that counts cannot be the one that hangs. */
function watch() {
  const [count = '1000', seed = '1', only = ''] = process.argv.slice(2);
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { count: Number(count), seed: Number(seed), only, shared },
  });
  let [last, since, peak] = [-1, Date.now(), 0];
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss() / 2 ** 20);
    const now = Atomics.load(shared, 0);
    if (now !== last) [last, since] = [now, Date.now()];
    else if (Date.now() - since > mostSilence) end({ inputs: now, failures: [{ n: now, what: 'it hangs' }] });
  }, 200);
  const end = (result) => {
    clearInterval(timer);
    peak = Math.ceil(Math.max(peak, process.memoryUsage.rss() / 2 ** 20));
    const isTooMuch = peak > mostMemory ? [{ n: last, what: `memory: ${peak} MiB` }] : [];
    console.log(JSON.stringify({ ...result, failures: [...result.failures, ...isTooMuch], peak }));
    process.exit(result.failures.length + isTooMuch.length > 0 ? 1 : 0);
  };
  worker.on('message', end);
  worker.on('error', (error) =>
    end({ inputs: last, failures: [{ n: last, what: String(error?.stack ?? error) }] }),
  );
}

async function fuzz({ count, seed, only, shared }) {
  const { sources } = await load('sources/index.js');
  const { inputs, work } = inputsOf(sources, fixtures);
  const plain = (await parsers(fixtures)).flatMap(([name, seeds, read]) =>
    seeds.map((text) => ({ name, seed: Buffer.from(text, 'latin1'), read })),
  );
  const all = [...inputs, ...plain].filter(({ name }) => name.includes(only));
  const groups = [...grouped(all).values()];
  const failures = [];
  const times = new Map();
  let slowest = { ms: 0 };
  for (let n = 0; n < count && failures.length < 20; n++) {
    Atomics.store(shared, 0, n);
    const random = randomFrom(seed * 1_000_003 + n);
    const input = random.of(groups[n % groups.length]); // each source and parser as often as the others
    const bytes = mutated(input.seed, random, random.of(all).seed);
    const began = process.cpuUsage();
    const what = await faultOf(input, bytes);
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1000;
    times.set(groupOf(input.name), (times.get(groupOf(input.name)) ?? 0) + 1);
    if (ms > slowest.ms) slowest = { ms: Math.round(ms), name: input.name, n };
    if (what !== undefined) failures.push({ n, name: input.name, what });
    else if (ms > mostTime) failures.push({ n, name: input.name, what: `it takes ${Math.round(ms)} ms` });
  }
  rmSync(work, { recursive: true, force: true });
  parentPort.postMessage({
    seed,
    inputs: Math.min(count, Atomics.load(shared, 0) + 1),
    seeds: all.length,
    of: Object.fromEntries(times),
    slowest,
    failures,
  });
}

/** A fault of ours: an error that is none of those we give, or a page that breaks the contract. */
async function faultOf(input, bytes) {
  try {
    if (input.read) input.read(bytes.toString('utf8'));
    else await listed(input, [bytes]);
    return undefined;
  } catch (error) {
    return isOurs(error) ? undefined : String(error?.stack ?? error).slice(0, 1500);
  }
}
