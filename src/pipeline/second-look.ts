import type { In, Location, ReasonCode } from '../model.ts';
import type { Place } from './recover.ts';

/** An answer that may have been a passing mood of the server: it is asked once more before other places are. */
const due: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'empty',
  'too-small',
  'wrong-type',
  'cut',
  'checksum',
]);

export const secondLook: Place = {
  name: 'second look',
  locations({ location, reason }: In<'lost'>): Location[] {
    return due.has(reason.code) ? [location] : [];
  },
};
