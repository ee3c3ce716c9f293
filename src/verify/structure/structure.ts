/** The bytes of a file by position; never the whole at once. Fewer come back only at the end of the file. */
export interface Bytes {
  readonly size: number;
  read(at: number, length: number): Uint8Array;
}

/** How wide and how high a picture says it is. */
export interface Measure {
  readonly width?: number;
  readonly height?: number;
}

/** Its own end is there, with so many bytes after it that are not its own. */
export interface Whole extends Measure {
  readonly end: 'structure';
  readonly surplus?: number;
}

/** This kind of file, or this one, has no end that could be proved. */
export interface Unverified extends Measure {
  readonly end: 'unverified length';
  readonly why: string;
}

/** Bytes are lacking that the file itself promises. */
export interface Cut {
  readonly end: 'cut';
  readonly detail: string;
}

/** What the structure of a file tells of its end and its measure. */
export type Structure = Whole | Unverified | Cut;

/** Whole up to where its own end is; what follows is counted and left alone. */
export function whole(surplus: number, measure: Measure = {}): Whole {
  return { end: 'structure', ...measure, ...(surplus > 0 && { surplus }) };
}

/** Nothing contradicts the length, and nothing proves it. */
export function unverified(why: string, measure: Measure = {}): Unverified {
  return { end: 'unverified length', why, ...measure };
}

/** A part that begins inside the file and should end outside of it. */
export function cutAt(part: string, at: number, { has, of }: { has: number; of: number }): Cut {
  return cut(`${part} at ${at} has ${Math.max(0, has)} of ${of} bytes`);
}

export const cut = (detail: string): Cut => ({ end: 'cut', detail });

/** Measures as far as they make sense: a picture of no width has none that could be told. */
export function measured(width: number, height: number): Measure {
  const makesSense = (length: number) => Number.isSafeInteger(length) && length > 0;
  return makesSense(width) && makesSense(height) ? { width, height } : {};
}
