import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { credentialFile, readCredentials, writeCredentials } from '../../src/cli/credential-store.ts';
import { StorageError } from '../../src/errors.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;
const settings = { 'sources.tumblr.key': 'canary-of-the-store' };

function unwarned(message: string): never {
  throw new Error(`unexpected warning: ${message}`);
}

test('credentials lie in the folder of XDG, or in ~/.config where that is lacking or relative', () => {
  expect(credentialFile({ XDG_CONFIG_HOME: '/x' })).toBe('/x/oxbow/credentials.json');
  const usual = join(homedir(), '.config', 'oxbow', 'credentials.json');
  for (const env of [{}, { XDG_CONFIG_HOME: '' }, { XDG_CONFIG_HOME: 'x' }])
    expect(credentialFile(env)).toBe(usual);
});

describe('the file of credentials', () => {
  test('is written for its owner alone, replaced whole, and leaves no draft behind', () =>
    withTempFolder(async (dir) => {
      const path = join(dir, 'config', 'oxbow', 'credentials.json');
      await writeCredentials(path, { a: 'first' });
      await writeCredentials(path, settings);
      expect(readCredentials(path, unwarned)).toEqual(settings);
      expect(modeOf(path)).toBe(0o600);
      expect(modeOf(join(dir, 'config', 'oxbow'))).toBe(0o700);
      expect(readdirSync(join(dir, 'config', 'oxbow'))).toEqual(['credentials.json']);
    }));

  test('that others could read is named, and closed to them', () =>
    withTempFolder(async (dir) => {
      const path = join(dir, 'credentials.json');
      await writeCredentials(path, settings);
      chmodSync(path, 0o644);
      const warnings: string[] = [];
      expect(readCredentials(path, (message) => warnings.push(message))).toEqual(settings);
      expect(warnings).toEqual([expect.stringContaining(`${path} holds credentials`)]);
      expect(warnings[0]).toMatch(/mode 644/);
      expect(warnings[0]).not.toContain('canary');
      expect(modeOf(path)).toBe(0o600);
      expect(readCredentials(path, unwarned)).toEqual(settings);
    }));

  test('that is not there holds nothing, and reading makes none', () =>
    withTempFolder(async (dir) => {
      const path = join(dir, 'oxbow', 'credentials.json');
      expect(readCredentials(path, unwarned)).toEqual({});
      expect(existsSync(join(dir, 'oxbow'))).toBe(false);
    }));

  test.each([
    ['no JSON', '{"v":1,"settings":{"sources.tumblr.key":"canary', 'is not a file of credentials'],
    ['nothing', 'null', 'is not a file of credentials'],
    ['settings that are a list', '{"v":1,"settings":["canary"]}', 'is not a file of credentials'],
    ['a key that is no text', '{"v":1,"settings":{"canary":7}}', 'is not a file of credentials'],
    ['no format', '{"settings":{}}', 'is not a file of credentials'],
    ['a newer format', '{"v":2,"keys":"canary"}', 'has format 2'],
    ['endless spaces', ' '.repeat(2 ** 20 + 1), 'is not a file of credentials'],
  ])('that is %s is refused by name, without a word of it', (_what, text, why) =>
    withTempFolder(async (dir) => {
      const path = join(dir, 'credentials.json');
      writeFileSync(path, text, { mode: 0o600 });
      const read = () => readCredentials(path, unwarned);
      expect(read).toThrow(StorageError);
      expect(read).toThrow(`${path} ${why}`);
      expect(read).not.toThrow(/canary/);
      expect(readFileSync(path, 'utf8')).toBe(text);
    }),
  );

  test('that cannot be written is an error of storage, and nothing of it is left', () =>
    withTempFolder(async (dir) => {
      const path = join(dir, 'credentials.json');
      mkdirSync(path); // a folder cannot be replaced by a file
      await expect(writeCredentials(path, settings)).rejects.toThrow(StorageError);
      expect(readdirSync(dir)).toEqual(['credentials.json']);
    }));
});
