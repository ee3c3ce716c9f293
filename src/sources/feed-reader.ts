import { isAddress, kindOfAddress } from './address.ts';
import { readDate } from './date.ts';
import { kindOfType, numberIn } from './elements.ts';
import { type Candidate, type Find, fullRoom } from './finds.ts';
import { FlatParser } from './flat-parser.ts';
import { type Markup, type MarkupOptions, MarkupReader } from './markup.ts';
import { detached } from './text.ts';

/** An entry of a feed: what it is a post of, and its media. */
export interface Entry {
  readonly link: string | undefined;
  readonly guid: string | undefined;
  readonly title: string | undefined;
  readonly date: string | null;
  readonly html: string;
  readonly markup: Markup;
}

type Attributes = Readonly<Record<string, string>>;

const isFeed = /<(rss|feed|rdf:RDF)[\s>]/;
/** Is this the beginning of a feed, whatever its server calls it? */
export const beginsFeed = (start: string): boolean => {
  const head = start.slice(0, 2048);
  return isFeed.test(head) && !/<html[\s>]/i.test(head);
};

const entries = new Set(['item', 'entry']);
const bodies = new Set(['description', 'content:encoded', 'content', 'summary']);
const words = new Set(['link', 'guid', 'id', 'title', 'pubDate', 'published', 'updated', 'dc:date']);
const tracked = new Set([...entries, ...bodies, ...words, 'media:group']);
const mostEntries = 10_000;
const mostFinds = 1000;
const longest = 2 ** 20;
const longestAddress = 8192;

/** Reads RSS and Atom as they come in; entities of their own are not expanded, so none can grow. */
export class FeedReader {
  readonly entries: Entry[] = [];
  /** Entries beyond those that one feed may have. */
  surplus = 0;
  readonly #options: MarkupOptions;
  readonly #parser: FlatParser;
  #base: string | undefined;
  #entry: EntryReader | undefined;

  constructor(options: MarkupOptions) {
    this.#options = { room: fullRoom(), ...options };
    this.#parser = new FlatParser(
      tracked,
      {
        open: (name, attributes) => this.#open(name, attributes),
        close: (name) => {
          if (entries.has(name)) this.#end();
          else this.#entry?.close(name);
        },
        text: (text) => this.#entry?.text(text),
      },
      { xmlMode: true },
    );
  }

  write(text: string): void {
    this.#parser.write(text);
  }

  end(): readonly Entry[] {
    this.#parser.end();
    this.#end();
    return this.entries;
  }

  #open(name: string, attributes: Attributes): void {
    const base = resolved(attributes['xml:base'], this.#base ?? this.#options.base);
    if (entries.has(name)) this.#entry = new EntryReader(base ?? this.#base);
    else if (!this.#entry) this.#base ??= base;
    this.#entry?.open(name, attributes);
  }

  #end(): void {
    if (this.#entry && this.entries.length < mostEntries) this.entries.push(this.#entry.end(this.#options));
    else if (this.#entry) this.surplus++;
    this.#entry = undefined;
  }
}

class EntryReader {
  readonly #base: string | undefined;
  readonly #words = new Map<string, string>();
  readonly #finds: Find[] = [];
  readonly #previews: Find[] = [];
  /** Which element's text is being read. */
  #in: { readonly name: string; readonly isMarkup: boolean; text: string } | undefined;
  #html = '';
  #group: Candidate[] | undefined;

  constructor(base: string | undefined) {
    this.#base = base;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#in) {
      if (bodies.has(this.#in.name)) this.#append(tag(name, attributes));
      return;
    }
    if (bodies.has(name) || words.has(name))
      this.#in = { name, isMarkup: attributes.type === 'xhtml', text: '' };
    if (name === 'link') this.#link(attributes);
    else if (name === 'enclosure' || name === 'media:content') this.#medium(attributes.url, attributes);
    else if (name === 'content') this.#medium(attributes.src, attributes);
    else if (name === 'media:group') this.#group = [];
    else if (name === 'media:thumbnail' || name === 'itunes:image') this.#preview(attributes);
  }

  close(name: string): void {
    if (name === 'media:group') this.#endGroup();
    if (name !== this.#in?.name) return;
    const { text } = this.#in;
    this.#in = undefined;
    if (bodies.has(name)) this.#keep(text);
    else if (text.trim() !== '' && !this.#words.has(name))
      this.#words.set(name, detached(text.trim().slice(0, longestAddress)));
  }

  /** Appends while there is room: to cut the whole anew for each of many would copy all of it each time. */
  #keep(text: string): void {
    const room = longest - this.#html.length;
    if (room > 0) this.#html += `${text.slice(0, room - 1)}\n`;
  }

  text(text: string): void {
    this.#append(this.#in?.isMarkup ? safe(text) : text);
  }

  end(options: MarkupOptions): Entry {
    this.#endGroup();
    const word = (...names: string[]) => names.map((name) => this.#words.get(name)).find(Boolean);
    const guid = word('guid', 'id');
    const named = word('link') ?? (guid && isAddress(guid) ? guid : undefined);
    const start = this.#base ?? options.base;
    const link = named === undefined ? undefined : resolved(named, start);
    const base = this.#base ?? link ?? options.base;
    const read = (finds: readonly Find[]) => {
      const reader = new MarkupReader({ ...options, base });
      for (const find of finds) reader.add(find);
      reader.write(this.#html);
      return reader.end();
    };
    const own = read(this.#finds);
    const markup = own.media.length === 0 && this.#previews.length > 0 ? read(this.#previews) : own;
    const date = readDate(word('pubDate', 'published', 'dc:date', 'updated'));
    return { link, guid, title: word('title'), date, html: this.#html, markup };
  }

  #append(text: string): void {
    if (this.#in && this.#in.text.length < longest) this.#in.text += text;
  }

  /** Atom has addresses in attributes, RSS in the text. */
  #link({ rel = 'alternate', href, type }: Attributes): void {
    if (href === undefined) return;
    if (rel === 'alternate' && !this.#words.has('link'))
      this.#words.set('link', detached(href.slice(0, longestAddress)));
    else if (rel === 'enclosure') this.#medium(href, { ...(type && { type }) });
  }

  #medium(address: string | undefined, { type, medium, width, height }: Attributes): void {
    if (!address || address.length > longestAddress || this.#finds.length >= mostFinds) return;
    const byEnding = kindOfAddress(address);
    const kind =
      kindOfType(type) ?? kindOfType(medium && `${medium}/`) ?? (byEnding === 'file' ? undefined : byEnding);
    const [wide, high] = [numberIn(width), numberIn(height)];
    const candidate = { address, rank: 3e7 + (wide ?? 0), width: wide, height: high };
    if (kind && this.#group) this.#group.push(candidate);
    else if (kind) this.#finds.push({ kind, candidates: [candidate] });
  }

  /** Several renditions of one thing. */
  #endGroup(): void {
    const candidates = (this.#group ?? []).slice(0, mostFinds);
    if (candidates.length > 0) this.#finds.push({ kind: undefined, candidates });
    this.#group = undefined;
  }

  /** Shown where there is nothing else. */
  #preview({ url, href }: Attributes): void {
    const address = url ?? href;
    if (address && this.#previews.length < mostFinds)
      this.#previews.push({ kind: 'image', candidates: [{ address, rank: 1 }] });
  }
}

function resolved(address: string | undefined, base: string | null): string | undefined {
  if (address === undefined || address.length > longestAddress) return undefined;
  if (!URL.canParse(address, base ?? undefined)) return undefined;
  return new URL(address, base ?? undefined).href;
}

const escaped: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', '<': '&lt;' };

const safe = (text: string) => text.replace(/[&"<]/g, (letter) => escaped[letter]!);

/** Markup that stands in a feed as it is goes on as markup. */
const tag = (name: string, attributes: Attributes): string => {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${safe(value)}"`);
  return `<${name}${words.join('')}>`;
};
