import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Everything that is loaded before a command runs: files by their paths, packages by their names. */
function loadedBy(file: string, found = new Set<string>()): ReadonlySet<string> {
  found.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, from] of text.matchAll(/^(?:import|export)(?! type)[^;]*? from '([^']+)';/gm)) {
    const path = from!.startsWith('.') ? join(dirname(file), from!) : from!;
    if (found.has(path)) continue;
    if (from!.startsWith('.')) loadedBy(path, found);
    else found.add(path);
  }
  return found;
}

test('no command waits for the packages of another: before one runs, only the reader of its words is loaded', () => {
  const loaded = [...loadedBy(main)];
  const packages = loaded.filter((one) => !one.startsWith('/') && !one.startsWith('node:'));
  expect(packages).toEqual(['commander']);
  expect(loaded).toContain(join(dirname(main), 'archive.ts'));
  expect(loaded).not.toContain(join(dirname(main), 'archive-one.ts'));
});
