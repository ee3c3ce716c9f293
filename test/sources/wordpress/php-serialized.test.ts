import { expect, it } from 'vitest';
import { readPhp } from '../../../src/sources/wordpress/php-serialized.ts';

it.each([
  ['i:-7;', -7],
  ['d:0.25;', 0.25],
  ['b:1;', true],
  ['N;', null],
  ['s:5:"caf\u00e9";', 'caf\u00e9'],
  ['s:6:"a";i:1";', 'a";i:1'],
  ['a:0:{}', {}],
  [
    'a:2:{s:5:"width";i:2560;s:5:"sizes";a:1:{i:0;a:1:{s:4:"file";s:3:"a.b";}}}',
    { width: 2560, sizes: { 0: { file: 'a.b' } } },
  ],
])('reads %s', (text, value) => {
  expect(readPhp(text)).toEqual(value);
});

it('takes a text to where it ends if its length is wrong, as after addresses were replaced', () => {
  expect(readPhp('a:2:{s:3:"url";s:9:"https://longer.example/";s:1:"w";i:3;}')).toEqual({
    url: 'https://longer.example/',
    w: 3,
  });
});

it.each([
  '',
  'x',
  'i:;',
  'i:1',
  'i:one;',
  's:5:"a',
  's:-1:"";',
  's:1:a;',
  'a:1:{s:1:"a";}',
  'a:99999999:{}',
  'a:1:{a:0:{}i:1;}',
  'O:8:"stdClass":1:{s:1:"a";i:1;}',
  'C:3:"Foo":2:{ab}',
  'a:1:{i:0;O:3:"Foo":0:{}}',
  'a:1:{i:0;R:1;}',
  'a:1:{i:0;r:1;}',
  'a:5000:{i:0;i:1;',
  'plain words',
  '{"json":true}',
])('takes %s for nothing', (text) => {
  expect(readPhp(text)).toBeUndefined();
});

it('makes no prototype of a key', () => {
  const value = readPhp('a:1:{s:9:"__proto__";a:1:{s:1:"x";i:1;}}') as Record<string, unknown>;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(({} as { x?: unknown }).x).toBeUndefined();
  expect(Object.keys(value)).toEqual(['__proto__']);
});

it('gives up where it is nested too deep, or has too much in it', () => {
  expect(readPhp(`${'a:1:{i:0;'.repeat(50_000)}i:1;${'}'.repeat(50_000)}`)).toBeUndefined();
  expect(readPhp(`a:60000:{${'i:1;i:1;'.repeat(60_000)}}`)).toBeUndefined();
  expect(readPhp(`s:2000000:"${'x'.repeat(2_000_000)}";`)).toBeUndefined();
});

it('takes the time of its length for what is made to make it look far ahead', () => {
  const text = `a:9000:{${'s:9:"a";'.repeat(100_000).slice(0, 900_000)}`;
  const start = process.cpuUsage();
  expect(readPhp(text)).toBeUndefined();
  expect(process.cpuUsage(start).user).toBeLessThan(1e6);
});
