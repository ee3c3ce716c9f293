import { readDate } from '../date.ts';
import type { Find } from '../finds.ts';
import { detached } from '../text.ts';
import { XmlReader } from '../xml.ts';

/** A page that a sitemap names, as it stands there. */
export interface SitemapEntry {
  readonly loc: string;
  readonly lastmod?: string;
  /** When it was published, where the sitemap is one of news or videos. */
  readonly published?: string;
  /** What the page shows. */
  readonly finds: readonly Find[];
}

/** What a sitemap says, in its order. */
export interface Said {
  readonly pages: SitemapEntry[];
  /** Further sitemaps. */
  readonly sitemaps: string[];
}

const spaces: readonly (readonly [RegExp, string])[] = [
  [/\/sitemap-image\//i, 'image'],
  [/\/sitemap-video\//i, 'video'],
  [/\/sitemap-news\//i, 'news'],
  [/\/schemas\/sitemap\//i, 'sm'],
];
const spaceOf = (address: string) => spaces.find(([rule]) => rule.test(address.slice(0, 200)))?.[1];

const roots: ReadonlySet<string> = new Set(['urlset', 'sitemapindex', 'rss', 'feed', 'rdf:RDF', 'RDF']);
const entries: ReadonlySet<string> = new Set(['url', 'item', 'entry']);
const media: Readonly<Record<string, Find['kind']>> = {
  'image:loc': 'image',
  'video:content_loc': 'video',
  'video:thumbnail_loc': 'image',
};
const dates: ReadonlySet<string> = new Set([
  'news:publication_date',
  'video:publication_date',
  'pubDate',
  'published',
]);
const texts: ReadonlySet<string> = new Set([
  'loc',
  'lastmod',
  'link',
  'updated',
  ...Object.keys(media),
  ...dates,
]);
const plain = (name: string): string => (name.startsWith('sm:') ? name.slice(3) : name);
const tracked: ReadonlySet<string> = new Set(
  [...texts, ...entries, 'sitemap', 'image:image', 'video:video'].flatMap((name) =>
    name.includes(':') ? [name] : [name, `sm:${name}`],
  ),
);

const longest = 8192;
const mostMedia = 1000;

interface Open {
  readonly of: 'page' | 'sitemap';
  loc?: string;
  lastmod?: string;
  published?: string;
  readonly finds: Find[];
}

/** Reads a sitemap as it comes in: an index, a set of pages, or a feed that serves as one. */
export class SitemapReader {
  /** Undefined as long as nothing shows what it is. */
  isSitemap: boolean | undefined;
  #said: Said = { pages: [], sitemaps: [] };
  #entry: Open | undefined;
  #text: { readonly of: string; text: string } | undefined;
  readonly #reader = new XmlReader(
    tracked,
    {
      open: (name, attributes) => this.#open(plain(name), attributes),
      close: (name) => this.#close(plain(name)),
      text: (text) => {
        if (this.#text && this.#text.text.length <= longest) this.#text.text += text;
      },
    },
    spaceOf,
  );

  write(text: string): void {
    this.#reader.write(text);
  }

  /** What was said since this was asked last. */
  take(): Said {
    const said = this.#said;
    this.#said = { pages: [], sitemaps: [] };
    return said;
  }

  end(): { readonly isCut: boolean } {
    this.#reader.end();
    return { isCut: this.#reader.isCut };
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.isSitemap ??= roots.has(name);
    if (entries.has(name)) this.#entry = { of: 'page', finds: [] };
    else if (name === 'sitemap') this.#entry = { of: 'sitemap', finds: [] };
    else if (texts.has(name) && this.#entry) this.#text = { of: name, text: '' };
    const { href, rel = 'alternate' } = attributes;
    if (name === 'link' && this.#entry && href && rel === 'alternate')
      this.#entry.loc ??= href.slice(0, longest + 1);
  }

  #close(name: string): void {
    if (this.#text?.of === name) this.#endText();
    else if (this.#entry && (entries.has(name) || name === 'sitemap')) this.#endEntry(this.#entry);
  }

  #endText(): void {
    const { of, text } = this.#text!;
    this.#text = undefined;
    const value = detached(text.trim());
    const entry = this.#entry;
    if (!entry || value === '' || value.length > longest) return;
    const kind = media[of];
    if (kind && entry.finds.length < mostMedia)
      entry.finds.push({ kind, candidates: [{ address: value, rank: 1e7 }] });
    else if (of === 'loc' || of === 'link') entry.loc ??= value;
    else if (of === 'lastmod' || of === 'updated') entry.lastmod ??= value.slice(0, 100);
    else if (dates.has(of)) entry.published ??= readDate(value) ?? undefined;
  }

  #endEntry({ of, loc, lastmod, published, finds }: Open): void {
    this.#entry = undefined;
    if (loc === undefined) return;
    if (of === 'sitemap') this.#said.sitemaps.push(loc);
    else this.#said.pages.push({ loc, finds, ...(lastmod && { lastmod }), ...(published && { published }) });
  }
}

/** Does a text begin as a sitemap? A feed may serve as one, and is something better. */
export function isSitemap(start: string): boolean {
  let root: string | undefined;
  const open = (name: string) => {
    root ??= plain(name);
  };
  const reader = new XmlReader(tracked, { open, close: () => undefined, text: () => undefined }, spaceOf);
  reader.write(start.slice(0, 65_536));
  return root === 'urlset' || root === 'sitemapindex';
}

/** The last moment that a `lastmod` may mean, for a day is long; undefined where it means none. */
export function latestOf(lastmod: string | undefined): number | undefined {
  const [, year, month, day] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(lastmod ?? '') ?? [];
  if (year === undefined) {
    const date = readDate(lastmod);
    return date === null ? undefined : Date.parse(date);
  }
  const zones = 14 * 3_600_000; // somewhere the day goes on
  const [y, m, d] = [Number(year), Number(month ?? 12), Number(day ?? 31)];
  return Date.UTC(y, day ? m - 1 : m, day ? d + 1 : 1) + zones;
}
