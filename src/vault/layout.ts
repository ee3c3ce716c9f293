import { join, normalize, sep } from 'node:path';
import { StorageError } from '../errors.ts';
import type { MediaItem } from '../model.ts';
import { sumOfText } from '../sums.ts';

/** Where everything lies in an archive, relative to its folder and with forward slashes. */
export const names = {
  manifest: 'manifest.jsonl',
  audits: 'audits.jsonl',
  media: 'data/media',
  posts: 'data/posts',
  work: '.oxbow',
  openPosts: '.oxbow/posts',
  parts: '.oxbow/parts',
  torn: '.oxbow/torn',
  ledger: '.oxbow/ledger',
  lock: '.oxbow/lock',
  intents: '.oxbow/placing.jsonl',
  strays: '.oxbow/strays',
} as const;

const md5 = (text: string) => sumOfText('md5', text);

/**
 * `data/media/2019/05/712345678901_0_1f2e3d4c.jpg`: the post, the place in it, eight digits of the item's id,
 * and what the bytes are. A media item without a post bears the name that its address ends in.
 */
export function mediaPath(item: MediaItem, ext: string, copy = 1): string {
  const hash = md5(item.id).slice(0, 8);
  const month = /^(\d{4})-(\d{2})/.exec(item.date ?? '');
  const folder = month ? `${month[1]}/${month[2]}` : `undated/${hash.slice(0, 2)}`;
  const name = `${plain(item.post ?? stemOf(item.url))}_${item.index}_${hash}${copy > 1 ? `-${copy}` : ''}`;
  return `${names.media}/${folder}/${name}.${ext.replace(/[^a-z0-9]/gi, '') || 'bin'}`;
}

/** One part file for the living web, whatever address the source gives today; one for each other address. */
export const partPath = (itemId: string, kind: string, url: string): string =>
  `${names.parts}/${md5(`${itemId}\n${kind === 'live' ? 'live' : url}`)}.part`;

export const segmentName = (n: number): string => `${String(n).padStart(4, '0')}.jsonl`;

/** A path of ours as one of this system; refuses what would leave the archive. */
export function inside(root: string, path: string): string {
  if (!staysInside(path)) throw new StorageError(`The path '${path}' would leave the archive.`);
  return join(root, normalize(path));
}

/** Lines on disk are not trusted either: whatever names a file is asked this first. */
export function staysInside(path: string): boolean {
  const clean = normalize(path);
  return path !== '' && !clean.startsWith('..') && !clean.startsWith(sep) && !/^[a-z]:|\0/i.test(clean);
}

/** On some systems these name devices, whatever follows the dot. */
const device = /^(con|prn|aux|nul|(?:com|lpt)[0-9¹²³])\./i;

/** Letters and digits of any script, `-`, `_` and `.`, but no leading dot or dash, at most 80 bytes. */
function plain(text: string): string {
  const clean = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^[.-]+|[.]+$/g, '_')
    .replace(device, '$1_');
  let cut = '';
  for (const letter of clean) {
    if (Buffer.byteLength(cut + letter) > 80) break;
    cut += letter;
  }
  return cut || '_';
}

function stemOf(url: string): string {
  const last = URL.canParse(url) ? new URL(url).pathname.split('/').filter(Boolean).at(-1) : undefined;
  return decoded(last ?? 'media').replace(/\.[^.]{1,5}$/, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % is part of the name
  }
}
