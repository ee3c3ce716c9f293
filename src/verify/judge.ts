import type { In, Measure, Reason, Verdict, Whole } from '../model.ts';
import type { ContentType } from './content-type.ts';
import { fits, kindOf } from './expected.ts';
import { isOfArchive } from './page.ts';
import { tooSmall } from './size.ts';
import type { Structure } from './wholeness.ts';

/** What was found out about the bytes, by those who read them. */
export interface Evidence {
  /** What the first bytes say they are. */
  readonly found: ContentType | undefined;
  /** Where they say nothing: the types whose bytes would have said it. */
  readonly marked?: ReadonlySet<string>;
  /** What their structure tells of their end; undefined where nobody knows how they are made. */
  readonly structure: Structure | undefined;
  /** Why they are known to stand in place of something that was removed. */
  readonly placeholder: Reason | undefined;
}

type Fetched = Pick<In<'fetched'>, 'item' | 'location' | 'download'>;

/**
 * Is it what it claims to be? Pure: reads nothing. The rules are asked in the order of what tells most about why a
 * file is not the one that was wanted; the verdict names the rule and says what it saw.
 */
export function judge(evidence: Evidence, { item, location, download }: Fetched): Verdict {
  const { found, marked, structure, placeholder } = evidence;
  if (location.kind === 'snapshot' && download.memento === null)
    return isOfArchive(download.head)
      ? refused('not-a-capture', 'no Memento-Datetime, and a message of the archive')
      : refused('archive-unreachable', 'no Memento-Datetime');
  if (placeholder) return { accepted: false, reason: placeholder };
  if (download.bytes === 0) return { accepted: false, reason: tooSmall(0, undefined)! };
  const expected = { ...item, declared: download.response.contentType, marked };
  const fit = fits(found, expected, download.head);
  if ('reason' in fit) return { accepted: false, reason: fit.reason };
  const { type, ext } = fit.type;
  const small = tooSmall(download.bytes, type);
  if (small && structure?.end !== 'structure') return { accepted: false, reason: small };
  const promised = location.isLesser ? undefined : item.sha256?.toLowerCase();
  const whole = wholeness(structure, promised, download.sha256);
  if (typeof whole === 'object') return { accepted: false, reason: whole };
  const kind =
    item.kind === 'file' || (item.kind === 'image' && type.startsWith('video/')) ? kindOf(type) : item.kind;
  return { accepted: true, type, ext, kind, whole, ...measureOf(structure) };
}

/** Bytes that have the promised sum are the file, whatever its structure. */
function wholeness(
  structure: Structure | undefined,
  promised: string | undefined,
  sha256: string,
): Whole | Reason {
  if (promised === sha256) return 'checksum';
  if (structure?.end === 'cut') return { code: 'cut', detail: structure.detail };
  if (promised) return { code: 'checksum', detail: `sha256 ${sha256}, promised ${promised}` };
  return structure?.end ?? 'unverified length';
}

const refused = (code: Reason['code'], detail: string): Verdict => ({
  accepted: false,
  reason: { code, detail },
});

function measureOf(structure: Structure | undefined): { measure?: Measure } {
  if (!structure || structure.end === 'cut') return {};
  const { width, height } = structure;
  return width && height ? { measure: { width, height } } : {};
}
