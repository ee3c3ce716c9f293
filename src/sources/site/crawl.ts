import type { Page, Post } from '../../model.ts';
import { counted, shownAddress } from '../../shown.ts';
import { Addresses, idOf, keyOf } from './addresses.ts';
import { canRemember, type Memory, mostMissed, type Waiting } from './memory.ts';
import { isWithin } from './place.ts';
import { SiteReader } from './reader.ts';
import { isEntry, trapIn, Variants } from './traps.ts';
import { type Ending, tooMany, type Walk } from './walk.ts';

/**
 * The pages of a site from link to link, the nearest first. It begins at the beginning each time: what an interrupted
 * one has not reached is known by nothing but the pages that lead to it. Only a post that is held, and that a whole
 * listing has been through, is not asked for again, unless the first pages lead to it: there stands what is new.
 */
export async function* crawlSite(walk: Walk): AsyncGenerator<Page, Ending> {
  const { atOnce, before, reach, leaveOut } = walk;
  const reader = new SiteReader({ ...walk, areAnnounced: false });
  const frontier = new Frontier(walk);
  let isFull = false;
  let held = 0;
  const missed: Waiting[] = [];
  let meanwhile: Memory | undefined = before.meanwhile;
  const isSettled = async ({ url, depth }: Waiting) =>
    before.whole === true && depth > 1 && isEntry(new URL(url)) && (await before.isHeld(idOf(url)));
  try {
    while (!isFull) {
      const { batch, passed } = await nextOf(frontier, atOnce, isSettled);
      held += passed;
      if (batch.length === 0) break;
      isFull = reader.asked + batch.length > reach.pages;
      if (isFull) {
        leaveOut(tooMany(reach.pages));
        batch.length = Math.max(0, reach.pages - reader.asked);
      }
      const got = await reader.readAll(batch);
      for (const [n, { url, links }] of got.entries()) frontier.add(batch[n]!, url, links);
      if (missed.length <= mostMissed) missed.push(...batch.filter((_, n) => got[n]!.isMissed));
      const posts = got.flatMap(({ post }): Post[] => (post ? [post] : []));
      if (before.whole && (missed.length > 0 || (await isAnyNew(posts, before))))
        meanwhile ??= { since: before.since };
      yield { posts, ...(meanwhile && { memory: meanwhile }) };
    }
    reader.checkRead();
    const isWhole = !isFull && !frontier.isFull && canRemember(missed);
    return { met: reader.read + held, isWhole, missed };
  } finally {
    reader.tell();
    frontier.tell();
  }
}

/** So many that are to be asked for; `passed` were met before them, and are not. */
async function nextOf(frontier: Frontier, most: number, isSettled: (one: Waiting) => Promise<boolean>) {
  const batch: Waiting[] = [];
  let passed = 0;
  while (batch.length < most) {
    const next = frontier.next();
    if (!next) break;
    if (await isSettled(next)) passed++;
    else batch.push(next);
  }
  return { batch, passed };
}

/** What a new post leads to, nothing else may: until all of it was asked for, that the post is held is no reason to pass it by. */
async function isAnyNew(posts: readonly Post[], { isHeld }: Walk['before']): Promise<boolean> {
  for (const { id } of posts) if (!(await isHeld(id))) return true;
  return false;
}

const [mostWaiting, mostLetters] = [100_000, 2 ** 24];
/** Of the rest it is not even remembered that they came by. */
const mostSeen = 1_000_000;

/** Which pages are still to be read, in the order in which they were met. */
class Frontier {
  readonly #walk: Walk;
  readonly #seen = new Addresses();
  readonly #variants = new Variants();
  readonly #beyond = new Addresses();
  #waiting: Waiting[];
  #at = 0;
  #letters = 0;
  #traps = 0;
  #trap = '';
  isFull = false;

  constructor(walk: Walk) {
    this.#walk = walk;
    this.#waiting = [{ url: walk.place.start, depth: 0 }];
    this.#seen.add(keyOf(walk.place.start));
    for (const { url, depth } of walk.before.missed ?? []) this.#take(url, depth);
  }

  next(): Waiting | undefined {
    const next = this.#waiting[this.#at];
    if (!next) return undefined;
    this.#at++;
    this.#letters -= next.url.length;
    if (this.#at > 1000 && this.#at * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#at);
      this.#at = 0;
    }
    return next;
  }

  /** The links of a page that was read; `url` is the address that answered for it. */
  add({ depth }: Waiting, url: string | undefined, links: readonly string[]): void {
    if (url !== undefined) this.#seen.add(keyOf(url));
    for (const link of links) this.#take(link, depth + 1);
  }

  #take(link: string, depth: number): void {
    const url = new URL(link);
    if (!isWithin(this.#walk.place, url)) return;
    const trap = trapIn(url);
    if (trap?.startsWith('a ')) this.#left(link);
    if (trap !== undefined) return;
    if (depth > this.#walk.reach.depth) {
      if (this.#beyond.size < mostWaiting) this.#beyond.add(keyOf(link));
    } else if (this.#isAtItsEnd) this.#fill();
    else if (this.#seen.add(keyOf(link))) {
      if (this.#variants.add(url)) this.#put({ url: link, depth });
      else this.#left(link);
    }
  }

  #put(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#letters += waiting.url.length;
  }

  get #isAtItsEnd(): boolean {
    const waiting = this.#waiting.length - this.#at;
    return this.#seen.size >= mostSeen || waiting >= mostWaiting || this.#letters > mostLetters;
  }

  #left(link: string): void {
    this.#traps++;
    this.#trap ||= shownAddress(link);
  }

  #fill(): void {
    if (!this.isFull)
      this.#walk.leaveOut('The site has more links than can be remembered: some pages were not asked for.');
    this.isFull = true;
  }

  tell(): void {
    const { warnings, reach, place } = this.#walk;
    const further = this.#beyond.countWithout(this.#seen);
    if (further > 0)
      warnings.warn(
        `More than ${reach.depth} links away from ${shownAddress(place.start)}, and not asked for: ${counted(further, 'page')}; --depth goes further.`,
      );
    if (this.#traps > 0)
      warnings.warn(
        `Left out, for they look as if they had no end: ${counted(this.#traps, 'link')}, such as ${this.#trap}.`,
      );
  }
}
