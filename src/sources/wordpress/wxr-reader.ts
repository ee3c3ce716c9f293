import type { Bytes } from '../bytes.ts';
import { pageText } from '../charset.ts';
import { DamagedFile } from '../source.ts';
import { XmlReader } from '../xml.ts';
import { WxrElement } from './wxr-element.ts';
import type { WxrItem } from './wxr-item.ts';

const piece = 65_536;
const longestFact = 10_000;

/**
 * The items of an export, one at a time, for it may be of any size. Throws `DamagedFile` behind the last whole item if
 * it is cut, or makes no sense any more.
 */
export async function* wxrItems(bytes: Bytes, onDamage: () => void): AsyncGenerator<WxrItem> {
  const reader = new WxrReader();
  for await (const text of pageText(bytes, undefined, onDamage))
    for (let from = 0; from < text.length; from += piece) {
      try {
        reader.write(text.slice(from, from + piece));
      } finally {
        yield* reader.items.splice(0);
      }
    }
  reader.end();
  yield* reader.items.splice(0);
  if (!reader.isXml) throw new DamagedFile('it has no element of an export');
  if (reader.isCut) throw new DamagedFile('it ends in the middle');
}

/** What an export says of its blog, by the names of the elements. */
export type SiteFacts = Readonly<Record<string, string>>;

/** What an export that begins like this says of its blog. */
export function siteIn(start: string): SiteFacts {
  const reader = new WxrReader();
  reader.write(start);
  return reader.site;
}

const facts: ReadonlySet<string> = new Set([
  'title',
  'link',
  'description',
  'language',
  'generator',
  'wp:wxr_version',
  'wp:base_site_url',
  'wp:base_blog_url',
]);

const tracked: ReadonlySet<string> = new Set(['rss', 'channel', 'item']);

function spaceOf(address: string): string | undefined {
  if (/^https?:\/\/wordpress\.org\/export\/[\w.-]{1,20}\/excerpt\/?$/.test(address)) return 'excerpt';
  if (/^https?:\/\/wordpress\.org\/export\//.test(address)) return 'wp';
  if (/^https?:\/\/purl\.org\/rss\/1\.0\/modules\/content\/?$/.test(address)) return 'content';
  return /^https?:\/\/purl\.org\/dc\/elements\/1\.1\/?$/.test(address) ? 'dc' : undefined;
}

class WxrReader {
  readonly items: WxrItem[] = [];
  readonly #site = new Map<string, string>();
  readonly #xml: XmlReader;
  #item: WxrElement | undefined;
  /** Which fact of the blog is being read. */
  #fact: string | undefined;
  #hasItems = false;

  constructor() {
    const handlers = {
      open: (name: string, attributes: Readonly<Record<string, string>>) => this.#open(name, attributes),
      close: (name: string) => this.#close(name),
      text: (text: string) => this.#text(text),
    };
    this.#xml = new XmlReader(tracked, handlers, spaceOf);
  }

  get isXml(): boolean {
    return this.#xml.isXml;
  }

  get isCut(): boolean {
    return this.#xml.isCut;
  }

  get site(): SiteFacts {
    return Object.fromEntries([...this.#site].map(([name, text]) => [name, text.trim()]));
  }

  write(text: string): void {
    this.#xml.write(text);
  }

  end(): void {
    this.#xml.end();
    if (!this.isCut) this.#end();
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'item') {
      this.#end();
      this.#hasItems = true;
      this.#item = new WxrElement();
    } else if (this.#item) this.#item.open(name, attributes);
    else this.#fact = facts.has(name) && !this.#hasItems && !this.#site.has(name) ? name : undefined;
  }

  /** Where too much is left open, each element is told to close at once, and what it holds comes behind it. */
  #close(name: string): void {
    if (this.isCut) this.#item = undefined;
    else if (name === 'item' && this.#item?.isEmpty === false) this.#end();
  }

  #text(text: string): void {
    this.#item?.text(text);
    if (this.#item || this.#fact === undefined) return;
    const before = this.#site.get(this.#fact) ?? '';
    if (before.length < longestFact) this.#site.set(this.#fact, before + text.slice(0, longestFact));
  }

  #end(): void {
    if (this.#item?.isEmpty === false) this.items.push(this.#item.end());
    this.#item = undefined;
  }
}
