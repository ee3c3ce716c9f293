// What it costs to look at the structure of files, beside the SHA-256 of the same files and beside their download:
// 2,000 copies of the files of fixtures/media and eight of 1 to 20 MB made here. `node bench/wholeness.mjs [rounds]`
// (after a build) prints CPU time, user and system, of this process; the server that is downloaded from is another one.
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COPIES = 2000;
const HEAD = 8192;
const media = fileURLToPath(new URL('../fixtures/media/', import.meta.url));

/** In a process of its own, so that its time is not counted. */
function serve(folder) {
  const server = createServer((request, response) => {
    const body = readFileSync(join(folder, request.url.slice(1)));
    response.writeHead(200, { 'content-length': body.length, etag: `"${request.url}"` }).end(body);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

async function compare(rounds) {
  const folder = await mkdtemp(join(tmpdir(), 'oxbow-bench-'));
  try {
    const files = join(folder, 'files');
    mkdirSync(files);
    const names = makeCorpus(files);
    const corpus = await described(files, names);
    const bytes = corpus.reduce((sum, { size }) => sum + size, 0);
    console.log(`${corpus.length} files, ${(bytes / 1e6).toFixed(0)} MB`);
    const { structureOf, openBytes } = await import('../dist/verify/wholeness.js');
    const look = ({ path, head, type, size }) => {
      const opened = openBytes(path, { size, head });
      const found = structureOf(type, opened);
      opened.close();
      if (found.end === 'cut') throw new Error(`${path}: ${found.detail}`);
    };
    for (const big of corpus.slice(COPIES)) console.log(`  ${big.name}: ${shown(cpu(() => look(big)))}`);
    const looked = repeated(rounds, () => corpus.forEach(look));
    const summed = repeated(rounds, () => corpus.forEach(sum));
    const fetched = await download(folder, files, names);
    console.log(`structure ${shown(looked)}; SHA-256 ${shown(summed)}; download ${shown(fetched)}`);
    console.log(`structure is ${((looked / fetched) * 100).toFixed(1)} % of the download`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const spent = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const shown = (ms) => `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;

function cpu(work) {
  const before = spent();
  work();
  return spent() - before;
}

/** The first round, in which nothing is compiled yet, counts as well: a short run has no other. */
const repeated = (rounds, work) =>
  Array.from({ length: rounds }, () => cpu(work)).toSorted((a, b) => a - b)[rounds >> 1];

function sum({ path }) {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  const block = Buffer.alloc(65_536);
  for (let read = 1; read > 0; ) {
    read = readSync(file, block);
    hash.update(block.subarray(0, read));
  }
  closeSync(file);
  hash.digest();
}

async function described(folder, names) {
  const { sniff } = await import('../dist/verify/content-type.js');
  const describe = async (name) => {
    const path = join(folder, name);
    const head = readFileSync(path).subarray(0, HEAD);
    return {
      name,
      path,
      head: Buffer.from(head),
      size: statSync(path).size,
      type: (await sniff(head))?.type ?? '',
    };
  };
  return Promise.all(names.map(describe));
}

async function download(folder, files, names) {
  const { archive } = await import('../dist/index.js');
  const server = fork(fileURLToPath(import.meta.url), [files]);
  const [port] = await once(server, 'message');
  const list = join(folder, 'list.txt');
  writeFileSync(list, names.map((name) => `http://127.0.0.1:${port}/${name}\n`).join(''));
  const before = spent();
  const options = {
    directory: join(folder, 'out'),
    concurrency: 16,
    perHost: 16,
    rate: 'unlimited',
    allowPrivate: true,
  };
  const { kept, duplicate } = await archive(list, options).finished;
  const took = spent() - before;
  server.kill();
  if (kept + duplicate < names.length * 0.95)
    throw new Error(`only ${kept + duplicate} of ${names.length} came`);
  return took;
}

function makeCorpus(folder) {
  const big = bigOnes();
  const samples = readdirSync(media).filter((name) => !/\.(md|sh)$/.test(name));
  const small = Array.from({ length: COPIES }, (_, n) => [
    `${n}-${samples[n % samples.length]}`,
    samples[n % samples.length],
  ]);
  for (const [name, sample] of small) writeFileSync(join(folder, name), readFileSync(join(media, sample)));
  for (const [name, bytes] of Object.entries(big)) writeFileSync(join(folder, name), bytes);
  return [...small.map(([name]) => name), ...Object.keys(big)];
}

/** Noise for content, in the containers of which the walk has most to do. */
function bigOnes() {
  const jpeg = readFileSync(join(media, 'jpeg-baseline.jpg'));
  const scan = noise(4_000_000).map((byte, i, all) => (all[i - 1] === 0xff ? 0 : byte));
  const photo = Buffer.concat([jpeg.subarray(0, -2), scan, jpeg.subarray(-2)]);
  return {
    'photo.jpg': photo,
    'photo-with-trailer.jpg': Buffer.concat([photo, Buffer.from('a trailer')]),
    'pieces.png': pieces(5_000_000),
    'frames.gif': gif(8_000_000),
    'film.mp4': film(20_000_000),
    'sound.mp3': repeat('mp3-bare.mp3', 6_000_000),
    'sound.ogg': repeat('ogg-vorbis.ogg', 5_000_000),
    'recording.webm': recording(10_000_000),
  };
}

function noise(length) {
  const bytes = Buffer.alloc(length);
  for (let i = 0, state = 1; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const repeat = (name, length) => {
  const one = readFileSync(join(media, name));
  return Buffer.concat(Array.from({ length: Math.ceil(length / one.length) }, () => one));
};

/** As libpng writes it: pieces of 8 KiB. */
function pieces(length) {
  const png = readFileSync(join(media, 'png-plain.png'));
  const chunk = Buffer.concat([Buffer.from('00002000', 'hex'), Buffer.from('IDAT'), noise(8192 + 4)]);
  const chunks = Array.from({ length: Math.ceil(length / chunk.length) }, () => chunk);
  return Buffer.concat([png.subarray(0, -12), ...chunks, png.subarray(-12)]);
}

function gif(length) {
  const head = Buffer.from('GIF89a\x40\x00\x30\x00\x00\x00\x00,\0\0\0\0\x40\x00\x30\x00\x00\x08', 'latin1');
  const piece = Buffer.concat([Buffer.from([255]), noise(255)]);
  return Buffer.concat([head, ...Array.from({ length: length >> 8 }, () => piece), Buffer.from([0, 0x3b])]);
}

function film(length) {
  const box = (name, ...parts) => {
    const data = Buffer.concat(parts);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + data.length);
    head.write(name, 4);
    return Buffer.concat([head, data]);
  };
  const numbers = (...all) => Buffer.from(Uint32Array.from(all).buffer).swap32();
  const chunks = Array.from({ length: 500 }, (_, i) => 24 + i * 40_000);
  const tables = box(
    'stbl',
    box('stco', numbers(0, chunks.length, ...chunks)),
    box('stsc', numbers(0, 1, 1, 10, 1)),
    box('stsz', numbers(0, 0, 5000, ...Array(5000).fill(4000))),
  );
  const index = box('moov', box('trak', box('mdia', box('minf', tables))));
  return Buffer.concat([box('ftyp', Buffer.from('isom\0\0\0\0')), box('mdat', noise(length)), index]);
}

/** Unknown lengths, and blocks of a kilobyte. */
function recording(length) {
  const head = Buffer.from(
    '1a45dfa387 4282 84 7765626d 18538067 ff 1f43b675 ff e7 81 00'.replaceAll(' ', ''),
    'hex',
  );
  const block = Buffer.concat([Buffer.from('a34400', 'hex'), noise(1024)]);
  return Buffer.concat([head, ...Array.from({ length: Math.ceil(length / block.length) }, () => block)]);
}

if (process.send) serve(process.argv[2]);
else await compare(Number(process.argv[2] ?? 5));
