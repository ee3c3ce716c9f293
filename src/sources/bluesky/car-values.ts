import { decode } from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';

/** As deep as anything may be that has to be written out again. */
const deepest = 200;

/**
 * What a block holds, as the servers of the network write it in JSON: links and bytes as objects of one key, numbers that
 * are too large as text. Undefined of what cannot be read.
 */
export function valueIn(block: Uint8Array): unknown {
  try {
    return plain(decode(block), 0);
  } catch {
    return undefined; // of any kind, for nested a hundred thousand times it has no room on the stack either
  }
}

function plain(value: unknown, depth: number): unknown {
  if (depth > deepest) throw new RangeError('nested too deeply');
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array)
    return { $bytes: Buffer.from(value).toString('base64').replace(/=+$/, '') };
  const link = CID.asCID(value);
  if (link) return { $link: String(link) };
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one, depth + 1)]));
}

/** The name of a block as text. */
export const nameInWords = (name: Uint8Array): string => String(CID.decode(name));

/** Names and keys of records that a node of the tree names; undefined of what is no node. */
export function* leavesIn(block: Uint8Array): Generator<{ readonly name: string; readonly key: string }> {
  const entries = (decodedOr(block) as { e?: unknown } | undefined)?.e;
  let last = '';
  for (const entry of Array.isArray(entries) ? entries : []) {
    const { p, k, v } = (entry ?? {}) as { p?: unknown; k?: unknown; v?: unknown };
    const link = CID.asCID(v);
    if (typeof p !== 'number' || !(k instanceof Uint8Array) || !link || p > last.length || k.length > 2000)
      return;
    last = last.slice(0, p) + Buffer.from(k).toString('latin1');
    if (last.length > 2000) return;
    yield { name: Buffer.from(link.bytes).toString('latin1'), key: last };
  }
}

function decodedOr(block: Uint8Array): unknown {
  try {
    return decode(block);
  } catch {
    return undefined;
  }
}

/** The names of the blocks that an export begins with. */
export function rootsIn(header: Uint8Array): readonly string[] {
  const { version, roots } = (decodedOr(header) ?? {}) as { version?: unknown; roots?: unknown };
  if (version !== 1 || !Array.isArray(roots)) return [];
  return roots.slice(0, 10).flatMap((root) => {
    const link = CID.asCID(root);
    return link ? [Buffer.from(link.bytes).toString('latin1')] : [];
  });
}
