import { expect, it } from 'vitest';
import { wholeOf } from '../../src/sources/json-path.ts';

it.each([
  [0, 0],
  [237, 237],
  ['237', 237],
  ['007', 7],
  [1e15, 1e15],
  ['9007199254740993', undefined],
  [2 ** 53, undefined],
  [-1, undefined],
  [1.5, undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['', undefined],
  ['12 posts', undefined],
  [Number.NaN, undefined],
  [null, undefined],
  [true, undefined],
  [[7], undefined],
  [{}, undefined],
])('the whole number in %j is %s', (value, expected) => expect(wholeOf(value)).toBe(expected));

it('a number beyond what makes sense is none', () =>
  expect([999, 1000, '1000'].map((value) => wholeOf(value, 999))).toEqual([999, undefined, undefined]));
