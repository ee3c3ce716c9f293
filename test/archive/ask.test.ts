import { describe, expect, test } from 'vitest';
import { WebArchiveError } from '../../src/archive/capture.ts';
import { lanes, wayback } from '../../src/archive/wayback.ts';
import {
  asksToWait,
  type Behaviour,
  behaves,
  drips,
  fails,
  hangs,
  serves,
  servesHtml,
} from '../../src/demo/behaviours.ts';
import {
  type Asking,
  type AskingOptions,
  askedFor,
  withAsk,
  withFakeArchive,
} from '../helpers/fake-archive.ts';
import type { Running } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { latch } from '../helpers/parcels.ts';
import { deafPort } from '../helpers/raw-server.ts';

const address = 'http://blog.example/1.jpg?a=1&b=2';
const capture = { url: address, time: '20190531000000', body: photo(1), type: 'image/jpeg' };
const item = { date: null };
const slowly = { bytes: 1, everyMs: 5 };

interface Scene extends Asking {
  readonly archive: Running;
  readonly find: (url?: string) => Promise<readonly unknown[]>;
}

/** Asks a stand-in that holds one capture, and whose index misbehaves so. */
function withIndex<T>(
  behaviour: ((proper: Behaviour) => Behaviour) | undefined,
  given: AskingOptions,
  run: (scene: Scene) => Promise<T>,
): Promise<T> {
  const limits = { rate: Number.POSITIVE_INFINITY, burst: null, places: 6, silence: 100, patience: 2 };
  const own = { [lanes.index]: { ...limits, kin: [lanes.replay] }, [lanes.replay]: limits };
  return withFakeArchive([capture], behaviour ? { index: behaviour } : {}, (archive) =>
    withAsk({ ...given, gate: { lanes: own, ...given.gate } }, (asking) => {
      const { find } = wayback(archive.url);
      return run({
        ...asking,
        archive,
        find: async (url = address) => (await find(url, item, asking.ask)).captures,
      });
    }),
  );
}

describe('the index', () => {
  test('is asked for the captures of exactly that address, revisits among them', async () => {
    await withIndex(undefined, {}, async ({ find, archive }) => {
      expect(await find()).toMatchObject([{ timestamp: '20190531000000', original: address }]);
      const { searchParams } = new URL(archive.requests[0]!.path, archive.url);
      expect(askedFor(archive.requests[0]!.path)).toBe(address);
      expect(searchParams.getAll('filter')).toEqual(['statuscode:(200|-)']);
      expect(await find('http://blog.example/2.jpg')).toEqual([]);
    });
  });

  test.each<[string, Behaviour]>([
    ['that is out of order', fails(502)],
    ['that answers with a page', servesHtml()],
    ['that answers with a cut table', serves('[["timestamp"')],
    ['that breaks off', behaves(({ response }) => void response.socket?.resetAndDestroy())],
    ['that says nothing', serves('')],
  ])('%s is asked again, and then heard', async (_, trouble) => {
    await withIndex(
      (proper) => trouble.times(2).then(proper),
      {},
      async ({ find, archive }) => {
        expect(await find()).toHaveLength(1);
        expect(archive.requests).toHaveLength(3);
      },
    );
  });

  test('that is out of order for good proves nothing', async () => {
    await withIndex(
      () => fails(502),
      {},
      async ({ find, archive }) => {
        await expect(find()).rejects.toBeInstanceOf(WebArchiveError);
        expect(archive.requests).toHaveLength(3);
      },
    );
  });

  test('that leaves a site out on request says so for good', async () => {
    const blocked = behaves(({ response }) => {
      response.writeHead(403).end('org.example.AdministrativeAccessControlException: Blocked Site Error\n');
    });
    await withIndex(
      () => blocked,
      {},
      async ({ archive, ask }) => {
        const found = await wayback(archive.url).find(address, item, ask);
        expect(found).toEqual({ captures: [], excluded: 'AdministrativeAccessControlException' });
        expect(archive.requests).toHaveLength(1);
      },
    );
  });

  test('whose door is shut with any other page proves nothing', async () => {
    await withIndex(
      () => fails(403),
      {},
      async ({ find }) => {
        await expect(find()).rejects.toThrow('status 403');
      },
    );
  });

  test('that stops in mid-answer is not waited for without end', async () => {
    const stalls = behaves(({ response }) => void response.writeHead(200).write('[['));
    await withIndex(
      () => stalls,
      { timeout: 50, retries: 0 },
      async ({ find, archive }) => {
        await expect(find()).rejects.toThrow('stalled');
        expect(archive.requests).toHaveLength(1);
      },
    );
  });

  test('that drips is given up by the pace, though it never stands still', async () => {
    await withIndex(
      () => drips(' '.repeat(100_000), slowly),
      { timeout: 3_600_000, minSpeed: 1_000_000, minSpeedTime: 50, retries: 0 },
      async ({ find, archive }) => {
        await expect(find()).rejects.toThrow('too slow');
        expect(archive.requests).toHaveLength(1);
      },
    );
  });

  test('whose answer has no end is not read to it', async () => {
    const endless = serves('['.repeat(3_000_000));
    await withIndex(
      () => endless,
      { retries: 0 },
      async ({ find }) => {
        await expect(find()).rejects.toThrow('too long');
      },
    );
  });

  test.each<[string, Behaviour, number]>([
    ['is asked too often and says how long', asksToWait(1), 1000],
    ['is asked too often and says not how long', fails(429), 100],
    ['is not available', fails(503), 100],
  ])('that %s rests with its kin', async (_, trouble, ms) => {
    await withIndex(
      (proper) => trouble.times(1).then(proper),
      {},
      async ({ find, archive, events }) => {
        expect(await find()).toHaveLength(1);
        expect(events.filter(({ event }) => event === 'pause')).toMatchObject([
          { event: 'pause', host: lanes.index, ms },
          { event: 'pause', host: lanes.replay, ms },
        ]);
        expect(archive.requests[1]!.at - archive.requests[0]!.at).toBeGreaterThanOrEqual(ms);
      },
    );
  });

  test('that refuses connections has shut us out: it rests with its kin', async () => {
    await withIndex(undefined, { retries: 0 }, async ({ ask, events }) => {
      const { find } = wayback(`http://127.0.0.1:${await deafPort()}`);
      await expect(find(address, item, ask)).rejects.toBeInstanceOf(WebArchiveError);
      expect(events.filter(({ event }) => event === 'pause')).toMatchObject([
        { host: lanes.index, ms: 100, why: 'it refuses connections' },
        { host: lanes.replay, ms: 100 },
      ]);
    });
  });

  test('that goes on asking for silence is left alone, and nobody waits for it', async () => {
    await withIndex(
      () => fails(429),
      { retries: 10, gate: { hostRest: 50_000 } },
      async ({ find, archive, events }) => {
        await expect(find()).rejects.toThrow('left alone for now');
        await expect(find()).rejects.toThrow('left alone for now');
        expect(archive.requests).toHaveLength(3);
        expect(events.filter(({ event }) => event === 'parked')).toMatchObject([
          { host: lanes.index, ms: 50_000 },
          { host: lanes.replay, ms: 50_000 },
        ]);
      },
    );
  });

  test('that asks for silence now and then, with answers in between, is not left alone', async () => {
    let asked = 0;
    const moody = (proper: Behaviour) =>
      behaves((exchange) => (asked++ % 2 === 0 ? fails(429) : proper).answer(exchange));
    await withIndex(moody, {}, async ({ find, archive }) => {
      for (let i = 0; i < 4; i++) expect(await find()).toHaveLength(1);
      expect(archive.requests.filter(({ status }) => status === 429)).toHaveLength(4);
    });
  });

  test('that asks for ten years is not given them', async () => {
    await withIndex(
      (proper) => asksToWait(315_360_000).times(1).then(proper),
      {},
      async ({ find, events, archive }) => {
        await expect(find()).rejects.toThrow('left alone for now');
        await expect(find()).rejects.toThrow(WebArchiveError);
        expect(archive.requests).toHaveLength(1);
        expect(events).toContainEqual(expect.objectContaining({ event: 'parked', host: lanes.index }));
      },
    );
  });

  test('is not waited for once the run is asked to stop', async () => {
    const controller = new AbortController();
    const slow = behaves((exchange) => {
      setImmediate(() => controller.abort());
      return asksToWait(40).answer(exchange);
    });
    await withIndex(
      () => slow,
      { stop: controller.signal },
      async ({ find, archive }) => {
        await expect(find()).rejects.toEqual(new WebArchiveError('the run was asked to stop'));
        expect(archive.requests).toHaveLength(1);
      },
    );
  });

  test.each([
    ['does not begin', hangs()],
    ['drips', drips(' '.repeat(100_000), slowly)],
  ])('whose answer %s is not waited for once the run is asked to stop', async (_, slow) => {
    const controller = new AbortController();
    const over = latch();
    const watched = behaves((exchange) => {
      exchange.response.once('close', over.open);
      setImmediate(() => controller.abort());
      return slow.answer(exchange);
    });
    await withIndex(
      () => watched,
      { stop: controller.signal, timeout: 3_600_000, minSpeed: 0, retries: 0 },
      async ({ find, archive, events }) => {
        await expect(find()).rejects.toEqual(new WebArchiveError('the run was asked to stop'));
        await over.opened;
        expect([archive.requests.length, events]).toEqual([1, []]);
      },
    );
  });

  test('is not asked on once the signal is aborted', async () => {
    const controller = new AbortController();
    const cut = behaves((exchange) => {
      setImmediate(() => controller.abort(new Error('cut')));
      return fails(502).answer(exchange);
    });
    await withIndex(
      () => cut,
      { signal: controller.signal, backoffBase: 3_600_000, backoffMax: 3_600_000 },
      async ({ find, archive }) => {
        await expect(find()).rejects.toThrow();
        expect(archive.requests).toHaveLength(1);
      },
    );
  });
});
