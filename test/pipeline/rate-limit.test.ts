import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { asksToWait, type Behaviour, behaves, fails, serves } from '../../src/demo/behaviours.ts';
import type { In, Parcel } from '../../src/model.ts';
import { flow, on } from '../../src/pipeline/stage.ts';
import { type Running, withFakeBlog, withFakeBlogs } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { latch, wanted } from '../helpers/parcels.ts';
import { type Rig, withRig } from '../helpers/rig.ts';

const body = photo(1, 2000);
const never = new AbortController().signal;

/** The first stages over real sockets; each parcel with a part file of its own. */
async function pour(
  rig: Rig,
  parcels: readonly In<'wanted'>[],
  see: (parcel: Parcel) => void = () => undefined,
) {
  const came: Parcel[] = [];
  async function* source() {
    yield* parcels;
  }
  const sink = new Writable({
    objectMode: true,
    write(parcel: Parcel, _encoding, done) {
      came.push(parcel);
      see(parcel);
      done();
    },
  });
  const { waiting, inHand } = rig.options;
  const stages = [
    on('wanted', rig.admit, { concurrency: waiting }),
    on('admitted', rig.fetch, { concurrency: inHand }),
    sink,
  ] as const;
  await flow(source(), stages, { signal: never });
  return came;
}

const partOf = ({ item }: In<'admitted'>) => item.id.replaceAll(/\W/g, '_');
const of = (blog: Running, count: number) =>
  Array.from({ length: count }, (_, n) => wanted({ id: `${blog.url}/${n}`, url: `${blog.url}/${n}.jpg` }));

test('one slow host beside three fast ones: all 300 fast items finish while the slow one drips', async () => {
  const fastOnesDone = latch();
  const drips = behaves(async (exchange) => {
    await fastOnesDone.opened; // not a byte before
    await serves(body).answer(exchange);
  });
  await withFakeBlogs([drips, serves(body), serves(body), serves(body)], async (hosts) => {
    const [slow] = hosts;
    const gate = { places: 4, concurrency: 8, inHand: 64 };
    await withRig({ gate, partOf }, async (rig) => {
      const lists = hosts.map((host) => of(host, 100));
      const mixed = lists[0]!.flatMap((_, n) => lists.map((list) => list[n]!));
      let fast = 0;
      const came = await pour(rig, mixed, ({ item }) => {
        if (!item.url.startsWith(slow!.url) && ++fast === 300) fastOnesDone.open();
      });
      expect(came.slice(0, 300).some(({ item }) => item.url.startsWith(slow!.url))).toBe(false);
      expect(came.every(({ state }) => state === 'fetched')).toBe(true);
      expect(hosts.map(({ requests }) => requests.length)).toEqual([100, 100, 100, 100]);
    });
  });
});

test('items of a host in trouble, asleep before their retries, do not hold up another host', async () => {
  const fastOnesDone = latch();
  const trouble = behaves(async (exchange) => {
    if (exchange.nth > 0) await fastOnesDone.opened;
    await (exchange.nth > 0 ? serves(body) : fails(500)).answer(exchange); // a 503 would slow the host down, too
  });
  await withFakeBlogs([trouble, serves(body)], async ([sick, well]) => {
    const gate = { places: 2, concurrency: 4, inHand: 64 };
    await withRig({ gate, partOf }, async (rig) => {
      let fast = 0;
      const came = await pour(rig, [...of(sick!, 40), ...of(well!, 100)], ({ item }) => {
        if (item.url.startsWith(well!.url) && ++fast === 100) fastOnesDone.open();
      });
      expect(came.slice(0, 100).every(({ item }) => item.url.startsWith(well!.url))).toBe(true);
      expect(came.every(({ state }) => state === 'fetched')).toBe(true);
      expect(sick!.requests.filter(({ status }) => status === 500)).toHaveLength(40);
    });
  });
});

describe.concurrent('after a pause asked by Retry-After no request reaches that host too early, measured at the server', () => {
  /** The first request of all is asked to wait; what else is under way then is held until that was said. */
  function script(): { behaviour: Behaviour; saidAt: () => number } {
    let saidAt = 0;
    const said = latch();
    const behaviour = behaves(async (exchange) => {
      if (saidAt === 0) {
        saidAt = performance.now();
        await asksToWait(1).answer(exchange);
        said.open();
        return;
      }
      await said.opened;
      await serves(body).answer(exchange);
    });
    return { behaviour, saidAt: () => saidAt };
  }

  test.each([1, 4])('with %i at once', async (places) => {
    const { behaviour, saidAt } = script();
    await withFakeBlog(
      {},
      (blog) =>
        withRig({ gate: { places }, partOf }, async (rig) => {
          const [first, ...others] = of(blog, 12);
          const early = rig.get(first!); // alone at first, so that no other request is on its way when it is answered
          await waitFor(rig, 'pause');
          const came = await pour(rig, others);
          await early;
          expect(came).toHaveLength(11);
          const [asked, ...later] = blog.requests;
          expect(asked!.status).toBe(429);
          expect(later).toHaveLength(12);
          for (const { at } of later) expect(at - saidAt()).toBeGreaterThanOrEqual(1000);
          expect(rig.events).toContainEqual(expect.objectContaining({ event: 'pause', ms: 1000 }));
        }),
      { otherwise: behaviour },
    );
  });

  test('with 4 at once that were all admitted before', async () => {
    const { behaviour, saidAt } = script();
    await withFakeBlog(
      {},
      (blog) =>
        withRig({ gate: { places: 4 }, partOf }, async (rig) => {
          const parcels = await Promise.all(of(blog, 4).map(rig.admit));
          const early = rig.get(parcels[0]!);
          await waitFor(rig, 'pause');
          const later = await Promise.all(parcels.slice(1).map(rig.get)); // their permits were given before the pause
          await early;
          expect(later.every(({ state }) => state === 'fetched')).toBe(true);
          for (const { at } of blog.requests.slice(1)) expect(at - saidAt()).toBeGreaterThanOrEqual(1000);
          expect(blog.requests.map(({ status }) => status)).toEqual([429, 200, 200, 200, 200]);
        }),
      { otherwise: behaviour },
    );
  });

  test('while another host goes on', async () => {
    const { behaviour } = script();
    await withFakeBlogs([behaviour, serves(body)], ([paused, free]) =>
      withRig({ partOf }, async (rig) => {
        const early = rig.get(of(paused!, 1)[0]!);
        await waitFor(rig, 'pause');
        await pour(rig, of(free!, 20));
        expect(paused!.requests).toHaveLength(1);
        await early;
        expect([paused!.requests.length, free!.requests.length]).toEqual([2, 20]);
      }),
    );
  });
});

describe('stopping', () => {
  test('gently lets those who wait go as they came', async () => {
    const stop = new AbortController();
    await withRig({ stop: stop.signal, gate: { places: 1 } }, async (rig) => {
      const held = await rig.admit(wanted());
      const waits = rig.admit(wanted());
      stop.abort();
      expect([held.state, (await waits).state, (await rig.admit(wanted())).state]).toEqual([
        'admitted',
        'wanted',
        'wanted',
      ]);
    });
  });

  test('now is no outcome', async () => {
    const now = new AbortController();
    await withRig({ signal: now.signal, gate: { places: 1 } }, async (rig) => {
      await rig.admit(wanted());
      const waits = rig.admit(wanted());
      now.abort(new Error('cut'));
      await expect(waits).rejects.toThrow('cut');
    });
  });
});

async function waitFor(rig: Rig, event: string): Promise<void> {
  while (!rig.events.some((told) => told.event === event))
    await new Promise((resolve) => setImmediate(resolve));
}
