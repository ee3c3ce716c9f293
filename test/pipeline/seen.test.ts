import { expect, test } from 'vitest';
import { Seen } from '../../src/pipeline/seen.ts';

test('an id is new once', () => {
  const seen = new Seen();
  expect([seen.add('a'), seen.add('a'), seen.add('b'), seen.add('a')]).toEqual([true, false, true, false]);
});

test.each([
  ['the empty text', ''],
  ['a zero byte', '\0'],
  ['a long address', `http://blog.example/${'x'.repeat(5000)}`],
  ['letters beyond ASCII', 'blog:Blüte 🌿'],
])('%s is an id like any other', (_, id) => {
  const seen = new Seen();
  expect([seen.add(id), seen.add(id)]).toEqual([true, false]);
});

test('of 200,000 ids each is new once, also after the table grew many times', () => {
  const seen = new Seen();
  const count = 200_000;
  const before = process.memoryUsage().arrayBuffers;
  let fresh = 0;
  for (let n = 0; n < count; n++) if (seen.add(`demo:${n}`)) fresh++;
  const bytesEach = (process.memoryUsage().arrayBuffers - before) / count;
  let again = 0;
  for (let n = 0; n < count; n++) if (seen.add(`demo:${n}`)) again++;
  expect([fresh, again]).toEqual([count, 0]);
  expect(bytesEach).toBeLessThan(200);
});
