import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request } from 'got';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Bandwidth } from '../../src/net/bandwidth.ts';
import { endIfSlow } from '../../src/net/pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pace = { minSpeed: 1000, minSpeedTime: 60_000, attemptTime: 900_000 };

/** A body as the client hands it out, as far as the clock looks at it; the test is the server. */
function bodyOf() {
  const body = new PassThrough({ highWaterMark: 2 ** 20 });
  let transferred = 0;
  Object.defineProperty(body, 'downloadProgress', { get: () => ({ transferred }) });
  const give = (bytes: number) => {
    transferred += bytes;
    body.write(Buffer.alloc(bytes));
  };
  const ended = new Promise<{ code?: string } | undefined>((resolve) => {
    body.once('error', resolve);
    body.once('close', () => resolve(undefined));
  });
  return { body: body as unknown as Request, give, ended };
}

async function drip(give: (bytes: number) => void, bytes: number, everyMs: number, forMs: number) {
  for (let at = 0; at < forMs; at += everyMs) {
    give(bytes);
    await vi.advanceTimersByTimeAsync(everyMs);
  }
}

describe('a body that somebody reads', () => {
  test('is ended if it drips', async () => {
    const { body, give, ended } = bodyOf();
    endIfSlow(body, null, pace);
    body.resume();
    await drip(give, 1, 5000, 65_000);
    expect(await ended).toMatchObject({ code: 'ETOOSLOW' });
  });

  test('is not ended if it is just fast enough', async () => {
    const { body, give } = bodyOf();
    endIfSlow(body, 2 ** 30, pace);
    body.resume();
    await drip(give, 5100, 5000, 600_000);
    expect(body.destroyed).toBe(false);
    body.destroy();
  });

  test('may be quick once and is ended when it begins to drip', async () => {
    const { body, give, ended } = bodyOf();
    endIfSlow(body, null, pace);
    body.resume();
    await drip(give, 100_000, 5000, 120_000);
    expect(body.destroyed).toBe(false);
    await drip(give, 1, 5000, 130_000);
    expect(await ended).toMatchObject({ code: 'ETOOSLOW' });
  });

  test('is ended when it takes longer than its size can explain', async () => {
    const { body, give, ended } = bodyOf();
    endIfSlow(body, 10_000, pace);
    body.resume();
    await drip(give, 5100, 5000, 905_000);
    expect(body.destroyed).toBe(false);
    await drip(give, 5100, 5000, 15_000);
    expect(await ended).toMatchObject({ code: 'ETOOSLOW' });
  });
});

test('a body that nobody reads at the moment is not slow: our own disk holds it up', async () => {
  const { body, give } = bodyOf();
  endIfSlow(body, null, pace);
  give(1000);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(body.destroyed).toBe(false);
  body.destroy();
});

test('0 switches it off', async () => {
  const { body } = bodyOf();
  endIfSlow(body, null, { ...pace, minSpeed: 0 });
  body.resume();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(body.destroyed).toBe(false);
  body.destroy();
});

describe('a limit on the bandwidth', () => {
  const signal = new AbortController().signal;

  test('holds over all transfers together', async () => {
    vi.useRealTimers();
    const limit = new Bandwidth(100_000);
    const began = performance.now();
    const four = Array.from({ length: 4 }, () => {
      const body = new PassThrough();
      body.end(Buffer.alloc(5000));
      return pipeline([body, limit.step(signal)!, new PassThrough().resume()]);
    });
    await Promise.all(four);
    expect(performance.now() - began).toBeGreaterThanOrEqual(195); // 20,000 bytes
  });

  test('puts nothing in the way where there is none', () => {
    expect(new Bandwidth(Number.POSITIVE_INFINITY).step(signal)).toBeUndefined();
  });

  test('lets go at once when the run is cut', async () => {
    const controller = new AbortController();
    const step = new Bandwidth(1).step(controller.signal)!;
    const failed = once(step, 'error');
    step.write(Buffer.alloc(1000));
    controller.abort(new Error('cut'));
    expect(((await failed) as [Error])[0].name).toBe('AbortError');
  });
});
