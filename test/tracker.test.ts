import { describe, expect, test } from 'vitest';
import type { MediaRecord, ReasonCode, Status } from '../src/model.ts';
import { Tracker } from '../src/tracker.ts';

function trackerAt() {
  let now = 1000;
  const tracker = new Tracker(() => now);
  const pass = (ms: number) => {
    now += ms;
  };
  return { tracker, pass };
}

const item = (id: string, status: Status = 'kept') =>
  ({ event: 'item', record: { item: id, status } as MediaRecord, recalled: false }) as const;
const url = 'http://blog.example/1.jpg';
const started = (had = 0) => ({ event: 'started', item: 'demo:1', url, total: 1000, had }) as const;
const bytes = (count: number) => ({ event: 'bytes', item: 'demo:1', url, bytes: count }) as const;

describe('downloads', () => {
  test('are active from their start to their end, what was there already included', () => {
    const { tracker } = trackerAt();
    tracker.see(started(300));
    tracker.see(bytes(200));
    expect(tracker.active.get(url)).toMatchObject({ total: 1000, bytes: 500, since: 1000 });
    expect(tracker.bytes).toBe(200); // only what came over the line
    tracker.see({ event: 'ended', item: 'demo:1', url });
    expect(tracker.active.size).toBe(0);
  });

  test('that nobody saw start still count their bytes', () => {
    const { tracker } = trackerAt();
    tracker.see(bytes(200));
    expect([tracker.bytes, tracker.active.size]).toEqual([200, 0]);
  });
});

describe('items', () => {
  test('are counted by how they ended', () => {
    const { tracker } = trackerAt();
    const statuses: Status[] = ['kept', 'kept', 'missing', 'failed', 'filtered'];
    for (const [n, status] of statuses.entries()) tracker.see(item(`demo:${n}`, status));
    expect([tracker.settled, tracker.lost]).toEqual([5, 2]);
  });

  test('are being recovered until they end', () => {
    const { tracker } = trackerAt();
    tracker.see({ event: 'recover', item: 'demo:1', place: 'alternates' });
    tracker.see({ event: 'recover', item: 'demo:1', place: 'wayback' });
    expect(tracker.recovering.size).toBe(1);
    tracker.see(item('demo:1'));
    expect(tracker.recovering.size).toBe(0);
  });
});

describe('speed', () => {
  test('is nothing before anything came, and never a division by nought', () => {
    const { tracker } = trackerAt();
    expect(tracker.speed()).toEqual({ bytes: 0, items: 0 });
  });

  test('is measured over the last five seconds', () => {
    const { tracker, pass } = trackerAt();
    for (let second = 0; second < 10; second++) {
      tracker.see(bytes(100));
      pass(1000);
      tracker.speed();
    }
    expect(tracker.speed().bytes).toBe(100);
    for (let second = 0; second < 10; second++) {
      tracker.see(bytes(500));
      pass(1000);
      tracker.speed();
    }
    expect(tracker.speed().bytes).toBe(500);
    pass(60_000);
    expect(tracker.speed().bytes).toBeLessThan(500);
  });
});

describe('the time that is left', () => {
  test('is unknown while the listing goes on, and while nothing was settled', () => {
    const { tracker, pass } = trackerAt();
    tracker.see({ event: 'listed', listed: 100, done: false });
    tracker.see(item('demo:1'));
    pass(1000);
    expect(tracker.eta()).toBeUndefined();
    const other = trackerAt();
    other.tracker.see({ event: 'listed', listed: 100, done: true });
    other.pass(1000);
    expect(other.tracker.eta()).toBeUndefined();
  });

  test('is what is not settled at the present speed', () => {
    const { tracker, pass } = trackerAt();
    tracker.see({ event: 'listed', listed: 100, done: true });
    for (let n = 0; n < 20; n++) tracker.see(item(`demo:${n}`));
    pass(2000);
    expect(tracker.eta()).toBe(8);
  });
});

test('a host rests until its pause is over', () => {
  const { tracker, pass } = trackerAt();
  tracker.see({ event: 'pause', host: 'blog.example', ms: 2500, why: 'status 429' });
  expect(tracker.resting()).toEqual([{ host: 'blog.example', seconds: 3, why: 'status 429' }]);
  pass(2000);
  expect(tracker.resting()).toMatchObject([{ seconds: 1 }]);
  pass(500);
  expect(tracker.resting()).toEqual([]);
});

test('what does not concern it passes', () => {
  const { tracker } = trackerAt();
  tracker.see({ event: 'warning', message: 'x' });
  tracker.see({ event: 'post', post: 'p', items: 3, change: 'new' });
  expect(tracker.settled).toBe(0);
});

test('an item that was put off counts once, and as lost only if it ends so', () => {
  const tracker = new Tracker();
  const tell = (status: Status, code?: ReasonCode) =>
    tracker.see({
      event: 'item',
      recalled: false,
      record: { item: 'a', status, ...(code && { reason: { code, detail: '' } }) } as MediaRecord,
    });
  tell('failed', 'recovery-pending');
  expect([tracker.settled, tracker.lost]).toEqual([1, 1]);
  tell('kept');
  expect([tracker.settled, tracker.lost]).toEqual([1, 0]);
});
