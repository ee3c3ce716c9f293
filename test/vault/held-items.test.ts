import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import { heldItems } from '../../src/vault/held-items.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

test('what is held is what the last line about it says, and damaged lines say nothing', () =>
  withTempFolder(async (root) => {
    const line = (item: string, status: string) => JSON.stringify({ v: 1, item, status });
    const lines = [line('a', 'failed'), line('a', 'kept'), line('b', 'kept'), '{"torn', line('b', 'failed')];
    writeFileSync(join(root, 'manifest.jsonl'), `${lines.join('\n')}\n`);
    writeFileSync(join(root, 'bag-info.txt'), 'Oxbow-Format: 1\n');
    expect([...(await heldItems(root))]).toEqual(['a']);
  }));

test('a folder that is none of ours is refused, one that holds no manifest holds nothing', () =>
  withTempFolder(async (root) => {
    writeFileSync(join(root, 'manifest.jsonl'), '');
    await expect(heldItems(root)).rejects.toThrow(StorageError);
    mkdirSync(join(root, 'empty'));
    expect((await heldItems(join(root, 'empty'))).size).toBe(0);
    expect((await heldItems(join(root, 'nowhere'))).size).toBe(0);
  }));
