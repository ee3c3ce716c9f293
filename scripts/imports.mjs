// Who may import whom: a room may import from rooms of the rows above its own, and from itself.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const rows = [
  ['model', 'intervals', 'errors', 'nearest', 'shown', 'sums', 'reasons', 'readers'],
  ['option-table', 'options', 'progress', 'tracker'],
  ['net'],
  ['vault', 'verify', 'archive', 'sources'],
  ['pipeline'],
  ['world'],
  ['run'],
  ['crawl', 'single'],
  ['archiving'],
  ['index', 'demo', 'suite', 'kit'],
  ['cli'],
];
/** Rooms of the first rows know each other; from `net` on, what one room needs of a neighbour is handed in. */
const neighbourly = 2;
/** The stages know what a vault holds and what a source is; no platform and no web archive. */
const closed = { pipeline: [/^sources\/(?!source\.ts$)/, /^archive\//], demo: [/^(?!demo\/)/] };

/** A platform is known to the list of sources alone: so adding one touches nothing else. Captures hold feeds, and feeds have captures. */
const kin = new Set(['feed', 'wayback', 'foreign']);
const platformOf = (file) => /^sources\/([^/]+)\//.exec(file)?.[1];

const src = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');
const roomOf = (file) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, ''));
const rowOf = (file) => rows.findIndex((row) => row.includes(roomOf(file)));

function complaint(from, to) {
  const [low, high] = [rowOf(from), rowOf(to)];
  if (low === -1 || high === -1) return `${low === -1 ? from : to} is in no row of scripts/imports.mjs`;
  const platform = platformOf(to);
  const isKnown = platform === undefined || platform === platformOf(from) || kin.has(platform);
  if (!isKnown && from !== 'sources/all.ts') return `${from} must not know the source ${platform}`;
  if (roomOf(from) === roomOf(to)) return undefined;
  if (closed[roomOf(from)]?.some((rule) => rule.test(to))) return `${from} must not know ${to}`;
  if (high < low || (high === low && low < neighbourly)) return undefined;
  return `${from} must not import ${to}: ${roomOf(to)} does not stand above ${roomOf(from)}`;
}

export function findComplaints(folder = src) {
  const found = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.ts')) continue;
    const file = join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .replaceAll('\\', '/');
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, path] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)) {
      const wrong = complaint(file, posix.join(posix.dirname(file), path));
      if (wrong) found.push(wrong);
    }
  }
  return found;
}

export function checkImports() {
  const found = findComplaints();
  for (const wrong of found) process.stderr.write(`import order: ${wrong}\n`);
  if (found.length > 0) process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) checkImports();
