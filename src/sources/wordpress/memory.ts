import { type Interval, united } from '../../intervals.ts';
import { at, elements, isObject, textAt } from '../json-path.ts';
import type { ListingWay } from '../source.ts';

/** What the next listing wants to know: which types this one knew, and since when what is edited is not known. */
export interface Memory {
  readonly types: readonly string[];
  /** By the blog's own clock. */
  readonly since?: string | undefined;
  /** How far it has come that all is listed again, for there are types that earlier listings did not know. */
  readonly anew?: Progress;
}

interface Progress {
  readonly types: readonly string[];
  readonly since: string;
  readonly covered: readonly Interval[];
}

/** What is to be listed, and what is remembered of that. */
export interface Plan {
  readonly covered: readonly Interval[];
  /** Since when what was edited is asked for at the end; undefined where all of it is met anyway. */
  readonly since: string | undefined;
  /** Is a listing without this type not whole? It is where earlier ones knew it, and where nobody tells. */
  readonly needs: (type: string) => boolean;
  /** With a page that covers so much. */
  readonly during: (covers: Interval | undefined) => Memory | undefined;
  /** When all has come. */
  readonly end: Memory | undefined;
}

/**
 * What earlier listings covered counts only if they knew all the types that are listed now: else the older posts of a
 * new type would never be met. Then all is listed again, be it in several runs.
 */
export function planOf(now: Required<Pick<Memory, 'types' | 'since'>>, listing?: ListingWay): Plan {
  const { covered = [], memory, wasWhole } = listing ?? {};
  const before = memoryIn(memory);
  const knowsAll = (types: readonly string[]) => now.types.every((type) => types.includes(type));
  const needs = (type: string) => (listing && wasWhole === undefined) || before.types.includes(type);
  // all is listed again by the user's wish, and this goes on with it: what was remembered when that began stays
  if (covered.length > 0 && memory === undefined && wasWhole === undefined)
    return { covered, since: undefined, needs, during: () => undefined, end: undefined };
  if (covered.length === 0 || knowsAll(before.types)) {
    const { since } = before;
    return {
      covered,
      since,
      needs,
      during: () => ({ ...now, since: since ?? now.since }),
      end: since === undefined ? undefined : now,
    };
  }
  const isGoneOnWith = before.anew !== undefined && knowsAll(before.anew.types);
  let anew = isGoneOnWith ? before.anew! : { ...now, covered: [] };
  return {
    covered: anew.covered,
    since: isGoneOnWith ? anew.since : undefined,
    needs,
    during(covers) {
      if (covers) anew = { ...anew, covered: united([...anew.covered, covers]) };
      return { types: before.types, ...(before.since !== undefined && { since: before.since }), anew };
    },
    end: now,
  };
}

function memoryIn(memory: unknown): Memory {
  const anew = at(memory, ['anew']);
  const since = timeIn(anew);
  return {
    types: typesIn(memory),
    since: timeIn(memory),
    ...(since !== undefined && { anew: { types: typesIn(anew), since, covered: intervalsIn(anew) } }),
  };
}

const typesIn = (memory: unknown): readonly string[] =>
  elements(at(memory, ['types'])).flatMap((type) => (typeof type === 'string' ? [type] : []));

function timeIn(memory: unknown): string | undefined {
  const time = textAt(memory, [['since']], 19);
  return time !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(time) ? time : undefined;
}

const intervalsIn = (memory: unknown): readonly Interval[] =>
  elements(at(memory, ['covered'])).flatMap((one) =>
    isInterval(one) ? [{ from: one.from, to: one.to }] : [],
  );

const isInterval = (value: unknown): value is Interval =>
  isObject(value) && [value.from, value.to].every((end) => end === null || Number.isSafeInteger(end));
