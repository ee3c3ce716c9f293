import type { In, Location, MediaItem, Snapshot, Tried } from '../model.ts';
import type { Ask } from './ask.ts';
import { type Capture, isTimestamp, LONGEST, plainDigest, timeOf, WebArchiveError } from './capture.ts';
import { type About, questionsOf, Reach } from './questions.ts';
import { isSmaller } from './sizes.ts';
import type { Found, WebArchive } from './web-archive.ts';

/** What indexes answered in the last days, so that they are not asked the same again. */
export interface Answers {
  recall(question: string): Promise<unknown>;
  remember(question: string, found: Found): Promise<void>;
}

export interface CapturesOptions {
  readonly ask: Ask;
  readonly answers: Answers;
  /** How many captures of an item are worth a request. */
  readonly most: number;
  /** Digests of known placeholders: base32 SHA-1. */
  readonly placeholders: ReadonlySet<string>;
}

/** An answer of more captures is not kept: it is asked for again. */
const MOST_REMEMBERED = 1000;

/** A web archive as a place: the captures of a lost item and of its twins, the likeliest first. */
export function captures(archive: WebArchive, options: CapturesOptions) {
  const { name, lanes } = archive;
  const find = finder(options);
  const reach = new Reach();
  const locationsOf = (capture: Capture, { kind, url }: MediaItem): Location[] =>
    archive.rawAt(capture, kind).map((at) => ({
      ...locationOf(at, { archive: name, lane: lanes.replay, capture }),
      ...lesser(capture, url),
    }));
  return {
    name,
    async *locations({ item }: Pick<In<'lost'>, 'item'>): AsyncGenerator<Location | Tried> {
      let left = options.most;
      const met = new Set(options.placeholders); // the same bytes under another address are no better
      let isTold = false; // of all sizes of a picture
      for (const about of questionsOf(item, archive, () => isTold)) {
        const found = askable(await find(about, item), (capture) => archive.rawAt(capture, item.kind));
        isTold ||= about.family !== undefined && reach.hasToldAll(found);
        const chosen = about.choose(found.captures, item, { placeholders: met, most: left });
        for (const { digest } of chosen) met.add(plainDigest(digest));
        yield* chosen.flatMap((capture) => locationsOf(capture, item));
        left -= chosen.length;
        const said = besides(found, chosen);
        if (said && left > 0) yield { where: name, url: about.question, ...said };
        if (left <= 0 || (found.isUnreachable && about.family === undefined)) return;
      }
    },
  };
}

const lesser = ({ original }: Capture, url: string) => isSmaller(original, url) && { isLesser: true };

/** What came of a question to an index. */
interface Heard extends Found {
  /** Then it is asked no further. */
  readonly isUnreachable?: boolean;
}

/**
 * Asks where nothing is remembered. What could not be asked, or not to its end, is not: the next run asks again.
 * As it came: which captures fit is another question for an item of another kind, or day, that asks the same address.
 */
function finder({ ask, answers }: CapturesOptions) {
  return async ({ question, ...about }: About, item: MediaItem): Promise<Heard> => {
    const known = await answers.recall(question);
    if (known) return known as Found;
    try {
      const found = await about.find(item, ask);
      const isAll = found.partial === undefined && found.captures.length <= MOST_REMEMBERED;
      if (isAll) await answers.remember(question, found);
      return found;
    } catch (error) {
      if (!(error instanceof WebArchiveError)) throw error;
      return { captures: [], partial: error.message, isUnreachable: true };
    }
  };
}

/** A capture that nobody can ask for may be the one that was looked for. */
function askable(found: Heard, rawAt: (capture: Capture) => readonly string[]): Heard {
  const captures = found.captures.filter(
    (capture) =>
      isTimestamp(capture.timestamp) && capture.original.length <= LONGEST && rawAt(capture).length > 0,
  );
  const rest = found.captures.length - captures.length;
  if (rest === 0) return found;
  return { ...found, captures, partial: found.partial ?? `${rest} of its captures cannot be asked for` };
}

type Said = Pick<Tried, 'outcome' | 'detail'>;

/** Captures that are of no use are no open question, as long as they are all there are. */
function besides({ captures, excluded, partial }: Found, chosen: readonly Capture[]): Said | undefined {
  if (partial !== undefined) return { outcome: 'archive-unreachable', detail: partial };
  if (chosen.length > 0) return undefined;
  if (excluded !== undefined) return { outcome: 'forbidden', detail: `left out of the archive: ${excluded}` };
  const { length } = captures;
  return {
    outcome: 'no-capture',
    detail: length === 0 ? 'the index has none' : `none of its ${length} captures is of use`,
  };
}

interface Origin {
  readonly archive: string;
  readonly lane: string;
  readonly capture: Capture;
}

function locationOf(url: string, { archive, lane, capture }: Origin): Location {
  const { original, digest } = capture;
  const snapshot: Snapshot = {
    archive,
    time: timeOf(capture),
    url,
    original,
    digest: digest === '-' ? null : digest,
  };
  return { kind: 'snapshot', url, lane, snapshot };
}
