import type { In, Location, MediaItem, MediaRecord, Parcel, Verdict } from '../model.ts';
import { largerDueFrom, mayBeLarger } from '../reasons.ts';
import { askedAt } from '../vault/records.ts';
import { renditions } from './renditions.ts';

/** Is a larger one to be asked for, while what is kept stays? A refresh waits for no schedule. */
export const largerWanted = (
  item: MediaItem,
  record: MediaRecord,
  { refresh }: { readonly refresh: boolean },
): boolean =>
  (item.larger !== undefined || isBestAtItsOwn(item, record)) &&
  mayBeLarger(record) &&
  (refresh || Date.now() >= largerDueFrom(record));

/** Is the best that is known of it what its own address gives, and something less is kept? */
const isBestAtItsOwn = ({ url }: MediaItem, { bestKnown }: MediaRecord): boolean => bestKnown?.url === url;

/** Whatever its page has promised: what is kept is not replaced by less. */
export function isSmallerThanKept(
  { reduced }: Pick<Parcel, 'reduced'>,
  { measure }: Extract<Verdict, { accepted: true }>,
): boolean {
  const kept = reduced?.record.measure;
  return kept && measure ? measure.width * measure.height < kept.width * kept.height : false;
}

interface Door {
  readonly stamp: Pick<MediaRecord, 'v' | 'run' | 'at'>;
  /** Items whose refusal was believed and no longer is. */
  readonly doubted: Set<string>;
}

/** At the door of the manifest: unless a larger one has come, what is kept stays, with what its page came to. */
export function asReduced(parcel: Parcel, { stamp, doubted }: Door): Parcel {
  const { item, location, tried, held, reduced } = parcel;
  if (!reduced || parcel.state === 'kept') return parcel;
  const before = parcel.state === 'settled' ? parcel.record : reduced.record;
  const isRefused = parcel.state === 'lost' || parcel.state === 'failed' || parcel.state === 'filtered';
  const isDoubted = isRefused && doubted.delete(item.id);
  const after = isRefused && !isDoubted ? withoutOriginal(parcel, before) : afterPage(parcel, before);
  const record = after === before ? before : { ...after, ...stamp };
  return { state: 'settled', item, location, tried, ...(held && { held }), reduced, record };
}

/** Its page named an original, and that could not be had. */
function withoutOriginal(
  { item: { original }, tried }: In<'lost' | 'failed' | 'filtered'>,
  before: MediaRecord,
): MediaRecord {
  if (!original) return before;
  const others = (before.tried ?? []).filter(({ url }) => !tried.some((now) => now.url === url));
  return { ...inVain(before), bestKnown: original, tried: [...others, ...tried] };
}

function afterPage({ item, reduced }: Parcel, before: MediaRecord): MediaRecord {
  if (reduced?.page === 'did not say') return inVain(before);
  return reduced?.page === 'names nothing larger' ? largest(item, before) : before;
}

const inVain = (record: MediaRecord): MediaRecord => ({ ...record, losses: (record.losses ?? 1) + 1 });

/** As it would have been written if its page had said so at first. */
function largest(
  item: MediaItem,
  { got, bestKnown: _, losses: _losses, ...record }: MediaRecord,
): MediaRecord {
  const { larger: _larger, original: _original, ...plain } = item;
  const location = locationOf({ ...record, ...(got && { got }) });
  return { ...record, ...renditions({ ...plain, url: record.url }, location, record.measure) };
}

/** Where what is kept was got from. */
function locationOf(record: MediaRecord): Location {
  const { url, snapshot } = record;
  const at = askedAt(record);
  if (!snapshot) return { kind: at === url ? 'live' : 'alternate', url: at };
  const isLesser = snapshot.original !== undefined && pathOf(snapshot.original) !== pathOf(url);
  return { kind: 'snapshot', url: at, snapshot, isLesser };
}

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);
