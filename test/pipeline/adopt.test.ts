import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { MediaRecord } from '../../src/model.ts';
import { Gate } from '../../src/net/gate.ts';
import { Network } from '../../src/net/network.ts';
import { checkOptions } from '../../src/options.ts';
import { adopting } from '../../src/pipeline/adopt.ts';
import { alternates } from '../../src/pipeline/alternates.ts';
import { download } from '../../src/pipeline/download.ts';
import { locationAt } from '../../src/pipeline/location.ts';
import { classify } from '../../src/pipeline/outcome.ts';
import { recall } from '../../src/pipeline/recall.ts';
import { askAgain } from '../../src/pipeline/refresh.ts';
import { Throttling } from '../../src/pipeline/throttling.ts';
import type { Progress } from '../../src/progress.ts';
import { DamagedFile, type HandedFiles } from '../../src/sources/source.ts';
import { admitted, lost, wanted } from '../helpers/parcels.ts';
import { patience } from '../helpers/rig.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { sha256 } from '../helpers/vaults.ts';

const url = 'export:media/1.jpg';
const remote = 'https://64.media.example/1.jpg';
const bytes = Buffer.alloc(100_000, 'fern');

const handing = (body: Readable, size = bytes.length): HandedFiles => ({
  open: async () => ({ body, bytes: size }),
});

/** What one attempt comes to, and whether bytes of it lie there afterwards. */
async function attemptOn(
  files: HandedFiles | undefined,
  { filesizeMax = 2 ** 30, at = url, signal = never } = {},
) {
  return withTempFolder(async (dir) => {
    const part = join(dir, 'part');
    const events: Progress[] = [];
    const asked: string[] = [];
    const web = async () => {
      asked.push('web');
      return { fact: 'status', status: 404, retryAfter: undefined } as const;
    };
    const transfer = adopting(web, files, { filesizeMax, report: (event) => void events.push(event) });
    const { item } = wanted({ id: 'demo:1', url: at });
    const fact = await transfer({ item, location: locationAt('live', at), part, signal });
    return { fact, asked, events, lies: existsSync(part) ? readFileSync(part) : undefined };
  });
}

const never = new AbortController().signal;

describe('what a source hands over', () => {
  test('comes into the part file, hashed, counted and told, without a request', async () => {
    const chunks = [bytes.subarray(0, 65_536), bytes.subarray(65_536)];
    const { fact, asked, events, lies } = await attemptOn(handing(Readable.from(chunks)));
    expect(fact).toMatchObject({
      fact: 'whole',
      download: { bytes: bytes.length, sha256: sha256(bytes), from: url, memento: null, response: {} },
    });
    expect(lies).toEqual(bytes);
    expect(asked).toEqual([]);
    expect(events).toMatchObject([
      { event: 'started', url, total: bytes.length, had: 0 },
      { event: 'bytes', bytes: 65_536 },
      { event: 'bytes', bytes: bytes.length - 65_536 },
      { event: 'ended' },
    ]);
  });

  test('is asked of the web where it lies there', async () => {
    const { asked } = await attemptOn(handing(Readable.from([bytes])), { at: remote });
    expect(asked).toEqual(['web']);
  });

  test.each<[string, HandedFiles | undefined, object]>([
    ['that is not there', { open: async () => undefined }, { outcome: 'lost', reason: { code: 'lacking' } }],
    ['while nobody hands anything over', undefined, { outcome: 'lost', reason: { code: 'not-at-hand' } }],
    [
      'that is damaged at first sight',
      { open: () => Promise.reject(new DamagedFile('it is encrypted')) },
      { outcome: 'lost', reason: { code: 'checksum', detail: 'it is encrypted' } },
    ],
    [
      'that turns out to be damaged',
      handing(Readable.from(damaged())),
      { outcome: 'lost', reason: { code: 'checksum' } },
    ],
    [
      'that ends before its end',
      handing(Readable.from([bytes]), bytes.length + 1),
      { outcome: 'retry', reason: { code: 'truncated' } },
    ],
    [
      'that is larger than allowed',
      handing(Readable.from([bytes]), 2 ** 31),
      { outcome: 'permanent', reason: { code: 'refused-too-large' } },
    ],
    [
      'that turns out to be larger than allowed',
      handing(Readable.from(endless()), 10),
      { outcome: 'permanent', reason: { code: 'refused-too-large' } },
    ],
    [
      'from a disk that fails',
      { open: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })) },
      { outcome: 'retry' },
    ],
  ])('a file %s is never taken for whole', async (_, files, expected) => {
    const { fact, lies } = await attemptOn(files, { filesizeMax: 2 ** 20 });
    expect(classify(fact, 0)).toMatchObject(expected);
    expect(lies).toBeUndefined();
  });

  test('says nothing of the network: while that is gone, it stays gone', async () => {
    await withTempFolder(async (dir) => {
      const events: Progress[] = [];
      const report = (event: Progress) => void events.push(event);
      const options = { ...checkOptions({ report }), partFor: () => join(dir, 'part') };
      const network = new Network(options);
      const gate = new Gate({ ...options, places: 1, ...patience, sleep: undefined });
      const transfer = adopting(() => Promise.reject(), handing(Readable.from([bytes])), options);
      const noHost = () => Promise.reject(new Error('nobody is asked'));
      const throttling = new Throttling({ rest: noHost, slow: noHost, park: noHost });
      const fetch = download({ gate, transfer, network, throttling, glance: noHost }, options);
      expect(network.isGone(performance.now())).toBe(true);
      const parcel = { ...wanted({ id: 'demo:1', url }), location: locationAt('live', url) };
      expect(await fetch(admitted(parcel))).toMatchObject({ state: 'fetched', download: { attempts: 1 } });
      expect(events.filter(({ event }) => event === 'network')).toEqual([{ event: 'network', gone: true }]);
      expect(throttling.hosts).toBe(0);
      await gate.close();
    });
  });

  test('is let go at once when the run is cancelled', async () => {
    const now = new AbortController();
    const body = Readable.from(endless(() => now.abort(new Error('enough'))));
    await expect(attemptOn(handing(body), { signal: now.signal })).rejects.toThrow('enough');
    expect(body.destroyed).toBe(true);
  });

  async function* damaged() {
    yield bytes;
    throw new DamagedFile('its sum is another one');
  }

  async function* endless(meanwhile?: () => void) {
    for (;;) {
      yield bytes;
      meanwhile?.();
    }
  }
});

describe('an address in an export', () => {
  const parcel = wanted({ id: 'demo:1', url, alternates: [remote] });
  const held: MediaRecord = {
    v: 1,
    run: '2026-01-01T00:00:00.000Z',
    item: 'demo:1',
    status: 'kept',
    kind: 'image',
    post: 'p1',
    index: 0,
    url,
    path: 'data/media/1.jpg',
    bytes: 5,
    origin: 'duplicate',
    at: '2026-01-01T00:00:01.000Z',
  };

  test('is a place of its own kind, and one in the web stays what it was', () => {
    expect(locationAt('live', url)).toEqual({ kind: 'adopted', url, lane: 'export' });
    expect(locationAt('alternate', url)).toEqual({ kind: 'adopted', url, lane: 'export' });
    expect(locationAt('alternate', remote)).toEqual({ kind: 'alternate', url: remote });
  });

  test('has its twin in the web for an alternate', () => {
    expect(alternates.locations(lost(parcel))).toEqual([{ kind: 'alternate', url: remote }]);
  });

  test('is not asked whether anything changed', () => {
    expect(askAgain(parcel, held)).toBeUndefined();
    const got = { url: remote, width: 1, height: 1 };
    expect(askAgain(parcel, { ...held, got })).toMatchObject({
      location: { kind: 'alternate', url: remote },
    });
  });

  test('is looked at again by every run as long as nothing was there', async () => {
    const missing: MediaRecord = {
      ...held,
      status: 'missing',
      tried: [{ where: 'adopted', url, outcome: 'lacking', detail: '' }],
      at: new Date().toISOString(),
    };
    const recalling = recall(
      { find: async () => missing, holds: () => true },
      { archives: [], unwanted: () => undefined, isFalse: async () => false },
    );
    expect((await recalling(parcel)).state).toBe('wanted');
  });
});
