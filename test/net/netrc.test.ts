import { describe, expect, test } from 'vitest';
import { readNetrc } from '../../src/net/netrc.ts';

describe('a netrc file', () => {
  test('is read as its other readers do', () => {
    const text = [
      '# the blog',
      'machine Blog.example login me password s3cret # a comment',
      'machine cdn.example',
      '  login "two words"',
      '  account ignored',
      '  password "with \\"quotes\\" and \\\\"',
      'macdef init',
      'machine not.example login x password y',
      '',
      'machine hash.example login a password #b',
      'default login anyone password default',
    ].join('\n');
    expect(readNetrc(text, 'netrc')).toEqual([
      { machine: 'blog.example', login: 'me', password: 's3cret' },
      { machine: 'cdn.example', login: 'two words', password: 'with "quotes" and \\' },
      { machine: 'hash.example', login: 'a', password: '#b' },
      { machine: null, login: 'anyone', password: 'default' },
    ]);
  });

  test.each([
    ['machine a login b password', /netrc, line 1: 'password' has no value/],
    ['machine a\nlogin b\npasswort canary', /netrc, line 3: there is a word/],
    ['machine a login b password can ary', /line 1/],
    ['login b', /line 1: 'login' stands before/],
    ['machine a login "canary', /line 1: a quotation/],
  ])('«%s» is faulty, and what it says is not repeated', (text, message) => {
    const read = () => readNetrc(text, 'netrc');
    expect(read).toThrow(message);
    expect(read).not.toThrow(/ary/);
  });
});
