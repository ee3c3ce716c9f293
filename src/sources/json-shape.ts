import { rejoined } from './bytes.ts';

/** Nothing, one document, a post a line, or posts one after another without a list around them. */
export type Shape = 'empty' | 'document' | 'lines' | 'values';

const enough = 2 ** 20;

/** Decides by the beginning of a text, and hands back the whole of it. */
export async function shapeOf(
  text: AsyncGenerator<string>,
): Promise<{ shape: Shape; whole: AsyncGenerator<string> }> {
  const held: string[] = [];
  let length = 0;
  let isOver = false;
  while (length < enough && !isOver) {
    const next = await text.next();
    isOver = next.done === true;
    if (next.done) break;
    held.push(next.value);
    length += next.value.length;
    if (!/^\s*(\{|$)/.test(held[0]!)) break; // only objects can stand one after another
  }
  const head = held.join('');
  return { shape: isOver && head.trim() === '' ? 'empty' : shapeOfHead(head), whole: rejoined(held, text) };
}

/** An object after an object: no document has that. */
export function shapeOfHead(head: string): Shape {
  if (head.trim() === '') return 'empty';
  const end = endOfObject(head);
  const next = end === undefined ? null : /^(\s*)\{/.exec(head.slice(end));
  if (!next) return 'document';
  return next[1]!.includes('\n') && !head.slice(0, end).trimStart().includes('\n') ? 'lines' : 'values';
}

/** Where the object that a text begins with is over; undefined where that is further on. */
function endOfObject(text: string): number | undefined {
  const marks = /["{}[\]]/g;
  let depth = 0;
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    if (mark[0] === '"') marks.lastIndex = endOfString(text, mark.index);
    else depth += mark[0] === '{' || mark[0] === '[' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
