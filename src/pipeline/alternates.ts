import type { In, Location } from '../model.ts';
import { locationAt } from './location.ts';
import type { Place } from './recover.ts';

/** Other addresses or sizes that the source itself named; behind a larger original all of them. */
export const alternates: Place = {
  name: 'alternates',
  locations({ item }: In<'lost'>): Location[] {
    const asked = (item.original ?? item).url;
    const named = new Set([item.url, ...item.alternates]);
    const others = [...named].filter((url) => url !== asked).map((url) => locationAt('alternate', url));
    const lesser = (item.lesser ?? []).filter((url) => !named.has(url));
    return [...others, ...lesser.map((url) => ({ ...locationAt('alternate', url), isLesser: true }))];
  },
};
