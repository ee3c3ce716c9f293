import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { base32 } from '../src/sums.ts';

it.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('base32 of %j is %j, without padding (RFC 4648)', (text, expected) => {
  expect(base32(Buffer.from(text))).toBe(expected);
});

it('base32 of the SHA-1 of nothing is what web archives call an empty payload', () => {
  expect(base32(createHash('sha1').digest())).toBe('3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ');
});
