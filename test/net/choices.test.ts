import { describe, expect, test } from 'vitest';
import { checkOptions, type OptionName, readOption } from '../../src/options.ts';
import { readHeader, readPin } from '../../src/readers.ts';
import { withHttp } from './with-http.ts';

describe('the text of a choice', () => {
  test.each<[OptionName, string, unknown]>([
    ['proxy', 'proxy.example:3128', 'http://proxy.example:3128/'],
    ['proxy', 'https://user:pass@proxy.example', 'https://user:pass@proxy.example/'],
    ['proxy', 'none', 'none'],
    ['httpsProxy', 'http://[::1]:3128', 'http://[::1]:3128/'],
    ['header', 'https://cdn.example X-Key: 1', ['https://cdn.example X-Key: 1']],
    ['resolve', 'blog.example:443:192.0.2.7', ['blog.example:443:192.0.2.7']],
    ['insecure', 'true', true],
  ])('%s: «%s» is read as %o', (name, text, value) => {
    expect(readOption(name, text)).toEqual(value);
  });

  test.each<[OptionName, string, RegExp]>([
    ['proxy', 'socks5://user:canary@host', /--proxy.*SOCKS is not supported/],
    ['proxy', 'ftp://canary@host', /--proxy: it takes the address of an http or https proxy/],
    ['header', 'canary', /--header/],
    ['header', 'https://host canary', /--header/],
    ['resolve', 'blog.example:443', /--resolve/],
    ['resolve', 'blog.example:443:elsewhere.example', /--resolve/],
    ['resolve', 'blog.example:443:192.0.2.1,', /--resolve/],
    ['resolve', 'blog.example:70000:192.0.2.1', /--resolve/],
  ])('%s: «%s» does not fit, and no secret is repeated', (name, text, message) => {
    expect(() => readOption(name, text)).toThrow(message);
    expect(() => readOption(name, text)).not.toThrow(/canary/);
  });

  test('a header may be for the origins of the user, or for one that it names', () => {
    expect(readHeader('X-Key: a: b')).toEqual({ origin: null, name: 'x-key', value: 'a: b' });
    expect(readHeader('HTTPS://Cdn.example:443/ X-Key: 1')).toEqual({
      origin: 'https://cdn.example',
      name: 'x-key',
      value: '1',
    });
  });

  test('a pin is for one host and port', () => {
    expect(readPin('Blog.example:0443:192.0.2.7,[2001:db8::7]')).toEqual({
      place: 'blog.example:443',
      addresses: ['192.0.2.7', '2001:db8::7'],
    });
    expect(readPin('[::1]:80:::1').place).toBe('::1:80');
  });
});

test('lists that the library is given are looked at, one by one', () => {
  expect(checkOptions({ header: ['A: 1', 'B: 2'] }).header).toEqual(['A: 1', 'B: 2']);
  expect(() => checkOptions({ header: ['A: 1', 'no header'] })).toThrow(/--header/);
  expect(() => checkOptions({ resolve: ['nonsense'] })).toThrow(/--resolve/);
});

test('both families alone leave nothing', async () => {
  await expect(withHttp({ ipv4: true, ipv6: true }, async () => undefined)).rejects.toThrow(
    /--ipv4 and --ipv6/,
  );
});
