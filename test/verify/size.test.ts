import { expect, test } from 'vitest';
import { tooSmall } from '../../src/verify/size.ts';

test.each([
  [0, 'image/jpeg', 'empty'],
  [0, undefined, 'empty'],
  [1, undefined, 'too-small'],
  [42, 'image/gif', 'too-small'],
  [43, 'image/gif', undefined],
  [42, 'image/svg+xml', 'too-small'],
  [43, 'image/svg+xml', undefined],
  [99, 'image/jpeg', 'too-small'],
  [100, 'image/jpeg', undefined],
  [99, 'image/png', 'too-small'],
  [1023, 'video/mp4', 'too-small'],
  [1024, 'video/mp4', undefined],
  [42, 'audio/mpeg', 'too-small'],
  [43, 'audio/mpeg', undefined],
  [43, 'application/octet-stream', undefined],
])('%i bytes of %s: %s', (bytes, type, code) => {
  expect(tooSmall(bytes, type)?.code).toBe(code);
});

test('says how small and what the least is', () => {
  expect(tooSmall(42, 'image/gif')).toEqual({ code: 'too-small', detail: '42 bytes, under 43' });
});
