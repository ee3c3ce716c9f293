import type {
  Download,
  In,
  Location,
  MediaItem,
  MediaRecord,
  Reason,
  ReasonCode,
  Reduced,
  Tried,
} from '../model.ts';

interface Way {
  readonly item: MediaItem;
  readonly location: Location;
  readonly tried: readonly Tried[];
  readonly held?: MediaRecord;
  readonly reduced?: Reduced;
}

/** What a parcel bears besides its answers, whatever becomes of it. */
const same = ({ item, location, held, reduced }: Way) => ({
  item,
  location,
  ...(held && { held }),
  ...(reduced && { reduced }),
});

/** What a record calls a place. */
const nameOf = ({ kind, snapshot }: Location) => snapshot?.archive ?? kind;

const answered = ({ location, tried }: Way, { code, detail }: Reason, came: Came = {}): readonly Tried[] => [
  ...tried,
  {
    where: nameOf(location),
    url: location.url,
    ...(came.from && came.from !== location.url && { from: came.from }),
    outcome: code,
    detail,
    ...(came.sha256 && { sha256: came.sha256 }),
  },
];

/** What a web archive is in trouble with says nothing about what it holds: not even that there is no such host. */
const troubles: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'forbidden',
  'no-such-host',
  'timeout',
  'stalled',
  'too-slow',
  'connect',
  'dns',
  'tls',
  'tls-timeout',
  'proxy',
  'protocol',
  'server-error',
  'rate-limited',
  'throttled',
  'unexpected-status',
]);

/** What came: the address that answered, if redirects led to another one, and the sum of the bytes. */
type Came = Partial<Pick<Download, 'from' | 'sha256'>>;

const asOf = ({ kind }: Location, reason: Reason): Reason =>
  kind === 'snapshot' && troubles.has(reason.code) ? { ...reason, code: 'archive-unreachable' } : reason;

/** This location has it not; another may. */
export function lostHere(way: Way, given: Reason, came?: Came): In<'lost'> {
  const reason = asOf(way.location, given);
  return { ...same(way), tried: answered(way, reason, came), state: 'lost', reason };
}

/** A rule of ours forbids it, or nothing is proven yet; no other place is asked. */
export function failedHere(way: Way, reason: Reason): In<'failed'> {
  return { ...same(way), tried: answered(way, reason), state: 'failed', reason };
}

/** Not yet looked for: recorded as such, and taken up again at the end of the run or by the next one. */
export function postpone(lost: In<'lost'>): In<'failed'> {
  return { ...lost, state: 'failed', reason: { code: 'recovery-pending', detail: lost.reason.code } };
}
