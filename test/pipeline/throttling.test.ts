import { describe, expect, test } from 'vitest';
import { Throttling } from '../../src/pipeline/throttling.ts';
import { latch } from '../helpers/parcels.ts';

/** A host whose answers to a second question the test says, and what was done about it. */
function hostThat(answers: (url: string) => number | undefined) {
  const done: string[] = [];
  const asked: string[] = [];
  const throttling = new Throttling({
    rest: () => undefined,
    slow: (_lane, why) => void done.push(`slow: ${why}`),
    park: (_lane, { code }) => void done.push(`park: ${code}`),
  });
  const ask = async (url: string) => {
    asked.push(url);
    return answers(url);
  };
  const refuse = async (from: number, to: number) => {
    const verdicts: boolean[] = [];
    for (let n = from; n <= to; n++)
      verdicts.push(await throttling.isMood('host', { id: `i${n}`, url: `/${n}` }, ask));
    return verdicts;
  };
  return { throttling, refuse, asked, done };
}

const nine = Array<boolean>(9).fill(false);

describe('refusals in a row', () => {
  test('of a host that never gave anything are taken at their word', async () => {
    const { refuse, asked } = hostThat(() => 403);
    expect(await refuse(1, 100)).toEqual(Array(100).fill(false));
    expect(asked).toEqual([]);
  });

  test('are a mood if what was good a moment ago is refused now', async () => {
    const { throttling, refuse, asked, done } = hostThat(() => 403);
    throttling.well('host', '/good');
    expect(await refuse(1, 12)).toEqual([...nine, true, true, true]);
    expect(asked).toEqual(['/10', '/good']);
    expect([...throttling.doubted]).toEqual(Array.from({ length: 10 }, (_, i) => `i${i + 1}`));
    expect(done).toEqual(['slow: 10 answers in a row were 403 or 404, right after good ones']);
  });

  test('are a mood if what was refused a moment ago is given now', async () => {
    const { throttling, refuse } = hostThat(() => 206);
    throttling.well('host', '/good');
    expect((await refuse(1, 10)).at(-1)).toBe(true);
  });

  test('are a mood if the host says nothing at all when asked again', async () => {
    const { throttling, refuse } = hostThat(() => undefined);
    throttling.well('host', '/good');
    expect((await refuse(1, 10)).at(-1)).toBe(true);
  });

  test('are believed if the good is still good and the refused still refused, and not looked into each time', async () => {
    const { throttling, refuse, asked, done } = hostThat((url) => (url === '/good' ? 206 : 404));
    throttling.well('host', '/good');
    expect(await refuse(1, 1000)).toEqual(Array(1000).fill(false));
    expect(asked).toHaveLength(2 * 7); // after 10, 20, 40 … 640
    expect([throttling.doubted.size, done]).toEqual([0, []]);
  });

  test('now and then among good answers are believed', async () => {
    const { throttling, refuse, asked } = hostThat(() => 403);
    for (let n = 0; n < 50; n++) {
      for (let m = 0; m < 6; m++) throttling.well('host', '/good');
      expect(await refuse(n, n)).toEqual([false]);
    }
    expect(asked).toEqual([]);
  });

  test('by turns with good answers are looked into, too: so does a limit on the rate', async () => {
    const { throttling, refuse, asked, done } = hostThat(() => 206);
    const verdicts: boolean[] = [];
    for (let n = 0; n < 20; n++) {
      throttling.well('host', '/good');
      verdicts.push(...(await refuse(n, n)));
    }
    expect(verdicts).toEqual([...nine, ...Array<boolean>(11).fill(true)]);
    expect([asked, throttling.doubted.size]).toEqual([['/9'], 10]);
    expect(done[0]).toBe('slow: 10 of the last 20 answers were 403 or 404, which was not meant');
  });

  test('by turns that are meant are looked into ever more rarely', async () => {
    const { throttling, refuse, asked } = hostThat((url) => (url === '/good' ? 206 : 404));
    for (let n = 0; n < 500; n++) {
      throttling.well('host', '/good');
      expect(await refuse(n, n)).toEqual([false]);
    }
    expect(asked.length).toBeLessThanOrEqual(2 * 6);
  });

  test('that go on slow the host down further, until it is left alone', async () => {
    const { throttling, refuse, done } = hostThat(() => 403);
    throttling.well('host', '/good');
    await refuse(1, 60);
    expect(done.map((what) => what.slice(0, 5))).toEqual([
      'slow:',
      'slow:',
      'slow:',
      'slow:',
      'slow:',
      'park:',
    ]);
  });

  test('are doubted for a while after good answers have come, and then taken at their word again', async () => {
    const { throttling, refuse } = hostThat(() => 403);
    throttling.well('host', '/good');
    await refuse(1, 12);
    throttling.well('host', '/good');
    expect(await refuse(13, 14)).toEqual([true, true]);
    for (let n = 0; n < 50; n++) throttling.well('host', '/good');
    expect(await refuse(15, 16)).toEqual([false, false]);
  });

  test('include those that a good answer has overtaken, and not those of long ago', async () => {
    const { throttling, refuse } = hostThat(() => 403);
    throttling.well('host', '/good');
    await refuse(1, 2);
    for (let n = 0; n < 30; n++) throttling.well('host', '/good');
    await refuse(3, 4);
    throttling.well('host', '/good');
    expect(await refuse(5, 8)).toEqual([false, true, true, true]);
    expect([...throttling.doubted]).toEqual(['i3', 'i4', 'i5', 'i6']);
  });

  test('that come side by side are looked into once', async () => {
    const answered = latch<number>();
    let asked = 0;
    const throttling = new Throttling({
      rest: () => undefined,
      slow: () => undefined,
      park: () => undefined,
    });
    const ask = () => {
      asked++;
      return answered.opened;
    };
    throttling.well('host', '/good');
    const verdicts = Array.from({ length: 16 }, (_, n) =>
      throttling.isMood('host', { id: `i${n}`, url: `/${n}` }, ask),
    );
    answered.open(403);
    expect((await Promise.all(verdicts)).filter(Boolean)).toHaveLength(7);
    expect(asked).toBe(2);
  });
});

test('hosts that were well once are not all remembered', () => {
  const { throttling } = hostThat(() => 403);
  for (let n = 0; n < 5000; n++) throttling.well(`host${n}`, '/good');
  expect(throttling.hosts).toBe(1000);
});
