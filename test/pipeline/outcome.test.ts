import dns from 'node:dns/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RefusedAddress } from '../../src/net/guard.ts';
import { RefusedRedirect } from '../../src/net/http.ts';
import { classify, type Fact } from '../../src/pipeline/outcome.ts';
import { TooLarge } from '../../src/pipeline/part-file.ts';
import { downloadOf } from '../helpers/parcels.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const judged = (fact: Fact) => {
  const judgement = classify(fact, now);
  return 'reason' in judgement ? `${judgement.outcome} ${judgement.reason.code}` : judgement.outcome;
};
const status = (code: number, retryAfter?: string): Fact => ({ fact: 'status', status: code, retryAfter });
const failure = (error: unknown, during: 'head' | 'body' = 'head'): Fact => ({
  fact: 'error',
  during,
  error,
  gained: 0,
  resumed: false,
});
const coded = (code: string, cause?: unknown) => Object.assign(new Error(code, { cause }), { code });
const named = (name: string) => Object.assign(new Error(name), { name });

describe('a status', () => {
  test.each([
    [201, 'retry unexpected-status'],
    [202, 'retry unexpected-status'],
    [204, 'retry unexpected-status'],
    [205, 'retry unexpected-status'],
    [206, 'retry unexpected-status'],
    [301, 'lost unexpected-status'],
    [302, 'lost unexpected-status'],
    [303, 'lost unexpected-status'],
    [304, 'retry unexpected-status'],
    [307, 'lost unexpected-status'],
    [308, 'lost unexpected-status'],
    [400, 'lost unexpected-status'],
    [401, 'lost forbidden'],
    [402, 'lost unexpected-status'],
    [403, 'lost forbidden'],
    [404, 'lost gone'],
    [405, 'lost unexpected-status'],
    [408, 'retry timeout'],
    [410, 'lost gone'],
    [416, 'lost unexpected-status'],
    [420, 'retry rate-limited'],
    [425, 'retry timeout'],
    [429, 'retry rate-limited'],
    [451, 'lost gone'],
    [500, 'retry server-error'],
    [501, 'lost server-error'],
    [502, 'retry server-error'],
    [503, 'retry server-error'],
    [504, 'retry server-error'],
    [505, 'lost server-error'],
    [507, 'retry server-error'],
    [511, 'lost server-error'],
    [522, 'retry server-error'],
    [599, 'retry server-error'],
  ])('%i is %s', (code, expected) => {
    expect(judged(status(code))).toBe(expected);
  });

  test('is named in the detail of the reason', () => {
    expect(classify(status(404), now)).toMatchObject({ reason: { detail: 'status 404' } });
  });
});

describe('Retry-After', () => {
  test.each([
    ['seconds', '7', 7000],
    ['seconds with spaces around', ' 7 ', 7000],
    ['a date', 'Fri, 20 Nov 2026 12:00:30 GMT', 30_000],
    ['a date in the old form of RFC 850', 'Friday, 20-Nov-26 12:00:30 GMT', 30_000],
    ['ten years', '315360000', 315_360_000_000],
    ['absent', undefined, undefined],
    ['empty', '', undefined],
    ['nought', '0', undefined],
    ['negative', '-5', undefined],
    ['a date in the past', 'Fri, 20 Nov 2026 11:59:30 GMT', undefined],
    ['the word null', 'null', undefined],
    ['a word', 'tomorrow', undefined],
    ['a fraction', '1.5', undefined],
    ['a year alone', '2030', 2_030_000],
    ['seconds with a unit', '30s', undefined],
    ['two values', '5, 6', undefined],
  ])('as %s', (_, header, after) => {
    const expected = { outcome: 'retry', reason: { code: 'rate-limited', detail: 'status 429' } };
    expect(classify(status(429, header), now)).toStrictEqual(
      after === undefined ? expected : { ...expected, after },
    );
  });

  test.each([429, 420, 503, 408, 425])('is heard with status %i', (code) => {
    expect(classify(status(code, '7'), now)).toMatchObject({ outcome: 'retry', after: 7000 });
  });

  test('is no reason to ask again for what is gone', () => {
    expect(judged(status(404, '7'))).toBe('lost gone');
  });
});

describe('an error by its code or name', () => {
  test.each([
    [
      'EREFUSEDADDRESS',
      new RefusedAddress('127.0.0.1 is a private address'),
      'permanent refused-private-address',
    ],
    [
      'a refused address inside another error',
      coded('ERR_GOT', new RefusedAddress('x')),
      'permanent refused-private-address',
    ],
    ['EREFUSEDREDIRECT', new RefusedRedirect('redirected to live.example'), 'lost not-a-capture'],
    ['an unknown scheme', coded('ERR_UNSUPPORTED_PROTOCOL'), 'permanent refused-scheme'],
    ['no address at all', coded('ERR_INVALID_URL'), 'permanent refused-scheme'],
    ['a client that gave up waiting', named('TimeoutError'), 'retry timeout'],
    ['too many redirects', named('MaxRedirectsError'), 'lost redirects'],
    ['a resolver out of order', coded('EAI_AGAIN'), 'retry dns'],
    ['a name without an address', coded('EAI_NODATA'), 'retry dns'],
    ['an unknown name', coded('ENOTFOUND'), 'retry dns'],
    ['an expired certificate', coded('CERT_HAS_EXPIRED'), 'lost tls'],
    ['a certificate signed by itself', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'lost tls'],
    ['a chain signed by itself', coded('SELF_SIGNED_CERT_IN_CHAIN'), 'lost tls'],
    ['an unknown issuer', coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'lost tls'],
    ['a certificate for another host', coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'lost tls'],
    ['TLS that is no TLS', coded('EPROTO'), 'lost tls'],
    ['no common version of TLS', coded('ERR_SSL_UNSUPPORTED_PROTOCOL'), 'lost tls'],
    ['something thrown that is no error', 'what?', 'retry connect'],
    ['a reset before the head', coded('ECONNRESET'), 'retry connect'],
    ['nobody there', coded('EHOSTUNREACH'), 'retry connect'],
  ])('%s', (_, error, expected) => {
    expect(judged(failure(error))).toBe(expected);
  });

  test.each([
    ['a reset in the body', coded('ECONNRESET'), 'retry truncated'],
    ['an early close', coded('ERR_STREAM_PREMATURE_CLOSE'), 'retry truncated'],
    ['a stall', coded('ESTALLED'), 'retry stalled'],
    ['a body without an end', new TooLarge('more than 10 bytes'), 'permanent refused-too-large'],
    ['chunks that are none', coded('HPE_INVALID_CHUNK_SIZE'), 'retry protocol'],
  ])('%s', (_, error, expected) => {
    expect(judged(failure(error, 'body'))).toBe(expected);
  });
});

describe('an error made by the real thing', () => {
  test('nobody listens', async () => {
    const port = await freePort();
    expect(judged(failure(await errorOf(get(`http://127.0.0.1:${port}/`))))).toBe('retry connect');
  });

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', 'retry protocol'],
    [
      'two different lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      'retry protocol',
    ],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello', 'retry protocol'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'retry protocol',
    ],
    [
      'a head larger than any',
      `HTTP/1.1 200 OK\r\n${`X-A: ${'a'.repeat(1000)}\r\n`.repeat(100)}\r\n`,
      'retry protocol',
    ],
    ['silence, then the end', '', 'retry connect'],
  ])('%s', async (_, bytes, expected) => {
    const error = await withRawServer(bytes, (url) => errorOf(get(url)));
    expect(judged(failure(error))).toBe(expected);
  });

  test('a chunk whose size is no number', async () => {
    const bytes = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n';
    const error = await withRawServer(bytes, (url) => errorOf(get(url)));
    expect(judged(failure(error, 'body'))).toBe('retry protocol');
  });

  test('a body cut short of its announced length', async () => {
    const error = await withRawServer('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello', (url) =>
      errorOf(get(url)),
    );
    expect(judged(failure(error, 'body'))).toBe('retry truncated');
  });

  test.each([
    ['gzip', gunzipSync],
    ['brotli', brotliDecompressSync],
  ])('damaged %s', async (_, decode) => {
    const error = await errorOf(Promise.resolve().then(() => decode(Buffer.from('nothing of the kind'))));
    expect(judged(failure(error, 'body'))).toBe('retry decode');
  });

  test('a name that cannot be looked up', async () => {
    const error = await errorOf(dns.lookup('there-is-no-such-host.invalid'));
    expect(judged(failure(error))).toBe('retry dns');
  });

  test('plain HTTP where TLS was expected', async () => {
    const { request } = await import('node:https');
    const error = await withRawServer('HTTP/1.1 400 Bad Request\r\n\r\n', (url) =>
      errorOf(
        new Promise(
          (_resolve, reject) => void request(url.replace('http:', 'https:')).on('error', reject).end(),
        ),
      ),
    );
    expect(judged(failure(error))).toBe('lost tls');
  });
});

describe('what else an attempt can come to', () => {
  test('a whole body is ok, and handed on as it is', () => {
    const fact: Fact = { fact: 'whole', download: downloadOf(), resumed: true };
    expect(classify(fact, now)).toStrictEqual({ outcome: 'ok', value: fact });
  });

  test.each<[Fact, string]>([
    [{ fact: 'restart', why: 'status 416 to a range' }, 'retry truncated'],
    [{ fact: 'length', announced: 10, received: 5, gained: 0, resumed: false }, 'retry truncated'],
    [{ fact: 'too-large', bytes: 2 ** 40 }, 'permanent refused-too-large'],
    [{ fact: 'undecodable', coding: 'x-frob' }, 'lost decode'],
  ])('%o', (fact, expected) => {
    expect(judged(fact)).toBe(expected);
  });
});

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}

function get(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (response) => {
      response.on('error', reject).on('end', resolve).resume();
    });
    request.on('error', reject);
  });
}

/** Says these bytes to whoever asks, and hangs up. */
async function withRawServer<T>(bytes: string, test: (url: string) => Promise<T>): Promise<T> {
  let asked = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      asked++;
      socket.end(bytes);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  try {
    return await test(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    expect(asked).toBe(1);
    await new Promise((resolve) => server.close(resolve));
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
