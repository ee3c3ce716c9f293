import { cut, cutAt, type Measure, measured, type Structure, unverified, whole } from './structure.ts';
import type { View } from './view.ts';

interface Element {
  readonly id: number;
  readonly at: number;
  readonly data: number;
  /** Undefined where the writer did not know, for it was still recording. */
  readonly end: number | undefined;
}

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const [TRACKS, TRACK, VIDEO, WIDTH, HEIGHT] = [0x1654ae6b, 0xae, 0xe0, 0xb0, 0xba];
/** What a segment is made of; any of them ends a cluster that does not say how long it is. */
const topLevel = new Set([
  0x114d9b74,
  0x1549a966,
  TRACKS,
  CLUSTER,
  0x1c53bb6b,
  0x1941a469,
  0x1043a770,
  0x1254c367,
]);
/** What a cluster is made of, and what may fill up anything. */
const inCluster = new Set([0xe7, 0x5854, 0xa7, 0xab, 0xa3, 0xa0, 0xaf, 0xec, 0xbf]);
const anywhere = new Set([0xec, 0xbf]);

/** The segment says how long it is, or it was recorded live; then its parts are followed as far as they go. */
export function ebmlStructure(view: View): Structure {
  const header = elementAt(view, 0);
  if (!header || header.end === undefined) return unverified('its header makes no sense');
  let at = header.end;
  for (let segments = 0; at < view.size; segments++) {
    view.step();
    const found = elementAt(view, at);
    if (found?.id === SEGMENT && found.end === undefined) return liveSegment(view, found.data);
    if (!found || found.end === undefined || (found.id !== SEGMENT && segments > 0)) break;
    if (found.end > view.size) return lacking(view, found);
    if (found.id === SEGMENT) return whole(view.size - found.end, measureOf(view, found));
    at = found.end;
  }
  return at < view.size ? unverified(`what stands at ${at} is no segment`) : cut('there is no segment');
}

const names = new Map([
  [SEGMENT, 'segment'],
  [CLUSTER, 'cluster'],
]);

const lacking = (view: View, { id, at, data, end }: Element) =>
  cutAt(`the ${names.get(id) ?? `element ${id.toString(16)}`}`, at, {
    has: view.size - data,
    of: end! - data,
  });

/** Undefined where none can stand; a number says by its first bit how many bytes it has. */
function elementAt(view: View, at: number): Element | undefined {
  const idWidth = Math.clz32(view.u8(at)) - 23;
  if (idWidth > 4) return undefined;
  const sizeAt = at + idWidth;
  const sizeWidth = Math.clz32(view.u8(sizeAt)) - 23;
  if (sizeWidth > 8) return undefined;
  const [id, data] = [bigEndian(view, at, idWidth), sizeAt + sizeWidth];
  const high = view.u8(sizeAt) & (0x7f >> (sizeWidth - 1)); // apart, for with its first bit it would be rounded
  const size = high * 256 ** (sizeWidth - 1) + bigEndian(view, sizeAt + 1, sizeWidth - 1);
  return { id, at, data, end: size >= 2 ** (7 * sizeWidth) - 1 ? undefined : data + size };
}

function bigEndian(view: View, at: number, width: number): number {
  let number = 0;
  for (let i = 0; i < width; i++) number = number * 0x100 + view.u8(at + i);
  return number;
}

/** Ends where it ends: only a part of it that is not whole can be told. */
function liveSegment(view: View, start: number): Structure {
  let measure: Measure = {};
  let [at, isInCluster] = [start, false];
  while (at < view.size) {
    view.step();
    const found = elementAt(view, at);
    const known =
      found && (topLevel.has(found.id) || anywhere.has(found.id) || (isInCluster && inCluster.has(found.id)));
    if (!known) return unverified(`recorded live, and what stands at ${at} is no part of it`, measure);
    if (topLevel.has(found.id)) isInCluster = found.id === CLUSTER && found.end === undefined;
    if (found.end !== undefined && found.end > view.size) return lacking(view, found);
    if (found.id === TRACKS) measure = tracksMeasure(view, found);
    at = found.end ?? found.data;
  }
  return unverified('recorded live: its segment does not say how long it is', measure);
}

/** The tracks stand before the first cluster. */
function measureOf(view: View, segment: Element): Measure {
  for (const found of elementsIn(view, segment)) {
    if (found.id === TRACKS) return tracksMeasure(view, found);
    if (found.id === CLUSTER) break;
  }
  return {};
}

function tracksMeasure(view: View, tracks: Element): Measure {
  for (const track of elementsIn(view, tracks)) {
    if (track.id !== TRACK) continue;
    for (const video of elementsIn(view, track)) if (video.id === VIDEO) return videoMeasure(view, video);
  }
  return {};
}

function videoMeasure(view: View, video: Element): Measure {
  let [width, height] = [0, 0];
  for (const { id, data, end } of elementsIn(view, video)) {
    if (id === WIDTH) width = bigEndian(view, data, Math.min(8, end! - data));
    if (id === HEIGHT) height = bigEndian(view, data, Math.min(8, end! - data));
  }
  return measured(width, height);
}

/** Those with a length, as far as they lie within. */
function* elementsIn(view: View, { data, end }: Element): Generator<Element> {
  for (let at = data; at < end!; ) {
    view.step();
    const found = elementAt(view, at);
    if (found?.end === undefined || found.end > end!) return;
    yield found;
    at = found.end;
  }
}
