import type { MediaRecord, Sharing } from '../model.ts';
import { isHandedOver } from '../net/hosts.ts';
import { sumOfText } from '../sums.ts';

/** A record that names a file, whatever else it says. */
export type Filed = MediaRecord & Required<Pick<MediaRecord, 'path' | 'sha256'>>;

export const isFiled = (record: MediaRecord): record is Filed =>
  record.path !== undefined && record.sha256 !== undefined;

const MOST_SHARERS = 32;
const MOST_EXAMPLES = 5;
const LONGEST_EXAMPLE = 1000;
/** A content that many hosts have is told of for the first ones. */
const MOST_HOSTS = 8;

/**
 * What is known once one more item turns out to have the same bytes. Each item is to be given once. A placeholder is
 * what a host gives in place of something: an export repeats a file only because a post was repeated.
 */
export function share(sharings: readonly Sharing[], record: Filed): Sharing[] {
  if (isHandedOver(record.url)) return [...sharings];
  const host = serviceOf(record.url);
  const before = sharings.find((one) => one.host === host);
  const others = sharings.filter((one) => one !== before);
  if (!before && others.length >= MOST_HOSTS) return [...others];
  return [...others, joined(before ?? none(record, host), record)];
}

const none = ({ sha256, bytes = 0, path, at }: Filed, host: string): Sharing => ({
  sha256,
  bytes,
  path,
  host,
  items: 0,
  unrelated: [],
  examples: [],
  first: at,
});

function joined(sharing: Sharing, { url, post }: Filed): Sharing {
  const { unrelated, examples } = sharing;
  const sharer = { medium: short(mediumOf(url)), post: post === null ? null : short(post) };
  const isUnrelated =
    unrelated.length < MOST_SHARERS &&
    unrelated.every(
      (other) => other.medium !== sharer.medium && (other.post === null || other.post !== sharer.post),
    );
  return {
    ...sharing,
    items: sharing.items + 1,
    unrelated: isUnrelated ? [...unrelated, sharer] : unrelated,
    examples:
      isUnrelated && examples.length < MOST_EXAMPLES && url.length <= LONGEST_EXAMPLE
        ? [...examples, url]
        : examples,
  };
}

const short = (text: string) => sumOfText('md5', text).slice(0, 16);

/** Numbered hosts of one service are one: `64.media.tumblr.com`, `i0.wp.com`. */
function serviceOf(url: string): string {
  if (!URL.canParse(url)) return 'nowhere';
  const { host } = new URL(url);
  const service = host.replace(/^[a-z]?\d{1,3}\./, '');
  return /[a-z].*\.[a-z]/.test(service) ? service : host;
}

/** An address without what tells only sizes and forms of one medium apart: scheme, host, query, size, ending. */
export function mediumOf(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  return path
    .replace(/\/s\d{2,5}x\d{2,5}[^/]{0,8}\/[^/]*$/, '') // Tumblr: the size, and a name that depends on it
    .replace(/\.[a-z0-9]{1,5}$/i, '')
    .replace(/_(?:75sq|100|250|400|500|540|640|1280|raw)$/, '')
    .replace(/(?:-scaled|-\d{2,5}x\d{2,5}|@[23]x)$/, '')
    .replace(/\/\d{2,5}x\d{2,5}(?=\/)/, '');
}
