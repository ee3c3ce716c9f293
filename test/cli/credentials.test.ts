import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { credentialFile, writeCredentials } from '../../src/cli/credential-store.ts';
import { credentialKinds, masked, readSecret, variableOf } from '../../src/cli/credential-table.ts';
import { withCredentials } from '../../src/cli/credentials.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const sources = [{ name: 'tumblr', settings: { key: 'the key of its API', api: 'its address' } }];
const key = 'sources.tumblr.key';

async function withStored(test: (env: { XDG_CONFIG_HOME: string }) => void | Promise<void>): Promise<void> {
  await withTempFolder(async (dir) => {
    const env = { XDG_CONFIG_HOME: dir };
    await writeCredentials(credentialFile(env), { [key]: 'stored', 'sources.other.key': 'of no concern' });
    await test(env);
  });
}

function unwarned(message: string): never {
  throw new Error(`unexpected warning: ${message}`);
}

describe('the keys of a run', () => {
  test('are those of -o, else of the environment, else the stored ones', () =>
    withStored((env) => {
      const exported = { ...env, OXBOW_SOURCES_TUMBLR_KEY: ' exported\n' };
      const given = { settings: { [key]: 'given' } };
      const keyOf = (options: typeof given | object, variables: typeof env) =>
        withCredentials(options, { env: variables, warn: unwarned, sources }).settings;
      expect(keyOf(given, exported)).toEqual({ [key]: 'given' });
      expect(keyOf({}, exported)).toEqual({ [key]: 'exported' });
      expect(keyOf({}, { ...env, ...{ OXBOW_SOURCES_TUMBLR_KEY: ' ' } })).toEqual({ [key]: 'stored' });
      expect(keyOf({ settings: { 'sources.tumblr.api': 'x' } }, env)).toEqual({
        [key]: 'stored',
        'sources.tumblr.api': 'x',
      });
    }));

  test('are handed to no run whose sources do not take them', () =>
    withStored((env) => {
      for (const none of [[], [{ name: 'tumblr', settings: { api: 'its address' } }]])
        expect(withCredentials({}, { env, warn: unwarned, sources: none }).settings).toEqual({});
    }));

  test('that cannot be read are told and left aside: most runs need none', () =>
    withStored((env) => {
      writeFileSync(credentialFile(env), 'canary', { mode: 0o600 });
      const warnings: string[] = [];
      const warn = (message: string) => void warnings.push(message);
      expect(withCredentials({}, { env, warn, sources }).settings).toEqual({});
      expect(warnings).toEqual([
        expect.stringContaining(`left aside: ${join(env.XDG_CONFIG_HOME, 'oxbow')}`),
      ]);
      expect(warnings[0]).not.toContain('canary');
    }));

  test('that will not do are named by their variable, and not repeated', () => {
    const env = { OXBOW_SOURCES_TUMBLR_KEY: 'canary in two words' };
    const read = () => withCredentials({}, { env, warn: unwarned, sources });
    expect(read).toThrow('OXBOW_SOURCES_TUMBLR_KEY of the environment does not fit');
    expect(read).not.toThrow(/canary/);
  });
});

test('a variable is called as its setting, in capitals', () => {
  expect(variableOf(key)).toBe('OXBOW_SOURCES_TUMBLR_KEY');
});

test.each([
  ['  abc123\r', 'abc123'],
  ['a+b/c=%', 'a+b/c=%'],
  ['two words', undefined],
  ['', undefined],
  ['schlüssel', undefined],
  ['a\0b', undefined],
  ['x'.repeat(1025), undefined],
])('of %j the key is %j', (text, secret) => {
  expect(readSecret(text)).toBe(secret);
});

test('a long key is told by its end, a short one not at all', () => {
  expect(masked('abcdefghijklmnopqrstuvwxyz')).toBe('…wxyz');
  expect(masked('abcdefghijklmnopqrs')).toBe('…');
});

test('a key travels in the address of one question, where no letter of it means anything', () => {
  const tumblr = credentialKinds.find(({ source }) => source === 'tumblr')!;
  const { url } = tumblr.question('a&b=c/../d', 'https://api.example/v2');
  expect(url).toBe('https://api.example/v2/blog/staff/info?api_key=a%26b%3Dc%2F..%2Fd');
});
