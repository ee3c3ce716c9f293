import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { In, Parcel } from '../../src/model.ts';
import { flow, on, through, type Work } from '../../src/pipeline/stage.ts';
import { admitted, latch, lost, numbered, settled } from '../helpers/parcels.ts';

const never = new AbortController().signal;
const idOf = (parcel: Parcel) => Number(parcel.item.id.split(':')[1]);

/** The end of the road; what came, in the order in which it came. */
function sink(take: (parcel: Parcel) => Promise<void> | void = () => undefined) {
  const came: Parcel[] = [];
  const writable = new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(parcel: Parcel, _encoding, done) {
      came.push(parcel);
      Promise.resolve(take(parcel)).then(() => done(), done);
    },
  });
  return { came, writable };
}

async function* from(parcels: Iterable<Parcel>): AsyncGenerator<Parcel> {
  yield* parcels;
}

const some = (count: number): In<'wanted'>[] => Array.from({ length: count }, (_, n) => numbered(n));

describe('a stage', () => {
  test('lets parcels in other states overtake those it works on', async () => {
    const slow = latch();
    const { came, writable } = sink();
    const work: Work<'lost'> = async (parcel) => {
      await slow.opened;
      return parcel;
    };
    const parcels = [lost(numbered(0)), numbered(1), admitted(numbered(2)), numbered(3)];
    const done = flow(from(parcels), [on('lost', work, { concurrency: 1 }), writable], { signal: never });
    await settled();
    expect(came.map(idOf)).toEqual([1, 2, 3]);
    slow.open();
    await done;
    expect(came.map(idOf)).toEqual([1, 2, 3, 0]);
  });

  test('does not keep the order: one slow parcel does not hold up those behind it', async () => {
    const slow = latch();
    const { came, writable } = sink();
    const work: Work<'wanted'> = async (parcel) => {
      if (idOf(parcel) === 0) await slow.opened;
      return admitted(parcel);
    };
    const done = flow(from(some(20)), [on('wanted', work, { concurrency: 2 }), writable], { signal: never });
    await settled();
    expect(came.map(idOf)).toEqual(Array.from({ length: 19 }, (_, n) => n + 1));
    slow.open();
    await done;
    expect(came).toHaveLength(20);
  });

  test.each([
    { concurrency: 1, room: 0 },
    { concurrency: 3, room: 0 },
    { concurrency: 4, room: 5 },
  ])('runs at most $concurrency works and lets $room parcels wait, then takes nothing in', async (limits) => {
    const gates = some(30).map(() => latch());
    let running = 0;
    let most = 0;
    let taken = 0;
    const work: Work<'wanted'> = async (parcel) => {
      most = Math.max(most, ++running);
      await gates[idOf(parcel)]!.opened;
      running--;
      return admitted(parcel);
    };
    async function* counted() {
      for (const parcel of some(30)) {
        taken++;
        yield parcel;
      }
    }
    const { came, writable } = sink();
    const done = flow(counted(), [on('wanted', work, limits), writable], { signal: never });
    await settled();
    const inside = limits.concurrency + limits.room;
    expect(running).toBe(limits.concurrency);
    expect(taken).toBeGreaterThanOrEqual(inside);
    expect(taken).toBeLessThanOrEqual(inside + 3); // one held at the door, two in the source's own buffer
    for (const gate of gates) {
      gate.open();
      await settled();
    }
    await done;
    expect(most).toBe(limits.concurrency);
    expect(came.map(idOf).sort((a, b) => a - b)).toEqual(some(30).map(idOf));
  });

  test('with whenFull it lets the surplus pass at once, changed, and finishes what it took in', async () => {
    const slow = latch();
    const { came, writable } = sink();
    const work: Work<'lost'> = async (parcel) => {
      await slow.opened;
      return numbered(idOf(parcel));
    };
    const whenFull = (parcel: In<'lost'>): Parcel => ({
      ...parcel,
      state: 'failed',
      reason: { code: 'recovery-pending', detail: 'no room' },
    });
    const parcels = some(10).map((parcel) => lost(parcel));
    const done = flow(from(parcels), [on('lost', work, { concurrency: 2, room: 3, whenFull }), writable], {
      signal: never,
    });
    await settled();
    expect(came.map((parcel) => [idOf(parcel), parcel.state])).toEqual(
      [5, 6, 7, 8, 9].map((n) => [n, 'failed']),
    );
    slow.open();
    await done;
    expect(came.slice(5).map((parcel) => parcel.state)).toEqual(Array(5).fill('wanted'));
  });

  test('waits at the end of its input for the works in hand', async () => {
    const slow = latch();
    const { came, writable } = sink();
    let isDone = false;
    const work: Work<'wanted'> = async (parcel) => {
      await slow.opened;
      return admitted(parcel);
    };
    const done = flow(from(some(3)), [on('wanted', work, { concurrency: 3 }), writable], { signal: never });
    void done.then(() => {
      isDone = true;
    });
    await settled();
    expect([isDone, came.length]).toEqual([false, 0]);
    slow.open();
    await done;
    expect(came).toHaveLength(3);
  });

  test('ends the flow with the error of a work, and only when the other works in hand ended', async () => {
    const slow = latch();
    const ended: number[] = [];
    const work: Work<'wanted'> = async (parcel) => {
      if (idOf(parcel) === 2) throw new Error('the disk is gone');
      await slow.opened;
      ended.push(idOf(parcel));
      return admitted(parcel);
    };
    const stage = on('wanted', work, { concurrency: 3 });
    let outcome: unknown;
    const done = flow(from(some(10)), [stage, sink().writable], { signal: never }).catch((error) => {
      outcome = error;
    });
    await settled();
    expect(outcome).toBeUndefined(); // rejected already, but two works are in hand
    expect(stage.destroyed).toBe(true);
    slow.open();
    await done;
    expect(outcome).toMatchObject({ message: 'the disk is gone' });
    expect(ended).toEqual([0, 1]);
  });

  test('starts nothing more once it is destroyed', async () => {
    const slow = latch();
    const started: number[] = [];
    const controller = new AbortController();
    const work: Work<'wanted'> = async (parcel) => {
      started.push(idOf(parcel));
      await slow.opened;
      return admitted(parcel);
    };
    const stages = [on('wanted', work, { concurrency: 2, room: 5 }), sink().writable] as const;
    const done = flow(from(some(20)), stages, { signal: controller.signal });
    await settled();
    controller.abort();
    slow.open();
    await expect(done).rejects.toMatchObject({ name: 'AbortError' });
    expect(started).toEqual([0, 1]);
  });

  test('an aborted flow settles only after the works in hand of every stage ended', async () => {
    const [first, second] = [latch(), latch()];
    const ended: string[] = [];
    const controller = new AbortController();
    const waitFor =
      (name: string, gate: Promise<void>) =>
      async (parcel: Parcel): Promise<Parcel> => {
        await gate;
        ended.push(name);
        return parcel;
      };
    const parcels = [numbered(0), admitted(numbered(1))];
    const stages = [
      on('wanted', waitFor('first', first.opened)),
      on('admitted', waitFor('second', second.opened)),
      sink().writable,
    ] as const;
    let isSettled = false;
    const done = flow(from(parcels), stages, { signal: controller.signal }).finally(() => {
      isSettled = true;
    });
    done.catch(() => undefined);
    await settled();
    controller.abort();
    await settled();
    first.open();
    await settled();
    expect([isSettled, ended]).toEqual([false, ['first']]);
    second.open();
    await expect(done).rejects.toMatchObject({ name: 'AbortError' });
    expect(ended).toEqual(['first', 'second']);
  });

  test('an aborted flow settles only after its source put away what it had in hand', async () => {
    const storing = latch();
    const controller = new AbortController();
    let isStored = false;
    async function* listing(): AsyncGenerator<Parcel> {
      yield numbered(0);
      await storing.opened; // as when a page of posts is being written into the vault
      isStored = true;
      yield numbered(1);
    }
    let isSettled = false;
    const done = flow(listing(), [sink().writable], { signal: controller.signal }).finally(() => {
      isSettled = true;
    });
    done.catch(() => undefined);
    await settled();
    controller.abort();
    await settled();
    expect([isSettled, isStored]).toEqual([false, false]);
    storing.open();
    await expect(done).rejects.toMatchObject({ name: 'AbortError' });
    expect(isStored).toBe(true);
  });

  test('a source that throws ends the flow with its error', async () => {
    async function* broken(): AsyncGenerator<Parcel> {
      yield numbered(0);
      throw new Error('no such file');
    }
    const { writable } = sink();
    await expect(
      flow(broken(), [on('wanted', async (parcel) => parcel), writable], { signal: never }),
    ).rejects.toThrow('no such file');
  });

  test('a flow of nothing ends', async () => {
    const { came, writable } = sink();
    await flow(from([]), [on('wanted', async (parcel) => parcel), writable], { signal: never });
    expect(came).toEqual([]);
  });
});

describe('a chain of stages', () => {
  const limits = [
    { concurrency: 4, room: 0 },
    { concurrency: 7, room: 2 },
    { concurrency: 1, room: 0 },
  ];
  const chain = () => [
    on('wanted', async (parcel) => admitted(parcel), limits[0]),
    on('admitted', async (parcel) => lost(numbered(idOf(parcel))), limits[1]),
    on('lost', async (parcel) => parcel, limits[2]),
  ];

  test('takes no more from its source than the sum of the stated numbers while the last stage is stuck', async () => {
    const stuck = latch();
    const { came, writable } = sink(() => stuck.opened);
    let taken = 0;
    async function* endless() {
      for (; taken < 10_000; ) yield numbered(taken++);
    }
    const done = flow(endless(), [...chain(), writable], { signal: never });
    await settled();
    await settled();
    const stated = limits.reduce((sum, { concurrency, room }) => sum + concurrency + room, 0);
    const doors = 2 * limits.length + 2 + 2; // each stage: one held, one handed on; the source and the sink: two each
    expect(came).toHaveLength(1);
    expect(taken).toBeLessThanOrEqual(stated + doors);
    expect(taken).toBeGreaterThan(3); // it did fill up before it stopped
    const atRest = taken;
    await settled();
    expect(taken).toBe(atRest);
    stuck.open();
    await done;
    expect(came).toHaveLength(10_000);
  });

  test('passes 100,000 parcels, each once, in memory that does not grow with their number', async () => {
    const count = 100_000;
    const marks = new Uint8Array(count);
    let most = 0;
    let n = 0;
    const begin = process.memoryUsage().heapUsed;
    const writable = new Writable({
      objectMode: true,
      highWaterMark: 64,
      write(parcel: Parcel, _encoding, done) {
        marks[idOf(parcel)]!++;
        if (++n % 5000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - begin);
        done();
      },
    });
    async function* source() {
      for (let i = 0; i < count; i++) yield numbered(i);
    }
    await flow(source(), [...chain(), writable], { signal: never });
    expect(n).toBe(count);
    expect(marks.every((mark) => mark === 1)).toBe(true);
    expect(most).toBeLessThan(200 * 2 ** 20);
  });
});

describe('through', () => {
  test('takes a parcel through the steps of the states it comes to, each once', async () => {
    const steps: string[] = [];
    const took = (step: string, parcel: Parcel) => {
      steps.push(step);
      return parcel;
    };
    const all = through({
      wanted: async (parcel) => took('admit', admitted(parcel)),
      admitted: async (parcel) => took('fetch', lost(numbered(idOf(parcel)))),
      lost: async (parcel) => took('find', numbered(idOf(parcel))),
    });
    expect((await all(numbered(7))).state).toBe('wanted'); // not led back to the first step
    expect(steps).toEqual(['admit', 'fetch', 'find']);
  });

  test('leaves alone a parcel in a state that no step takes', async () => {
    const parcel = lost(numbered(1));
    const all = through({ wanted: async (given) => admitted(given) });
    expect(await all(parcel)).toBe(parcel);
  });

  test('rejects with the error of a step', async () => {
    const all = through({ wanted: () => Promise.reject(new Error('no')) });
    await expect(all(numbered(1))).rejects.toThrow('no');
  });
});
