import { expect, it } from 'vitest';
import { type Interval, intervalAt, isWithin, united } from '../src/intervals.ts';

const span = (from: number | null, to: number | null): Interval => ({ from, to });

it.each<[string, Interval[], Interval[]]>([
  ['nothing', [], []],
  ['what overlaps', [span(1, 5), span(4, 9)], [span(1, 9)]],
  ['what touches', [span(6, 9), span(1, 5)], [span(1, 9)]],
  ['what lies apart', [span(7, 9), span(1, 5)], [span(1, 5), span(7, 9)]],
  ['what lies within another', [span(1, 9), span(3, 4)], [span(1, 9)]],
  ['what has no beginning', [span(3, 8), span(null, 4)], [span(null, 8)]],
  ['what has no end', [span(3, null), span(5, 6), span(1, 2)], [span(1, null)]],
  ['all', [span(null, 3), span(2, null)], [span(null, null)]],
  ['what is turned round', [span(5, 3)], []],
])('%s is united', (_, given, expected) => expect(united(given)).toEqual(expected));

it('finds the one in which a place lies', () => {
  const held = [span(null, 3), span(7, 9)];
  expect([3, 4, 7, 9, 10].map((place) => intervalAt(held, place))).toEqual([
    held[0],
    undefined,
    held[1],
    held[1],
    undefined,
  ]);
});

it.each<[Interval, boolean]>([
  [span(1, 9), true],
  [span(null, 9), true],
  [span(1, 10), false],
  [span(1, null), false],
  [span(12, 13), true],
  [span(9, 12), false],
])('tells whether %o is held by one of several', (asked, expected) =>
  expect(isWithin([span(null, 5), span(6, 9), span(12, 20)], asked)).toBe(expected),
);
