import { describe, expect, it } from 'vitest';
import { withoutNotices } from '../../../src/sources/wordpress/api.ts';
import { claimsWordPress, nameOfPlace, readPlace } from '../../../src/sources/wordpress/place.ts';
import { wordpress } from '../../../src/sources/wordpress/wordpress.ts';
import { busyTime } from '../../helpers/busy.ts';

describe('targets', () => {
  it.each([
    'mere.wordpress.com',
    'https://mere.wordpress.com',
    'http://mere.wordpress.com/2024/05/03/swan/?x=1',
  ])('takes %s without asking', (target) => {
    expect(claimsWordPress(target)).toBe(true);
    expect(nameOfPlace(target)).toBe('mere.wordpress.com');
  });

  it.each([
    'https://wordpress.com/',
    'https://www.wordpress.com/',
    'https://a.b.wordpress.com/',
    'https://mere.files.wordpress.com/a.jpg',
    'https://blog.example/',
    'www.wordpress.com',
    'x',
  ])('leaves %s to a look at it', (target) => {
    expect(wordpress.claims(target)).toBe(false);
  });

  it('names an archive by the host, where no path may be part of the name', () => {
    expect(nameOfPlace('wordpress:blog.example')).toBe('blog.example');
    expect(nameOfPlace('wordpress:https://blog.example/2024/')).toBeNull();
    expect(nameOfPlace('wordpress:?')).toBeNull();
  });
});

it.each(['wordpress:export.xml', 'wordpress:./blog', 'wordpress:blog.zip'])(
  'says of %s that there is nothing',
  (target) => {
    expect(() => readPlace(target)).toThrow(/There is nothing at/);
  },
);

it.each([
  ['[{"id":1}]', '[{"id":1}]'],
  ['\n<br />\n<b>Notice</b>: x [0] in /srv/a.php\n[{"id":1}]', '[{"id":1}]'],
  ['Warning: array(1) { [0] => {x}\n{"code":"x"}', '{"code":"x"}'],
  ['PHP says []', '[]'],
  ['<!doctype html><script>var a = {"b":1}</script>', '<!doctype html><script>var a = {"b":1}</script>'],
])('finds the JSON behind what PHP says: %s', (text, json) => {
  expect(withoutNotices(text)).toBe(json);
});

it('looks no longer for it than the text is', () => {
  const busy = busyTime();
  for (const sign of ['[', '{ ', '[ ', '<']) withoutNotices(sign.repeat(200_000));
  expect(busy()).toBeLessThan(500);
});
