import { expect, it } from 'vitest';
import { readSrcset } from '../../src/sources/srcset.ts';

it.each([
  ['a.jpg', ['a.jpg 0 0']],
  ['a.jpg 320w, b.jpg 640w', ['a.jpg 320 0', 'b.jpg 640 0']],
  ['a.jpg 1x,b.jpg 2.5x', ['a.jpg 0 1', 'b.jpg 0 2.5']],
  ['a.jpg,b.jpg', ['a.jpg,b.jpg 0 0']], // a comma within is part of the address
  ['a.jpg, b.jpg', ['a.jpg 0 0', 'b.jpg 0 0']],
  ['w_1,c_2/a.jpg 100w, w_2,c_2/a.jpg 200w', ['w_1,c_2/a.jpg 100 0', 'w_2,c_2/a.jpg 200 0']],
  [' ,, a.jpg  \n 320w\t, ,b.jpg', ['a.jpg 320 0', 'b.jpg 0 0']],
  ['a.jpg (1, 2) 320w, b.jpg', ['a.jpg 320 0', 'b.jpg 0 0']],
  [
    'a.jpg 320w 200h, b.jpg -1w, c.jpg 0w, d.jpg 1e3w',
    ['a.jpg 320 0', 'b.jpg 0 0', 'c.jpg 0 0', 'd.jpg 0 0'],
  ],
  ['data:image/png;base64,AA,BB 1x', ['data:image/png;base64,AA,BB 0 1']],
  ['', []],
  [' , ', []],
])('reads %j', (text, expected) => {
  const sizes = readSrcset(text).map(({ address, width, density }) => `${address} ${width} ${density}`);
  expect(sizes).toEqual(expected);
});

it('has an end', () => {
  expect(readSrcset('a.jpg 1w, '.repeat(100_000))).toHaveLength(100);
});
