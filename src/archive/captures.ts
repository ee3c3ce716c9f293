import type { In, Location, MediaItem, Snapshot, Tried } from '../model.ts';
import { isHandedOver } from '../net/hosts.ts';
import type { Ask } from './ask.ts';
import { type Capture, isTimestamp, LONGEST, plainDigest, timeOf, WebArchiveError } from './capture.ts';
import { choose } from './choose.ts';
import { twinsOf } from './twins.ts';
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

/** Further addresses that are asked about where the first ones have nothing; a question may cost seconds. */
const MOST_TWINS = 6;
/** An answer of more captures is not kept: it is asked for again. */
const MOST_REMEMBERED = 1000;

/** A web archive as a place: the captures of a lost item and of its twins, the likeliest first. */
export function captures(archive: WebArchive, options: CapturesOptions) {
  const { name, lanes } = archive;
  const find = finder(archive, options);
  const locationsOf = (capture: Capture, kind: MediaItem['kind']): Location[] =>
    archive.rawAt(capture, kind).map((at) => locationOf(at, { archive: name, lane: lanes.replay, capture }));
  return {
    name,
    async *locations({ item }: Pick<In<'lost'>, 'item'>): AsyncGenerator<Location | Tried> {
      let left = options.most;
      const met = new Set(options.placeholders); // the same bytes under another address are no better
      for (const url of addressesOf(item, archive)) {
        const found = askable(await find(url, item), (capture) => archive.rawAt(capture, item.kind));
        const chosen = choose(found.captures, item, { placeholders: met, most: left });
        for (const { digest } of chosen) met.add(plainDigest(digest));
        yield* chosen.flatMap((capture) => locationsOf(capture, item.kind));
        left -= chosen.length;
        const said = besides(found, chosen);
        if (said && left > 0) yield { where: name, url: archive.question(url), ...said };
        if (left <= 0 || found.isUnreachable) return;
      }
    },
  };
}

/**
 * What the web may have: the item's largest address, those that its source named, and what one can guess; one for each
 * key of the archive.
 */
function addressesOf({ url, alternates, original }: MediaItem, { keyOf }: WebArchive): string[] {
  const byKey = new Map<string, string>();
  const listed = [url, ...alternates].filter((address) => !isHandedOver(address));
  const named = [...(original ? [original.url] : []), ...listed];
  for (const address of [...named, ...twinsOf(listed[0] ?? '')].map(withoutLogin)) {
    const key = keyOf(address);
    if (!byKey.has(key)) byKey.set(key, address);
  }
  return [...byKey.values()].slice(0, 1 + MOST_TWINS);
}

/** What an address bore for its own host is nobody else's business. */
function withoutLogin(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (!url.username && !url.password) return address;
  url.username = '';
  url.password = '';
  return url.href;
}

/** What came of a question to an index. */
interface Heard extends Found {
  /** Then it is asked no further. */
  readonly isUnreachable?: boolean;
}

/**
 * Asks where nothing is remembered. What could not be asked, or not to its end, is not: the next run asks again.
 * As it came: which captures fit is another question for an item of another kind, or day, that asks the same address.
 */
function finder(archive: WebArchive, { ask, answers }: CapturesOptions) {
  return async (url: string, item: MediaItem): Promise<Heard> => {
    const question = archive.question(url);
    const known = await answers.recall(question);
    if (known) return known as Found;
    try {
      const found = await archive.find(url, item, ask);
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
