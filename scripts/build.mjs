// Checks the order of imports, compiles src to dist, and copies the data files that the code reads.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkImports } from './imports.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
checkImports();
rmSync('dist', { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
  { stdio: ['ignore', 2, 2] },
);
if (status !== 0) process.exit(status ?? 1);
for (const entry of readdirSync('src', { recursive: true, withFileTypes: true })) {
  if (!entry.name.endsWith('.json')) continue;
  const from = join(entry.parentPath, entry.name);
  cpSync(from, join('dist', from.slice('src'.length)));
}
