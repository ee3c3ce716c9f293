// Makes the project ready: installs what is lacking, builds what is stale, and takes a moment when nothing is.
// Needs nothing but Node and npm, for it is the first thing that a fresh clone runs.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const sumOf = (...files) => {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)));
  return hash.digest('hex');
};

const filesIn = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

const isFresh = (stamp, sum) => existsSync(stamp) && readFileSync(stamp, 'utf8') === sum;

function run(what, command, args) {
  process.stderr.write(`${what} …\n`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 'inherit'], // stdout belongs to the command that is made ready for
    shell: process.platform === 'win32',
    env: { ...process.env, NODE_ENV: '' },
  });
  if (status !== 0) {
    process.stderr.write(`${what} failed.\n`);
    process.exit(70);
  }
}

function stamp(file, sum) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, sum);
}

export function ready() {
  const installed = join(root, 'node_modules', '.oxbow-installed');
  const lock = `${sumOf('package-lock.json')} ${process.platform} ${process.arch}`;
  if (!isFresh(installed, lock)) {
    run('Installing', 'npm', [
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--include=dev',
    ]);
    stamp(installed, lock);
  }
  const built = join(root, 'dist', '.oxbow-built');
  const sources = sumOf(
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build.mjs',
    'scripts/imports.mjs',
    ...filesIn('src'),
  );
  if (!isFresh(built, sources)) {
    run('Building', process.execPath, ['scripts/build.mjs']);
    stamp(built, sources);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ready();
