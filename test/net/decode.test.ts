import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable, type Transform, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { systemCode } from '../../src/errors.ts';
import { Bomb, decoderFor, type SwellLimits, Undecodable } from '../../src/net/decode.ts';

const picture = Buffer.concat([randomBytes(150_000), Buffer.alloc(150_000, 'sky')]);

type Code = (bytes: Buffer) => Buffer;
const coders: ReadonlyMap<string, Code> = new Map<string, Code>([
  ['gzip', (bytes) => zlib.gzipSync(bytes)],
  ['x-gzip', (bytes) => zlib.gzipSync(bytes)],
  ['deflate', (bytes) => zlib.deflateSync(bytes)],
  ['deflate, raw', (bytes) => zlib.deflateRawSync(bytes)],
  ['br', (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } })],
]);
const codings = [...coders].map(([name, code]) => ({ name, header: name.split(',')[0]!, code }));

function streamsFor(header: string, limits?: SwellLimits): readonly Transform[] {
  const decoding = decoderFor(header, limits);
  if (typeof decoding === 'string' || 'unknown' in decoding) throw new Error(`no decoder for ${header}`);
  return decoding.streams;
}

async function decoded(header: string, chunks: Iterable<Uint8Array>, limits?: SwellLimits): Promise<Buffer> {
  const out = new PassThrough();
  const [bytes] = await Promise.all([
    buffer(out),
    pipeline([Readable.from(chunks, { objectMode: false }), ...streamsFor(header, limits), out]),
  ]);
  return bytes;
}

function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const failure = (header: string, chunks: Iterable<Uint8Array>): Promise<unknown> =>
  decoded(header, chunks).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('what a Content-Encoding asks for', () => {
  it.each([undefined, '', ' ', ',', 'identity', 'Identity, identity'])('%j asks for nothing', (header) => {
    expect(decoderFor(header)).toBe('identity');
  });

  it.each([
    ['x-frob', 'x-frob'],
    ['gzip, X-Frob', 'x-frob'],
    ['compress', 'compress'],
    ['constructor', 'constructor'],
    ['gzip;q=1', 'gzip;q=1'],
    ['gzip, gzip, gzip, gzip', 'gzip, gzip, gzip, gzip'],
    ['x'.repeat(9000), 'x'.repeat(80)],
  ])('%j cannot be undone', (header, unknown) => expect(decoderFor(header)).toEqual({ unknown }));

  it.each([
    ['GZIP', 1],
    [' gzip ,, identity', 1],
    ['br,gzip', 2],
    ['gzip, deflate, br', 3],
  ])('%j is undone in so many steps', (header, count) => expect(streamsFor(header)).toHaveLength(count));
});

describe.each(codings)('$name', ({ header, code }) => {
  const coded = code(picture);

  it.each([
    ['of 1', 1],
    ['of 7', 7],
    ['of 1,000', 1000],
    ['of 65,536', 65_536],
    ['as one', coded.length],
  ])('a body in pieces %s comes out as it was', async (_, size) => {
    const [bytes, original] =
      size < 1000 ? [code(picture.subarray(-400)), picture.subarray(-400)] : [coded, picture];
    expect((await decoded(header, inPieces(bytes, size))).equals(original)).toBe(true);
  });

  it('a body of no bytes is one, if it was coded', async () => {
    expect(await decoded(header, [code(Buffer.alloc(0))])).toHaveLength(0);
  });

  it.each([
    ['nothing at all', []],
    ['the first byte', [coded.subarray(0, 1)]],
    ['half', [coded.subarray(0, coded.length / 2)]],
    ['all but the last byte', inPieces(coded.subarray(0, -1), 1000)],
    ['all, and garbage', [coded, Buffer.from('garbage')]],
    ['all, and garbage in the same breath', [Buffer.concat([coded, Buffer.from('garbage')])]],
    ['all, and a single zero', [coded, Buffer.alloc(1)]],
    ['all, and zeros in the same breath', [Buffer.concat([coded, Buffer.alloc(9)])]],
    ['all, and more garbage than any buffer holds', [coded, ...inPieces(Buffer.alloc(400_000), 1000)]],
    ['a page that is not coded', [Buffer.from('<!doctype html><title>Not coded</title>')]],
  ])('%s is refused', async (_, chunks) => {
    const error = await failure(header, chunks);
    expect(error).toBeInstanceOf(Undecodable);
    expect(systemCode(error)).toBe('EDECODE');
  });
});

it('A13: a wrong checksum is refused, and the cause is kept', async () => {
  for (const [header, code, back] of [
    ['gzip', zlib.gzipSync, 8],
    ['gzip', zlib.gzipSync, 1],
    ['deflate', zlib.deflateSync, 1],
  ] as const) {
    const coded = code(picture);
    coded[coded.length - back]! ^= 1;
    const error = await failure(header, inPieces(coded, 4096));
    expect(error).toMatchObject({ code: 'EDECODE', cause: { code: 'Z_DATA_ERROR' } });
  }
});

it('several members of gzip in a row are one body, wherever the pieces part', async () => {
  const small = picture.subarray(-500);
  const members = Buffer.concat([zlib.gzipSync(small), zlib.gzipSync(Buffer.alloc(0)), zlib.gzipSync(small)]);
  for (let size = 1; size <= members.length; size++) {
    expect((await decoded('gzip', inPieces(members, size))).equals(Buffer.concat([small, small]))).toBe(true);
  }
  const cut = await failure('gzip', [zlib.gzipSync(small), members.subarray(0, 12)]);
  expect(cut).toMatchObject({ code: 'EDECODE', message: 'as gzip, the body is cut short' });
});

it('codings are undone in the reverse of the order in which they were applied', async () => {
  const coded = zlib.gzipSync(zlib.brotliCompressSync(zlib.deflateRawSync(picture.subarray(-2000))));
  expect((await decoded('deflate, br, gzip', [coded])).equals(picture.subarray(-2000))).toBe(true);
  const inner = zlib.brotliCompressSync(picture.subarray(-2000));
  const error = await failure('br, gzip', [zlib.gzipSync(inner.subarray(0, -2))]);
  expect(error).toMatchObject({ message: 'as br, the body is cut short' });
});

it('zstd is undone where Node can tell a cut body from a whole one, and elsewhere it is an unknown coding', async () => {
  const decoding = decoderFor('zstd');
  const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: Code };
  if (typeof decoding === 'object' && 'unknown' in decoding) {
    expect(decoding).toEqual({ unknown: 'zstd' });
    return;
  }
  const coded = zstdCompressSync!(picture);
  expect((await decoded('zstd', inPieces(coded, 1000))).equals(picture)).toBe(true);
  for (const chunks of [[], [coded.subarray(0, -1)], [coded, Buffer.from('garbage')], [picture]])
    expect(await failure('zstd', chunks)).toBeInstanceOf(Undecodable);
});

/** A server that answers every request so; its address is handed to the test, and it is closed afterwards. */
async function withServer(answer: RequestListener, work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('in a pipeline', () => {
  const coded = zlib.gzipSync(picture);
  const bodyFrom = async (port: number) => {
    const [response] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response');
    return response as IncomingMessage;
  };

  it('A12: a body that comes over a socket in many pieces comes out as the picture it was', async () => {
    await withServer(
      async (_, response) => {
        for (const piece of inPieces(coded, 5000)) if (!response.write(piece)) await once(response, 'drain');
        response.end();
      },
      async (port) => {
        const out = new PassThrough();
        const [bytes] = await Promise.all([
          buffer(out),
          pipeline([await bodyFrom(port), ...streamsFor('gzip'), out]),
        ]);
        expect(bytes.equals(picture)).toBe(true);
      },
    );
  });

  it('a body that breaks off ends all with its own error', async () => {
    await withServer(
      (_, response) => {
        response.setHeader('content-length', coded.length);
        response.write(coded.subarray(0, 60_000), () => response.destroy());
      },
      async (port) => {
        const streams = streamsFor('gzip');
        const error = await pipeline([await bodyFrom(port), ...streams, new Sink()]).catch(
          (thrown) => thrown,
        );
        expect(error).toMatchObject({ code: 'ECONNRESET' });
        expect(streams.every(({ destroyed }) => destroyed)).toBe(true);
      },
    );
  });

  it('a damaged body that is still under way is let go of', async () => {
    let gone: Promise<unknown> | undefined;
    await withServer(
      (_, response) => {
        gone = once(response, 'close');
        response.write('this is not gzip, and it never ends');
      },
      async (port) => {
        const error = await pipeline([await bodyFrom(port), ...streamsFor('gzip'), new Sink()]).catch(
          (e) => e,
        );
        expect(error).toBeInstanceOf(Undecodable);
        await gone;
      },
    );
  });

  it('an error of the writer, or an end that is asked for, closes every step and what is in it', async () => {
    const engines = vi.spyOn(zlib, 'createGunzip'); // only to get hold of them
    const twice = zlib.gzipSync(coded);
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) });
    const streams = streamsFor('gzip, gzip');
    await expect(pipeline([Readable.from([twice]), ...streams, full])).rejects.toThrow('disk full');
    expect(streams.every(({ destroyed }) => destroyed)).toBe(true);

    const stopping = new AbortController();
    const stopped = streamsFor('gzip, gzip');
    const writer = new Writable({ write: () => stopping.abort() });
    const ended = pipeline([Readable.from([twice]), ...stopped, writer], { signal: stopping.signal });
    await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
    expect(stopped.every(({ destroyed }) => destroyed)).toBe(true);

    expect(engines.mock.results.map(({ value }) => value.destroyed)).toEqual([true, true, true, true]);
    engines.mockRestore();
  });
});

const MiB = 1_048_576;

/** Counts and forgets what it gets, from when it may. */
class Sink extends Writable {
  bytes = 0;
  peak = 0;
  readonly #mayBegin: Promise<unknown>;

  constructor(mayBegin: Promise<unknown> = Promise.resolve()) {
    super();
    this.#mayBegin = mayBegin;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.bytes += chunk.length;
    this.peak = Math.max(this.peak, process.memoryUsage.rss());
    void this.#mayBegin.then(done);
  }
}

/** Random bytes and then so many MiB of zeros, coded; in a process of its own, whose memory is not ours. */
async function bombOf(head: number, mebibytes: number, ...coders: string[]): Promise<Buffer> {
  const script = `
    const zlib = require('node:zlib');
    const zeros = Buffer.alloc(${MiB});
    function* plain() {
      yield require('node:crypto').randomBytes(${head});
      for (let n = 0; n < ${mebibytes}; n++) yield zeros;
    }
    const quick = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 2 } };
    const coders = ${JSON.stringify(coders)}.map((name) => zlib[name](name.includes('Brotli') ? quick : {}));
    require('node:stream').pipeline(require('node:stream').Readable.from(plain()), ...coders, process.stdout, (error) => {
      if (error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  return buffer(child.stdout);
}

describe('A14', () => {
  const bombs: [name: string, header: string, make: () => Promise<Buffer>][] = [
    ['gzip', 'gzip', () => bombOf(1000, 200, 'createGzip')],
    ['br', 'br', () => bombOf(200_000, 200, 'createBrotliCompress')],
    ['br, very small', 'br', () => bombOf(10, 200, 'createBrotliCompress')],
    ['gzip in gzip', 'gzip, gzip', () => bombOf(150_000, 200, 'createGzip', 'createGzip')],
    ['gzip in br', 'gzip, br', () => bombOf(10, 200, 'createGzip', 'createBrotliCompress')],
  ];

  it.each(bombs)('a bomb in %s is given up, and memory stays flat', async (_, header, make) => {
    const bomb = await make();
    expect(bomb.length).toBeLessThan(210_000);
    const before = process.memoryUsage.rss();
    const writer = new Sink();
    const body = Readable.from(inPieces(bomb, 16_384), { objectMode: false });
    const error = await pipeline([body, ...streamsFor(header), writer]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Bomb);
    expect(systemCode(error)).toBe('EBOMB');
    expect(writer.bytes).toBeLessThanOrEqual(Math.max(MiB, bomb.length * 200));
    expect(writer.peak - before).toBeLessThan(64 * MiB);
  });

  it.each(bombs)(
    'where %s may open as far as it likes, what comes waits for who takes it',
    async (_, header, make) => {
      const bomb = await make();
      const before = process.memoryUsage.rss();
      const flow = async (
        writer: Sink,
        streams = streamsFor(header, { free: Infinity, ratio: Infinity }),
      ) => {
        await pipeline([Readable.from(inPieces(bomb, 16_384), { objectMode: false }), ...streams, writer]);
        expect(writer.bytes).toBeGreaterThan(200 * MiB);
        expect(writer.peak - before).toBeLessThan(64 * MiB);
      };
      const streams = streamsFor(header, { free: Infinity, ratio: Infinity });
      const other = flow(new Sink());
      const held = flow(new Sink(other), streams);
      await other; // the clock: as long as it takes the whole of a body to flow, nothing is taken here
      for (const stream of streams)
        expect(stream.readableLength + stream.writableLength).toBeLessThan(MiB / 4);
      await held;
    },
  );

  it('a bomb is one even if it comes to nothing in the end', async () => {
    const members = Buffer.concat(Array(150_000).fill(zlib.gzipSync(Buffer.alloc(0))));
    const error = await failure('gzip, gzip', [zlib.gzipSync(members)]);
    expect(error).toBeInstanceOf(Bomb);
  });

  it('what opens far is no bomb up to a megabyte, nor ever what opens a little', async () => {
    const megabyte = Buffer.alloc(MiB);
    expect(await decoded('gzip', [zlib.gzipSync(megabyte)])).toHaveLength(MiB);
    expect(await failure('gzip', [zlib.gzipSync(Buffer.alloc(MiB + 1))])).toBeInstanceOf(Bomb);
    const page = Buffer.concat(
      Array.from({ length: 8192 }, () => [randomBytes(16), Buffer.alloc(1008)]).flat(),
    );
    expect((await decoded('gzip', [zlib.gzipSync(page)])).equals(page)).toBe(true);
  });
});
