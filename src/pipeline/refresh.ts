import type { Gone, In, Location, MediaItem, MediaRecord, Parcel, Reason } from '../model.ts';
import { isHandedOver } from '../net/hosts.ts';
import type { Answer } from '../net/http.ts';
import { conclude, isDefinite } from '../reasons.ts';
import { askedAt } from '../vault/records.ts';
import { alternates } from './alternates.ts';
import { lostHere, postpone } from './asked.ts';
import type { Hearsay } from './hearsay.ts';
import type { Fact } from './outcome.ts';
import type { Place, RecoverOptions } from './recover.ts';
import { secondLook } from './second-look.ts';
import type { Tally } from './tally.ts';

type Headers = Readonly<Record<string, string>>;

/** What is kept sets out once more; undefined if it came from a web archive or an export, for there nothing changes. */
export function askAgain(parcel: In<'wanted'>, held: MediaRecord): In<'wanted'> | undefined {
  if (held.status !== 'kept' || held.snapshot || isHandedOver(askedAt(held))) return undefined;
  return { ...parcel, held, location: whereKept(parcel.item, held) };
}

/** Where it was got from; its own address may have been renewed since, unless it is one within an export by now. */
function whereKept({ url }: MediaItem, held: MediaRecord): Location {
  const at = askedAt(held);
  if (at !== held.url) return { kind: 'alternate', url: at };
  return { kind: 'live', url: isHandedOver(url) ? at : url };
}

/**
 * Has it changed, by what its server said of it then? Where that was nothing, or another address is asked, a single
 * byte is enough to learn the length.
 */
export function questionAbout(held: MediaRecord, url: string): Headers {
  const isSameAddress = url === askedAt(held);
  const { etag, lastModified } = (isSameAddress && held.response) || {};
  if (etag) return { 'if-none-match': etag };
  return lastModified ? { 'if-modified-since': lastModified } : { range: 'bytes=0-0' };
}

/** What the head of the answer settles; undefined if its body has to be taken in, or it is no body at all. */
export function answerAbout(
  held: MediaRecord,
  { status, headers }: Answer,
  asked: Headers,
): Fact | undefined {
  if (!asked.range) return status === 304 ? { fact: 'unchanged' } : undefined;
  if (status === 416) return { fact: 'changed', why: 'it has no first byte' };
  if (status !== 200 && status !== 206) return undefined;
  const isSame = lengthIn({ status, headers }) === String(held.bytes);
  if (isSame) return { fact: 'unchanged' };
  return status === 206 ? { fact: 'changed', why: 'it has another length by now' } : undefined;
}

/** As it stands in the answer; undefined where what is sent is not the file itself. */
function lengthIn({ status, headers }: Pick<Answer, 'status' | 'headers'>): string | undefined {
  if (status === 206) return /^bytes 0-0\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  return headers['content-encoding'] === undefined ? headers['content-length'] : undefined;
}

type Held = Pick<In<'wanted'>, 'item' | 'location' | 'tried' | 'held' | 'reduced'>;

const settled = (
  { item, location, tried, reduced }: Held,
  held: MediaRecord,
  record: MediaRecord,
): In<'settled'> => ({
  state: 'settled',
  item,
  location,
  tried,
  held,
  ...(reduced && { reduced }),
  record,
});

/** Unchanged; that is news only where it was gone before. */
export const stillThere = (way: Held, held: MediaRecord): In<'settled'> =>
  settled(way, held, held.gone ? unmarked(held) : held);

function unmarked(record: MediaRecord): MediaRecord {
  const { gone: _, ...rest } = record;
  return rest;
}

/** Gone, and that is news, or it is where else there is a copy; since when it is gone does not change. */
function marked(lost: In<'lost'>, held: MediaRecord, { reason, elsewhere }: Finding): In<'settled'> {
  const { code, detail } = reason;
  const before: Gone = held.gone ?? { code, detail, at: new Date().toISOString() };
  const isNews = !held.gone || before.elsewhere !== elsewhere;
  const gone = { ...before, ...(elsewhere !== undefined && { elsewhere }) };
  return settled(lost, held, isNews ? { ...held, gone } : held);
}

interface Finding {
  readonly reason: Reason;
  readonly elsewhere: Gone['elsewhere'];
}

/**
 * What is held and is not there any more need not be fetched: it is asked about once more where the answer may have
 * been a mood, and then whether somebody else has it. An answer that is no clear no leaves it lost as it came.
 */
export function whereabouts(
  places: readonly Place[],
  again: (parcel: Parcel) => Promise<Parcel>,
  options: RecoverOptions,
) {
  const archives = places.filter((place) => place !== secondLook && place !== alternates);
  return async (lost: In<'lost'>, held: MediaRecord): Promise<Parcel> => {
    const tried = [...lost.tried];
    for await (const location of secondLook.locations(lost)) {
      if ('outcome' in location) continue;
      const seen = await again({ state: 'wanted', item: lost.item, location, held, tried: [] });
      if (seen.state !== 'lost') return seen;
      tried.push(...seen.tried);
    }
    const { status, reason } = conclude(tried);
    if (status !== 'missing' || options.stop.aborted) return { ...lost, tried };
    const isKnown = held.gone?.elsewhere !== undefined;
    const elsewhere = isKnown ? held.gone.elsewhere : await captureOf(lost, archives, options);
    return marked(lost, held, { reason, elsewhere });
  };
}

/** The first capture that a web archive names; null if all say that they have none. */
async function captureOf(
  lost: In<'lost'>,
  archives: readonly Place[],
  { stop, report }: RecoverOptions,
): Promise<Gone['elsewhere']> {
  let isCertain = archives.length > 0;
  for (const place of archives) {
    if (stop.aborted) return undefined;
    report({ event: 'recover', item: lost.item.id, place: place.name });
    for await (const found of place.locations(lost)) {
      if (!('outcome' in found)) return found.snapshot?.url ?? found.url;
      isCertain &&= isDefinite(found.outcome);
    }
  }
  return isCertain ? null : undefined;
}

/** A lost item that finds no room to be looked for: what is held is marked at once, and looked for at the end. */
export const putOff =
  ({ tally, stop }: { readonly tally: Tally; readonly stop: AbortSignal }) =>
  (lost: In<'lost'>): Parcel => {
    if (!lost.held) return postpone(lost);
    const { status, reason } = conclude(lost.tried);
    if (status !== 'missing' || stop.aborted) return lost;
    const { held } = lost;
    if (held.gone?.elsewhere === undefined) tally.unsought++;
    return marked(lost, held, { reason, elsewhere: held.gone?.elsewhere });
  };

/** Gone, and nobody knows whether a web archive has it. */
export const isUnsought = ({ gone }: MediaRecord): boolean =>
  gone !== undefined && gone.elsewhere === undefined;

/** As it was when it was put off. */
export function lostBefore(item: MediaItem, held: MediaRecord): In<'lost'> {
  const { code, detail } = held.gone!;
  return lostHere({ item, held, location: whereKept(item, held), tried: [] }, { code, detail });
}

interface Door {
  readonly stamp: Pick<MediaRecord, 'v' | 'run' | 'at'>;
  /** Items whose refusal was believed and no longer is. */
  readonly doubted: Set<string>;
  readonly tally: Tally;
  readonly hearsay: Hearsay;
}

/** At the door of the manifest: what is held stays held whatever came of the question, and news about it is dated. */
export function atTheDoor(parcel: Parcel, { stamp, doubted, tally, hearsay }: Door): Parcel {
  const { held } = parcel;
  if (!held) return parcel;
  if (parcel.state === 'filtered') return settled(parcel, held, held); // what it became is not wanted
  const isOpen = parcel.state === 'lost' || parcel.state === 'failed';
  const isFresh = parcel.state === 'settled' && parcel.record.gone !== undefined && !held.gone;
  const isDoubted = (isOpen || isFresh) && doubted.delete(held.item);
  if (parcel.state === 'kept' || (parcel.state === 'settled' && !parcel.record.gone)) hearsay.gave(parcel);
  if (isOpen || isDoubted || (isFresh && hearsay.isOpen(parcel))) {
    tally.unasked++;
    return settled(parcel, held, held);
  }
  if (!isNews(parcel)) return parcel;
  if (isFresh) tally.gone++;
  if (!parcel.record.gone && isOfRun(held.gone, stamp.run)) tally.gone--;
  return { ...parcel, record: { ...parcel.record, ...stamp } };
}

/** Is there anything to be written about what is held? */
export function isNews(parcel: Parcel): parcel is In<'settled'> {
  const known = parcel.held ?? parcel.reduced?.record;
  return parcel.state === 'settled' && known !== undefined && parcel.record !== known;
}

const isOfRun = (gone: Gone | undefined, run: string): boolean => gone !== undefined && gone.at >= run;

/** A refusal that no longer counts: a mark that this run has set is taken off again. */
export function believedNoMore(record: MediaRecord, tally: Tally): MediaRecord {
  if (!isOfRun(record.gone, record.run)) return record;
  tally.gone--;
  tally.unasked++;
  return unmarked(record);
}
