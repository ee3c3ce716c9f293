import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Permit } from '../../src/model.ts';
import type { Gate } from '../../src/net/gate.ts';
import type { Progress } from '../../src/progress.ts';
import { ask, closeAll, gateOf, takeTheClock, unlimited } from '../helpers/gates.ts';
import { settled } from '../helpers/parcels.ts';

afterEach(closeAll);

describe('places', () => {
  test('no more speak to one lane at once than it allows, and a place given back is taken', async () => {
    const gate = gateOf({ places: 3 });
    const log = ask(gate, 'a', 10);
    await settled();
    expect(log).toHaveLength(3);
    log[1]!.permit.release();
    await settled();
    expect(log).toHaveLength(4);
  });

  test('no more speak over all lanes than the concurrency', async () => {
    const gate = gateOf({ places: 3, concurrency: 5 });
    const log = ['a', 'b', 'c'].reduce(
      (all, lane) => ask(gate, lane, 10, all),
      [] as { lane: string; permit: Permit }[],
    );
    await settled();
    expect(log.map(({ lane }) => lane)).toEqual(['a', 'a', 'a', 'b', 'b']);
    log[0]!.permit.release();
    await settled();
    log[1]!.permit.release();
    await settled();
    expect(log.slice(5).map(({ lane }) => lane)).toEqual(['b', 'c']); // both came before a second turn of a
  });

  test('a resting permit leaves its place to others, and comes before new ones when it wants it back', async () => {
    const gate = gateOf({ places: 1 });
    const log = ask(gate, 'a', 3);
    await settled();
    log[0]!.permit.rest();
    log[0]!.permit.rest(); // as often as one likes
    await settled();
    expect(log).toHaveLength(2);
    const back: string[] = [];
    void log[0]!.permit.clear().then(() => back.push('first'));
    log[1]!.permit.release();
    await settled();
    expect([back, log.length]).toEqual([['first'], 2]);
    log[0]!.permit.release();
    await settled();
    expect(log).toHaveLength(3);
  });

  test('no more permits are out than may be in hand, resting ones among them', async () => {
    const gate = gateOf({ inHand: 4 });
    const log = ask(gate, 'a', 10);
    await settled();
    for (const { permit } of log) permit.rest();
    await settled();
    expect(log).toHaveLength(4);
    log[2]!.permit.release(); // out of its rest
    await settled();
    expect(log).toHaveLength(5);
  });

  test('who is called away from wanting its place back can still be released, once', async () => {
    const gate = gateOf({ places: 1, inHand: 2 });
    const log = ask(gate, 'a', 2);
    await settled();
    log[0]!.permit.rest();
    await settled();
    const controller = new AbortController();
    const back = log[0]!.permit.clear(controller.signal);
    controller.abort(new Error('enough'));
    await expect(back).rejects.toThrow('enough');
    for (const { permit } of log) permit.release();
    ask(gate, 'a', 2, log);
    await settled();
    expect(log).toHaveLength(3); // one place, as before
  });

  test('a permit released twice gives one place back', async () => {
    const gate = gateOf({ places: 1 });
    const log = ask(gate, 'a', 3);
    await settled();
    log[0]!.permit.release();
    log[0]!.permit.release();
    await settled();
    expect(log).toHaveLength(2);
  });

  test('lanes that wait for a place over all take turns', async () => {
    const gate = gateOf({ concurrency: 1 });
    const blocker = await gate.permit('other');
    const log: { lane: string; permit: Permit }[] = [];
    for (const lane of ['a', 'b', 'c']) ask(gate, lane, 4, log);
    blocker.release();
    for (let n = 0; n < 12; n++) {
      await settled();
      expect(log).toHaveLength(n + 1);
      log[n]!.permit.release();
    }
    expect(log.map(({ lane }) => lane).join('')).toBe('abcabcabcabc');
  });

  test('within a lane who came first goes first', async () => {
    const gate = gateOf({ places: 1 });
    const order: number[] = [];
    const all = Array.from({ length: 20 }, async (_, n) => {
      const permit = await gate.permit('a');
      order.push(n);
      permit.release();
    });
    await Promise.all(all);
    expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});

describe('who gives up waiting', () => {
  test('is told why, and leaves the queue', async () => {
    const gate = gateOf({ places: 1 });
    const first = await gate.permit('a');
    const controller = new AbortController();
    const second = gate.permit('a', controller.signal);
    const third = gate.permit('a');
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    first.release();
    (await third).release(); // not held up by the one who left
  });

  test('is refused at once when the signal is aborted already', async () => {
    const gate = gateOf({ places: 1 });
    await expect(gate.permit('a', AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    (await gate.permit('a')).release();
  });

  test('takes no place: after 100 of them all places are still there', async () => {
    const gate = gateOf({ places: 2, concurrency: 2 });
    const holders = [await gate.permit('a'), await gate.permit('a')];
    for (let n = 0; n < 100; n++) {
      const controller = new AbortController();
      const waiting = gate.permit('a', controller.signal);
      controller.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
    }
    for (const holder of holders) holder.release();
    const log = ask(gate, 'a', 2);
    await settled();
    expect(log).toHaveLength(2);
  });

  test('leaves no listener behind once the permit is given', async () => {
    const gate = gateOf();
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    const add = vi.spyOn(signal, 'addEventListener');
    for (let n = 0; n < 10; n++) (await gate.permit('a', signal)).release();
    expect([add.mock.calls.length, remove.mock.calls.length]).toEqual([10, 10]);
  });
});

test('unlimited costs nothing: 100,000 permits are given and given back without a single timer', async () => {
  const gate = gateOf({ places: 1, concurrency: 1 });
  const timers = [
    vi.spyOn(globalThis, 'setTimeout'),
    vi.spyOn(globalThis, 'setInterval'),
    vi.spyOn(globalThis, 'setImmediate'),
  ];
  for (let n = 0; n < 100_000; n++) (await gate.permit('a')).release();
  expect(timers.map((spy) => spy.mock.calls.length)).toEqual([0, 0, 0]);
  for (const spy of timers) spy.mockRestore();
});

describe('with the clock in hand', () => {
  takeTheClock();

  /** Permits of lanes that are always asked for more, over so many seconds: the times at which they were given. */
  async function giveAll(
    gate: Gate,
    lanes: readonly string[],
    seconds: number,
    waiting = 200,
  ): Promise<number[][]> {
    let isOver = false;
    const asker = async (lane: string, times: number[]) => {
      while (!isOver) {
        const permit = await gate.permit(lane);
        times.push(performance.now());
        permit.release();
      }
    };
    const all = lanes.map((lane) => {
      const times: number[] = [];
      for (let n = 0; n < waiting; n++) void asker(lane, times);
      return times;
    });
    for (let ms = 0; ms < seconds * 1000; ms += 5) await vi.advanceTimersByTimeAsync(5);
    isOver = true;
    return all;
  }

  const give = async (gate: Gate, lane: string, seconds: number, waiting?: number) =>
    (await giveAll(gate, [lane], seconds, waiting))[0]!;

  function mostInOneSecond(times: readonly number[]): number {
    let most = 0;
    for (let first = 0, last = 0; last < times.length; last++) {
      while (times[last]! - times[first]! >= 1000) first++;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }

  test.each([
    { rate: 0.4, burst: null, seconds: 30, atLeast: 0.35 },
    { rate: 3, burst: null, seconds: 10, atLeast: 2.7 },
    { rate: 5, burst: null, seconds: 10, atLeast: 4.5 },
    { rate: 5, burst: 10, seconds: 10, atLeast: 4.5 },
    { rate: 20, burst: null, seconds: 6, atLeast: 18 },
    { rate: 100, burst: null, seconds: 4, atLeast: 80 },
    { rate: 100, burst: 1, seconds: 4, atLeast: 50 },
    { rate: 2000, burst: null, seconds: 3, atLeast: 1500 },
  ])(
    'a rate of $rate/s with a burst of $burst is held in every second, and used',
    async ({ rate, burst, seconds, atLeast }) => {
      const gate = gateOf({ rate, burst, places: 100 });
      const times = await give(gate, 'a', seconds);
      const allowed = rate + (burst ?? Math.max(1, Math.round(rate / 10)));
      expect(mostInOneSecond(times)).toBeLessThanOrEqual(allowed);
      expect(times.length / seconds).toBeGreaterThanOrEqual(atLeast);
    },
  );

  test('after a long rest no more than the burst comes at once', async () => {
    const gate = gateOf({ rate: 20, burst: 4, places: 100 });
    await give(gate, 'a', 1);
    await vi.advanceTimersByTimeAsync(60_000);
    const times = await give(gate, 'a', 3);
    expect(mostInOneSecond(times)).toBeLessThanOrEqual(24);
  });

  test('every lane has a bucket of its own, and named ones have limits of their own', async () => {
    const lanes = { index: { rate: 2, burst: 1, places: 1 }, free: { ...unlimited, places: 2 } };
    const gate = gateOf({ rate: 10, burst: 1, lanes });
    const [a, b, index] = await giveAll(gate, ['a', 'b', 'index'], 5, 5);
    for (const times of [a!, b!]) expect(times.length).toBeGreaterThanOrEqual(40);
    expect(index!.length).toBeLessThanOrEqual(11);
    const log = ask(gate, 'free', 5);
    await vi.advanceTimersByTimeAsync(0);
    expect(log).toHaveLength(2);
  });

  test('who waits for a token holds no place over all', async () => {
    const gate = gateOf({ concurrency: 1, lanes: { slow: { rate: 0.1, burst: 1, places: 1 } } });
    expect(await give(gate, 'slow', 1, 1)).toHaveLength(1);
    const slow = ask(gate, 'slow', 1);
    await vi.advanceTimersByTimeAsync(1000);
    let fast = 0;
    for (; fast < 100; fast++) (await gate.permit('fast')).release();
    expect([slow.length, fast]).toEqual([0, 100]);
  });

  test('a slow lane gets its share while another keeps the only place taken nearly all the time', async () => {
    const gate = gateOf({ concurrency: 1, lanes: { slow: { rate: 0.4, burst: 1, places: 1 } } });
    let slow = 0;
    let isOver = false;
    const asker = async (lane: string, hold: number, count: () => void) => {
      while (!isOver) {
        const permit = await gate.permit(lane);
        count();
        await new Promise((resolve) => void setTimeout(resolve, hold));
        permit.release();
      }
    };
    void asker('busy', 1030, () => undefined);
    void asker('busy', 1030, () => undefined);
    void asker('slow', 10, () => slow++);
    await vi.advanceTimersByTimeAsync(60_000);
    isOver = true;
    expect(slow).toBeGreaterThanOrEqual(10); // of 25 that its rate allows; a token kept until a place is free, else next to none
  });

  test('a token kept until a place is free does not come on top of a bucket that filled up meanwhile', async () => {
    const gate = gateOf({ concurrency: 1, lanes: { slow: { rate: 0.4, burst: 1, places: 5 } } });
    let given = 0;
    for (let n = 0; n < 4; n++) {
      void gate.permit('slow').then(({ release }) => {
        given++;
        release();
      });
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(given).toBe(1); // the burst; the next token is being drawn
    const blocker = await gate.permit('other');
    given = 0;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(given).toBe(0);
    blocker.release();
    await vi.advanceTimersByTimeAsync(1000);
    expect(given).toBe(1); // of 0.4 a second and a burst of 1
    await vi.advanceTimersByTimeAsync(2500);
    expect(given).toBe(2);
  });

  test('who leaves while a token is drawn for them wastes none of the next one', async () => {
    const gate = gateOf({ rate: 1, burst: 1 });
    const first = ask(gate, 'a', 1);
    await vi.advanceTimersByTimeAsync(100);
    expect(first).toHaveLength(1);
    const controller = new AbortController();
    const left = ask(gate, 'a', 5, [], controller.signal);
    const stays = ask(gate, 'a', 1);
    await vi.advanceTimersByTimeAsync(100);
    controller.abort();
    await vi.advanceTimersByTimeAsync(1000);
    expect([left.length, stays.length]).toEqual([0, 1]);
  });

  test('a pause lets nobody through until it is over, and then everybody', async () => {
    const gate = gateOf();
    gate.pause('a', 2000, 'status 429');
    const paused = ask(gate, 'a', 5);
    const other = ask(gate, 'b', 1);
    await vi.advanceTimersByTimeAsync(1999);
    expect([paused.length, other.length]).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(5);
    expect(paused).toHaveLength(5);
  });

  test('a shorter pause never shortens a longer one, and a longer one lengthens it', async () => {
    const gate = gateOf();
    gate.pause('a', 2000, 'x');
    gate.pause('a', 500, 'x');
    const log = ask(gate, 'a', 1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(log).toHaveLength(0);
    gate.pause('a', 3000, 'x');
    await vi.advanceTimersByTimeAsync(2990);
    expect(log).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(20);
    expect(log).toHaveLength(1);
  });

  test('each pause that counts is told once', () => {
    const events: Progress[] = [];
    const gate = gateOf({ report: (event) => void events.push(event) });
    gate.pause('a', 2000, 'status 429');
    gate.pause('a', 500, 'status 429');
    expect(events).toEqual([{ event: 'pause', host: 'a', ms: 2000, why: 'status 429' }]);
  });

  test('who leaves during a pause takes nothing with them', async () => {
    const gate = gateOf({ places: 1 });
    gate.pause('a', 1000, 'x');
    const controller = new AbortController();
    const left = gate.permit('a', controller.signal);
    const stays = ask(gate, 'a', 1);
    controller.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
    await vi.advanceTimersByTimeAsync(1010);
    expect(stays).toHaveLength(1);
  });

  test('a permit given before a pause is clear only after it; without one it is clear at once', async () => {
    const gate = gateOf();
    const permit = await gate.permit('a');
    await permit.clear();
    gate.pause('a', 1000, 'x');
    let isClear = false;
    const clear = permit.clear().then(() => {
      isClear = true;
    });
    await vi.advanceTimersByTimeAsync(500);
    gate.pause('a', 1000, 'x'); // lengthened while waiting
    await vi.advanceTimersByTimeAsync(900);
    expect(isClear).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    await clear;
  });

  test('who waits for a permit to be clear takes no place from other lanes', async () => {
    const gate = gateOf({ concurrency: 2, places: 2 });
    const permits = [await gate.permit('a'), await gate.permit('a')];
    const others = ask(gate, 'b', 2);
    await vi.advanceTimersByTimeAsync(10);
    expect(others).toHaveLength(0); // both places over all are taken
    gate.pause('a', 60_000, 'x');
    const clear = Promise.all(permits.map((permit) => permit.clear()));
    await vi.advanceTimersByTimeAsync(10);
    expect(others).toHaveLength(2);
    for (const { permit } of others) permit.release();
    await vi.advanceTimersByTimeAsync(60_010);
    await clear;
  });

  test('who waits for a permit to be clear can be called away', async () => {
    const gate = gateOf();
    const permit = await gate.permit('a');
    gate.pause('a', 60_000, 'x');
    const controller = new AbortController();
    const clear = permit.clear(controller.signal);
    controller.abort();
    await expect(clear).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('what a server asks for holds for its kin, too; unsaid, the silence of the lane; without one nothing', async () => {
    const events: Progress[] = [];
    const lanes = {
      index: { ...unlimited, places: 9, silence: 60_000, kin: ['replay'] },
      replay: { ...unlimited, places: 9, silence: 60_000, kin: ['index'] },
    };
    const gate = gateOf({ lanes, report: (event) => void events.push(event) });
    gate.askedToWait('host', undefined, 'status 429');
    gate.askedToWait('index', undefined, 'status 429');
    const [host, index, replay] = ['host', 'index', 'replay'].map((lane) => ask(gate, lane, 1));
    await vi.advanceTimersByTimeAsync(59_000);
    expect([host, index, replay].map((log) => log!.length)).toEqual([1, 0, 0]);
    await vi.advanceTimersByTimeAsync(1010);
    expect([index, replay].map((log) => log!.length)).toEqual([1, 1]);
    gate.askedToWait('host', 5000, 'status 503');
    expect(events.map((event) => event.event === 'pause' && [event.host, event.ms])).toEqual([
      ['index', 60_000],
      ['replay', 60_000],
      ['host', 5000],
    ]);
  });

  test.each([
    ['with a rate', { rate: 2, burst: null }],
    ['with a rate and a burst', { rate: 4, burst: 2 }],
    ['without limit', unlimited],
  ])('idle lanes are swept, %s: 500 hosts do not stay in memory', async (_, limits) => {
    const gate = gateOf(limits);
    const buckets = vi.getTimerCount();
    for (let host = 0; host < 500; host += 100) {
      const names = Array.from({ length: 100 }, (_name, n) => `host${host + n}`);
      const all = Promise.all(names.map(async (name) => (await gate.permit(name)).release()));
      await vi.advanceTimersByTimeAsync(20);
      await all;
      await vi.advanceTimersByTimeAsync(700);
    }
    expect(gate.size).toBeLessThan(250);
    expect(vi.getTimerCount() - buckets).toBeLessThan(500);
  });

  test('a lane that is spoken to, waited for or paused is not swept', async () => {
    const gate = gateOf();
    const held = await gate.permit('held');
    gate.pause('paused', 3_600_000, 'x');
    const waiting = ask(gate, 'paused', 1);
    for (let host = 0; host < 1500; host++) {
      (await gate.permit(`host${host}`)).release();
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(gate.size).toBeLessThan(1000);
    gate.pause('held', 1000, 'x'); // the lane of the permit, not a new one of the same name
    const clear = held.clear().then(() => performance.now());
    const before = performance.now();
    await vi.advanceTimersByTimeAsync(1500);
    expect((await clear) - before).toBeGreaterThanOrEqual(999);
    expect(waiting).toHaveLength(0);
  });

  test('a pause longer than a timer can wait is a pause, not a storm of timers', async () => {
    const gate = gateOf();
    gate.pause('a', 10 * 365 * 86_400_000, 'ten years');
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const log = ask(gate, 'a', 1);
    const controller = new AbortController();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(log).toHaveLength(0);
    expect(timers.mock.calls.length).toBeLessThan(5);
    expect(timers.mock.calls.every(([, ms]) => (ms ?? 0) < 2 ** 31)).toBe(true);
    controller.abort();
    timers.mockRestore();
  });

  test('closing leaves no timer behind, whoever waited', async () => {
    const gate = gateOf({ rate: 5, burst: null });
    ask(gate, 'a', 10);
    ask(gate, 'b', 10);
    gate.pause('c', 60_000, 'x');
    ask(gate, 'c', 1);
    await vi.advanceTimersByTimeAsync(300);
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    const closed = gate.close();
    await vi.advanceTimersByTimeAsync(1000);
    await closed;
    expect(vi.getTimerCount()).toBe(0);
  });
});
