import { expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { substack } from '../../../src/sources/substack/substack.ts';
import { testContext, testSource } from '../../helpers/source-suite.ts';

testSource(substack, 'fixtures/substack');

it.each([
  ['https://fern.substack.com', 'fern.substack.com'],
  ['http://FERN.substack.com/p/rain?r=1#x', 'fern.substack.com'],
  ['https://open.substack.com/pub/fern/p/rain', 'fern.substack.com'],
  ['substack:fern', 'fern.substack.com'],
  ['substack:letters.example', 'letters.example'],
  ['substack:https://letters.example/p/rain', 'letters.example'],
])('reads %s', (target, name) => {
  expect(substack.nameOf!(target)).toBe(name);
  expect(substack.claims(target) || target.startsWith('substack:')).toBe(true);
});

it.each([
  'https://substack.com/@fern',
  'https://www.substack.com',
  'https://open.substack.com/',
  'https://fern.substack.com.evil.example/',
  'https://a.b.substack.com/',
  'substack',
])('does not claim %s', (target) => {
  expect(substack.claims(target)).toBe(false);
});

it.each([
  'substack:',
  'substack:https://substack.com/@fern',
  'substack:./export.zip',
  'substack:export.zip',
  'substack:a b',
])('refuses %s in words', async (target) => {
  await expect(substack.open(target, testContext())).rejects.toThrow(UsageError);
});
