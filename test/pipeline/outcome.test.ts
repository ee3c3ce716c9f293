import dns from 'node:dns/promises';
import http from 'node:http';
import { PassThrough, Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { decoderFor } from '../../src/net/decode.ts';
import { RefusedAddress } from '../../src/net/guard.ts';
import { BeyondTheFirst, RefusedRedirect } from '../../src/net/http.ts';
import { classify, type Fact, isBlock, maybeNetwork, newsOf } from '../../src/pipeline/outcome.ts';
import { TooLarge } from '../../src/pipeline/part-file.ts';
import { downloadOf } from '../helpers/parcels.ts';
import { deafPort, withRawServer } from '../helpers/raw-server.ts';

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
    ['a fraction', '1.5', 1500],
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
    ['an unknown scheme', coded('EREFUSEDSCHEME'), 'permanent refused-scheme'],
    ['a port of another service', coded('EREFUSEDPORT'), 'permanent refused-port'],
    ['a proxy in trouble, for want of time', coded('EPROXY', named('TimeoutError')), 'retry proxy'],
    ['a handshake without end', coded('ETLSTIMEOUT'), 'retry tls-timeout'],
    ['a name that nobody has, where others are found', coded('ENOSUCHHOST'), 'retry no-such-host'],
    ['a drip', coded('ETOOSLOW'), 'retry too-slow'],
    ['damaged compression', coded('EDECODE'), 'retry decode'],
    ['a bomb', coded('EBOMB'), 'permanent refused-too-large'],
    ['a client that gave up waiting', named('TimeoutError'), 'retry timeout'],
    ['too many redirects', coded('EREDIRECT'), 'lost redirects'],
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
    expect(judged(failure(await errorOf(get(`http://127.0.0.1:${await deafPort()}/`))))).toBe(
      'retry connect',
    );
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
    const error = await saying(bytes, (url) => errorOf(get(url)));
    expect(judged(failure(error))).toBe(expected);
  });

  test('a chunk whose size is no number', async () => {
    const bytes = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n';
    const error = await saying(bytes, (url) => errorOf(get(url)));
    expect(judged(failure(error, 'body'))).toBe('retry protocol');
  });

  test('a body cut short of its announced length', async () => {
    const error = await saying('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello', (url) =>
      errorOf(get(url)),
    );
    expect(judged(failure(error, 'body'))).toBe('retry truncated');
  });

  test.each(['gzip', 'br'])('damaged %s', async (coding) => {
    const { streams } = decoderFor(coding) as { streams: readonly Transform[] };
    const damaged = Readable.from([Buffer.from('nothing of the kind')]);
    const error = await errorOf(pipeline([damaged, ...streams, new PassThrough().resume()]));
    expect(judged(failure(error, 'body'))).toBe('retry decode');
  });

  test('a name that cannot be looked up', async () => {
    const error = await errorOf(dns.lookup('there-is-no-such-host.invalid'));
    expect(judged(failure(error))).toBe('retry dns');
  });

  test('plain HTTP where TLS was expected', async () => {
    const { request } = await import('node:https');
    const error = await saying('HTTP/1.1 400 Bad Request\r\n\r\n', (url) =>
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
    [{ fact: 'undecodable', coding: 'x-frob' }, 'retry decode'],
    [{ fact: 'digest', detail: 'Repr-Digest' }, 'retry digest'],
    [{ fact: 'page', type: 'text/html' }, 'lost wrong-type'],
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

/** Says these bytes to whoever speaks, TLS or not, and hangs up. */
const saying = <T>(bytes: string, test: (url: string) => Promise<T>): Promise<T> =>
  withRawServer(
    () => undefined,
    async ({ url, connections }) => {
      const came = await test(`${url}/`);
      expect(connections).toHaveLength(1);
      return came;
    },
    { connected: (socket) => void socket.once('data', () => socket.end(bytes)) },
  );

test.each<[string, unknown, boolean]>([
  ['no way out of this machine', coded('ENETUNREACH'), true],
  ['no name can be looked up', coded('ENONETWORK'), true],
  ['nobody listens', coded('ECONNREFUSED'), false],
  ['no way to where the host leads, which has answered', new BeyondTheFirst(coded('ENETUNREACH')), false],
])('may be the network as a whole: %s', (_, error, expected) => {
  expect(maybeNetwork(failure(error))).toBe(expected);
});

describe('a web archive', () => {
  test.each<[string, Fact, boolean]>([
    ['that is not available', status(503), true],
    ['that refuses a connection', failure(coded('ECONNREFUSED')), true],
    ['that leads to where one is refused', failure(new BeyondTheFirst(coded('ECONNREFUSED'))), false],
    ['that breaks off', failure(coded('ECONNRESET')), false],
    ['that has it not', status(404), false],
  ])('%s asks to be left in peace: %o %s', (_, fact, expected) => {
    expect(isBlock(fact)).toBe(expected);
  });

  test('answers well, whatever it has captured', () => {
    const fact: Fact = { fact: 'archived', status: 429, isCapture: true };
    expect(newsOf(fact, classify(fact, now)).sign).toBe('well');
  });
});
