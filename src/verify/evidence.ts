import type { In } from '../model.ts';
import { markedTypes, sniff } from './content-type.ts';
import type { Evidence } from './judge.ts';
import { isPlaceholder, type Placeholders } from './placeholders.ts';
import { openBytes, structureOf } from './wholeness.ts';

/** Reads of a file what the rules need to know: its first bytes are at hand, of the others as few as will do. */
export async function evidenceOf(
  { download }: Pick<In<'fetched'>, 'download'>,
  known: Placeholders,
): Promise<Evidence> {
  const found = await sniff(download.head);
  const placeholder = await isPlaceholder(known, download);
  if (!found) return { found, marked: await markedTypes(), structure: undefined, placeholder };
  if (placeholder) return { found, structure: undefined, placeholder };
  const bytes = openBytes(download.part, { size: download.bytes, head: download.head });
  try {
    return { found, structure: structureOf(found.type, bytes), placeholder };
  } finally {
    bytes.close();
  }
}
