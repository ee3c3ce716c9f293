import { kindOfAddress, normalise } from '../address.ts';
import type { FoundMedia } from '../finds.ts';
import { at, elements, textAt } from '../json-path.ts';
import { readValue } from '../json-stream.ts';

const opening = '<script type="application/json" class="wp-playlist-script">';
const closing = '</script>';
const mostLists = 20;
const mostTracks = 500;

/** The tracks of playlists, which stand in a script beside an empty player. */
export function playlistMedia(
  html: string,
  base: string | null,
  known: readonly FoundMedia[],
): readonly FoundMedia[] {
  const found = new Map<string, FoundMedia>();
  const had = new Set(known.flatMap(({ url, alternates }) => [url, ...alternates]));
  let start = html.indexOf(opening);
  for (let nth = 0; start >= 0 && nth < mostLists; nth++) {
    const from = start + opening.length;
    const end = html.indexOf(closing, from);
    if (end < 0) break;
    const tracks = elements(at(valueIn(html.slice(from, end)), ['tracks']));
    for (const track of tracks.slice(0, mostTracks)) {
      const url = normalise(addressIn(track), base ?? undefined);
      if (url !== undefined && !had.has(url))
        found.set(url, { kind: kindOf(url, track), url, alternates: [] });
    }
    start = html.indexOf(opening, end);
  }
  return [...found.values()];
}

function addressIn(track: unknown): string {
  const src = at(track, ['src']);
  return typeof src === 'string' ? src : 'none:'; // a number is a page beside this one
}

function valueIn(text: string): unknown {
  try {
    return readValue(text);
  } catch {
    return undefined; // it is kept with the post, and plays nowhere else either
  }
}

function kindOf(url: string, track: unknown) {
  const byAddress = kindOfAddress(url);
  if (byAddress !== 'file') return byAddress;
  return /^video\//.test(textAt(track, [['type']], 100) ?? '') ? 'video' : 'audio';
}
