import { expect, test } from 'vitest';
import { nearest, suggestion } from '../src/nearest.ts';

const known = ['archive', 'verify', 'status', 'concurrency', 'perHost', 'rate'];

test.each([
  ['archvie', 'archive'],
  ['arhcive', 'archive'],
  ['verifiy', 'verify'],
  ['STATUS', 'status'],
  ['perhost', 'perHost'],
  ['per-host', 'perHost'],
  ['concurency', 'concurrency'],
  ['raet', 'rate'],
  ['rat', 'rate'],
  ['archive', 'archive'],
])('%s may mean %s', (given, meant) => {
  expect(nearest(given, known)).toBe(meant);
  expect(suggestion(given, known)).toBe(`; did you mean '${meant}'?`);
});

test.each(['', 'x', 'banana', 'arch', 'toast', 'rotten'])("'%s' means nothing that is known", (given) => {
  expect(nearest(given, known)).toBeUndefined();
  expect(suggestion(given, known)).toBe('');
});

test('where nothing is known nothing is suggested', () => {
  expect(suggestion('archive', [])).toBe('');
});

test('the nearer of two is taken', () => {
  expect(nearest('verifi', ['verified', 'verify'])).toBe('verify');
});
