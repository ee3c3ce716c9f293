import type { ListingWay } from '../source.ts';

/** What a listing of a site wants to know of the one before. */
export interface Memory {
  /** All that is held was read at this time or later. */
  readonly since: string | null;
  /** Is all of it being asked for again, and was that not ended yet? Then what is held is no reason to leave a page out. */
  readonly anew?: boolean;
  /** Has a listing come to its end? */
  readonly whole?: boolean;
  /** Pages that a crawl met, and could not have: what leads to them may not be asked for again. */
  readonly missed?: readonly Waiting[];
}

/** A page that a crawl is still to read, so many links away from the first. */
export interface Waiting {
  readonly url: string;
  readonly depth: number;
}

/** So many are remembered, and in so many letters; where there are more, all of the site is asked for again. */
export const mostMissed = 200;
const mostLetters = 32_768;

export const canRemember = (missed: readonly Waiting[]): boolean =>
  missed.length <= mostMissed && JSON.stringify(missed).length <= mostLetters;

export interface Before extends Memory {
  isHeld(id: string): Promise<boolean>;
  /** What is to be remembered while the listing goes on; undefined where it is what is remembered already. */
  readonly meanwhile: Memory | undefined;
}

/** What earlier listings have left, as far as it can be believed. */
export function beforeOf(way: ListingWay | undefined, begun: string): Before {
  const { isHeld, memory } = way ?? {};
  const known = memory === undefined ? undefined : readMemory(memory);
  if (!isHeld || known?.anew)
    return { since: null, anew: true, isHeld: async () => false, meanwhile: { since: null, anew: true } };
  if (!known) return { since: null, isHeld, meanwhile: { since: begun } };
  return { ...known, isHeld, meanwhile: undefined };
}

function readMemory(value: unknown): Memory {
  const { since, anew, whole, missed } = (value ?? {}) as Partial<Memory>;
  const isTime = typeof since === 'string' && !Number.isNaN(Date.parse(since));
  return {
    since: isTime ? since : null,
    anew: anew === true,
    whole: whole === true,
    missed: readMissed(missed),
  };
}

const readMissed = (value: unknown): readonly Waiting[] =>
  (Array.isArray(value) ? value : [])
    .slice(0, mostMissed)
    .filter((one) => URL.canParse(one?.url) && Number.isInteger(one.depth));
