import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MediaRecord } from '../../src/model.ts';
import type { GivenOptions } from '../../src/options.ts';

/** A list of addresses as a file; returns the target that names it. */
export function listOf(dir: string, addresses: readonly string[], name = 'list.txt'): string {
  const file = join(dir, name);
  writeFileSync(file, `${addresses.join('\n')}\n`);
  return file;
}

/** Loopback is private, and needs no politeness; waits are cut so that retries do not take real time. */
export const quick: GivenOptions = {
  allowPrivate: true,
  rate: Number.POSITIVE_INFINITY,
  waybackIndexRate: Number.POSITIVE_INFINITY,
  waybackReplayRate: Number.POSITIVE_INFINITY,
  backoffBase: 5,
  recovery: false,
};

export function recordsOf(archive: string): MediaRecord[] {
  const text = readFileSync(join(archive, 'manifest.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as MediaRecord);
}

/** What an archive came to: for each item its last status and sum. Two histories are equal if these are. */
export function outcomeOf(archive: string): string[] {
  const last = new Map(
    recordsOf(archive).map((record) => [
      record.item,
      `${record.item} ${record.status} ${record.sha256 ?? ''}`,
    ]),
  );
  return [...last.values()].map((line) => line.replace(/127\.0\.0\.1:\d+/g, 'host')).sort();
}

/** Every file of an archive with its sum and time of change, the work folder aside. */
export function treeOf(archive: string): string[] {
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(archive, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (path === '.oxbow') continue;
      if (entry.isDirectory()) walk(path);
      else
        found.push(
          `${path} ${createHash('sha256')
            .update(readFileSync(join(archive, path)))
            .digest('hex')} ${statSync(join(archive, path)).mtimeMs}`,
        );
    }
  };
  walk('');
  return found.sort();
}
