import type { In, Location, MediaItem, Reason, Tried } from '../model.ts';

interface Way {
  readonly item: MediaItem;
  readonly location: Location;
  readonly tried: readonly Tried[];
}

/** What a record calls a place. */
const nameOf = ({ kind, snapshot }: Location) => snapshot?.archive ?? kind;

const answered = ({ location, tried }: Way, { code, detail }: Reason, from?: string): readonly Tried[] => [
  ...tried,
  {
    where: nameOf(location),
    url: location.url,
    ...(from && from !== location.url && { from }),
    outcome: code,
    detail,
  },
];

/** This location has it not; another may. `from` is the address that answered, if redirects led to another one. */
export function lostHere(way: Way, reason: Reason, from?: string): In<'lost'> {
  return {
    item: way.item,
    location: way.location,
    tried: answered(way, reason, from),
    state: 'lost',
    reason,
  };
}

/** Its host is left alone for now. */
export function sentAway(way: Way, reason: Reason): In<'lost'> {
  const { kind } = way.location;
  return lostHere(way, kind === 'snapshot' ? { ...reason, code: 'archive-unreachable' } : reason);
}

/** A rule of ours forbids it, or nothing is proven yet; no other place is asked. */
export function failedHere(way: Way, reason: Reason): In<'failed'> {
  return { item: way.item, location: way.location, tried: answered(way, reason), state: 'failed', reason };
}

/** Not yet looked for: recorded as such, and taken up again at the end of the run or by the next one. */
export function postpone(lost: In<'lost'>): In<'failed'> {
  return { ...lost, state: 'failed', reason: { code: 'recovery-pending', detail: lost.reason.code } };
}
