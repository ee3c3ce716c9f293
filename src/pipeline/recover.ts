import type { In, Location, Parcel, Tried } from '../model.ts';
import type { Report } from '../progress.ts';
import { conclude } from '../reasons.ts';
import { postpone } from './asked.ts';
import { whereabouts } from './refresh.ts';

/** Something that names locations for a lost item, the likeliest first, or says why it has none. */
export interface Place {
  readonly name: string;
  locations(lost: In<'lost'>): AsyncIterable<Location | Tried> | Iterable<Location | Tried>;
}

export interface RecoverOptions {
  readonly stop: AbortSignal;
  readonly report: Report;
}

/** Asks the other places in order, each location through the same three steps, until one has what was lost. */
export function recover(
  places: readonly Place[],
  again: (parcel: Parcel) => Promise<Parcel>,
  options: RecoverOptions,
) {
  const { stop } = options;
  const told = whereabouts(places, again, options);
  return async (lost: In<'lost'>): Promise<Parcel> => {
    if (lost.held) return told(lost, lost.held);
    return lost.reduced ? lost : elsewhere(lost); // what is kept in another size is kept
  };

  async function elsewhere(lost: In<'lost'>): Promise<Parcel> {
    const tried = [...lost.tried];
    for await (const found of namedBy(places, lost, options)) {
      if ('outcome' in found) {
        tried.push(found);
        continue;
      }
      const result = await again({ state: 'wanted', item: lost.item, location: found, tried: [] });
      if (result.state === 'kept') return { ...result, tried };
      if (result.state === 'filtered') return result;
      if (result.state === 'wanted') return postpone(lost); // let go while it waited: the run was asked to stop
      tried.push(...result.tried);
    }
    if (stop.aborted) return postpone(lost); // there may be places that were not asked
    return { ...lost, tried, reason: conclude(tried).reason };
  }
}

/** What the places name, one place after another: the next is asked only when the one before has nothing left. */
async function* namedBy(
  places: readonly Place[],
  lost: In<'lost'>,
  { stop, report }: RecoverOptions,
): AsyncGenerator<Location | Tried> {
  for (const place of places) {
    if (stop.aborted) return; // a question to a web archive may take minutes
    report({ event: 'recover', item: lost.item.id, place: place.name });
    yield* place.locations(lost);
  }
}
