import { ofSource, UsageError } from '../errors.ts';
import { suggestion } from '../nearest.ts';
import type { Settings } from '../options.ts';
import { quoted } from '../shown.ts';
import { isAddress } from './address.ts';
import { json } from './json.ts';
import { list } from './list.ts';
import { look, type Opened } from './look.ts';
import type { Listing, Source, SourceContext } from './source.ts';
import { filesOf, isPattern, kindOfEntry, neighbours, noFolders, nothingAt } from './target.ts';
import { tumblr } from './tumblr/tumblr.ts';
import { wayback } from './wayback/wayback.ts';

/** All sources; of two that claim a target the first has it. */
export const sources: readonly Source[] = [tumblr, json, list, wayback];

const names = sources.map(({ name }) => name);

/**
 * The source of a target, opened: the one that was named, else the one of its prefix, else the first that claims
 * it; an address that nobody knows is looked at.
 */
export async function openSource(
  target: string,
  context: SourceContext,
  named: string | null = null,
): Promise<Opened> {
  checkNames(context.settings);
  const source = sourceOf(target, named);
  if (source) return { source, listing: await opened(source, target, context) };
  if (isAddress(target) && URL.canParse(target)) return look(target, context, supported());
  throw unclaimed(target);
}

/** Whatever an adapter does in place of a listing is trouble with that source, and names it. */
async function opened(source: Source, target: string, context: SourceContext): Promise<Listing> {
  try {
    const listing = await source.open(target, context);
    if (typeof listing?.pages === 'function' && Array.isArray(listing.trusted)) return listing;
    throw new TypeError('it gives no listing');
  } catch (error) {
    context.signal.throwIfAborted();
    throw ofSource(source.name, error);
  }
}

/** The source that takes a target, as far as can be told without asking anybody. */
export const sourceOf = (target: string, named: string | null): Source | undefined =>
  named ? sourceCalled(named) : (byPrefix(target) ?? sources.find((one) => isClaimed(one, target)));

function isClaimed(source: Source, target: string): boolean {
  try {
    return source.claims(target);
  } catch (error) {
    throw ofSource(source.name, error);
  }
}

const prefixOf = (target: string): string | undefined => /^([a-z][\w-]+):(?!\/\/)/i.exec(target)?.[1];

const byPrefix = (target: string): Source | undefined =>
  sources.find(({ name }) => name === prefixOf(target));

function sourceCalled(name: string): Source {
  const source = sources.find((source) => source.name === name);
  if (!source) throw unknownSource(name);
  return source;
}

/** A setting of a source that does not exist would be a wish that nobody hears. */
function checkNames(settings: Settings): void {
  for (const key of Object.keys(settings)) sourceCalled(key.split('.')[1] ?? '');
}

const unknownSource = (name: string) =>
  new UsageError(
    `There is no source ${quoted(name)}${suggestion(name, names) || `; there are ${names.join(', ')}.`}`,
  );

/** Why nobody takes a target, in one sentence that says what to do. */
function unclaimed(target: string): UsageError {
  const entry = kindOfEntry(target);
  const prefix = prefixOf(target);
  if (entry === 'folder') return noFolders(target);
  if (entry !== undefined)
    return new UsageError(
      `No source takes ${quoted(target)}; --source NAME says that one does: ${names.join(', ')}.`,
    );
  if (isPattern(target) && filesOf(target).length > 0)
    return new UsageError(
      `No source takes every file that ${quoted(target)} matches; name those of one kind.`,
    );
  if (target.includes('://'))
    return new UsageError(`No source takes ${quoted(target)}: it is not an http address.`);
  if (prefix !== undefined) return unknownSource(prefix);
  if (/[/\\.]/.test(target) || isPattern(target)) return nothingAt(target);
  return new UsageError(
    `No source takes ${quoted(target)}${suggestion(target, [...names, ...neighbours(target)]) || `.${supported()}`}`,
  );
}

/** What there is to choose from, where nothing nearer can be said. */
const supported = () =>
  ` What is taken: ${[...sources.map(({ takes }) => takes), 'the address of a picture, a video or a sound'].join('; ')}.`;
