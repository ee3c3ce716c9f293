import { flacStructure } from './flac.ts';
import { type Frame, frameAt } from './mpeg-frames.ts';
import { cut, cutAt, type Structure, unverified, whole } from './structure.ts';
import { beforeTailTags, isCutTag, pastHeadTags } from './tags.ts';
import type { View } from './view.ts';

/** How far from the head the first frame is looked for; how near the end the last ones are. */
const SEARCHED = 65_536;
const TAIL = 16_384;
/** So many frames in a row are no chance. */
const CHAIN = 4;

/** MP3: the first frame may tell how many bytes there are; without that only a frame cut in two can be told. */
export function mpegStructure(view: View): Structure {
  const start = pastHeadTags(view);
  if (start + 4 > view.size)
    return cutAt('what stands before the sound', 0, { has: view.size, of: start + 4 });
  if (view.says(start, 'fLaC')) return flacStructure(view, start);
  const first = firstFrame(view, start);
  if (!first) return unverified('no frames of sound were found behind its head');
  const promised = promisedEnd(view, first);
  if (promised === undefined) return withoutPromise(view, first, 'no frame says how many there are');
  if (promised > view.size)
    return withoutPromise(
      view,
      first,
      `it promises ${promised - view.size} bytes more, yet ends with a whole frame`,
    );
  return isCutTag(view, promised)
    ? cut(`the tag behind the sound, at ${promised}, is not whole`)
    : whole(promised === view.size ? 0 : beforeTailTags(view) - promised);
}

/** So many follow one another, or all to the end. */
function startsChain(view: View, first: Frame, end = view.size): boolean {
  let frame: Frame | undefined = first;
  for (let i = 1; i < CHAIN; i++) {
    if (frame.end + 4 > end) return i > 1 || frame.end === end;
    const next = frameAt(view, frame.end);
    if (next?.kind !== first.kind) return false;
    frame = next;
  }
  return true;
}

/** Right behind the tags one is enough, if the file ends before there could be another. */
function firstFrame(view: View, start: number): Frame | undefined {
  const here = frameAt(view, start);
  if (here && here.end + 4 > view.size) return here;
  const limit = Math.min(view.size, start + SEARCHED);
  for (let at = view.find(0xff, start); at < limit; at = view.find(0xff, at + 1)) {
    view.step();
    const frame = frameAt(view, at);
    if (frame && startsChain(view, frame)) return frame;
  }
  return undefined;
}

/** Where the sound ends by the note in its first frame: the bytes from there on. */
function promisedEnd(view: View, { at, note }: Frame): number | undefined {
  if (view.says(note, 'Xing') || view.says(note, 'Info')) {
    const flags = view.u32(note + 4);
    return flags & 2 ? at + view.u32(note + 8 + (flags & 1 ? 4 : 0)) : undefined;
  }
  return view.says(at + 36, 'VBRI') ? at + view.u32(at + 36 + 10) : undefined;
}

/** A whole frame at the end is looked for from behind; if none is found all are followed from the first. */
function withoutPromise(view: View, first: Frame, why: string): Structure {
  const end = beforeTailTags(view);
  return endsWithFrame(view, first, end) ? unverified(why) : followed(view, first, { end, why });
}

function endsWithFrame(view: View, first: Frame, end: number): boolean {
  for (let at = view.find(0xff, Math.max(first.at, end - TAIL)); at < end; at = view.find(0xff, at + 1)) {
    view.step();
    const frame = frameAt(view, at);
    if (frame?.kind === first.kind && startsChain(view, frame, end)) return lastOf(view, frame).end === end;
  }
  return false;
}

/** The last of the frames that follow one another from here. */
function lastOf(view: View, first: Frame): Frame {
  let frame = first;
  for (;;) {
    view.step();
    const next = frameAt(view, frame.end);
    if (next?.kind !== first.kind) return frame;
    frame = next;
  }
}

/** Players skip what is no frame, so only what stands at the very end decides. */
function followed(view: View, first: Frame, { end, why }: { end: number; why: string }): Structure {
  for (let frame: Frame | undefined = first; frame; ) {
    const last = lastOf(view, frame);
    if (last.end > end) return cutAt('the frame', last.at, { has: end - last.at, of: last.end - last.at });
    if (last.end === end) return unverified(why);
    if (isCutTag(view, last.end)) return cut(`the tag behind the sound, at ${last.end}, is not whole`);
    const rest = view.size - last.end;
    if (rest < 4 && view.u8(last.end) === 0xff) return cut(`the frame at ${last.end} has ${rest} bytes`);
    frame = nextChain(view, last, end);
  }
  return unverified(why);
}

function nextChain(view: View, last: Frame, end: number): Frame | undefined {
  for (let at = view.find(0xff, last.end); at < end; at = view.find(0xff, at + 1)) {
    view.step();
    const frame = frameAt(view, at);
    if (frame?.kind === last.kind && startsChain(view, frame, end)) return frame;
  }
  return undefined;
}
