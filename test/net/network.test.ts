import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Network } from '../../src/net/network.ts';
import type { Progress } from '../../src/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function networkOf(networkPatience = 300_000) {
  const events: Progress[] = [];
  return { events, network: new Network({ networkPatience, report: (event) => void events.push(event) }) };
}

test('is gone when nobody answered since, is told once, and is back with the first answer', () => {
  const { network, events } = networkOf();
  const began = performance.now();
  expect([network.isGone(began), network.isGone(began)]).toEqual([true, true]);
  expect(events).toEqual([{ event: 'network', gone: true }]);
  vi.advanceTimersByTime(1000);
  network.answered();
  network.answered();
  expect(events).toEqual([
    { event: 'network', gone: true },
    { event: 'network', gone: false },
  ]);
});

test('is there if anybody answered meanwhile', () => {
  const { network, events } = networkOf();
  const began = performance.now();
  vi.advanceTimersByTime(10);
  network.answered();
  expect([network.isGone(began), events]).toEqual([false, []]);
});

test('is waited for as long as the patience lasts', () => {
  const { network } = networkOf(300_000);
  expect(network.isGone(performance.now())).toBe(true);
  vi.advanceTimersByTime(299_000);
  expect(network.isGone(performance.now())).toBe(true);
  vi.advanceTimersByTime(1000);
  expect(network.isGone(performance.now())).toBe(false);
});
