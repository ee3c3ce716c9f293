import { relative } from 'node:path';
import type { MediaRecord, Summary } from '../model.ts';
import type { Progress } from '../progress.ts';
import { inWords, isPutOff } from '../reasons.ts';
import { duration, many, size } from './words.ts';

export const isLost = ({ status }: MediaRecord): boolean => status === 'missing' || status === 'failed';

/** Counts why things are not held, for the last screen. */
export class Losses {
  readonly #byReason = new Map<string, number>();
  /** Put off: what comes of them later in the run counts instead. */
  readonly #pending = new Map<string, MediaRecord>();

  readonly see = (event: Progress): void => {
    if (event.event !== 'item') return;
    const { record } = event;
    const before = event.supersedes ?? this.#pending.get(record.item);
    if (before) this.#count(before, -1);
    this.#pending.delete(record.item);
    if (!isLost(record) || !record.reason) return;
    this.add(record);
    if (isPutOff(record.reason?.code)) this.#pending.set(record.item, record);
  };

  add(record: MediaRecord): void {
    this.#count(record, 1);
  }

  /** What was put off and has not been taken up again. */
  get pending(): readonly MediaRecord[] {
    return [...this.#pending.values()];
  }

  #count({ status, reason }: MediaRecord, by: number): void {
    const key = `${status}: ${reason ? inWords(reason.code) : 'no reason given'}`;
    const n = (this.#byReason.get(key) ?? 0) + by;
    if (n > 0) this.#byReason.set(key, n);
    else this.#byReason.delete(key);
  }

  /** The reasons alone, in one line. */
  inShort(): string {
    return [...this.#byReason.keys()].map((key) => key.replace(/^\w+: /, '')).join('; ') || 'nothing';
  }

  /** The commonest first, `most` lines at the most; none where there would be room for the rest of them alone. */
  lines(most: number): string[] {
    const sorted = [...this.#byReason].sort((a, b) => b[1] - a[1]);
    if (most < Math.min(2, sorted.length)) return [];
    const shown = sorted
      .slice(0, sorted.length > most ? most - 1 : most)
      .map(([why, n]) => `  ${String(n).padStart(6)}  ${why}`);
    const rest = sorted.slice(shown.length).reduce((sum, [, n]) => sum + n, 0);
    return rest > 0 ? [...shown, `  ${String(rest).padStart(6)}  for other reasons`] : shown;
  }
}

/** Where something lies, as the shortest path that a person can type. */
export function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  if (near === '') return '.';
  return near.startsWith('..') ? path : `./${near}`;
}

const suspectLine = (n: number) =>
  `${many(n, 'file')} ${n === 1 ? 'looks like a placeholder' : 'look like placeholders'}`;

/** A screen of 24 lines has room for these and for what was typed. */
const MOST_LINES = 15;

/** The last screen: the balance, what is lacking and why, where to look, what to do next. At most 15 lines. */
export function closing(summary: Summary, losses: Losses): string[] {
  const { kept, recovered, duplicate, recalled, missing, failed, filtered, open, suspects } = summary;
  const path = shortPath(summary.path);
  const parts = [
    [kept, 'kept'],
    [recovered, 'recovered from web archives'],
    [duplicate, 'the same bytes as another'],
    [recalled, 'held from earlier runs'],
    [missing, 'missing'],
    [failed, 'failed'],
    [filtered, 'not wanted'],
    [open, 'still open'],
  ] as const;
  const told = parts.filter(([n]) => n > 0);
  const news = [
    ...postLines(summary),
    ...(suspects > 0 ? [`${suspectLine(suspects)}: oxbow status ${path} --suspects`] : []),
    ...smallNews(summary),
  ].slice(0, MOST_LINES - told.length - 3);
  const room = MOST_LINES - told.length - news.length - 4; // for the reasons, which can be asked for: the rest is sure
  const reasons = missing + failed > 0 ? losses.lines(room) : [];
  return [
    firstLine(summary),
    ...told.map(([n, what]) => `  ${String(n).padStart(6)}  ${what}`),
    ...(reasons.length > 0 ? ['not held:', ...reasons] : []),
    ...news,
    `look:    ${path}/data/media`,
    ...(missing + failed > 0
      ? [`why:     oxbow status ${path} --missing`]
      : [`prove:   (cd ${path} && sha256sum -c manifest-sha256.txt)`]),
  ];
}

function firstLine(summary: Summary): string {
  const { listed, posts, unread, bytes, requests, seconds } = summary;
  const { kept, recovered, duplicate, missing, failed, open, gone, newPosts, editedPosts, gonePosts } =
    summary;
  const changes =
    kept + recovered + duplicate + missing + failed + open + gone + newPosts + editedPosts + gonePosts;
  const ofPosts = [
    ...(newPosts > 0 && newPosts < posts ? [`${newPosts.toLocaleString('en')} new`] : []),
    ...(editedPosts > 0 ? [`${editedPosts.toLocaleString('en')} edited`] : []),
    ...(unread > 0 ? [`${unread.toLocaleString('en')} left out`] : []),
  ].join(', ');
  const nothing = listed + posts > 0 && changes === 0 ? ': nothing new' : '';
  return `${many(posts, 'post')}${ofPosts && ` (${ofPosts})`}, ${many(listed, 'media item')}, ${size(bytes)} in ${duration(seconds)} with ${many(requests, 'request')}${nothing}`;
}

/** How complete the posts are, in a line each for what there is to be said. */
function postLines({ postsStated: stated, postsHeld: held, gonePosts }: Summary): string[] {
  const n = (count: number) => count.toLocaleString('en');
  return [
    ...(stated === null || held === null
      ? []
      : [`posts:   ${n(held)} here, ${n(stated)} by the blog's own count${doubt(stated - held)}`]),
    ...(gonePosts > 0
      ? [
          `${many(gonePosts, 'post is', 'posts are')} gone from the blog, and ${gonePosts === 1 ? 'stays' : 'stay'} here`,
        ]
      : []),
  ];
}

/** What can wait for another screen if this one is full. */
const smallNews = ({ reduced, notUnderstood }: Summary): string[] => [
  ...(reduced > 0
    ? [`${reduced.toLocaleString('en')} kept as listed may exist larger: a later run asks`]
    : []),
  ...(notUnderstood > 0 ? [`${many(notUnderstood, 'part')} of posts not understood, kept as they came`] : []),
];

const doubt = (lacking: number): string => {
  if (lacking === 0) return '';
  return lacking > 0
    ? ' (hidden ones count, too; --full lists all again)'
    : ' (some are gone there: --full tells which, if it can be sure)';
};
