import { SourceError, sentence } from '../../errors.ts';
import type { Page, Post } from '../../model.ts';
import { counted, shownAddress } from '../../shown.ts';
import { normalise } from '../address.ts';
import { Addresses, idOf, keyOf, tidy } from './addresses.ts';
import { bareHost, isWithin } from './place.ts';
import { SiteReader, type Wanted } from './reader.ts';
import { latestOf, type SitemapEntry } from './sitemap.ts';
import { NoSitemap, readSitemap } from './sitemap-file.ts';
import { isList } from './traps.ts';
import { type Ending, tooMany, type Walk } from './walk.ts';

/** Where to look for sitemaps: those that the site names, or places where there may be one. */
export interface Sitemaps {
  readonly named: readonly string[];
  readonly guesses: readonly string[];
}

/** An index may name an index, although it should not. */
const deepest = 3;
const mostSitemaps = 50_000;
/** So many pages are held at a time: a sitemap of millions is gone through once for each part of it. */
const [mostHeld, mostLetters] = [5000, 2 ** 21];
const mostForeign = 10;

/** The pages that sitemaps name, in their order. */
export async function* listSitemaps({ named, guesses }: Sitemaps, walk: Walk): AsyncGenerator<Page, Ending> {
  const listing = new SitemapListing(walk);
  try {
    for (const address of named) yield* listing.pagesOf(address);
    if (named.length === 0)
      for (const address of guesses) {
        if (!(await walk.robots.of(address)).allows(address)) continue;
        if (yield* listing.pagesOf(address, { isGuess: true })) break;
      }
    return listing.ended();
  } finally {
    listing.tell();
  }
}

class SitemapListing {
  readonly #walk: Walk;
  readonly #reader: SiteReader;
  readonly #pages = new Addresses();
  readonly #sitemaps = new Addresses();
  readonly #foreign = new Map<string, boolean>();
  #met = 0;
  #held = 0;
  #lists = 0;
  #others = 0;
  #isFull = false;
  #trouble: SourceError | undefined;

  constructor(walk: Walk) {
    this.#walk = walk;
    this.#reader = new SiteReader({ ...walk, areAnnounced: true });
  }

  /** Those of one sitemap and of the ones that it names; false where there is no sitemap. */
  async *pagesOf(address: string, { depth = 1, isGuess = false } = {}): AsyncGenerator<Page, boolean> {
    if (this.#isFull || this.#sitemaps.size >= mostSitemaps || !this.#sitemaps.add(address)) return true;
    const { warnings, context } = this.#walk;
    const further: string[] = [];
    try {
      yield* this.#inFile(address, further);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof SourceError) || error === this.#readerTrouble) throw error;
      if (isGuess && error instanceof NoSitemap) return false;
      if (error instanceof NoSitemap) warnings.warn(error.message);
      else {
        this.#trouble ??= error;
        warnings.skip(`A sitemap could not be read to its end: ${sentence(error)}`);
      }
    }
    if (depth >= deepest && further.length > 0)
      warnings.warn(`${shownAddress(address)} is an index in an index in an index: it was not followed.`);
    else for (const one of further) yield* this.pagesOf(one, { depth: depth + 1 });
    return true;
  }

  /** Trouble of the pages themselves is not that of the sitemap. */
  #readerTrouble: unknown;

  /** A file is read to its end or as far as there is room, and let go before its pages are asked for. */
  async *#inFile(address: string, further: string[]): AsyncGenerator<Page> {
    for (let isDone = false; !isDone; ) {
      const held: Wanted[] = [];
      let trouble: unknown;
      try {
        isDone = await this.#collect(address, held, further);
      } catch (error) {
        [trouble, isDone] = [error, true]; // what it named before counts
      }
      yield* this.#read(held);
      if (trouble) throw trouble;
      if (this.#isFull) return;
    }
  }

  /** True at the end of the file. */
  async #collect(address: string, held: Wanted[], further: string[]): Promise<boolean> {
    let letters = 0;
    const named = new Set(further);
    for await (const { pages, sitemaps } of readSitemap(address, this.#walk.context)) {
      for (const loc of sitemaps) {
        const url = normalise(loc, address);
        if (url !== undefined && named.size < mostSitemaps && !named.has(url)) {
          named.add(url);
          further.push(url);
        }
      }
      for (const entry of pages) {
        const wanted = await this.#wanted(entry, address);
        if (wanted === undefined) continue;
        if (this.#reader.asked + held.length >= this.#walk.reach.pages) {
          this.#isFull = true;
          this.#walk.leaveOut(tooMany(this.#walk.reach.pages));
          return true;
        }
        held.push(wanted);
        letters += lettersOf(entry);
      }
      if (held.length >= mostHeld || letters > mostLetters) return false;
    }
    return true;
  }

  /** What to ask for; undefined for what is no page of the site, came before, or is held and not newer. */
  async #wanted(entry: SitemapEntry, sitemap: string): Promise<Wanted | undefined> {
    const url = tidy(entry.loc, sitemap);
    if (url === undefined || !(await this.#isOfTheSite(new URL(url), sitemap))) {
      this.#others++;
      return undefined;
    }
    if (!this.#pages.add(keyOf(url))) return undefined;
    if (isList(new URL(url))) {
      this.#lists++;
      return undefined;
    }
    this.#met++;
    const isHeld = await this.#isHeld(url);
    if (isHeld) this.#held++;
    return isHeld && !this.#isNewer(entry) ? undefined : { url, entry, isHeld };
  }

  /** A sitemap speaks for its own host, and for one whose robots.txt names it. */
  async #isOfTheSite(url: URL, sitemap: string): Promise<boolean> {
    const { place, robots } = this.#walk;
    if (isWithin(place, url)) return true;
    if (bareHost(url) === place.host) return false;
    const known = this.#foreign.get(url.origin);
    if (known !== undefined || this.#foreign.size >= mostForeign) return known ?? false;
    const { sitemaps } = await robots.of(url.href);
    const isNamed = sitemaps.includes(sitemap);
    this.#foreign.set(url.origin, isNamed);
    return isNamed;
  }

  /** Under its own address, or under the one that it led to: with a slash, or at the host where the site is now. */
  async #isHeld(url: string): Promise<boolean> {
    const { before, place } = this.#walk;
    if (await before.isHeld(idOf(url))) return true;
    const [now, twin] = [new URL(place.start), new URL(url)];
    if (bareHost(twin) === place.host) [twin.protocol, twin.host] = [now.protocol, now.host];
    for (const one of new Set([withSlash(url), twin.href, withSlash(twin.href)]))
      if (await before.isHeld(idOf(one))) return true;
    return false;
  }

  #isNewer({ lastmod }: SitemapEntry): boolean {
    const latest = latestOf(lastmod);
    const { since } = this.#walk.before;
    return latest !== undefined && (since === null || latest >= Date.parse(since));
  }

  async *#read(wanted: readonly Wanted[]): AsyncGenerator<Page> {
    const { atOnce, before } = this.#walk;
    for (let at = 0; at < wanted.length; at += atOnce) {
      const got = await this.#reader.readAll(wanted.slice(at, at + atOnce)).catch((error) => {
        this.#readerTrouble = error;
        throw error;
      });
      const posts = got.flatMap(({ post }): Post[] => (post ? [post] : []));
      yield { posts, ...(before.meanwhile && { memory: before.meanwhile }) };
    }
  }

  /** A site that names no page of its own is crawled; one whose sitemaps are in trouble is not: it would be another list. */
  ended(): Ending {
    if (this.#met === 0 && this.#trouble) throw this.#trouble;
    if (this.#held === 0) this.#reader.checkRead();
    return { met: this.#met, isWhole: !this.#isFull && !this.#trouble && !this.#reader.hasMissedNews };
  }

  tell(): void {
    const { warn } = this.#walk.warnings;
    this.#reader.tell();
    if (this.#lists > 0)
      warn(
        `Not read, for by their addresses they only list what others hold: ${counted(this.#lists, 'page')}.`,
      );
    if (this.#others > 0)
      warn(`Named by a sitemap, and no part of this site: ${counted(this.#others, 'page')}.`);
  }
}

const lettersOf = ({ loc, finds }: SitemapEntry): number =>
  finds.reduce((sum, { candidates }) => sum + candidates[0]!.address.length, loc.length);

const withSlash = (url: string): string => (url.endsWith('/') ? url.slice(0, -1) : `${url}/`);
