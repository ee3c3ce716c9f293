import type { MediaRecord, Reason, ReasonCode, Tried } from './model.ts';

/**
 * What each reason means. `definite`: the place gave a clear no, so it counts towards `missing`; everything
 * else leaves the item `failed`. `again`: after how many days a later run asks once more.
 */
interface Meaning {
  readonly definite: boolean;
  readonly again: number;
  readonly words: string;
}

const no = (words: string, again: number): Meaning => ({ definite: true, again, words });
const unsettled = (words: string): Meaning => ({ definite: false, again: 0, words });

const meanings: Record<ReasonCode, Meaning> = {
  gone: no('gone from its server', 30),
  lacking: no('not in the export that names it', 30),
  forbidden: no('its server refuses it', 7),
  empty: no('an empty file', 7),
  'too-small': no('too small to be real', 7),
  'wrong-type': no('something else in its place', 7),
  cut: no('cut short at its source', 7),
  placeholder: no('a placeholder in its place', 30),
  checksum: no('not the bytes that were promised', 7),
  redirects: no('redirected without end', 7),
  'no-such-host': no('there is no such host any more', 30),
  'no-capture': no('no web archive has it', 30),
  'not-a-capture': no('the web archive answered with a message', 7),
  truncated: unsettled('cut short every time'),
  timeout: unsettled('no answer in time'),
  stalled: unsettled('the transfer stood still'),
  'too-slow': unsettled('the transfer was too slow to end'),
  connect: unsettled('no connection'),
  dns: unsettled('the name could not be looked up'),
  tls: unsettled('no trustworthy secure connection'),
  'tls-timeout': unsettled('the secure connection was not made in time'),
  proxy: unsettled('the proxy did not let us through'),
  protocol: unsettled('an answer that is not proper HTTP'),
  decode: unsettled('damaged compression'),
  digest: unsettled('not the bytes that its server announced'),
  'server-error': unsettled('its server is in trouble'),
  'rate-limited': unsettled('its server asks us to wait too long'),
  throttled: unsettled('its server refuses everything for the moment'),
  'unexpected-status': unsettled('an answer that makes no sense'),
  'archive-unreachable': unsettled('the web archive could not be asked'),
  'recovery-pending': unsettled('not yet looked for in the web archives'),
  suspect: unsettled('the same bytes at many unrelated addresses'),
  'not-at-hand': unsettled('it lies in an export that was not given this time'),
  'refused-scheme': unsettled('not an http address'),
  'refused-private-address': unsettled('a private address (--allow-private lifts it)'),
  'refused-port': unsettled('a port of another service (--allow-private lifts it)'),
  'refused-too-large': unsettled('larger than allowed'),
  'refused-robots': unsettled('its robots.txt forbids it'),
  'refused-filter': unsettled('not wanted by the options'),
};

export const isDefinite = (code: ReasonCode): boolean => meanings[code].definite;

export const inWords = (code: ReasonCode): string => meanings[code]?.words ?? code;

/** `missing` needs a definite no from every place asked; a single open question makes it `failed`. */
export function conclude(tried: readonly Tried[]): { status: 'missing' | 'failed'; reason: Reason } {
  const open = tried.find(({ outcome }) => !isDefinite(outcome));
  const { outcome: code, detail } = open ?? tried[0]!;
  return { status: open ? 'failed' : 'missing', reason: { code, detail } };
}

/** Another record of the same run may follow: such items are taken up once more at its end. */
export const isPutOff = (code: ReasonCode | undefined): boolean =>
  code === 'recovery-pending' || code === 'throttled';

const DAY = 86_400_000;

/** Where a media item would be asked for now. */
interface Asking {
  readonly url: string;
  /** The web archives. */
  readonly places: readonly string[];
}

/** A loss that run after run confirms is asked about ever more rarely, but now and then for ever. */
const LONGEST_WAIT = 180;

/**
 * When is a media item that an earlier run did not get to be asked for again, in milliseconds? What failed: at once.
 * What is missing: when the shortest waiting time of its answers is over, which doubles with each run that finds the
 * same.
 */
export function dueFrom({ status, at, tried = [], losses = 1 }: MediaRecord): number {
  const since = Date.parse(at);
  if (status !== 'missing' || tried.length === 0 || Number.isNaN(since)) return 0;
  const days = Math.min(...tried.map(({ outcome }) => meanings[outcome]?.again ?? 0));
  return days === 0 ? 0 : since + Math.min(LONGEST_WAIT, days * 2 ** (losses - 1)) * DAY;
}

/**
 * Is it kept while there may be a larger one: its page did not say, the original that it named could not be had, or its own
 * address gave no clear answer and a lesser copy was taken? Where that gave a clear no, or has come less than it was said
 * to be, there is nothing to ask for.
 */
export const mayBeLarger = (record: MediaRecord): boolean => {
  const { status, url, got, bestKnown } = record;
  if (status !== 'kept' || bestKnown === undefined || bestKnown.url === got?.url) return false;
  return bestKnown.url !== url || isOpenAt(record, url);
};

/** Has an address given neither the item nor a clear no? */
export function isOpenAt({ tried = [] }: MediaRecord, url: string): boolean {
  const answer = tried.findLast((one) => one.url === url);
  return answer !== undefined && !isDefinite(answer.outcome);
}

/** So many runs ask in vain for what may pass by itself before the waiting begins. */
const PATIENCE = 3;
const WEEK = 7;

/**
 * When is a larger one to be asked for again, in milliseconds? As with what is missing where its original gave a clear
 * no; else at once, until a few runs in a row have asked in vain.
 */
export function largerDueFrom({ at, bestKnown, tried = [], losses = 1 }: MediaRecord): number {
  const since = Date.parse(at);
  const answer = tried.findLast(({ url }) => url === bestKnown?.url);
  const again = (answer && meanings[answer.outcome]?.again) || 0;
  const days =
    again > 0 ? again * 2 ** (losses - 1) : losses < PATIENCE ? 0 : WEEK * 2 ** (losses - PATIENCE);
  return days === 0 || Number.isNaN(since) ? 0 : since + Math.min(LONGEST_WAIT, days) * DAY;
}

/** How many runs in a row have found an item missing, with the one that does so now. */
export function lossesAfter(before: MediaRecord | undefined, run: string): number {
  return lossesBefore(before) + (before?.status === 'missing' && before.run === run ? 0 : 1);
}

/** How many had found so before it was put off. */
export function lossesBefore(before: MediaRecord | undefined): number {
  if (before?.status === 'missing') return before.losses ?? 1;
  return isPutOff(before?.reason?.code) ? (before?.losses ?? 0) : 0;
}

/** Is it due now, or has it an address or a place now that was not asked then? */
export function isDue(record: MediaRecord, { url, places }: Asking, now: number): boolean {
  if (record.status !== 'missing' || record.url !== url) return true;
  const asked = new Set(record.tried?.map(({ where }) => where));
  return places.some((place) => !asked.has(place)) || now >= dueFrom(record);
}
