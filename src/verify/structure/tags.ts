import type { View } from './view.ts';

/** Where what stands at the head ends: notes of players (ID3), one or more. */
export function pastHeadTags(view: View, from = 0): number {
  let at = from;
  while (view.says(at, 'ID3')) {
    view.step();
    at = id3End(view, at);
  }
  return at;
}

/** Seven bits of each byte count; a flag says that the head is repeated at the end. */
function id3End(view: View, at: number): number {
  let length = 0;
  for (let i = 6; i < 10; i++) length = length * 128 + (view.u8(at + i) & 0x7f);
  return at + 10 + length + (view.u8(at + 5) & 0x10 ? 10 : 0);
}

/** No player writes more; each costs a look elsewhere. */
const MOST_TAGS = 8;

/** Where the sound ends, if whole tags stand behind it. */
export function beforeTailTags(view: View): number {
  let end = view.size;
  for (let tags = 0; tags < MOST_TAGS; tags++) {
    const start = tailTagStart(view, end);
    if (start === undefined) return end;
    end = start;
  }
  return end;
}

function tailTagStart(view: View, end: number): number | undefined {
  if (view.says(end - 128, 'TAG')) return end - 128;
  if (view.says(end - 32, 'APETAGEX')) {
    const hasHead = view.u8(end - 32 + 23) & 0x80;
    return notBefore(end - view.le32(end - 32 + 12) - (hasHead ? 32 : 0), end);
  }
  if (view.says(end - 9, 'LYRICS200')) {
    const start = end - 15 - Number(view.text(end - 15, 6));
    return view.says(start, 'LYRICSBEGIN') ? notBefore(start, end) : undefined;
  }
  return undefined;
}

const notBefore = (start: number, end: number) => (start >= 0 && start < end ? start : undefined);

const marks = ['TAG', 'APETAGEX', 'LYRICSBEGIN', 'ID3'];

/** Whether what stands here began as a tag of which the end is not there. */
export function isCutTag(view: View, at: number): boolean {
  const rest = view.size - at;
  if (rest <= 0) return false;
  const mark = marks.find((mark) => view.says(at, mark.slice(0, rest)));
  if (!mark || rest < mark.length) return mark !== undefined;
  if (mark === 'TAG') return rest < 128;
  if (mark === 'ID3') return rest < 10 || id3End(view, at) > view.size;
  if (mark === 'APETAGEX') return rest < 32 || at + 32 + view.le32(at + 12) > view.size;
  return false;
}
