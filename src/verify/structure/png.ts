import { cut, cutAt, type Measure, measured, type Structure, whole } from './structure.ts';
import type { View } from './view.ts';

const LONGEST_CHUNK = 0x7fffffff;

/** From chunk to chunk by their lengths, until IEND; an animation is one as well. */
export function pngStructure(view: View): Structure {
  let measure: Measure = {};
  for (let at = 8; ; ) {
    view.step();
    if (at + 12 > view.size) return cut(`there is no IEND chunk; the last whole one ends at ${at}`);
    const [length, name] = [view.u32(at), view.text(at + 4, 4)];
    if (length > LONGEST_CHUNK || !/^[A-Za-z]{4}$/.test(name))
      return cut(`what stands at ${at} is no chunk, and there is no IEND before it`);
    const end = at + 12 + length;
    if (end > view.size) return cutAt(`the chunk ${name}`, at, { has: view.size - at - 8, of: length + 4 });
    if (name === 'IHDR' && length >= 8) measure = measured(view.u32(at + 8), view.u32(at + 12));
    if (name === 'IEND') return whole(view.size - end, measure);
    at = end;
  }
}
