import type { JsonObject } from '../json-path.ts';
import { detached } from '../text.ts';
import { XmlReader } from '../xml.ts';

/** Elements that hold others, or text. */
const words =
  'id published updated title subtitle content summary rights name uri email generator app:draft app:edited thr:total ' +
  'blogger:type blogger:status blogger:filename blogger:parent blogger:created blogger:trashed blogger:comment ' +
  'blogger:metaDescription blogger:name blogger:latitude blogger:longitude blogger:span blogger:zoom';
const nests = 'feed entry author contributor app:control blogger:location media:group source';
const tracked: ReadonlySet<string> = new Set(`${words} ${nests}`.split(' '));
/** Of these there may be several. */
const lists = new Set(['category', 'link', 'author', 'contributor', 'media:content']);

const spaces = new Map([
  ['http://schemas.google.com/blogger/2018', 'blogger'],
  ['http://schemas.google.com/blogger/2008', 'blogger'],
  ['http://purl.org/atom/app#', 'app'],
  ['http://www.w3.org/2007/app', 'app'],
  ['http://purl.org/syndication/thread/1.0', 'thr'],
  ['http://search.yahoo.com/mrss/', 'media'],
  ['http://schemas.google.com/g/2005', 'gd'],
]);

const longest = 32 * 2 ** 20;
const mostParts = 10_000;
const deepest = 8;

type Part = Record<string, unknown>;

/** An entry, or one that is too large to be held. */
export type BackupEntry = { readonly raw: JsonObject } | { readonly tooLarge: true };

/**
 * Reads a backup as it comes in, and makes of each entry what the feed is as JSON: attributes and elements by name, text
 * as `$t`. Holds one entry at a time.
 */
export class BackupReader {
  /** Does it begin as a feed does? */
  isFeed = false;
  /** Entries that were whole. */
  count = 0;
  readonly #xml: XmlReader;
  #done: BackupEntry[] = [];
  /** The entry, and what is open within it. */
  #open: { readonly name: string; readonly part: Part }[] = [];
  #size = 0;
  #parts = 0;

  constructor() {
    this.#xml = new XmlReader(
      tracked,
      {
        open: (name, attributes) => this.#begin(name, attributes),
        close: (name) => this.#end(name),
        text: (text) => this.#text(text),
      },
      (address) => spaces.get(address),
    );
  }

  get isCut(): boolean {
    return this.#xml.isCut;
  }

  take(text: string): readonly BackupEntry[] {
    this.#done = [];
    this.#xml.write(text);
    return this.#done;
  }

  /** An entry that is cut short is none. */
  end(): void {
    this.#open = [];
    this.#xml.end();
    this.#done = [];
  }

  #begin(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'feed') this.isFeed = true;
    const above = this.#open.at(-1);
    const part = partOf(attributes);
    if (name === 'entry') {
      this.#open = [{ name, part }]; // one that was not closed is over
      this.#size = this.#parts = 0;
    } else if (above) {
      this.#parts++;
      for (const text of Object.values(attributes)) this.#size += text.length;
      if (!this.#isTooLarge && this.#open.length <= deepest) put(above.part, name, part);
      if (tracked.has(name)) this.#open.push({ name, part });
    }
  }

  #end(name: string): void {
    const at = this.#open.findLastIndex((open) => open.name === name);
    const part = this.#open[at]?.part;
    if (!part) return;
    this.#open.length = at;
    if (at > 0 || name !== 'entry') return;
    this.count++;
    this.#done.push(this.#isTooLarge ? { tooLarge: true } : { raw: part });
  }

  #text(text: string): void {
    const { name, part } = this.#open.at(-1) ?? {};
    if (part === undefined || name === 'entry') return;
    this.#size += text.length;
    if (!this.#isTooLarge) part.$t = `${(part.$t as string | undefined) ?? ''}${text}`;
  }

  get #isTooLarge(): boolean {
    return this.#size > longest || this.#parts > mostParts;
  }
}

/** Plain data, whatever its names are. */
function partOf(attributes: Readonly<Record<string, string>>): Part {
  const part: Part = {};
  for (const [key, value] of Object.entries(attributes))
    if (isName(key) && !key.startsWith('xmlns')) part[key.replace(':', '$')] = detached(value);
  return part;
}

function put(above: Part, name: string, part: Part): void {
  const key = name.replace(':', '$');
  if (!isName(key)) return;
  const there = Object.hasOwn(above, key) ? above[key] : undefined;
  if (Array.isArray(there)) there.push(part);
  else if (lists.has(name)) above[key] = [part];
  else above[key] ??= part;
}

const isName = (name: string): boolean => name !== '__proto__' && name !== '$t' && name.length <= 100;
