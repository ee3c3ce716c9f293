import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Behaviour, behaves, cuts, drips, fails, redirects, serves } from '../../src/demo/behaviours.ts';
import { type Capture, rowOf } from '../../src/demo/captures.ts';
import type { In, Parcel, Snapshot } from '../../src/model.ts';
import { staysWithin } from '../../src/pipeline/captured.ts';
import { IndexSums } from '../../src/pipeline/index-sums.ts';
import { withFakeArchive } from '../helpers/fake-archive.ts';
import { type Running, withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { latch, wanted } from '../helpers/parcels.ts';
import { deafPort } from '../helpers/raw-server.ts';
import { type Rig, withRig } from '../helpers/rig.ts';

const url = 'http://blog.example/1.jpg';
const body = photo(1);
const capture = (given: Partial<Capture> = {}): Capture => ({
  url,
  time: '20190531123456',
  body,
  type: 'image/jpeg',
  ...given,
});

const snapshotAt = (at: string, digest: string | null): Snapshot => ({
  archive: 'wayback',
  time: '2019-05-31T12:34:56Z',
  url: at,
  digest,
});

const parcelAt = (at: string, digest: string | null = null): In<'wanted'> => ({
  ...wanted({ url }),
  location: { kind: 'snapshot', url: at, lane: 'replay', snapshot: snapshotAt(at, digest) },
});

interface Came {
  readonly end: Parcel;
  readonly rig: Rig;
  readonly archive: Running;
}

/** Fetches the first of these captures, with the digest that the index gives unless another is given. */
const fetching = (held: readonly Capture[], test: (came: Came) => void, digest?: string) =>
  withFakeArchive(held, {}, (archive) =>
    withRig({ retries: 2 }, async (rig) => {
      const { time, url: original } = held[0]!;
      const at = `${archive.url}/web/${time}id_/${original}`;
      test({ end: await rig.get(parcelAt(at, digest ?? rowOf(held[0]!).digest!)), rig, archive });
    }),
  );

const snapshotIn = (end: Parcel) => (end.state === 'fetched' ? end.download.snapshot : undefined);

describe('a captured status', () => {
  test.each([
    [404, 'gone'],
    [410, 'gone'],
    [403, 'wrong-type'],
    [429, 'wrong-type'],
    [503, 'wrong-type'],
    [206, 'wrong-type'],
  ])('of %i is no living one: the capture is bad (%s), and nobody waits', (status, code) =>
    fetching([capture({ status })], ({ end, rig, archive }) => {
      expect(end).toMatchObject({
        state: 'lost',
        reason: { code, detail: `captured with status ${status}` },
      });
      expect(archive.requests).toHaveLength(1);
      expect(rig.events.map(({ event }) => event)).not.toContain('pause');
    }),
  );
});

describe('an archive that speaks in its own name', () => {
  const asks = (behaviour: Behaviour, test: (came: Came) => void) =>
    fetching([capture({ memento: false, behaviour })], test);

  test.each([404, 410, 451])('with %i has no capture', (status) =>
    asks(fails(status), ({ end, archive }) => {
      expect(end).toMatchObject({
        state: 'lost',
        reason: { code: 'not-a-capture', detail: `status ${status}` },
      });
      expect(archive.requests).toHaveLength(1);
    }),
  );

  const page = (status: number, text: string) =>
    behaves(({ response }) => void response.writeHead(status, { 'content-type': 'text/html' }).end(text));
  const keptOut = (status: number) => ({
    state: 'lost',
    reason: { code: 'archive-unreachable', detail: `status ${status}` },
  });

  test.each([400, 401, 403, 405])(
    'with %i and a page of its own keeps us out: that proves nothing',
    (status) =>
      asks(page(status, '<title>One moment</title> Are you a person?'), ({ end, archive }) => {
        expect(end).toMatchObject(keptOut(status));
        expect(archive.requests).toHaveLength(1);
      }),
  );

  test.each([
    'This URL has been excluded from the Wayback Machine.',
    'org.example.RobotAccessControlException: Blocked By Robots',
  ])('with 403 and «%s» has left it out', (text) =>
    asks(page(403, `<p>${text}</p>`), ({ end }) => {
      const reason = { code: 'not-a-capture', detail: 'status 403' };
      expect(end).toMatchObject({ state: 'lost', reason });
    }),
  );

  test('is not listened to without end', () => {
    const ended = latch();
    const endless = behaves(({ response }) => {
      response.once('close', ended.open);
      response.writeHead(403, { 'content-type': 'text/html' });
      const more = () => {
        while (!response.closed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    return asks(endless, ({ end }) => expect(end).toMatchObject(keptOut(403))).then(() => ended.opened);
  });

  const refusesSlowly = behaves((exchange) => {
    const { response } = exchange;
    const own = response.writeHead.bind(response);
    response.writeHead = () => own(403);
    return drips('x'.repeat(60_000), { bytes: 1, everyMs: 5 }).answer(exchange);
  });

  test('is not listened to when its words drip', () =>
    withFakeBlog({ '/web/1': refusesSlowly }, (archive) =>
      withRig({ minSpeed: 1_000_000, minSpeedTime: 50, timeout: 3_600_000 }, async (rig) => {
        expect(await rig.get(parcelAt(`${archive.url}/web/1`))).toMatchObject(keptOut(403));
      }),
    ));

  test.each([429, 500, 502, 503, 504])('with %i is in trouble: that proves nothing', (status) =>
    asks(fails(status), ({ end, archive }) => {
      const reason = { code: 'archive-unreachable', detail: `status ${status}` };
      expect(end).toMatchObject({
        state: 'lost',
        reason,
        tried: [{ where: 'wayback', outcome: reason.code }],
      });
      expect(archive.requests).toHaveLength(3);
    }),
  );
});

test('an archive where nobody listens proves nothing', () =>
  withRig({ retries: 1 }, async (rig) => {
    const end = await rig.get(parcelAt(`http://127.0.0.1:${await deafPort()}/web/2019id_/${url}`));
    expect(end).toMatchObject({ state: 'lost', reason: { code: 'archive-unreachable' } });
    expect(end.state === 'lost' && end.reason.detail).toContain('ECONNREFUSED');
  }));

test.each([
  ['is not available', fails(503)],
  ['asks for less', fails(429)],
])('an archive that %s is given the rest of its lane', (_, behaviour) =>
  withFakeArchive(
    [capture({ memento: false, behaviour: behaviour.times(1).then(serves(body)) })],
    {},
    (archive) => {
      const limits = { rate: Number.POSITIVE_INFINITY, burst: null, places: 6, silence: 150 };
      return withRig({ retries: 2, gate: { lanes: { replay: limits } } }, async (rig) => {
        await rig.get(parcelAt(`${archive.url}/web/20190531123456id_/${url}`));
        const [first, second] = archive.requests;
        expect(rig.events).toContainEqual(
          expect.objectContaining({ event: 'pause', host: 'replay', ms: 150 }),
        );
        expect(second!.at - first!.at).toBeGreaterThanOrEqual(150);
      });
    },
  ),
);

describe('a capture of less than its server announced', () => {
  const short = body.subarray(0, 5000);

  test('is asked for once more, and is not whole', () =>
    fetching([capture({ body: short, headers: { 'content-length': '20000' } })], ({ end, rig, archive }) => {
      expect(end).toMatchObject({
        state: 'lost',
        reason: { code: 'truncated', detail: '5000 bytes were captured, 20000 were announced' },
      });
      expect(archive.requests).toHaveLength(2);
      expect(existsSync(rig.part)).toBe(false);
    }));

  test.each<[string, Record<string, string>]>([
    ['nothing that is a number', { 'content-length': '-1' }],
    ['nothing', { 'content-length': '0' }],
    ['less', { 'content-length': '17' }],
    ['the length of coded bytes', { 'content-length': '20000', 'content-encoding': 'gzip' }],
  ])('is told from one of which was announced %s', (_, headers) =>
    fetching([capture({ body: short, headers })], ({ end, archive }) => {
      expect(end).toMatchObject({ state: 'fetched', download: { bytes: 5000 } });
      expect(archive.requests).toHaveLength(1);
    }),
  );
});

describe('the digest of the index', () => {
  const packed = gzipSync(body);
  const coded = behaves(({ response }) => {
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-encoding': 'gzip' }).end(packed);
  });
  const digestOf = (bytes: Buffer) => rowOf(capture({ body: bytes })).digest!;

  test.each<[string, Partial<Capture>, string, boolean]>([
    ['agrees with the bytes', {}, digestOf(body), true],
    ['agrees with what crossed the wire', { behaviour: coded }, digestOf(packed), true],
    ['agrees with what came out of a coding', { behaviour: coded }, digestOf(body), true],
    ['does not agree', {}, digestOf(photo(2)), false],
  ])('%s: that is recorded', (_, given, digest, isEqual) =>
    fetching(
      [capture(given)],
      ({ end }) => {
        expect(end).toMatchObject({ state: 'fetched', download: { bytes: body.length } });
        expect(snapshotIn(end)).toMatchObject({ digest, digestEqual: isEqual });
      },
      digest,
    ),
  );

  test('is compared with all bytes of a capture that came in pieces', () => {
    const behaviour = cuts(body, { etag: '"v"' })
      .after(9000)
      .times(1)
      .then(serves(body, { etag: '"v"' }));
    return fetching([capture({ behaviour })], ({ end, archive }) => {
      expect(archive.requests.map(({ range }) => range)).toEqual([
        undefined,
        expect.stringMatching(/^bytes=/),
      ]);
      expect(snapshotIn(end)).toMatchObject({ digestEqual: true });
    });
  });

  test('is not compared where there is none', () =>
    withFakeArchive([capture()], {}, (archive) =>
      withRig({}, async (rig) => {
        const end = await rig.get(parcelAt(`${archive.url}/web/20190531123456id_/${url}`));
        expect(snapshotIn(end)).not.toHaveProperty('digestEqual');
      }),
    ));

  test('is written as RFC 4648 has it', () => {
    for (const text of ['', 'a', 'fern'.repeat(1000)]) {
      const sum = createHash('sha1').update(text).digest();
      const sums = new IndexSums(rowOf(capture({ body: Buffer.from(text) })).digest!);
      sums.see(Buffer.from(text));
      expect([sum.length, sums.agrees()]).toEqual([20, true]);
    }
  });
});

describe('a capture that leads to another one', () => {
  test('is followed, and the one that answered is recorded', () =>
    fetching(
      [
        capture({ status: 302, body: Buffer.alloc(0), location: 'http://blog.example/2.jpg' }),
        capture({ url: 'http://blog.example/2.jpg', time: '20200101000000' }),
      ],
      ({ end, archive }) => {
        const at = `${archive.url}/web/20200101000000id_/http://blog.example/2.jpg`;
        expect(snapshotIn(end)).toMatchObject({ archive: 'wayback', time: '2020-01-01T00:00:00Z', url: at });
        expect(archive.requests).toHaveLength(3); // by way of the nearest one
      },
    ));

  test('round in a circle is bad', () =>
    fetching([capture({ status: 302, body: Buffer.alloc(0), location: url })], ({ end, archive }) => {
      expect(end).toMatchObject({ state: 'lost', reason: { code: 'redirects' } });
      expect(archive.requests).toHaveLength(11);
    }));

  test('outside of the archive is not followed', () =>
    withFakeBlog({ '/1.jpg': serves(body) }, (living) =>
      fetching([capture({ behaviour: redirects(`${living.url}/1.jpg`) })], ({ end }) => {
        expect(end).toMatchObject({ state: 'lost', reason: { code: 'not-a-capture' } });
        expect(living.requests).toHaveLength(0);
      }),
    ));
});

test.each([
  ['http://w.example/web/1', 'http://w.example/web/2', true],
  ['http://w.example/web/1', 'https://w.example/web/1', true],
  ['https://w.example/web/1', 'https://w.example:443/web/2', true],
  ['https://w.example/web/1', 'http://w.example/web/1', false],
  ['http://w.example:8080/web/1', 'https://w.example/web/1', false],
  ['http://w.example/web/1', 'http://w.example:8080/web/1', false],
  ['http://w.example/web/1', 'https://blog.example/1.jpg', false],
])('from %s to %s is the same service: %o', (from, to, isSame) => {
  expect(staysWithin(new URL(from), new URL(to))).toBe(isSame);
});
