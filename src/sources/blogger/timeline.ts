import type { Post } from '../../model.ts';
import { counted } from '../../shown.ts';
import { isObject } from '../json-path.ts';
import { Standstill, type Timeline, type TimelinePage } from '../timeline.ts';
import type { Warnings } from '../warnings.ts';
import type { Feed, Slice } from './feed.ts';
import { momentOf, type Reading, readPost } from './post.ts';

export interface PostsWay {
  readonly feed: Feed;
  /** What is listed, as it stands in sentences. */
  readonly words: string;
  readonly warnings: Warnings;
  readonly reading: Reading;
}

/** So much may be held at once: posts of one second, or posts in no order. */
const mostAtOnce = 10_000;
/** A bound that is understood in another zone is off by less. */
const tolerance = 86_400;

/** The posts of a blog, which its feed gives from any moment on, the newest first. */
export function postTimeline(way: PostsWay): Timeline {
  const bound = { slack: 0 };
  return {
    moment: (date) => Math.floor(Date.parse(date) / 1000),
    async page(_order, from) {
      const page = await pageFrom(from, { ...way, slack: bound.slack });
      if (from === null || bound.slack > 0 || page.newest === from) return page;
      // Nothing of the moment itself: its post may be gone, or the bound is understood in another zone.
      const wider = await pageFrom(from, { ...way, slack: tolerance });
      if (wider.newest === page.newest) return page;
      bound.slack = tolerance;
      return wider;
    },
    async momentAt(place) {
      const { entries } = await way.feed.slice('posts', { offset: place, until: null, num: 1 });
      return momentOf(entries[0]) ?? null;
    },
  };
}

/** As a rule one slice; more of them where it holds nothing but posts of one second. */
async function pageFrom(
  from: number | null,
  way: PostsWay & { readonly slack: number },
): Promise<TimelinePage> {
  const gathered = new Gathered(from);
  const until = from === null ? null : from + way.slack;
  for (let offset = 0; ; ) {
    const slice = await way.feed.slice('posts', { offset, until });
    const { hasNews, edge } = gathered.add(slice);
    if (!hasNews && slice.entries.length > 0) throw standstill(way, 'its server shows the same posts again');
    if (slice.isLast || edge !== undefined) return told(gathered, edge, slice, { ...way, from });
    offset += slice.entries.length;
    if (gathered.isAhead) throw standstill(way, 'its server does not heed the dates that it is asked for');
    if (gathered.posts > mostAtOnce)
      throw standstill(way, `more than ${counted(mostAtOnce, 'post')} are of one second, or in no order`);
  }
}

const standstill = ({ words }: PostsWay, why: string): Standstill =>
  new Standstill(`The listing of ${words} does not move on: ${why}. What is older is not listed.`);

/** Entries of the slices of a page, each once, and how far they reach. */
class Gathered {
  readonly entries: unknown[] = [];
  readonly #from: number | null;
  readonly #seen = new Set<unknown>();
  #newest: number | null = null;
  #last: number | undefined;
  #isSorted = true;
  #top = Number.NEGATIVE_INFINITY;

  constructor(from: number | null) {
    this.#from = from;
  }

  get posts(): number {
    return this.entries.length;
  }

  get newest(): number | null {
    return this.#newest;
  }

  /** Is something that came much newer than what was asked for? */
  get isAhead(): boolean {
    return this.#from !== null && this.#top > this.#from + tolerance;
  }

  /** The edge is where the next page begins; undefined where this one has to go on. */
  add({ entries }: Slice): { readonly hasNews: boolean; readonly edge: number | undefined } {
    let hasNews = false;
    for (const raw of entries) {
      const id = isObject(raw) ? JSON.stringify(raw.id) : raw;
      if (this.#seen.has(id) && id !== undefined) continue;
      this.#seen.add(id);
      hasNews = true;
      this.#take(raw);
    }
    const start = this.#from ?? this.#newest;
    const last = this.#last;
    const isFurther = last !== undefined && start !== null && (this.#from === null || last < start);
    return { hasNews, edge: this.#isSorted && isFurther ? last : undefined };
  }

  /** What is newer than was asked for was given away before. */
  #take(raw: unknown): void {
    const moment = momentOf(raw);
    if (moment !== undefined) {
      this.#isSorted &&= this.#last === undefined || moment <= this.#last;
      this.#last = moment;
      this.#top = Math.max(this.#top, moment);
    }
    const isNewer = moment !== undefined && this.#from !== null && moment > this.#from;
    if (isNewer) return;
    this.entries.push(raw);
    if (moment !== undefined) this.#newest = Math.max(moment, this.#newest ?? moment);
  }
}

interface From {
  readonly from: number | null;
}

function told(
  { entries, newest }: Gathered,
  edge: number | undefined,
  { isLast, total, blog }: Slice,
  { from, ...way }: PostsWay & From,
): TimelinePage {
  return {
    posts: postsOf(entries, way),
    newest,
    next: isLast ? null : edge!,
    ...(from === null && total !== undefined && { total }),
    ...(blog && { blog }),
  };
}

/** What cannot be read is skipped, and ends nothing. */
export function postsOf(
  entries: readonly unknown[],
  { words, warnings, reading }: Pick<PostsWay, 'words' | 'warnings' | 'reading'>,
): readonly Post[] {
  return entries.flatMap((raw, nth) => {
    const post = readPost(raw, reading);
    if (!post)
      warnings.skip(
        `${words}: entry ${nth + 1} of a page ${isObject(raw) ? 'has no id' : 'is not an object'}; it is skipped.`,
      );
    return post ?? [];
  });
}
