import { expect, test } from 'vitest';
import { isMuchSmaller, promised } from '../../src/verify/measure.ts';
import { itemOf } from '../helpers/parcels.ts';

test.each([
  ['the promised size', 1280, 960, false],
  ['turned by a quarter', 960, 1280, false],
  ['a little smaller', 1000, 750, false],
  ['a preview', 500, 375, true],
  ['larger', 2048, 1536, false],
])('%s', (_, width, height, expected) => {
  expect(isMuchSmaller({ width, height }, { width: 1280, height: 960 })).toBe(expected);
});

test('nothing is promised by one side alone', () => {
  expect(promised(itemOf({ width: 100 }))).toBeUndefined();
  expect(promised(itemOf({ width: 100, height: 50 }))).toEqual({ width: 100, height: 50 });
});
