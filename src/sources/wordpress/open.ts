import { SourceError } from '../../errors.ts';
import { shownAddress } from '../../shown.ts';
import { lookAt } from '../sight.ts';
import type { Listing, Recognised, Sight, SourceContext } from '../source.ts';
import { Standstill } from '../timeline.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { Closed, hasTrouble, Overstrained, Refused } from './api.ts';
import { siteOfCom } from './com.ts';
import { discover, isOfWordPress, tryPosts } from './discover.ts';
import { type Part, TypeList } from './list.ts';
import { type Begun, listed, type RefusedType } from './listing.ts';
import { nameOfHome, type Place, readPlace } from './place.ts';
import { readSettings, type WordPressSettings } from './settings.ts';
import type { Site } from './site.ts';
import { typesOf } from './types.ts';

interface Way {
  readonly own: WordPressSettings;
  readonly context: SourceContext;
  readonly warnings: Warnings;
}

/**
 * A page of a blog of WordPress whose posts can be asked for; a closed API leaves the blog to whoever reads its feed.
 * Trouble that may pass does not: the feed has the newest posts alone, under other ids, and nobody would hear of the rest.
 */
export async function recogniseWordPress(
  sight: Sight,
  context: SourceContext,
): Promise<Recognised | undefined> {
  if (!isOfWordPress(sight)) return undefined;
  const own = readSettings(context.settings);
  const way = { own, context, warnings: silent };
  try {
    const site = await discover(sight, own.api, way);
    await tryPosts(site, way);
    return { why: site.why, target: sight.target };
  } catch (error) {
    if (!hasTrouble(error)) throw error;
    return { why: 'its page was made by WordPress, whose API has trouble now', target: sight.target };
  }
}

/** Another source may take it: what is odd here is said when it is opened. */
const silent: Warnings = { warn: () => undefined, skip: () => undefined, close: () => undefined };

/** A blog by its API. WordPress.com is asked when the first page is wanted, all others at once. */
export async function openWordPress(target: string, context: SourceContext, sight?: Sight): Promise<Listing> {
  const own = readSettings(context.settings);
  const place = readPlace(target);
  let begun =
    place.kind === 'com'
      ? undefined
      : await withWarnings({ own, context }, (way) => begin(place, way, sight));
  const name = nameOfHome(begun?.site.home ?? `https://${place.host}/`);
  return {
    name,
    trusted: [place.url, ...(own.ownApi === undefined ? [] : [own.ownApi])],
    ...(!begun && { isUnchecked: true }),
    listedAs: own.types ? `${name} (${[...own.types].sort().join(',')})` : name,
    async *pages(_cursor, listing) {
      const warnings = cappedWarnings(context.report, 'WordPress');
      const way = { own, context, warnings };
      try {
        const now = begun ?? (await begin(place, way, sight));
        begun = begun && { ...begun, parts: [], refused: [] }; // what was asked before is news once
        yield* listed(now, { ...way, api: own.api }, listing);
      } finally {
        warnings.close();
      }
    },
  };
}

async function withWarnings<T>(given: Omit<Way, 'warnings'>, work: (way: Way) => Promise<T>): Promise<T> {
  const warnings = cappedWarnings(given.context.report, 'WordPress');
  try {
    return await work({ ...given, warnings });
  } finally {
    warnings.close();
  }
}

async function begin(place: Place, way: Way, sight: Sight | undefined): Promise<Begun> {
  const { own, context } = way;
  const site =
    place.kind === 'com'
      ? await siteOfCom(place.host, own.api, way)
      : await discover(sight ?? (await lookAt(place.url, context)), own.api, way);
  const api = { ...way, root: site.root, limit: own.limit, name: inWords(site) };
  const types = await typesOf(site, own.types, api);
  const lists: TypeList[] = [];
  const parts: Part[] = [];
  const refused: RefusedType[] = [];
  for (const [nth, type] of types.entries()) {
    const list = new TypeList(type, api);
    const part = await firstOf(list, nth > 0 && own.types === undefined);
    if ('entries' in part) {
      lists.push(list);
      parts.push(part);
    } else refused.push({ ...part, type });
  }
  return { site, lists, parts, refused, name: api.name };
}

const inWords = ({ home }: Site): string => shownAddress(home).replace(/^https?:\/\/|\/$/g, '');

/** What a blog does not show of itself, or not now, is left out where nobody asked for it. */
async function firstOf(list: TypeList, mayLack: boolean): Promise<Part | { readonly isBroken: boolean }> {
  try {
    return await list.part('newest', null);
  } catch (error) {
    if (error instanceof Standstill) throw new SourceError(error.message);
    const isBroken = error instanceof Overstrained;
    if (!mayLack || !(isBroken || error instanceof Closed || error instanceof Refused)) throw error;
    return { isBroken };
  }
}
