import { elements, isObject, type JsonObject } from '../json-path.ts';
import { mediaOfBlock } from './blocks.ts';
import type { PostMedia } from './media.ts';

const mostBlocks = 10_000;

/** The media of blocks, in the order in which their layout shows them: of a post, or of one that it passes on. */
export function addBlocks({ content, layout }: JsonObject, media: PostMedia): void {
  const blocks = listOf(content);
  for (const block of inOrder(blocks, layout)) if (isObject(block)) addBlock(block, media);
  for (const one of listOf(layout)) {
    if (isObject(one) && !layouts.has(one.type)) media.addUnknown(`layout ${nameOf(one.type)}`);
  }
}

const layouts: ReadonlySet<unknown> = new Set(['rows', 'condensed', 'ask']);

function addBlock(block: JsonObject, media: PostMedia): void {
  const named = mediaOfBlock(block);
  if (!named) media.addUnknown(`block ${nameOf(block.type)}`);
  for (const { kind, sizes, key } of named ?? []) media.add(kind, sizes, key);
}

export const nameOf = (type: unknown): string =>
  typeof type === 'string' ? type.slice(0, 40) : 'of no type';

/** Rows may show blocks in another order than they were written in: they share the places that they have. */
function inOrder(blocks: readonly unknown[], layout: unknown): readonly unknown[] {
  const shown = [...new Set(listOf(layout).flatMap(rowsOf))].filter((nth) => nth in blocks);
  const places = shown.toSorted((a, b) => a - b);
  const order = blocks.map((_, nth) => nth);
  for (const [at, place] of places.entries()) order[place] = shown[at]!;
  return order.map((nth) => blocks[nth]);
}

/** `display: [{blocks: [0, 1]}]`, and of old `rows: [[0, 1]]`. */
function rowsOf(layout: unknown): readonly number[] {
  if (!isObject(layout) || layout.type !== 'rows') return [];
  const rows = listOf(layout.display).map((row) => (isObject(row) ? row.blocks : row));
  const numbers = [...rows, ...listOf(layout.rows)].flatMap((row) => listOf(row));
  return numbers.filter((nth): nth is number => Number.isSafeInteger(nth));
}

/** Lists with holes come as objects with numbers for keys. */
export const listOf = (value: unknown): readonly unknown[] => elements(value).slice(0, mostBlocks);
