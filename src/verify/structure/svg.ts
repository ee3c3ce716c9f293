import { type Bytes, cut, type Measure, measured, type Structure, whole } from './structure.ts';
import { View } from './view.ts';

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const isQuote = (byte: number) => byte === 0x22 || byte === 0x27;
const isBlank = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
/** How much of the first tag is looked at for the measure. */
const TAG = 4096;

/** Ends where the element ends that it began with; comments and white space may follow. */
export function svgStructure(view: View, bytes: Bytes): Structure {
  const mark = view.size < 2 ? 0 : view.u16(0);
  if (mark === 0xfffe) return marked(new View(narrowed(bytes, 0)), 2);
  if (mark === 0xfeff) return marked(new View(narrowed(bytes, 1)), 2);
  return marked(view, 1);
}

/** Only elements of the name of the first are counted: what they hold may be closed or not. */
function marked(view: View, width: number): Structure {
  let [depth, root]: [number, string | undefined] = [0, undefined];
  let measure: Measure = {};
  for (let at = view.find(LESS, 0); at < view.size; at = view.find(LESS, at)) {
    view.step();
    const end = pastAside(view, at) ?? pastTag(view, at + 1);
    if (end > view.size) break;
    if (root === undefined && !view.says(at, '<!') && !view.says(at, '<?')) {
      const tag = view.text(at, Math.min(end - at, TAG));
      root = /^<([^\s/>]{1,64})/.exec(tag)?.[1] ?? '';
      measure = measureOf(tag);
    }
    if (root !== undefined) depth += turn(view, at, { end, root });
    at = end;
    if (root === undefined || depth > 0) continue;
    const behind = pastBlank(view, at);
    return behind > view.size
      ? cut('the comment at its end is not closed')
      : whole((view.size - behind) * width, measure);
  }
  return cut(`the text ends before the element ${root?.slice(0, 64) || 'svg'} is closed`);
}

/** One deeper, one higher, or neither: another element, or one that is closed at once. */
function turn(view: View, at: number, { end, root }: { end: number; root: string }): -1 | 0 | 1 {
  const name = view.u8(at + 1) === SLASH ? at + 2 : at + 1;
  const next = name + root.length;
  if (!view.says(name, root) || next >= end) return 0;
  if (![GREATER, SLASH].includes(view.u8(next)) && !isBlank(view.u8(next))) return 0;
  if (name === at + 2) return -1;
  return view.u8(end - 2) === SLASH ? 0 : 1;
}

/** Comments, declarations and the like; undefined for a tag. Where it is not closed, beyond the end of the file. */
function pastAside(view: View, at: number): number | undefined {
  if (view.says(at, '<!--')) return pastMark(view, at + 4, '-->');
  if (view.says(at, '<![CDATA[')) return pastMark(view, at + 9, ']]>');
  if (view.says(at, '<?')) return pastMark(view, at + 2, '?>');
  return view.says(at, '<!') ? pastDoctype(view, at + 2) : undefined;
}

/** All these marks end in ">". */
function pastMark(view: View, from: number, mark: string): number {
  for (let at = view.find(GREATER, from); at < view.size; at = view.find(GREATER, at + 1)) {
    view.step();
    const start = at + 1 - mark.length;
    if (start >= from && view.says(start, mark)) return at + 1;
  }
  return view.size + 1;
}

/** A declaration may hold others between brackets, and ">" between quotes. */
function pastDoctype(view: View, from: number): number {
  let inside = false;
  for (let at = from; at < view.size; ) {
    view.step();
    const byte = view.u8(at);
    if (byte === GREATER && !inside) return at + 1;
    if (byte === OPEN || byte === CLOSE) inside = byte === OPEN;
    if (isQuote(byte)) at = view.find(byte, at + 1) + 1;
    else if (inside && byte === LESS && view.says(at, '<!--')) at = pastMark(view, at + 4, '-->');
    else if (inside && byte === LESS && view.says(at, '<?')) at = pastMark(view, at + 2, '?>');
    else at++;
  }
  return view.size + 1;
}

function pastTag(view: View, from: number): number {
  for (let at = from; at < view.size; ) {
    const byte = view.u8(at);
    if (byte === GREATER) return at + 1;
    at = isQuote(byte) ? view.find(byte, at + 1) + 1 : at + 1;
  }
  return view.size + 1;
}

/** White space and comments; beyond the end of the file if the last of them is not closed. */
function pastBlank(view: View, from: number): number {
  for (let at = from; at < view.size; ) {
    const byte = view.u8(at);
    const rest = view.size - at;
    if (
      byte === LESS &&
      ['<!--', '<?'].some((mark) => rest < mark.length && view.says(at, mark.slice(0, rest)))
    )
      return view.size + 1;
    const aside = byte === LESS ? pastAside(view, at) : undefined;
    if (aside === undefined && !isBlank(byte)) return at;
    at = aside ?? at + 1;
    if (at > view.size) return at;
  }
  return view.size;
}

const plain = (tag: string, name: string) =>
  Number(new RegExp(`\\s${name}\\s*=\\s*["']\\s*(\\d{1,6})(?:\\.0{1,9})?(?:px)?\\s{0,9}["']`).exec(tag)?.[1]);

/** Plain numbers only: what else may stand there depends on who shows it. */
const measureOf = (tag: string): Measure => measured(plain(tag, 'width'), plain(tag, 'height'));

/** Two bytes a letter, seen as one; a letter beyond Latin becomes one that means nothing in markup. */
function narrowed(bytes: Bytes, low: 0 | 1): Bytes {
  return {
    size: Math.floor(bytes.size / 2),
    read: (at, length) => {
      const wide = bytes.read(at * 2, length * 2);
      return Uint8Array.from({ length: wide.length >> 1 }, (_, i) =>
        wide[i * 2 + 1 - low] === 0 ? wide[i * 2 + low]! : 0x80,
      );
    },
  };
}
