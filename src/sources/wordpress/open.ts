import { SourceError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { shownAddress } from '../../shown.ts';
import { at, elements } from '../json-path.ts';
import { lookAt } from '../sight.ts';
import type { Listing, ListingWay, Recognised, Sight, SourceContext } from '../source.ts';
import { Standstill, walk } from '../timeline.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { Closed, Refused } from './api.ts';
import { siteOfCom } from './com.ts';
import { discover, tryPosts } from './discover.ts';
import { type Part, TypeList } from './list.ts';
import { nameOfHome, type Place, readPlace } from './place.ts';
import { Reader } from './reader.ts';
import { readSettings, type WordPressSettings } from './settings.ts';
import type { Site } from './site.ts';
import { TypesTimeline } from './timeline.ts';
import { typesOf } from './types.ts';

interface Way {
  readonly own: WordPressSettings;
  readonly context: SourceContext;
  readonly warnings: Warnings;
}

/** A page of a blog of WordPress whose posts can be asked for; a closed API leaves the blog to whoever reads its feed. */
export async function recogniseWordPress(sight: Sight, context: SourceContext): Promise<Recognised> {
  const own = readSettings(context.settings);
  const way = { own, context, warnings: silent };
  const site = await discover(sight, own.api, way);
  await tryPosts(site, way);
  return { why: site.why, target: sight.target };
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
        begun = begun && { ...begun, parts: [] }; // what was asked before is news once
        yield* listed(now, way, listing);
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

/** A blog that can be listed, for its first posts have come. */
interface Begun {
  readonly site: Site;
  readonly lists: readonly TypeList[];
  readonly parts: readonly Part[];
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
  for (const [nth, type] of types.entries()) {
    const list = new TypeList(type, api);
    const part = await firstOf(list, {
      mayLack: nth > 0 && own.types === undefined,
      name: api.name,
      warnings: way.warnings,
    });
    if (!part) continue;
    lists.push(list);
    parts.push(part);
  }
  return { site, lists, parts };
}

const inWords = ({ home }: Site): string => shownAddress(home).replace(/^https?:\/\/|\/$/g, '');

interface First {
  readonly mayLack: boolean;
  readonly name: string;
  readonly warnings: Warnings;
}

/** What a blog does not show of itself is left out where nobody asked for it. */
async function firstOf(list: TypeList, { mayLack, name, warnings }: First): Promise<Part | undefined> {
  try {
    return await list.part('newest', null);
  } catch (error) {
    if (error instanceof Standstill) throw new SourceError(error.message);
    if (!mayLack || !(error instanceof Closed || error instanceof Refused)) throw error;
    warnings.warn(`The ${list.type.base} of ${name} are not listed: its API does not show them.`);
    return undefined;
  }
}

/**
 * What earlier listings covered counts only if they knew all the types that are listed now: else the older posts of a
 * new type would never be met.
 */
async function* listed(begun: Begun, way: Way, listing?: ListingWay): AsyncGenerator<Page> {
  const { site, lists } = begun;
  const types = lists.map(({ type }) => type.slug);
  const known = elements(at(listing?.memory, ['types']));
  const isAnew = (listing?.covered.length ?? 0) > 0 && !types.every((type) => known.includes(type));
  const memory = { types };
  let isWhole = true;
  const leaveOut = (why: string) => {
    isWhole = false;
    listing?.leaveOut?.(why);
  };
  const given = listing && { ...listing, ...(isAnew && { covered: [] }), leaveOut };
  const offset = site.offset ?? offsetIn(begun.parts);
  const reader = new Reader({ ...way, root: site.root, name: inWords(site), api: way.own.api, offset });
  const timeline = new TypesTimeline({
    lists,
    offset,
    begun: begun.parts,
    blog: { raw: site.facts ?? {} },
    read: (entries) => reader.read(entries),
  });
  try {
    for await (const page of walk(timeline, given)) yield isAnew ? page : { ...page, memory };
    if (isAnew && isWhole) yield { posts: [], memory };
  } finally {
    reader.close();
  }
}

/** How far the clock of the blog is from Greenwich, by its newest post. */
function offsetIn(parts: readonly Part[]): number {
  for (const { entries } of parts)
    for (const { raw, moment } of entries) {
      const gmt =
        typeof raw.date_gmt === 'string' ? Date.parse(`${raw.date_gmt.slice(0, 19)}Z`) / 1000 : Number.NaN;
      const offset = moment === undefined ? Number.NaN : moment - gmt;
      if (Math.abs(offset) <= 15 * 3600) return offset;
    }
  return 0;
}
