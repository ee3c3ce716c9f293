import { describe, expect, test } from 'vitest';
import { captures, WAYBACK } from '../../src/archive/captures.ts';
import {
  indexQuestion,
  lanes,
  parseRows,
  rawCapture,
  type WaybackOptions,
  WebArchiveError,
  waybackIndex,
} from '../../src/archive/wayback.ts';
import { asksToWait, type Behaviour, behaves, fails, serves, servesHtml } from '../../src/demo/behaviours.ts';
import type { Location, Tried } from '../../src/model.ts';
import { Gate } from '../../src/net/gate.ts';
import { openHttp } from '../../src/net/http.ts';
import type { Progress } from '../../src/progress.ts';
import { withFakeArchive } from '../helpers/fake-archive.ts';
import type { Running } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { lost, wanted } from '../helpers/parcels.ts';
import { patience } from '../helpers/rig.ts';

const head = ['timestamp', 'original', 'mimetype', 'statuscode', 'digest'];
const row = ['20190531000000', 'http://blog.example/1.jpg', 'image/jpeg', '200', 'ABC'];
const parsed = { timestamp: row[0], original: row[1], mimetype: row[2], statuscode: row[3], digest: row[4] };

describe('the answer of the index', () => {
  test.each<[string, string, unknown]>([
    ['nothing at all', '[]\n', []],
    ['names alone', JSON.stringify([head]), []],
    ['rows', JSON.stringify([head, row]), [parsed]],
    [
      'columns in another order, and further ones',
      JSON.stringify([
        ['length', ...head.toReversed()],
        ['5', ...row.toReversed()],
      ]),
      [parsed],
    ],
  ])('%s', (_, text, expected) => {
    expect(parseRows(text)).toEqual(expected);
  });

  test.each([
    ['an empty text', ''],
    ['a page', '<html>Busy</html>'],
    ['a cut answer', JSON.stringify([head, row]).slice(0, -5)],
    ['an object', '{"error":"busy"}'],
    ['a number', '5'],
    ['null', 'null'],
    ['rows that are none', '[1,2]'],
    ['cells that are no text', JSON.stringify([head, [1, 2, 3, 4, 5]])],
    ['a row too short', JSON.stringify([head, row.slice(1)])],
    ['a missing column', JSON.stringify([head.slice(1), row.slice(1)])],
    ['rows without names', JSON.stringify([row])],
  ])('%s is no index, hence no proof of absence', (_, text) => {
    expect(parseRows(text)).toBeUndefined();
  });
});

const address = 'http://blog.example/1.jpg?a=1&b=2';
const capture = { url: address, time: '20190531000000', body: photo(1), type: 'image/jpeg' };

interface Asked {
  readonly index: (url: string) => ReturnType<ReturnType<typeof waybackIndex>>;
  readonly archive: Running;
  readonly events: Progress[];
}

/** Asks a stand-in that holds one capture, and whose index misbehaves so. */
async function withIndex<T>(
  behaviour: ((proper: Behaviour) => Behaviour) | undefined,
  given: Partial<WaybackOptions>,
  run: (asked: Asked) => Promise<T>,
): Promise<T> {
  return withFakeArchive([capture], behaviour ? { index: behaviour } : {}, async (archive) => {
    const http = openHttp({
      userAgent: 'tester',
      connectTimeout: 2000,
      headerTimeout: 2000,
      allowPrivate: true,
      header: [],
      services: [],
    });
    const events: Progress[] = [];
    const report = (event: Progress) => void events.push(event);
    const limits = { rate: Number.POSITIVE_INFINITY, burst: null, places: 6, silence: 100 };
    const own = { [lanes.index]: { ...limits, kin: [lanes.replay] }, [lanes.replay]: limits };
    const gate = new Gate({
      ...limits,
      concurrency: 6,
      inHand: 6,
      ...patience,
      retryAfterMax: 50_000,
      report,
      lanes: own,
    });
    const options: WaybackOptions = {
      base: archive.url,
      backoff: 'constant',
      backoffBase: 1,
      backoffMax: 1,
      retries: 2,
      timeout: 2000,
      random: () => 1,
      signal: new AbortController().signal,
      ...given,
    };
    try {
      return await run({ index: waybackIndex(http, gate, options), archive, events });
    } finally {
      await gate.close();
      http.close();
    }
  });
}

describe('the index', () => {
  test('is asked for the sound captures of exactly that address', async () => {
    await withIndex(undefined, {}, async ({ index, archive }) => {
      expect(await index(address)).toMatchObject([
        { timestamp: '20190531000000', original: address, statuscode: '200' },
      ]);
      const { searchParams } = new URL(archive.requests[0]!.path, archive.url);
      expect(searchParams.get('url')).toBe(address);
      expect(searchParams.getAll('filter')).toEqual(['statuscode:200']);
      expect(await index('http://blog.example/2.jpg')).toEqual([]);
    });
  });

  test.each<[string, Behaviour]>([
    ['that is out of order', fails(503)],
    ['that answers with a page', servesHtml()],
    ['that answers with a cut table', serves('[["timestamp"')],
    ['that breaks off', behaves(({ response }) => void response.socket?.resetAndDestroy())],
    ['that says nothing', serves('')],
  ])('%s is asked again, and then heard', async (_, trouble) => {
    await withIndex(
      (proper) => trouble.times(2).then(proper),
      {},
      async ({ index, archive }) => {
        expect(await index(address)).toHaveLength(1);
        expect(archive.requests).toHaveLength(3);
      },
    );
  });

  test('that is out of order for good proves nothing', async () => {
    await withIndex(
      () => fails(503),
      {},
      async ({ index, archive }) => {
        await expect(index(address)).rejects.toBeInstanceOf(WebArchiveError);
        expect(archive.requests).toHaveLength(3);
      },
    );
  });

  test('that stops in mid-answer is not waited for without end', async () => {
    const stalls = behaves(({ response }) => void response.writeHead(200).write('[['));
    await withIndex(
      () => stalls,
      { timeout: 50, retries: 0 },
      async ({ index, archive }) => {
        await expect(index(address)).rejects.toThrow('stalled');
        expect(archive.requests).toHaveLength(1);
      },
    );
  });

  test('whose answer has no end is not read to it', async () => {
    const endless = serves('['.repeat(3_000_000));
    await withIndex(
      () => endless,
      { retries: 0 },
      async ({ index }) => {
        await expect(index(address)).rejects.toThrow('too long');
      },
    );
  });

  test.each([
    ['how long', asksToWait(1), 1000],
    ['not how long', fails(429), 100],
  ])('that is asked too often and says %s rests with its kin', async (_, trouble, ms) => {
    await withIndex(
      (proper) => trouble.times(1).then(proper),
      {},
      async ({ index, archive, events }) => {
        expect(await index(address)).toHaveLength(1);
        expect(events.filter(({ event }) => event === 'pause')).toMatchObject([
          { event: 'pause', host: lanes.index, ms },
          { event: 'pause', host: lanes.replay, ms },
        ]);
        expect(archive.requests[1]!.at - archive.requests[0]!.at).toBeGreaterThanOrEqual(ms);
      },
    );
  });

  test('that asks for ten years is not given them', async () => {
    await withIndex(
      (proper) => asksToWait(315_360_000).times(1).then(proper),
      {},
      async ({ index, events, archive }) => {
        await expect(index(address)).rejects.toThrow('left alone for now');
        await expect(index(address)).rejects.toThrow(WebArchiveError);
        expect(archive.requests).toHaveLength(1);
        expect(events).toContainEqual(expect.objectContaining({ event: 'parked', host: lanes.index }));
      },
    );
  });

  test('is not asked on once the signal is aborted', async () => {
    const controller = new AbortController();
    const cut = behaves((exchange) => {
      setImmediate(() => controller.abort(new Error('cut')));
      return fails(503).answer(exchange);
    });
    await withIndex(
      () => cut,
      { signal: controller.signal, backoffBase: 3_600_000, backoffMax: 3_600_000 },
      async ({ index, archive }) => {
        await expect(index(address)).rejects.toThrow();
        expect(archive.requests).toHaveLength(1);
      },
    );
  });
});

describe('captures as a place', () => {
  const base = 'http://archive.example';
  const found = {
    timestamp: '20190531000000',
    original: address,
    mimetype: 'image/jpeg',
    statuscode: '200',
    digest: 'ABC',
  };
  const gone = lost(wanted({ url: address }));
  const named = async (index: () => Promise<never[] | (typeof found)[]>) => {
    const all: (Location | Tried)[] = [];
    for await (const one of captures(index, { base, most: 2 }).locations(gone)) all.push(one);
    return all;
  };

  test('are named with where the raw bytes lie and when they were captured', async () => {
    const url = `${base}/web/20190531000000id_/${address}`;
    expect(rawCapture(base, found)).toBe(url);
    expect(await named(async () => [found])).toEqual([
      {
        kind: 'snapshot',
        url,
        lane: lanes.replay,
        snapshot: { archive: WAYBACK, time: '2019-05-31T00:00:00Z', url, digest: 'ABC' },
      },
    ]);
  });

  test('are named no more than are worth a request', async () => {
    const many = ['A', 'B', 'C'].map((digest) => ({ ...found, digest }));
    expect(await named(async () => many)).toHaveLength(2);
  });

  test('that do not exist are a definite no', async () => {
    expect(await named(async () => [])).toMatchObject([
      { where: WAYBACK, url: indexQuestion(base, address), outcome: 'no-capture' },
    ]);
  });

  test('of an archive that cannot be asked are an open question', async () => {
    const down = () => Promise.reject(new WebArchiveError('status 503'));
    expect(await named(down)).toMatchObject([
      { where: WAYBACK, outcome: 'archive-unreachable', detail: 'status 503' },
    ]);
  });

  test('do not hide an error of the run', async () => {
    await expect(named(() => Promise.reject(new Error('cut')))).rejects.toThrow('cut');
  });
});
