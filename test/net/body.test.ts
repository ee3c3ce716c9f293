import { expect, test } from 'vitest';
import { takeIn } from '../../src/net/body.ts';

const trouble = new Error('reset');

/** A body of so many pieces of ten bytes, and what became of it. */
function bodyOf(pieces: number, end?: Error) {
  const told = { given: 0, isClosed: false };
  async function* body() {
    try {
      for (; told.given < pieces; told.given++) yield Buffer.from('0123456789');
      if (end) throw end;
    } finally {
      told.isClosed = true;
    }
  }
  return { body: body(), told };
}

test.each([
  { pieces: 3, most: 30, end: undefined, length: 30, isWhole: true },
  { pieces: 0, most: 30, end: undefined, length: 0, isWhole: true },
  { pieces: 4, most: 35, end: undefined, length: 35, isWhole: false },
  { pieces: 3, most: 30, end: trouble, length: 30, isWhole: false },
  { pieces: 2, most: 30, end: trouble, length: 20, isWhole: false },
])('of $pieces pieces, $most bytes being wanted, $length are taken in', async (given) => {
  const { body, told } = bodyOf(given.pieces, given.end);
  const taken = await takeIn(body, given.most);
  expect([taken.bytes.length, taken.isWhole, taken.broken]).toEqual([given.length, given.isWhole, given.end]);
  expect(told.isClosed).toBe(true);
});

test('what is longer than wanted is let go of, and not read to its end', async () => {
  const { body, told } = bodyOf(Number.POSITIVE_INFINITY);
  await takeIn(body, 95);
  expect(told).toEqual({ given: 9, isClosed: true });
});
