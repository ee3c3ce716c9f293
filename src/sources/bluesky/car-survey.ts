import { fileBytes } from '../bytes.ts';
import { at } from '../json-path.ts';
import { BrokenCar, carParts, type Part } from './car-blocks.ts';
import { leavesIn, rootsIn, valueIn } from './car-values.ts';
import { isDid } from './target.ts';

/** What an export is of, and under which keys its tree names which blocks. */
export interface Survey {
  readonly did: string | undefined;
  /** By the name of a block, as bytes in a text: its keys, with spaces between, for two posts may say the same. */
  readonly keys: ReadonlyMap<string, string>;
  /** Keys that are named beyond those that were taken. */
  readonly surplus: number;
  /** Blocks that are not used, and why; the first of them. */
  readonly faults: readonly string[];
  readonly faulty: number;
  /** Why it could not be read to its end, as the rest of a sentence. */
  readonly broken: string | undefined;
}

/** More posts than anybody has written; each costs some 150 bytes. */
const mostKeys = 2_000_000;
/** Of one block, in letters: the same words at the same moment are written a few times at most. */
const mostOfBlock = 10_000;
const mostFaults = 20;
const wanted = /^app\.bsky\.(feed\.post\/[A-Za-z0-9._:~-]{1,512}|actor\.profile\/self)$/;

/** Reads all of it once; what is held is the keys alone. */
export async function survey(file: string, signal: AbortSignal): Promise<Survey> {
  const found = new Found();
  try {
    for await (const part of carParts(fileBytes(file, signal))) found.take(part);
  } catch (error) {
    if (!(error instanceof BrokenCar)) throw error;
    found.broken = error.message;
  }
  return found;
}

class Found implements Survey {
  did: string | undefined;
  broken: string | undefined;
  surplus = 0;
  faulty = 0;
  readonly faults: string[] = [];
  readonly keys = new Map<string, string>();
  #count = 0;
  #roots: readonly string[] = [];

  take(part: Part): void {
    if ('header' in part) this.#roots = rootsIn(part.header);
    else if ('fault' in part) this.#fault(part);
    else if (isNode(part.bytes)) for (const leaf of leavesIn(part.bytes)) this.#note(leaf);
    else if (this.did === undefined && this.#roots.includes(part.name.toString('latin1')))
      this.did = [at(valueIn(part.bytes), ['did'])].find(isDid);
  }

  #fault({ at, fault }: { readonly at: number; readonly fault: string }): void {
    this.faulty++;
    if (this.faulty <= mostFaults) this.faults.push(`the block at byte ${at} ${fault}`);
  }

  #note({ name, key }: { readonly name: string; readonly key: string }): void {
    if (!wanted.test(key)) return;
    const known = this.keys.get(name) ?? '';
    if (this.#count >= mostKeys || known.length > mostOfBlock) this.surplus++;
    else if (!known.split(' ').includes(key)) {
      this.keys.set(name, known === '' ? key : `${known} ${key}`);
      this.#count++;
    }
  }
}

/** A node is an object of two keys, `e` and `l`, and nothing else here begins like that. */
const isNode = (bytes: Buffer): boolean => bytes[0] === 0xa2 && bytes[1] === 0x61 && bytes[2] === 0x65;
