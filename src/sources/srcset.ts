/** One address of a srcset; a width in pixels or a density, 0 where it is not stated. */
export interface Size {
  readonly address: string;
  readonly width: number;
  readonly density: number;
}

const most = 100;
const space = /[\t\n\f\r ]/;

/**
 * The addresses of a srcset. They may hold commas (Cloudinary's and Substack's do): one ends at white space, or at
 * the commas before it. Walks once over the text.
 */
export function readSrcset(text: string): readonly Size[] {
  const sizes: Size[] = [];
  let at = 0;
  while (sizes.length < most) {
    while (at < text.length && (text[at] === ',' || space.test(text[at]!))) at++;
    if (at >= text.length) break;
    const from = at;
    while (at < text.length && !space.test(text[at]!)) at++;
    let end = at;
    while (text[end - 1] === ',') end--;
    const hasDescriptor = end === at;
    const stop = hasDescriptor ? descriptorEnd(text, at) : at;
    sizes.push({ address: text.slice(from, end), ...sizeIn(text.slice(at, Math.min(stop, at + 64))) });
    at = stop;
  }
  return sizes;
}

/** The next comma outside brackets. */
function descriptorEnd(text: string, from: number): number {
  let isInside = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') isInside = true;
    else if (text[at] === ')') isInside = false;
    else if (text[at] === ',' && !isInside) return at;
  }
  return text.length;
}

/** What is no positive number is not stated. */
function sizeIn(descriptor: string): { width: number; density: number } {
  const [, width] = /(?:^|\s)(\d{1,6})w(?:\s|$)/.exec(descriptor) ?? [];
  const [, density] = /(?:^|\s)(\d{1,4}(?:\.\d{1,4})?)x(?:\s|$)/.exec(descriptor) ?? [];
  return { width: Number(width ?? 0), density: Number(density ?? 0) };
}
