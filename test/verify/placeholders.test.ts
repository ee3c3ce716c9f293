import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { isPlaceholder, readPlaceholders } from '../../src/verify/placeholders.ts';
import { downloadOf } from '../helpers/parcels.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const sum = 'b'.repeat(64);
const imgur = '9b5936f4006146e4e1e9025b474c02863c0b5614132ad40db4b925a10e8bfbb9';

async function read(content: string) {
  return withTempFolder(async (dir) => {
    const file = join(dir, 'more.json');
    await writeFile(file, content);
    return readPlaceholders(file);
  });
}

describe('the built-in list', () => {
  test('says of each entry where it was seen', () => {
    const known = [...readPlaceholders(null).values()];
    expect(known.length).toBeGreaterThan(0);
    for (const { seen, sha256, address } of known) {
      expect(seen.length).toBeGreaterThan(10);
      expect(sha256 ?? address).toMatch(/^[0-9a-f]{64}$|^https?:/);
    }
  });

  test('knows a placeholder by its sum, and by the address that answered', () => {
    const known = readPlaceholders(null);
    expect(isPlaceholder(known, downloadOf({ sha256: imgur }))).toMatchObject({ code: 'placeholder' });
    expect(isPlaceholder(known, downloadOf({ from: 'https://i.imgur.com/removed.png' }))).toMatchObject({
      code: 'placeholder',
    });
    expect(isPlaceholder(known, downloadOf())).toBeUndefined();
  });
});

describe("the user's list", () => {
  test('is added to the built-in one; letter case does not matter', async () => {
    const known = await read(
      JSON.stringify({ placeholders: [{ sha256: sum.toUpperCase(), seen: 'at home' }] }),
    );
    expect(isPlaceholder(known, downloadOf({ sha256: sum }))).toEqual({
      code: 'placeholder',
      detail: `${sum}, seen at at home`,
    });
    expect(isPlaceholder(known, downloadOf({ sha256: imgur }))).toBeDefined();
  });

  test.each([
    ['no JSON', 'sha256 of things', /Cannot read the placeholders of .*more\.json/],
    ['no list', '{}', /has no list of 'placeholders'/],
    ['null', 'null', /more\.json/],
    [
      'an entry without sum or address',
      '{"placeholders":[{"sha256":"x","seen":"y"},{"seen":"y"}]}',
      /Entry 2 .* neither sha256 nor address/,
    ],
    ['an entry that is null', '{"placeholders":[null]}', /Entry 1/],
    ['a sum that is a number', '{"placeholders":[{"sha256":5}]}', /Entry 1/],
  ])('that is %s is refused with the name of the file', async (_, content, message) => {
    const outcome = await read(content).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(UsageError);
    expect((outcome as Error).message).toMatch(message);
  });

  test('that is not there is refused', () => {
    expect(() => readPlaceholders('/nowhere/more.json')).toThrow(UsageError);
  });
});
