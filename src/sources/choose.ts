import { type OxbowError, ofSource, SourceError, sentence, UsageError } from '../errors.ts';
import { suggestion } from '../nearest.ts';
import { quoted, shownAddress } from '../shown.ts';
import { isAddress } from './address.ts';
import type { Sight, Source, SourceContext } from './source.ts';
import { filesOf, isPattern, kindOfEntry, neighbours, noFolders, nothingAt } from './target.ts';

/** Which source takes a target, as what, and how that is known. */
export interface Choice {
  readonly source: Source;
  /** What it opens. */
  readonly target: string;
  /** The rest of a sentence: "tumblr takes it: …". */
  readonly why: string;
  /** What it was recognised by. */
  readonly sight?: Sight;
  readonly isPartial?: boolean;
}

export interface Choices {
  readonly chosen: Choice;
  /** Others that could take it, where it was looked at. */
  readonly others: readonly Choice[];
  /** Who was asked and could not tell. */
  readonly doubts: readonly Doubt[];
}

/** A source that might have taken a target, and why it could not. */
export interface Doubt {
  readonly source: string;
  readonly error: OxbowError;
}

export const inWords = ({ source, error }: Doubt): string => `${source}: ${sentence(error)}`;

interface Choosing {
  readonly sources: readonly Source[];
  readonly named: string | null;
  readonly context: SourceContext;
  /** Is it asked which others could take it, too? */
  readonly isSurvey?: boolean;
}

/**
 * The source of a target: the one that was named, else the one of its prefix, else the first that claims it; an address
 * that nobody knows is looked at once, and the source that gets most out of it takes it.
 */
export async function choose(
  target: string,
  { sources, named, context, isSurvey = false }: Choosing,
): Promise<Choices> {
  const known = claimed(target, sources, named);
  if (known) return { chosen: known, others: [], doubts: [] };
  if (!isAddress(target) || !URL.canParse(target)) throw unclaimed(target, sources);
  const { lookAt } = await import('./sight.ts'); // what reads pages is loaded by who has one
  const sight = await lookAt(target, context);
  const found: Choice[] = [];
  const doubts: Doubt[] = [];
  for (const source of sources) {
    const recognised = await asked(source, sight, context, doubts);
    if (recognised) found.push({ source, ...recognised, sight });
    if (recognised && !recognised.isPartial && !isSurvey) break;
  }
  const chosen = found.find(({ isPartial }) => !isPartial) ?? found[0];
  if (!chosen) throw await unrecognised(sight, doubts);
  return { chosen, others: found.filter((one) => one !== chosen), doubts };
}

async function asked(source: Source, sight: Sight, context: SourceContext, doubts: Doubt[]) {
  try {
    return await source.recognises?.(sight, context);
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof UsageError) throw error; // a setting that does not fit is the user's to mend, whoever takes it
    doubts.push({ source: source.name, error: ofSource(source.name, error) });
    return undefined;
  }
}

/** As far as can be told without asking anybody. */
export function claimed(
  target: string,
  sources: readonly Source[],
  named: string | null,
): Choice | undefined {
  if (named !== null) return { source: sourceCalled(named, sources), target, why: 'it was named' };
  const prefix = prefixOf(target);
  const byPrefix = sources.find(({ name }) => name === prefix);
  if (byPrefix) return { source: byPrefix, target, why: `it begins with ${prefix}:` };
  const source = sources.find((one) => isClaimed(one, target));
  const why = isAddress(target)
    ? 'its address says so'
    : kindOfEntry(target)
      ? 'what lies there says so'
      : 'its name says so';
  return source && { source, target, why };
}

function isClaimed(source: Source, target: string): boolean {
  try {
    return source.claims(target);
  } catch (error) {
    throw ofSource(source.name, error);
  }
}

const prefixOf = (target: string): string | undefined => /^([a-z][\w-]+):(?!\/\/)/i.exec(target)?.[1];

export function sourceCalled(name: string, sources: readonly Source[]): Source {
  const source = sources.find((source) => source.name === name);
  if (!source) throw unknownSource(name, sources);
  return source;
}

const namesOf = (sources: readonly Source[]) => sources.map(({ name }) => name);

function unknownSource(name: string, sources: readonly Source[]): UsageError {
  const names = namesOf(sources);
  return new UsageError(
    `There is no source ${quoted(name)}${suggestion(name, names) || `; there are ${names.join(', ')}.`}`,
  );
}

async function unrecognised(sight: Sight, doubts: readonly Doubt[]): Promise<OxbowError> {
  const { target, status, type, start: html } = sight;
  const { closedSite, inPlaceOfSite, standIn, strayed } = await import('./stand-in.ts');
  const url = shownAddress(target);
  const also = doubts.map((doubt) => ` ${inWords(doubt)}`).join('');
  const other = standIn({ ...sight, asked: target, html });
  if (other) return inPlaceOfSite(other, target, also);
  const elsewhere = status === 200 ? strayed(sight) : undefined;
  if (elsewhere) return elsewhere;
  if (status === 401 || status === 403) return closedSite(target, status, also);
  if (status !== 200)
    return new SourceError(`${url} cannot be listed: its server answers ${status}.${also}`, { url });
  return new UsageError(
    `No source takes ${url}: its server answers with ${type || 'something of no type'}.${supported}${also}`,
  );
}

/** Why nobody takes a target, in one sentence that says what to do. */
function unclaimed(target: string, sources: readonly Source[]): UsageError {
  const names = namesOf(sources);
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
  if (prefix !== undefined) return unknownSource(prefix, sources);
  if (/[/\\.]/.test(target) || isPattern(target)) return nothingAt(target);
  return new UsageError(
    `No source takes ${quoted(target)}${suggestion(target, [...names, ...neighbours(target)]) || `.${supported}`}`,
  );
}

/** Where nothing nearer can be said. */
const supported = " 'oxbow sources' tells what is taken.";
