import type { Post } from '../../model.ts';
import type { Answer } from '../../net/http.ts';
import { counted, shownAddress } from '../../shown.ts';
import { sumOfText } from '../../sums.ts';
import type { DocumentFacts } from './document.ts';
import type { Run } from './listing.ts';
import type { NextPage } from './paging.ts';

const mostIds = 10_000;

/** What a page of a feed has shown of its order, and of what is held already. */
export class Sequence {
  count = 0;
  newest: string | null = null;
  #first: string | null = null;
  #last: string | null = null;
  /** Is any of its posts held from an earlier listing? */
  isAnyHeld = false;
  readonly #ids = new Set<string>();

  async add(posts: readonly Post[], { way, met, isArchiveAsked }: Run): Promise<void> {
    for (const { id, date } of posts) {
      this.count++;
      this.#first ??= date;
      this.#last = date ?? this.#last;
      if (date !== null && (this.newest === null || date > this.newest)) this.newest = date;
      if (this.#ids.size < mostIds) this.#ids.add(shortOf(id));
      if (isArchiveAsked) meet(met, id);
      this.isAnyHeld ||= (await way?.isHeld?.(id)) === true;
    }
  }

  /** Some podcasts begin with the first episode. */
  get isNewestFirst(): boolean {
    return this.#first === null || this.#last === null || this.#first >= this.#last;
  }

  has(id: string): boolean {
    return this.#ids.has(shortOf(id));
  }

  /** Is there anything in it that was not in the one before? */
  hasNews(before: Sequence): boolean {
    for (const id of this.#ids) if (!before.#ids.has(id)) return true;
    return false;
  }
}

const mostMet = 500_000;
const shortOf = (id: string) => sumOfText('md5', id).slice(0, 20);

/** Remembers an id; was it met before? */
export function meet(met: Set<string>, id: string): boolean {
  const short = shortOf(id);
  const wasMet = met.has(short);
  if (!wasMet && met.size < mostMet) met.add(short);
  return wasMet;
}

/** Told once: a feed that is asked for in vain one day was moved long before. */
export function tellMoved(
  { movedTo }: DocumentFacts,
  { url }: Answer,
  { feed, memory, warnings }: Run,
): void {
  if (keyOf(url) !== keyOf(feed) && memory.from !== url)
    warnings.warn(`The feed ${shownAddress(feed)} has moved: it is read from ${shownAddress(url)}.`);
  if (movedTo !== undefined && ![keyOf(url), keyOf(feed)].includes(keyOf(movedTo)))
    warnings.warn(
      `The feed ${shownAddress(feed)} says that it has moved to ${shownAddress(movedTo)}: name that one.`,
    );
}

const keyOf = (address: string) => address.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');

/** Fewer than this are likely to be all that there are. */
const usualCount = 10;

/** A software that is known to have pages, and shows none: nothing else tells whether its first one was all. */
export function tellNoPages({ guess }: NextPage, before: Sequence | undefined, run: Run): void {
  if (guess === 2 && before && before.count >= usualCount) tellPartial(before, run);
}

/** A feed is no full history. */
export function tellPartial({ count, isAnyHeld }: Sequence, { way, feed, warnings }: Run): void {
  const shown = shownAddress(feed);
  const others =
    "site: and the address of the blog reads its pages one by one, wayback: and its host lists what a web archive holds of the blog, 'oxbow sources TARGET' tells whether another source takes it, and the setting sources.feed.archive=true adds captures of the feed.";
  if (count === 0) return;
  if (!way?.wasWhole)
    warnings.warn(
      `${shown} shows its newest ${counted(count, 'post')} and leads to no older ones: ${others}`,
    );
  else if (way.isHeld && !isAnyHeld)
    warnings.warn(`Nothing in ${shown} was here before, so posts between may have been missed: ${others}`);
}
