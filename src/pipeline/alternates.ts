import type { In, Location } from '../model.ts';
import { locationAt } from './location.ts';
import type { Place } from './recover.ts';

/** Other addresses or sizes that the source itself named. */
export const alternates: Place = {
  name: 'alternates',
  locations({ item }: In<'lost'>): Location[] {
    return item.alternates.filter((url) => url !== item.url).map((url) => locationAt('alternate', url));
  },
};
