import { AuthError, OxbowError, QuotaError, SourceError } from '../../errors.ts';
import type { Page, Post } from '../../model.ts';
import type { Answer } from '../../net/http.ts';
import { shownAddress } from '../../shown.ts';
import { sumOfText } from '../../sums.ts';
import { isKnown } from '../known.ts';
import { plainBytes } from '../plain-bytes.ts';
import { lookAt } from '../sight.ts';
import type { ListingWay, SourceContext } from '../source.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { askFeed, type Memory, marksOf, Refused, readMemory } from './ask.ts';
import { capturedPages } from './captures.ts';
import { recogniseFeed } from './discover.ts';
import { type Document, NoFeed, openDocument } from './document.ts';
import { type NextPage, nextPage, type ReadFrom, readCursor } from './paging.ts';
import { Sequence, tellMoved, tellNoPages, tellPartial } from './telling.ts';

export interface FeedWay {
  /** Its address; of what turns out to be a page that names one, that of the feed. */
  feed: string;
  readonly context: SourceContext;
  /** Are the captures of the feed to be read, too? */
  readonly isArchiveAsked: boolean;
  /** Was a feed seen there already? Then what answers now is not taken for a page that may name one. */
  readonly isSeen: boolean;
}

/** How a listing goes on, and what it has learnt on its way. */
export interface Run extends FeedWay {
  way: ListingWay | undefined;
  readonly warnings: Warnings;
  /** What the next listing is to know. */
  memory: Memory;
  /** Was anything left out? Then it is read again, also if it has not changed, for it is not all well. */
  hasSkipped: boolean;
  /** Ids of this listing, in short, where older forms of the same are read behind it. */
  readonly met: Set<string>;
}

/** The feed page after page, and then, if that is wanted, what the web archive holds of it. */
export async function* listFeed(
  given: FeedWay,
  cursor: unknown,
  way: ListingWay | undefined,
): AsyncGenerator<Page> {
  const capped = cappedWarnings(given.context.report, 'the feed');
  const skip = (message: string) => {
    run.hasSkipped = true;
    capped.skip(message);
  };
  const warnings = { ...capped, skip };
  const memory = readMemory(way?.memory);
  const run: Run = { ...given, way, warnings, memory, hasSkipped: false, met: new Set() };
  const at = readCursor(cursor);
  const captures = at && 'captures' in at ? at.captures : { before: null, newest: null };
  try {
    const isListed = at && !('next' in at) ? true : yield* livePages(run, at);
    if (!given.isArchiveAsked) return;
    // Behind what was left, nothing is remembered: the next run begins with the feed again.
    for await (const page of capturedPages(run, captures)) yield isListed ? page : { posts: page.posts };
  } finally {
    warnings.close();
  }
}

/**
 * Is it listed to its end? A page that cannot be had any more may stay so: then the listing that it ended once begins
 * anew, for what is new comes first.
 */
async function* livePages(run: Run, from: ReadFrom | undefined): AsyncGenerator<Page, boolean> {
  let trouble = yield* pagesFrom(run, from);
  if (trouble && from && run.way) {
    run.way = { ...run.way, wasWhole: false }; // what is held may have a gap behind it
    trouble = yield* pagesFrom(run, undefined);
  }
  if (trouble instanceof Broken) run.way?.leaveOut?.(trouble.message);
  else if (trouble) throw trouble;
  return trouble === undefined;
}

/** A page that the feed promises, and that is not there. */
class Broken extends SourceError {}

/** Page after page. What has ended them is given back, where it was neither their end nor a quota. */
async function* pagesFrom(
  run: Run,
  from: ReadFrom | undefined,
): AsyncGenerator<Page, OxbowError | undefined> {
  const visited = new Set<string>();
  // Entries that were deleted meanwhile have moved others to the page that was read last.
  const read = run.way?.isHeld && from?.read;
  let at: NextPage = read ?? from ?? { next: run.feed };
  let before: Sequence | undefined;
  let isAgain = read !== undefined;
  try {
    for (let isFirst = from === undefined; ; isFirst = isAgain = false) {
      visited.add(sumOfText('sha256', at.next));
      const opened = isFirst ? await openFirst(run) : await openFurther(at, run);
      if (!opened) return void tellNoPages(at, before, run);
      if (isFirst) at = { next: run.feed };
      const read: Read = { ...opened, at, isFirst, isAgain, before, sequence: new Sequence(), visited };
      const next = yield* documentPages(read, run);
      if (!next && before && !read.sequence.hasNews(before)) tellNoPages(at, before, run);
      if (!next) return undefined;
      before = read.sequence;
      at = next;
    }
  } catch (error) {
    run.context.signal.throwIfAborted();
    if (!(error instanceof OxbowError) || error instanceof QuotaError) throw error;
    return error;
  }
}

interface Opened {
  readonly document: Document;
  readonly answer: Answer;
}

interface Read extends Opened {
  readonly at: NextPage;
  readonly isFirst: boolean;
  /** Was it read by the run before this one? That all of it is held tells nothing then. */
  readonly isAgain: boolean;
  /** What the page before it held. */
  readonly before: Sequence | undefined;
  readonly sequence: Sequence;
  readonly visited: ReadonlySet<string>;
}

/** All posts of one page of the feed; where it goes on stands with the last of them. */
async function* documentPages(read: Read, run: Run): AsyncGenerator<Page, NextPage | undefined> {
  const { document, sequence, before, isFirst, answer } = read;
  let held: readonly Post[] | undefined;
  let isAllKnown = !read.isAgain;
  try {
    for await (const posts of document.pages) {
      if (held) yield { posts: held };
      isAllKnown &&= await isKnown(posts, run.way);
      await sequence.add(posts, run);
      held = posts.filter(({ id }) => !before?.has(id)); // what is put in meanwhile moves others to the next page
    }
  } catch (error) {
    if (held) yield { posts: held };
    throw error;
  }
  const isNoMore = (held !== undefined && isAllKnown && sequence.isNewestFirst) || isPast(sequence, run);
  const next = isNoMore ? undefined : onwards(read, run);
  if (isFirst) tell(read, run);
  if (isFirst) run.memory = { ...captured(run.memory), ...(!run.hasSkipped && marksOf(run.feed, answer)) };
  const { blog } = document.facts();
  const ending = run.isArchiveAsked ? { captures: { before: null, newest: null } } : null;
  yield {
    posts: held ?? [],
    cursor: next ? { ...next, read: read.at } : ending,
    ...(isFirst && { blog, memory: run.memory }),
  };
  return next;
}

const captured = ({ captured }: Memory): Memory => (captured === undefined ? {} : { captured });

/** Is all that can come older than what is asked for? */
const isPast = ({ newest, isNewestFirst }: Sequence, { way }: Run): boolean =>
  isNewestFirst && newest !== null && way?.after != null && newest < new Date(way.after).toISOString();

/** Where it goes on; not in a circle, nor where a server that does not know pages gives the same one again. */
function onwards({ document, at, before, sequence, visited }: Read, run: Run): NextPage | undefined {
  const isSame = before !== undefined && !sequence.hasNews(before);
  if (at.guess !== undefined && (isSame || sequence.count === 0)) return undefined;
  const next = nextPage(document.facts(), at);
  if (next?.guess !== undefined && sequence.count === 0) return undefined;
  if (!next || !visited.has(sumOfText('sha256', next.next))) return next;
  run.way?.leaveOut?.(
    `The pages of ${shownAddress(run.feed)} lead in a circle: what they do not lead to was not listed.`,
  );
  return undefined;
}

function tell({ document, answer, sequence }: Read, run: Run): void {
  const facts = document.facts();
  tellMoved(facts, answer, run);
  const isWhole = facts.isComplete || nextPage(facts, { next: run.feed }) !== undefined;
  if (!isWhole) tellPartial(sequence, run);
}

/** The feed itself, unless nothing in it has changed since all of it was stored. */
async function openFirst(run: Run): Promise<Opened | undefined> {
  const { feed, context, way } = run;
  const answer = await askFeed(feed, context, way?.wasWhole ? run.memory : undefined);
  if (answer === 'unchanged') return undefined;
  try {
    return await opened(answer, run);
  } catch (error) {
    if (!(error instanceof NoFeed)) throw error;
    return run.isSeen ? again(run) : named(run, error);
  }
}

async function opened(answer: Answer, { context, warnings }: Run): Promise<Opened> {
  const name = shownAddress(answer.url);
  const bytes = plainBytes(answer, name, context.signal);
  const type = answer.headers['content-type'];
  return { answer, document: await openDocument(bytes, { name, warnings, base: answer.url, type }) };
}

/** A page of maintenance passes. */
async function again(run: Run): Promise<Opened> {
  return opened((await askFeed(run.feed, run.context)) as Answer, run);
}

/** What was said to be a feed may be a page that names one. */
async function named(run: Run, error: NoFeed): Promise<Opened> {
  const found = await recogniseFeed(await lookAt(run.feed, run.context), run.context);
  if (!found)
    throw new SourceError(
      `${error.message} Nor does it name one that can be read; if it is JSON of another kind, json: and the address takes it.`,
      {
        cause: error,
        url: shownAddress(run.feed),
      },
    );
  run.feed = found.target;
  return opened((await askFeed(run.feed, run.context)) as Answer, run);
}

const isEnd = (error: unknown) => error instanceof Refused && [400, 404, 410].includes(error.status);

/** A further page; undefined where there is none. A page that nobody promised may be refused. */
async function openFurther({ next, guess }: NextPage, run: Run): Promise<Opened | undefined> {
  try {
    return await opened((await askFeed(next, run.context)) as Answer, run);
  } catch (error) {
    const isGuess = guess !== undefined;
    const isNone = isEnd(error) || error instanceof NoFeed;
    if (isGuess && guess > 2 && error instanceof NoFeed)
      run.warnings.warn(`The page before it is taken for the last one: ${error.message}`);
    if (isGuess && isNone) return undefined;
    if (!isNone && !(isGuess && error instanceof AuthError)) throw error;
    const message = `Older entries of ${shownAddress(run.feed)} cannot be had: ${(error as OxbowError).message}`;
    throw new Broken(message, { cause: error, url: shownAddress(next) });
  }
}
