import type { Backoff, Kind } from './model.ts';
import {
  bytes,
  date,
  header,
  kinds,
  oneLine,
  oneOf,
  onOff,
  orInfinite,
  rate,
  seconds,
  webAddress,
  wholeNumber,
} from './readers.ts';

/**
 * Every option, once: what it is called, how its text is read, its default and why that default. The command
 * line, its help and the library are made from this table; nothing after the door invents a fallback.
 */
export interface Option<T> {
  /** As commander writes it; an option without a flag is set by `-o KEY=VALUE` alone. */
  readonly flags?: string;
  readonly help: string;
  readonly read: (text: string) => T;
  readonly default: T;
  /** The default as help tells it, where it is not plain to see. */
  readonly shown?: string;
  readonly why: string;
}

const option = <T>(given: Option<T>): Option<T> => given;

export const table = {
  destination: option({
    flags: '-d, --destination <dir>',
    help: 'folder in which archives lie: the archive is <dir>/<name>',
    read: oneLine,
    default: '.',
    why: 'where the user stands',
  }),
  directory: option<string | null>({
    flags: '-D, --directory <dir>',
    help: 'exactly this folder is the archive',
    read: oneLine,
    default: null,
    why: 'one folder per blog is the rule',
  }),
  concurrency: option({
    flags: '-N, --concurrency <n>',
    help: 'downloads at once',
    read: wholeNumber(1),
    default: 16,
    shown: '16',
    why: 'hides latency over several hosts; beyond it one core is busy',
  }),
  perHost: option({
    flags: '--per-host <n>',
    help: 'downloads at once from one host',
    read: wholeNumber(1),
    default: 6,
    shown: '6',
    why: 'what browsers open to one host',
  }),
  rate: option({
    flags: '--rate <rate>',
    help: 'requests to one host: 10/s, 24/min, unlimited',
    read: rate,
    default: 10,
    shown: '10/s',
    why: 'a reader who opens a full page asks for as much',
  }),
  burst: option<number | null>({
    flags: '--burst <n>',
    help: 'requests that may come at once before the rate holds',
    read: wholeNumber(1),
    default: null,
    why: 'a tenth of a second of the rate, at least one',
  }),
  retries: option({
    flags: '-R, --retries <n>',
    help: 'further tries of an address (or "infinite")',
    read: orInfinite(wholeNumber(0)),
    default: 4,
    shown: '4',
    why: 'five tries with backoff outlast a restart of a server',
  }),
  backoff: option<Backoff>({
    flags: '--backoff <how>',
    help: 'exponential, linear or constant',
    read: oneOf('exponential', 'linear', 'constant'),
    default: 'exponential',
    shown: 'exponential',
    why: 'gives a server in trouble room',
  }),
  backoffBase: option({
    flags: '--backoff-base <s>',
    help: 'first wait before a retry, in seconds',
    read: seconds,
    default: 1000,
    shown: '1',
    why: 'shorter waits hit the same trouble again',
  }),
  backoffMax: option({
    flags: '--backoff-max <s>',
    help: 'longest wait before a retry, in seconds',
    read: seconds,
    default: 60_000,
    shown: '60',
    why: 'longer waits belong to the next run',
  }),
  timeout: option({
    flags: '--timeout <s>',
    help: 'seconds without a byte before a download counts as stalled',
    read: seconds,
    default: 30_000,
    shown: '30',
    why: 'a slow line still sends something in half a minute',
  }),
  connectTimeout: option({
    flags: '--connect-timeout <s>',
    help: 'seconds for looking up, connecting and the TLS handshake, each',
    read: seconds,
    default: 10_000,
    shown: '10',
    why: 'a second and third SYN fit in',
  }),
  headerTimeout: option({
    help: 'seconds until the head of an answer is there',
    read: seconds,
    default: 30_000,
    shown: '30',
    why: 'slow back ends answer within',
  }),
  retryAfterMax: option({
    help: 'longest wait, in seconds, that a Retry-After may ask for',
    read: seconds,
    default: 300_000,
    shown: '300',
    why: 'longer ones belong to the next run',
  }),
  filesizeMin: option({
    flags: '--filesize-min <size>',
    help: 'smallest file wanted',
    read: bytes,
    default: 0,
    why: 'everything is wanted',
  }),
  filesizeMax: option({
    flags: '--filesize-max <size>',
    help: 'largest file taken in',
    read: bytes,
    default: 2 * 2 ** 30,
    shown: '2G',
    why: 'beyond that it is a body without an end more often than a film',
  }),
  type: option<readonly Kind[] | null>({
    flags: '--type <kinds>',
    help: 'only these kinds: image,video,audio,file',
    read: kinds,
    default: null,
    why: 'everything is wanted',
  }),
  dateAfter: option<string | null>({
    flags: '--date-after <date>',
    help: 'only media of posts at or after this date',
    read: date,
    default: null,
    why: 'everything is wanted',
  }),
  dateBefore: option<string | null>({
    flags: '--date-before <date>',
    help: 'only media of posts before this date',
    read: date,
    default: null,
    why: 'everything is wanted',
  }),
  postLimit: option({
    flags: '--post-limit <n>',
    help: 'list at most so many posts',
    read: wholeNumber(1),
    default: Number.POSITIVE_INFINITY,
    why: 'everything is wanted',
  }),
  recovery: option({
    flags: '--no-recovery',
    help: 'do not look for lost media in the web archives',
    read: onOff,
    default: true,
    why: 'nothing recoverable is lost',
  }),
  wayback: option({
    flags: '--wayback <url>',
    help: 'base address of the Internet Archive or of a stand-in',
    read: webAddress,
    default: 'https://web.archive.org',
    shown: 'web.archive.org',
    why: 'the largest web archive',
  }),
  captures: option({
    flags: '--captures <n>',
    help: 'captures tried for a lost item',
    read: wholeNumber(1),
    default: 5,
    shown: '5',
    why: 'the nearest few are the likeliest',
  }),
  waybackIndexRate: option({
    help: 'questions to the index of the web archive',
    read: rate,
    default: 24 / 60,
    shown: '24/min',
    why: '80 % of what it allows',
  }),
  waybackReplayRate: option({
    help: 'captures fetched from the web archive',
    read: rate,
    default: 8,
    shown: '8/s',
    why: '80 % of what it allows',
  }),
  waybackPause: option({
    help: 'seconds of silence for the whole web archive after a 429',
    read: seconds,
    default: 60_000,
    shown: '60',
    why: 'asking on within a minute is answered with a block of an hour',
  }),
  placeholders: option<string | null>({
    flags: '--placeholders <file>',
    help: 'more checksums of placeholder pictures',
    read: oneLine,
    default: null,
    why: 'the built-in list',
  }),
  userAgent: option({
    flags: '-a, --user-agent <text>',
    help: 'how to introduce ourselves',
    read: oneLine,
    default: 'oxbow/0.1 (archives blogs for their readers)',
    why: 'honest, and constant',
  }),
  header: option<readonly string[]>({
    flags: '--header <line>',
    help: "a further header of every request to the target's own host",
    read: header,
    default: [],
    why: 'none is needed',
  }),
  allowPrivate: option({
    flags: '--allow-private',
    help: 'reach private and loopback addresses too',
    read: onOff,
    default: false,
    why: 'an address found in content must not reach into a home network',
  }),
  source: option<string | null>({
    flags: '--source <name>',
    help: 'take this source whatever the target looks like',
    read: oneLine,
    default: null,
    why: 'the target says it',
  }),
  waiting: option({
    help: 'items that may wait for a permit',
    read: wholeNumber(1),
    default: 1000,
    shown: '1000',
    why: 'so many of one slow host do not hold up the others',
  }),
  inHand: option({
    help: 'downloads under way at once, those that wait for a retry included',
    read: wholeNumber(1),
    default: 1000,
    shown: '1000',
    why: 'so many of a host in trouble do not hold up the others',
  }),
  recoveries: option({
    help: 'lost items looked for at once',
    read: wholeNumber(1),
    default: 8,
    shown: '8',
    why: 'the archive limits us, not the number',
  }),
  room: option({
    help: 'lost items that may wait in the first flow; further ones are looked for at the end',
    read: wholeNumber(1),
    default: 64,
    shown: '64',
    why: 'a slow archive must not hold up what is not lost',
  }),
} as const;
