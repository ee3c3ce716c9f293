import { crc32 } from './crc.ts';
import { cut, cutAt, type Structure, unverified, whole } from './structure.ts';
import type { View } from './view.ts';

interface Page {
  readonly at: number;
  readonly end: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly stream: number;
}

const HEADER = 27;
const LONGEST_PAGE = HEADER + 255 + 255 * 255;

/**
 * Every stream in it has a page that is marked as its last. With one stream the file's last page tells; with several,
 * or where that does not prove it, all pages are followed.
 */
export function oggStructure(view: View): Structure {
  return isSingle(view) && endsWithLastPage(view) ? whole(0) : followed(view);
}

function pageAt(view: View, at: number): Page | undefined {
  if (!view.says(at, 'OggS\0')) return undefined;
  const [flags, parts] = [view.u8(at + 5), view.u8(at + 26)];
  let end = at + HEADER + parts;
  for (let i = 0; i < parts; i++) end += view.u8(at + HEADER + i);
  return { at, end, isFirst: (flags & 2) > 0, isLast: (flags & 4) > 0, stream: view.le32(at + 14) };
}

/** The first pages of all streams come first. */
function isSingle(view: View): boolean {
  const first = pageAt(view, 0);
  const second = first && first.end < view.size ? pageAt(view, first.end) : undefined;
  return second !== undefined && !second.isFirst;
}

/** The sum of the page proves that it is one, and not what a cover picture happens to hold. */
function endsWithLastPage(view: View): boolean {
  const from = Math.max(0, view.size - LONGEST_PAGE);
  const tail = view.slice(from, view.size - from);
  for (let at = tail.lastIndexOf('OggS'); at !== -1; at = at > 0 ? tail.lastIndexOf('OggS', at - 1) : -1) {
    view.step();
    if (from + at + HEADER > view.size) continue;
    const page = pageAt(view, from + at);
    if (page?.end === view.size) return page.isLast && isSound(tail.subarray(at));
  }
  return false;
}

/** The sum is made with zeros in its own place. */
function isSound(page: Buffer): boolean {
  const sum = page.readUInt32LE(22);
  return crc32(page.subarray(26), crc32(new Uint8Array(4), crc32(page.subarray(0, 22)))) === sum;
}

/** Streams that never end are legal, for they may have been recorded from a radio. */
function followed(view: View): Structure {
  const open = new Set<number>();
  let at = 0;
  while (at + HEADER <= view.size) {
    view.step();
    const page = pageAt(view, at);
    if (!page) break;
    if (page.end > view.size) return cutAt('the page', at, { has: view.size - at, of: page.end - at });
    if (page.isLast) open.delete(page.stream);
    else if (page.isFirst && open.size < 1000) open.add(page.stream);
    at = page.end;
  }
  const rest = view.size - at;
  if (rest > 0 && view.says(at, 'OggS'.slice(0, rest))) return cut(`the page at ${at} has ${rest} bytes`);
  if (rest > HEADER && open.size > 0) return unverified(`what stands at ${at} is no page`);
  return open.size > 0 ? unverified(`${open.size} of its streams are not marked as ended`) : whole(rest);
}
