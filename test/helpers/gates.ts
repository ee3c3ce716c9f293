import { afterEach, beforeEach, vi } from 'vitest';
import type { Permit } from '../../src/model.ts';
import { Gate, type GateOptions } from '../../src/net/gate.ts';
import { patience } from './rig.ts';

export const unlimited = { rate: Number.POSITIVE_INFINITY, burst: null };
const wide = { ...unlimited, places: 1000, concurrency: 1000, inHand: 10_000, ...patience };
const gates: Gate[] = [];

/** A gate that bounds nothing but what the test says. */
export function gateOf(options: Partial<GateOptions> = {}): Gate {
  const gate = new Gate({ ...wide, ...options });
  gates.push(gate);
  return gate;
}

export const closeAll = () => Promise.all(gates.splice(0).map((gate) => gate.close()));

/** Asks for so many permits of a lane and notes who gets one, in order. */
export function ask(
  gate: Gate,
  lane: string,
  count: number,
  log: { lane: string; permit: Permit }[] = [],
  signal?: AbortSignal,
) {
  for (let n = 0; n < count; n++) {
    gate.permit(lane, signal).then(
      (permit) => void log.push({ lane, permit }),
      () => undefined,
    );
  }
  return log;
}

/** For the tests of one block. */
export function takeTheClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'Date', 'performance'],
    });
  });
  afterEach(async () => {
    const closed = closeAll(); // while its timers can still go off
    await vi.advanceTimersByTimeAsync(1000);
    await closed;
    vi.useRealTimers();
  });
}
