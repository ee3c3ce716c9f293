import { describe, expect, test, vi } from 'vitest';
import type { Permit } from '../../src/model.ts';
import type { Gate } from '../../src/net/gate.ts';
import type { Progress } from '../../src/progress.ts';
import { ask, gateOf, takeTheClock, unlimited } from '../helpers/gates.ts';
import { settled } from '../helpers/parcels.ts';

describe('what is heard of a host', () => {
  const reason = { code: 'connect', detail: 'refused' } as const;
  const silent = { sign: 'silent', what: 'refused', reason } as const;
  const busy = { sign: 'busy', what: '429' } as const;
  takeTheClock();

  /** Starts of requests that are answered at once, over so many milliseconds. */
  async function startsOver(gate: Gate, ms: number): Promise<number> {
    let starts = 0;
    const over = new AbortController();
    const loop = async () => {
      while (!over.signal.aborted) {
        (await gate.permit('a', over.signal)).release();
        starts++;
      }
    };
    const asking = loop().catch(() => undefined); // ends when called off
    await vi.advanceTimersByTimeAsync(ms);
    over.abort();
    await asking;
    return starts;
  }

  test('that is asked for less lets half as many through, and tells why', async () => {
    const events: Progress[] = [];
    const gate = gateOf({ rate: 40, burst: 1, report: (event) => void events.push(event) });
    await startsOver(gate, 1000);
    gate.heard('a', busy);
    expect(events).toEqual([
      { event: 'pace', host: 'a', change: 'halved', rate: 20, why: '1 of 1 answers were 429' },
    ]);
    await startsOver(gate, 1000); // tokens drawn before
    const starts = await startsOver(gate, 10_000);
    expect([starts >= 180, starts <= 205]).toEqual([true, true]);
  });

  test('that nothing limited has something to halve, and loses it again', async () => {
    const events: Progress[] = [];
    const gate = gateOf({ report: (event) => void events.push(event) });
    gate.heard('a', busy);
    expect(await startsOver(gate, 4000)).toBeLessThanOrEqual(21); // 5 a second
    for (let n = 0; n < 20; n++) gate.heard('a', { sign: 'well', what: '200' });
    expect(events.at(-1)).toMatchObject({ event: 'pace', change: 'doubled', rate: null });
    const log = ask(gate, 'a', 500);
    await settled();
    expect(log).toHaveLength(500);
  });

  test('that does not answer: one at a time asks again, then all who wait are sent away, and are told why', async () => {
    const events: Progress[] = [];
    const gate = gateOf({ probes: 2, probeAfter: 1000, report: (event) => void events.push(event) });
    const log = ask(gate, 'a', 5);
    await settled();
    for (const { permit } of log) permit.release();
    for (let n = 0; n < 5; n++) gate.heard('a', silent);
    const refused: unknown[] = [];
    const later: Permit[] = [];
    for (let n = 0; n < 1000; n++)
      gate.permit('a').then(
        (permit) => later.push(permit),
        (error) => refused.push(error),
      );
    await vi.advanceTimersByTimeAsync(1010);
    expect(later).toHaveLength(1); // the first probe
    await vi.advanceTimersByTimeAsync(60_000);
    expect(later).toHaveLength(1);
    later[0]!.release();
    gate.heard('a', silent);
    await vi.advanceTimersByTimeAsync(2010);
    expect(later).toHaveLength(2);
    later[1]!.release();
    gate.heard('a', silent);
    await settled();
    expect([later.length, refused.length]).toEqual([2, 998]);
    expect(refused[0]).toMatchObject({ code: 'EPARKED', reason });
    expect(events.at(-1)).toEqual({ event: 'parked', host: 'a', ms: 300_000, why: 'refused' });
    await expect(gate.permit('a')).rejects.toThrow('refused');
    await vi.advanceTimersByTimeAsync(300_000);
    const again = ask(gate, 'a', 5);
    await settled();
    expect(again).toHaveLength(1); // it may be back, and one finds out
  });

  test('that does not answer is asked again, also if nothing is heard of the one who asked', async () => {
    const gate = gateOf({ probes: 9, probeAfter: 1 });
    for (let n = 0; n < 5; n++) gate.heard('a', silent);
    await vi.advanceTimersByTimeAsync(10);
    const log = ask(gate, 'a', 20);
    for (let n = 1; n <= 20; n++) {
      await settled();
      expect(log).toHaveLength(n);
      log.at(-1)!.permit.release();
    }
  });

  test('that asks for ten years is not waited for, and neither are its kin', async () => {
    const kin = { ...unlimited, places: 9, kin: ['replay'] };
    const gate = gateOf({ lanes: { index: kin } });
    const early = await gate.permit('index');
    gate.askedToWait('index', 315_360_000_000, 'status 429');
    const parked = await gate.permit('index').catch((error: unknown) => error);
    expect(parked).toMatchObject({ reason: { code: 'rate-limited' } });
    await expect(gate.permit('replay')).rejects.toThrow('status 429');
    await expect(early.clear()).rejects.toThrow('status 429'); // let through a moment before
    (await gate.permit('other')).release();
  });

  test('10,000 hosts that are dead do not stay in memory', async () => {
    const gate = gateOf();
    for (let n = 0; n < 10_000; n++) {
      gate.heard(`host${n}`, silent);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(gate.size).toBeLessThan(2000);
  });

  test('the ways of a lane with a pause before each download are told by chance within the bounds', async () => {
    let chance = 0;
    const gate = gateOf({ sleep: () => 1000 + 2000 * [0, 1, 0.5][chance++ % 3]! });
    const at: number[] = [];
    for (let n = 0; n < 4; n++)
      void gate.permit('a').then((permit) => {
        at.push(performance.now());
        permit.release();
      });
    await vi.advanceTimersByTimeAsync(10_000);
    const pauses = at.slice(1).map((time, i) => Math.round((time - at[i]!) / 100) * 100);
    expect(pauses).toEqual([1000, 3000, 2000]);
  });
});
