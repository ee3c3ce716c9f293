import { describe, expect, test } from 'vitest';
import { parseLinks } from '../../src/net/link-format.ts';

const uris = (text: string) => parseLinks(text)?.map(({ uri }) => uri);

describe('links', () => {
  test('may hold commas and semicolons in their addresses and in quoted values', () => {
    const text = `<http://a.example/1,2;x=3>; rel="first memento"; datetime="Fri, 31 May 2019 00:00:00 GMT; x",
<http://a.example/2>;rel=memento ; from="x,y"`;
    const links = parseLinks(text)!;
    expect(uris(text)).toEqual(['http://a.example/1,2;x=3', 'http://a.example/2']);
    expect(links[0]!.rel).toEqual(['first', 'memento']);
    expect(links[0]!.params.get('datetime')).toBe('Fri, 31 May 2019 00:00:00 GMT; x');
    expect(links[1]!.rel).toEqual(['memento']);
    expect(links[1]!.params.get('from')).toBe('x,y');
  });

  test.each([
    ['commas at the end', '<a>; rel="x",\n,', ['a']],
    ['no parameters', '<a>,<b>', ['a', 'b']],
    ['nothing', ' \n ', []],
  ])('with %s are read', (_, text, expected) => {
    expect(uris(text)).toEqual(expected);
  });

  test('bear the first of two parameters with one name', () => {
    expect(parseLinks('<a>; REL=one; rel=two')![0]!.rel).toEqual(['one']);
  });

  test.each([
    ['a page', '<html><body>Busy</body></html> x'],
    ['JSON', '[["timestamp"]]'],
    ['words after an address', '<a> or so; rel=x'],
    ['a quote without an end', '<a>; rel="x, <b>'],
    ['a cut address', '<http://a.example/'],
    ['more links than anyone has', '<a>,'.repeat(10_001)],
  ])('are not what %s has', (_, text) => {
    expect(parseLinks(text)).toBeUndefined();
  });

  test('are read in a time that grows with their length alone', () => {
    const long = `<a>; ${'x'.repeat(1_000_000)}="${';'.repeat(500_000)}"`;
    expect(uris(long)).toEqual(['a']);
  });
});
