import type { View } from './view.ts';

/** A part of a file of the family of MP4: a length, a name of four letters, and data or more such parts. */
export interface Box {
  readonly name: string;
  readonly at: number;
  readonly data: number;
  /** May lie beyond the file. */
  readonly end: number;
  /** It said of itself that it reaches to the end of what it lies in. */
  readonly isOpen: boolean;
}

/** Undefined where what stands there cannot be one. */
export function boxAt(view: View, at: number, limit: number): Box | undefined {
  if (at + 8 > limit) return undefined;
  const [length, name] = [view.u32(at), view.text(at + 4, 4)];
  if (!/^[\x20-\x7e\xa9][\x20-\x7e]{3}$/.test(name)) return undefined;
  if (length === 0) return { name, at, data: at + 8, end: limit, isOpen: true };
  if (length !== 1)
    return length < 8 ? undefined : { name, at, data: at + 8, end: at + length, isOpen: false };
  if (at + 16 > limit) return { name, at, data: at + 16, end: at + 16, isOpen: false };
  const long = view.u64(at + 8);
  return long < 16 ? undefined : { name, at, data: at + 16, end: at + long, isOpen: false };
}

/** One after another, as far as they lie within and make sense. */
export function* boxesIn(view: View, from: number, to: number): Generator<Box> {
  for (let at = from; at < to; ) {
    view.step();
    const box = boxAt(view, at, to);
    if (!box || box.end > to) return;
    yield box;
    at = box.end;
  }
}

/** The first of each name on the way down. */
export function within(view: View, box: Box, ...names: string[]): Box | undefined {
  let found: Box | undefined = box;
  for (const name of names) {
    if (!found) return undefined;
    found = first(view, found, name);
  }
  return found;
}

function first(view: View, { data, end }: Box, name: string): Box | undefined {
  for (const box of boxesIn(view, data, end)) if (box.name === name) return box;
  return undefined;
}
