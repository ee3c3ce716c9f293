import { ofSource } from '../errors.ts';
import type { Settings } from '../options.ts';
import * as all from './all.ts';
import { type Choice, type Choices, choose, claimed, sourceCalled } from './choose.ts';
import type { Listing, Source, SourceContext } from './source.ts';

const breadths = ['platform', 'format', 'anything'];
const breadthOf = ({ breadth = 'platform' }: Source): number => breadths.indexOf(breadth);

/** All sources, platforms first; of two that claim a target the first has it. */
export const sources: readonly Source[] = Object.values<Source>(all).sort(
  (a, b) => breadthOf(a) - breadthOf(b),
);

export interface Opened {
  readonly source: Source;
  readonly listing: Listing;
}

/** The source of a target, opened. */
export async function openSource(
  target: string,
  context: SourceContext,
  named: string | null = null,
): Promise<Opened> {
  checkNames(context.settings);
  const { chosen } = await choose(target, { sources, named, context });
  return { source: chosen.source, listing: await opened(chosen, context) };
}

/** Which source takes a target and why, and which others could; opens nothing. */
export async function surveySources(
  target: string,
  context: SourceContext,
  named: string | null,
): Promise<Choices> {
  checkNames(context.settings);
  return choose(target, { sources, named, context, isSurvey: true });
}

/** Whatever an adapter does in place of a listing is trouble with that source, and names it. */
async function opened({ source, target, sight }: Choice, context: SourceContext): Promise<Listing> {
  try {
    const listing = await source.open(target, context, sight);
    if (typeof listing?.pages === 'function' && Array.isArray(listing.trusted)) return listing;
    throw new TypeError('it gives no listing');
  } catch (error) {
    context.signal.throwIfAborted();
    throw ofSource(source.name, error);
  }
}

/** The source that takes a target, as far as can be told without asking anybody. */
export const sourceOf = (target: string, named: string | null): Source | undefined =>
  claimed(target, sources, named)?.source;

/** A setting of a source that does not exist would be a wish that nobody hears. */
function checkNames(settings: Settings): void {
  for (const key of Object.keys(settings)) sourceCalled(key.split('.')[1] ?? '', sources);
}
