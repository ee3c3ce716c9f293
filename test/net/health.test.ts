import { describe, expect, test } from 'vitest';
import { Health, type Remedy, type Sign, signOf } from '../../src/net/health.ts';

const healthOf = (probes = 4) => new Health({ probes, probeAfter: 1000, probeMax: 60_000 });

/** Hears the same so often, with nothing else under way, and keeps what was to be done. */
function hear(health: Health, sign: Sign, times: number, what: string = sign): Remedy[] {
  return Array.from({ length: times }, () => health.hear(sign, what, 0)).filter((one) => one !== undefined);
}

describe('a status', () => {
  test.each<[number, number | undefined, Sign]>([
    [200, undefined, 'well'],
    [206, undefined, 'well'],
    [302, undefined, 'other'],
    [404, undefined, 'other'],
    [420, undefined, 'busy'],
    [429, undefined, 'busy'],
    [429, 7000, 'busy'],
    [500, undefined, 'other'],
    [503, undefined, 'sick'],
    [503, 7000, 'busy'],
  ])('%i that asks for %s ms is a sign of a host that is %s', (status, after, sign) => {
    expect(signOf(status, after)).toEqual({ sign, what: String(status) });
  });
});

describe('a host that asks for less', () => {
  test('is asked half as fast, and why is said in numbers', () => {
    const health = healthOf();
    hear(health, 'well', 19);
    expect(hear(health, 'busy', 1, '429')).toEqual([{ do: 'slow', why: '1 of 20 answers were 429' }]);
    expect(health.weight).toBe(2);
  });

  test('is halved once for all that was under way, and again for what was asked afterwards', () => {
    const health = healthOf();
    expect(health.hear('busy', '429', 5)).toMatchObject({ do: 'slow' });
    expect(hear(health, 'busy', 5)).toEqual([]);
    expect(hear(health, 'busy', 1)).toHaveLength(1);
    expect(health.weight).toBe(4);
  });

  test('is not asked ever slower without end', () => {
    const health = healthOf();
    hear(health, 'busy', 100);
    expect(health.weight).toBe(16);
  });

  test('is asked faster again step by step, after ten answers without a complaint each', () => {
    const health = healthOf();
    hear(health, 'busy', 2);
    expect(health.weight).toBe(4);
    expect(hear(health, 'well', 9)).toEqual([]);
    expect(hear(health, 'well', 1)).toEqual([{ do: 'recover', why: '10 answers without a complaint' }]);
    expect(health.weight).toBe(2);
    expect(hear(health, 'other', 30)).toEqual([]); // a 404 is no complaint, and no reason to hurry either
    expect(hear(health, 'well', 6)).toHaveLength(1);
    expect([health.weight, health.isWell]).toEqual([1, true]);
    expect(hear(health, 'well', 100)).toEqual([]);
  });

  test('with a 503 now and then is not slowed down: that may be about one address', () => {
    const health = healthOf();
    for (let n = 0; n < 50; n++) {
      expect(hear(health, 'well', 10)).toEqual([]);
      expect(hear(health, 'sick', 1)).toEqual([]);
    }
    expect(health.weight).toBe(1);
    expect(hear(health, 'sick', 2, '503')).toMatchObject([{ do: 'slow', why: '3 of 20 answers were 503' }]);
  });
});

describe('a host that does not answer', () => {
  test('is asked by one at a time after the fifth time, with growing rests, and then left alone', () => {
    const health = healthOf();
    expect(hear(health, 'silent', 4)).toEqual([]);
    expect(health.isSuspect).toBe(false);
    expect(hear(health, 'silent', 5)).toEqual([
      { do: 'probe', after: 1000 },
      { do: 'probe', after: 2000 },
      { do: 'probe', after: 4000 },
      { do: 'probe', after: 8000 },
      { do: 'give up' },
    ]);
    expect(health.isSuspect).toBe(true);
  });

  test('what was under way when it became suspect counts for no probe', () => {
    const health = healthOf();
    hear(health, 'silent', 4);
    expect(health.hear('silent', 'timeout', 60)).toEqual({ do: 'probe', after: 1000 });
    expect(hear(health, 'silent', 60)).toEqual([]);
    expect(hear(health, 'silent', 1)).toEqual([{ do: 'probe', after: 2000 }]);
  });

  test('is as good as new after any answer', () => {
    const health = healthOf();
    hear(health, 'silent', 8);
    health.hear('other', '500', 0);
    expect([health.isSuspect, health.isWell]).toEqual([false, true]);
    expect(hear(health, 'silent', 4)).toEqual([]);
  });

  test('is given up at once where nothing is tried again, and never where that has no end', () => {
    expect(hear(healthOf(0), 'silent', 5)).toEqual([{ do: 'give up' }]);
    expect(hear(healthOf(Number.POSITIVE_INFINITY), 'silent', 50).every((one) => one.do === 'probe')).toBe(
      true,
    );
  });
});
