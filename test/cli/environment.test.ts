import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { netrcFile, proxiesOf } from '../../src/cli/environment.ts';

describe('the proxies of the environment', () => {
  const none = { httpProxy: null, httpsProxy: null, noProxy: null };

  test('are taken by scheme, in lower case first; ALL_PROXY stands in for those that lack', () => {
    expect(proxiesOf({}, {})).toEqual(none);
    expect(proxiesOf({ HTTP_PROXY: '', http_proxy: ' ' }, {})).toEqual(none);
    expect(
      proxiesOf(
        { HTTP_PROXY: 'upper:1', http_proxy: 'lower:2', ALL_PROXY: 'https://all', no_proxy: 'a' },
        {},
      ),
    ).toEqual({ httpProxy: 'http://lower:2/', httpsProxy: 'https://all/', noProxy: 'a' });
  });

  test('give way to --proxy, but for what is excepted', () => {
    const env = { HTTPS_PROXY: 'socks5://x', NO_PROXY: 'a' };
    expect(proxiesOf(env, { proxy: 'none' })).toEqual({ noProxy: 'a' });
  });

  test('that will not do are named, and not repeated', () => {
    const read = () => proxiesOf({ all_proxy: 'socks5://user:canary@host' }, {});
    expect(read).toThrow('all_proxy of the environment does not fit: it takes an http or https proxy; SOCKS');
    expect(read).not.toThrow(/canary/);
  });
});

test('logins are in ~/.netrc unless the environment says otherwise', () => {
  expect(netrcFile({})).toBe(join(homedir(), '.netrc'));
  expect(netrcFile({ NETRC: '/x' })).toBe('/x');
});
