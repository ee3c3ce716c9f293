/** Whole numbers from one to another, both included; null is without an end on that side. */
export interface Interval {
  readonly from: number | null;
  readonly to: number | null;
}

const low = ({ from }: Interval): number => from ?? Number.NEGATIVE_INFINITY;
const high = ({ to }: Interval): number => to ?? Number.POSITIVE_INFINITY;

/** In order and apart from each other: what touches or overlaps is one. */
export function united(intervals: readonly Interval[]): readonly Interval[] {
  const found: Interval[] = [];
  for (const next of intervals.filter((one) => low(one) <= high(one)).sort((a, b) => low(a) - low(b))) {
    const last = found.at(-1);
    if (last && low(next) <= high(last) + 1) {
      found.pop();
      found.push({ from: last.from, to: high(next) > high(last) ? next.to : last.to });
    } else found.push(next);
  }
  return found;
}

/** The one in which a place lies. */
export const intervalAt = (intervals: readonly Interval[], place: number): Interval | undefined =>
  intervals.find((one) => low(one) <= place && place <= high(one));

/** Does one of them hold all of another? */
export const isWithin = (intervals: readonly Interval[], { from, to }: Interval): boolean =>
  united(intervals).some((one) => low(one) <= low({ from, to }) && high({ from, to }) <= high(one));
