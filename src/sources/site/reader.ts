import { SourceError } from '../../errors.ts';
import type { Post } from '../../model.ts';
import { counted, shownAddress } from '../../shown.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import { Addresses, keyOf } from './addresses.ts';
import { type Lack, type Reading, type ReadPage, readPage } from './page.ts';
import { bareHost, isWithin, type Place } from './place.ts';
import { postOf } from './post.ts';
import type { Robots } from './robots.ts';
import type { SitemapEntry } from './sitemap.ts';

/** A page that is wanted, and what a sitemap says of it. */
export interface Wanted {
  readonly url: string;
  readonly entry?: SitemapEntry;
  /** Is it in the archive already, in a form that may be an older one? */
  readonly isHeld?: boolean;
}

/** What came of it: a post, unless it is none or another page has given it already, and where it leads to. */
export interface Got {
  readonly post?: Post | undefined;
  /** The address that answered; undefined where no page did. */
  readonly url?: string;
  readonly links: readonly string[];
  /** Is there a page that could not be had this time? */
  readonly isMissed?: boolean;
}

interface ReaderOptions {
  readonly place: Place;
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly robots: Robots;
  readonly warnings: Warnings;
  readonly isAsIs: boolean;
  /** Did somebody say that these pages are there, or are they merely linked to? */
  readonly areAnnounced: boolean;
}

type Missed = Lack | 'disallowed';

/** So many pages in a row to which nobody even answers, or that are all refused: it is the site, not the pages. */
const [mostSilent, mostRefused] = [3, 20];

/** Reads the pages of a site, as its robots.txt lets it, and tells what could not be read. */
export class SiteReader {
  readonly #options: ReaderOptions;
  readonly #ids = new Addresses();
  readonly #copies = new Addresses();
  readonly #missed = new Map<Missed, { count: number; readonly example: string; readonly why: string }>();
  #silent = 0;
  #refused = 0;
  /** Pages that were asked for, and of these the ones that were read. */
  asked = 0;
  read = 0;
  /** Could one that is held, and newer now, not be had? Then a later run has to ask for it again. */
  hasMissedNews = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Several pages side by side; what came of each, in their order. */
  async readAll(wanted: readonly Wanted[]): Promise<readonly Got[]> {
    const readings = await Promise.all(wanted.map((one) => this.#reading(one)));
    return readings.map((reading, n) => this.#got(wanted[n]!, reading));
  }

  async #reading({ url, entry }: Wanted): Promise<Reading | undefined> {
    const { robots, place, context, warnings, isAsIs } = this.#options;
    if (!(await robots.of(url)).allows(url)) return undefined;
    const own = bareHost(new URL(url));
    this.asked++;
    return robots.inTurn(url, () =>
      readPage(url, {
        ...{ context, warnings, isAsIs },
        finds: entry?.finds ?? [],
        isWithin: (to) =>
          (isWithin(place, to) || (own !== place.host && bareHost(to) === own)) &&
          robots.known(to.href)?.allows(to.href) !== false,
      }),
    );
  }

  #got({ url, entry, isHeld }: Wanted, reading: Reading | undefined): Got {
    if (!reading) return this.#lacking('disallowed', url, this.#options.robots.trouble(url) ?? '');
    if ('lack' in reading) {
      this.#mind(reading);
      if (isHeld && reading.lack === 'trouble') this.hasMissedNews = true;
      return this.#lacking(reading.lack, url, reading.why);
    }
    [this.#silent, this.#refused] = [0, 0];
    this.read++;
    const { page } = reading;
    return { post: this.#postOf(page, entry), url: page.url, links: this.#linksOf(page) };
  }

  /** Where a sitemap names the pages, links lead nowhere. */
  #linksOf({ says, url }: ReadPage): readonly string[] {
    const { areAnnounced, warnings } = this.#options;
    const links = areAnnounced ? [] : says.links(url);
    if (!areAnnounced && says.isNoMore)
      warnings.skip(
        `${shownAddress(url)} has more links than one page may have: the others are not followed.`,
      );
    return links;
  }

  /** A page that says the same at the same path as one before is that one. */
  #postOf(page: ReadPage, entry: SitemapEntry | undefined): Post | undefined {
    const post = postOf(page, { ...this.#options, entry });
    if (!post || !this.#ids.add(post.id)) return undefined;
    const { words } = post.raw as { readonly words?: string };
    return words === undefined || this.#copies.add(`${keyOf(page.url).split('?', 1)[0]} ${words}`)
      ? post
      : undefined;
  }

  #lacking(lack: Missed, example: string, why: string): Got {
    const { areAnnounced, warnings } = this.#options;
    const missed = this.#missed.get(lack);
    if (missed) missed.count++;
    else this.#missed.set(lack, { count: 1, example: shownAddress(example), why });
    if (lack === 'trouble' || (lack === 'refused' && areAnnounced))
      warnings.skip(`The page ${shownAddress(example)} cannot be read: ${why.replace(/\.$/, '')}.`);
    return { links: [], isMissed: lack === 'trouble' || lack === 'refused' };
  }

  #mind({ lack, why, error }: Extract<Reading, { lack: Lack }>): void {
    this.#silent = error ? this.#silent + 1 : 0;
    this.#refused = lack === 'refused' || lack === 'trouble' ? this.#refused + 1 : 0;
    if (this.#silent >= mostSilent && error) throw error;
    if (this.#refused >= mostRefused)
      throw new SourceError(
        `${this.#options.place.host} refuses one page after another: ${why}. A later run goes on.`,
        { url: shownAddress(this.#options.place.start) },
      );
  }

  /** Trouble of single pages is none of the site, unless there is nothing else. */
  checkRead(): void {
    const [first] = this.#missed;
    if (this.read > 0 || !first) return;
    const [lack, { example, why }] = first;
    const hint =
      lack === 'disallowed' && why === ''
        ? 'its robots.txt forbids it; where the site is yours, -o sources.site.robots=false goes without'
        : why.replace(/\.$/, '');
    throw new SourceError(`No page of ${this.#options.place.host} can be read: of ${example}, ${hint}.`, {
      url: example,
    });
  }

  /** What was met with single pages, once. */
  tell(): void {
    const { warnings, areAnnounced } = this.#options;
    for (const [lack, { count, example, why }] of this.#missed) {
      const sentence = told[lack]?.(counted(count, 'page'), why);
      if (sentence && (areAnnounced || lack !== 'no page')) warnings.warn(`${sentence}, such as ${example}.`);
    }
  }
}

const told: Partial<Record<Missed, (pages: string, why: string) => string>> = {
  gone: (pages) => `Gone from the site, though it names them: ${pages}`,
  elsewhere: (pages) => `Leading away from the site, and not followed: ${pages}`,
  'no page': (pages) => `Something else than a web page, and not read: ${pages}`,
  refused: (pages) => `Closed to us: ${pages}`,
  disallowed: (pages, why) =>
    why === ''
      ? `Not asked for, since robots.txt forbids it: ${pages}`
      : `Not asked for, since robots.txt could not be read (${why.replace(/\.$/, '')}): ${pages}`,
};
