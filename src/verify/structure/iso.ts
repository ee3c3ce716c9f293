import { type Box, boxAt, boxesIn } from './boxes.ts';
import { fragmentsEnd } from './fragments.ts';
import { type Items, itemsOf } from './items.ts';
import { type Samples, samplesOf } from './samples.ts';
import { cut, cutAt, type Structure, unverified, whole } from './structure.ts';
import { TooManyParts, type View } from './view.ts';

/** What stands at the outermost level; any other name that reaches beyond the file is taken for none. */
const outer = new Set([
  ...['ftyp', 'styp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'moof', 'mfra', 'sidx', 'ssix', 'prft'],
  ...['emsg', 'uuid', 'meta', 'udta', 'meco', 'pdin', 'imda', 'PICT'],
]);
/** A day in fragments of two seconds. */
const MOST = 100_000;

/**
 * From box to box by their lengths. That all are whole does not prove that all are there: so what the index names,
 * samples of a film or parts of a picture, has to lie inside the file.
 */
export function isoStructure(view: View): Structure {
  const boxes = outerBoxes(view);
  const last = boxes.at(-1);
  if (!last) return view.size < 8 ? cut('not one box is there') : unverified('no box stands at its head');
  if (last.end > view.size)
    return cutAt(`the box ${last.name}`, last.at, { has: view.size - last.at, of: last.end - last.at });
  const named = (name: string) => boxes.find((box) => box.name === name);
  const [moov, meta] = [named('moov'), named('meta')];
  if (!moov && !meta) return withoutIndex(view, last);
  if (moov && isBlank(view, moov)) return cut('there is nothing in its index (moov)');
  const items: Items = meta ? itemsOf(view, meta) : { end: 0 };
  const samples: Samples = moov ? samplesOf(view, moov) : { end: 0, isFragmented: false };
  const { width, height } = items.width ? items : samples;
  const measure = { ...(width && { width }), ...(height && { height }) };
  const needed = Math.max(items.end, samples.end);
  if (needed > view.size) return cut(`its index names bytes up to ${needed} of ${view.size}`);
  if (samples.isFragmented) return fragmentsEnd(view, { boxes, measure, hasSamples: samples.end > 0 });
  if (needed === 0 && (last.isOpen || !named('mdat')))
    return unverified('its index does not say where the data lies', measure);
  return whole(view.size - last.end, measure);
}

/** Set aside for what was to come, and never filled. */
const isBlank = (view: View, { data, end }: Box): boolean =>
  end - data >= 8 && boxesIn(view, data, end).next().done === true;

/** The last of them may reach beyond the file. */
function outerBoxes(view: View): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < view.size; at = found.at(-1)!.end) {
    view.step();
    const box = boxAt(view, at, view.size);
    if (!box || (box.end > view.size && !outer.has(box.name))) break;
    if (found.push(box) > MOST) throw new TooManyParts();
  }
  return found;
}

/** Films that are written as they come have their index at the end; where the boxes stop making sense, who knows. */
function withoutIndex(view: View, last: Box): Structure {
  return view.size - last.end < 8
    ? cut('the index (moov) is not there')
    : unverified(`what stands at ${last.end} is no box, and there is no index before it`);
}
