import { ofSource } from '../errors.ts';
import { type Settings, settingsOf } from '../options.ts';
import * as all from './all.ts';
import { type Choice, type Choices, choose, claimed, type Doubt, sourceCalled } from './choose.ts';
import { defineSource, type OwnSource } from './define.ts';
import type { Listing, Source, SourceContext } from './source.ts';

const breadths = ['platform', 'format', 'anything'];
const breadthOf = ({ breadth = 'platform' }: Source): number => breadths.indexOf(breadth);

/** All sources, platforms first; of two that claim a target the first has it. */
export const sources: readonly Source[] = Object.values<Source>(all).sort(
  (a, b) => breadthOf(a) - breadthOf(b),
);

export interface Opened {
  readonly source: Pick<Source, 'name'>;
  readonly listing: Listing;
  /** Who might have taken the target, and could not tell. */
  readonly doubts: readonly Doubt[];
  /** Of what was looked at: sources that might have taken it another day. */
  readonly rivals: readonly string[];
}

/** Which source the user says takes it: by its name, as a module, or one of their own. */
export interface Wish {
  readonly source?: string | null;
  readonly ownSource?: object | null;
}

/** The source of a target, opened. */
export async function openSource(target: string, context: SourceContext, wish: Wish = {}): Promise<Opened> {
  const { chosen, doubts } = await choose(target, await choosing(wish, context));
  return { source: chosen.source, listing: await opened(chosen, context), doubts, rivals: rivalsOf(chosen) };
}

/** A format is no rival: an export may stand beside a blog. */
const rivalsOf = ({ source, sight }: Choice): readonly string[] =>
  sources
    .filter(
      ({ name, breadth, recognises }) => sight && recognises && breadth !== 'format' && name !== source.name,
    )
    .map(({ name }) => name);

/** One of the user's own stands before all others, and has the target. */
async function choosing({ source: named = null, ownSource = null }: Wish, context: SourceContext) {
  const own = ownSource ? defineSource(ownSource as OwnSource) : await moduleSource(named, context);
  const known = own ? [own, ...sources.filter(({ name }) => name !== own.name)] : sources;
  checkNames(context.settings, known);
  return { sources: known, named: own?.name ?? named, context };
}

const isKnownName = (named: string): boolean => sources.some(({ name }) => name === named);

async function moduleSource(named: string | null, context: SourceContext): Promise<Source | undefined> {
  if (named === null || isKnownName(named)) return undefined;
  const { isModule, foreignSource } = await import('./foreign/foreign.ts'); // loaded by who brings one
  return isModule(named) ? foreignSource(named, context) : undefined;
}

/** Which source takes a target and why, and which others could; opens nothing. */
export async function surveySources(target: string, context: SourceContext, wish: Wish): Promise<Choices> {
  return choose(target, { ...(await choosing(wish, context)), isSurvey: true });
}

/** Whatever an adapter does in place of a listing is trouble with that source, and names it. */
async function opened({ source, target, sight }: Choice, context: SourceContext): Promise<Listing> {
  try {
    const listing = await source.open(target, context, sight);
    checkListing(listing);
    return listing;
  } catch (error) {
    context.signal.throwIfAborted();
    throw ofSource(source.name, error);
  }
}

/** What a listing is called becomes a folder, and may not lead out of the one that it is put into. */
function checkListing(listing: Listing): void {
  if (typeof listing?.pages !== 'function' || !Array.isArray(listing.trusted))
    throw new TypeError('it gives no listing');
  const { name, listedAs } = listing;
  if (name !== null && !isFolderName(name))
    throw new TypeError('it gives an archive a name that no folder can have');
  if (listedAs !== undefined && typeof listedAs !== 'string')
    throw new TypeError('it says by something that is no text under which name it is listed');
}

const isFolderName = (name: unknown): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about
  typeof name === 'string' && !/^\.{0,2}$|[/\\\x00-\x1f]/.test(name);

/** The source that takes a target, as far as can be told without asking anybody. */
export function sourceOf(target: string, { source: named = null, ownSource }: Wish): Source | undefined {
  if (ownSource || (named !== null && !isKnownName(named))) return undefined;
  return claimed(target, sources, named)?.source;
}

/** A setting that does not exist, of whichever source, would be a wish that nobody hears. */
function checkNames(settings: Settings, known: readonly Source[]): void {
  for (const key of Object.keys(settings)) {
    const { name, settings: own } = sourceCalled(key.split('.')[1] ?? '', known);
    settingsOf(name, Object.keys(own), settings);
  }
}
