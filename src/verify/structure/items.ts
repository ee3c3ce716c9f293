import { type Box, boxesIn, within } from './boxes.ts';
import { type Measure, measured } from './structure.ts';
import type { View } from './view.ts';

export interface Items extends Measure {
  /** Where the last byte of all items ends. */
  readonly end: number;
}

/** The pictures, thumbnails and notes that a still picture (HEIC, AVIF) is made of. */
export function itemsOf(view: View, meta: Box): Items {
  const inside = { ...meta, data: meta.data + 4 };
  const places = within(view, inside, 'iloc');
  return { end: places ? endOfPlaces(view, places) : 0, ...measureOf(view, inside) };
}

interface Widths {
  readonly offset: number;
  readonly length: number;
  readonly base: number;
  readonly index: number;
}

/** Numbers are as wide as the list says at its head; where there is none it counts as zero. */
const wide = (view: View, at: number, width: number): number =>
  width === 8 ? view.u64(at) : width === 4 ? view.u32(at) : width === 2 ? view.u16(at) : 0;

function endOfPlaces(view: View, { data, end }: Box): number {
  const version = view.u8(data);
  const [sizes, bases] = [view.u8(data + 4), view.u8(data + 5)];
  const widths: Widths = {
    offset: sizes >> 4,
    length: sizes & 15,
    base: bases >> 4,
    index: version === 0 ? 0 : bases & 15,
  };
  const count = version < 2 ? view.u16(data + 6) : view.u32(data + 6);
  let [at, most] = [data + (version < 2 ? 8 : 10), 0];
  for (let item = 0; item < count && at < end; item++) {
    view.step();
    const found = endOfItem(view, at, { version, widths, end });
    at = found.next;
    most = Math.max(most, found.end);
  }
  return most;
}

/** Only parts that lie in this very file count: others lie in a box, or in another file. */
function endOfItem(
  view: View,
  start: number,
  { version, widths, end }: { version: number; widths: Widths; end: number },
): { next: number; end: number } {
  let at = start + (version < 2 ? 2 : 4);
  const method = version > 0 ? view.u16(at) & 15 : 0;
  at += version > 0 ? 2 : 0;
  const isHere = method === 0 && view.u16(at) === 0;
  const base = wide(view, at + 2, widths.base);
  const parts = view.u16(at + 2 + widths.base);
  at += 4 + widths.base;
  let most = 0;
  for (let part = 0; part < parts && at < end; part++) {
    view.step();
    at += widths.index;
    const length = wide(view, at + widths.offset, widths.length);
    if (isHere) most = Math.max(most, base + wide(view, at, widths.offset) + length);
    at += widths.offset + widths.length;
  }
  return { next: at, end: most };
}

/** The measure among the properties of the item that is to be shown. */
function measureOf(view: View, meta: Box): Measure {
  const [primary, list] = [within(view, meta, 'pitm'), within(view, meta, 'iprp', 'ipma')];
  const properties = within(view, meta, 'iprp', 'ipco');
  if (!primary || !list || !properties) return {};
  const id = view.u8(primary.data) === 0 ? view.u16(primary.data + 4) : view.u32(primary.data + 4);
  const numbers = propertiesOf(view, list, id);
  let number = 0;
  for (const { name, data } of boxesIn(view, properties.data, properties.end))
    if (numbers.includes(++number) && name === 'ispe')
      return measured(view.u32(data + 4), view.u32(data + 8));
  return {};
}

function propertiesOf(view: View, { data, end }: Box, id: number): number[] {
  const [idWidth, isWide] = [view.u8(data) < 1 ? 2 : 4, (view.u8(data + 3) & 1) === 1];
  const [width, most] = isWide ? [2, 0x7fff] : [1, 0x7f];
  const count = view.u32(data + 4);
  let at = data + 8;
  for (let entry = 0; entry < count && at + idWidth < end; entry++) {
    view.step();
    const [found, numbers] = [wide(view, at, idWidth), view.u8(at + idWidth)];
    at += idWidth + 1;
    if (found === id)
      return Array.from({ length: numbers }, (_, i) =>
        isWide ? view.u16(at + i * width) & most : view.u8(at + i * width) & most,
      );
    at += numbers * width;
  }
  return [];
}
