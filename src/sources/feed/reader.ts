import { isAddress } from '../address.ts';
import { fullRoom } from '../finds.ts';
import type { MarkupOptions } from '../markup.ts';
import { XmlReader } from '../xml.ts';
import { type Entry, entryOf } from './entry.ts';
import { plainName, usualPrefix } from './names.ts';
import { type Attributes, childrenOf, type Element, elementOf, resolved, TreeBuilder } from './tree.ts';

export interface FeedOptions extends MarkupOptions {
  /** How many letters an entry may have in all. */
  readonly longest?: number;
  /** How many entries may wait for being taken; those beyond are counted. */
  readonly most?: number;
}

const entryNames = new Set(['item', 'entry']);
const roots = new Set(['rss', 'feed', 'rdf:rdf']);
const usualLength = 2 ** 20;
const usualEntries = 10_000;
/** What the feed says of itself may be so long. */
const longestHead = 2 ** 18;

/** Reads RSS and Atom as they come in, an entry at a time; entities of their own are not expanded, so none can grow. */
export class FeedReader {
  /** What is above the entries and around them, as far as it was read. */
  readonly head: TreeBuilder;
  /** Entries beyond those that one feed may have. */
  surplus = 0;
  /** Is its root that of a feed? */
  isFeed = false;
  readonly #options: MarkupOptions;
  readonly #longest: number;
  readonly #most: number;
  readonly #xml: XmlReader;
  #done: Entry[] = [];
  #entry: TreeBuilder | undefined;
  #form: 'rss' | 'atom' = 'rss';
  #base: string | undefined;
  /** Where relative addresses start from if nobody knows the address of the feed: the page that it belongs to. */
  #home: string | null | undefined;
  #isEnding = false;

  constructor({ longest = usualLength, most = usualEntries, ...options }: FeedOptions) {
    this.#options = { room: fullRoom(), ...options };
    this.#longest = longest;
    this.#most = most;
    this.head = new TreeBuilder(elementOf('', {}, undefined), longestHead);
    const handlers = {
      open: (name: string, attributes: Attributes) => this.#open(plainName(name), attributes),
      close: (name: string) => this.#close(plainName(name).toLowerCase()),
      text: (text: string) => (this.#entry ?? this.head).text(text),
    };
    this.#xml = new XmlReader({ has: (name) => this.#follows(plainName(name)) }, handlers, usualPrefix);
  }

  write(text: string): void {
    this.#xml.write(text);
  }

  /** The entries that have come to their end since they were taken last. */
  take(): readonly Entry[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  end(): readonly Entry[] {
    this.#isEnding = true;
    this.#xml.end();
    this.#end();
    return this.take();
  }

  /** Did it end before its elements did? To be asked at the end. */
  get isCut(): boolean {
    return this.#xml.isCut;
  }

  #follows(name: string): boolean {
    const key = name.toLowerCase();
    return entryNames.has(key) || roots.has(key) || (this.#entry ?? this.head).follows(key);
  }

  #open(name: string, attributes: Attributes): void {
    const key = name.toLowerCase();
    if (roots.has(key) && !this.#entry) this.#begin(key, attributes);
    if (entryNames.has(key)) {
      this.#end(); // one that was never closed
      this.#entry = new TreeBuilder(elementOf(name, attributes, this.#base), this.#longest);
    } else if (this.#entry) this.#entry.open(elementOf(name, attributes, this.#entry.at.base));
    else this.#openHead(name, attributes);
  }

  #begin(key: string, attributes: Attributes): void {
    this.isFeed = true;
    this.#form = key === 'feed' ? 'atom' : 'rss';
    this.#base ??= baseIn(attributes, this.#options.base);
  }

  #openHead(name: string, attributes: Attributes): void {
    if (name.toLowerCase() === 'channel') this.#base = baseIn(attributes, this.#base) ?? this.#base;
    this.head.open(elementOf(name, attributes, this.#base));
  }

  #close(key: string): void {
    if (entryNames.has(key)) this.#end();
    else (this.#entry ?? this.head).close(key);
  }

  #end(): void {
    if (this.#entry && this.#home === undefined) this.#home = homeIn(channelOf(this.head));
    const entry = this.#entry;
    this.#entry = undefined;
    if (!entry) return;
    if (this.#done.length >= this.#most) this.surplus++;
    else {
      const { base } = this.#options;
      const way = {
        ...this.#options,
        base: base ?? this.#home ?? null,
        form: this.#form,
        isUnfinished: this.#isEnding,
      };
      this.#done.push(entryOf(entry, way));
    }
  }
}

/** What xml:base names, if it is there. */
const baseIn = (attributes: Attributes, around: string | null | undefined): string | undefined =>
  attributes['xml:base'] === undefined ? undefined : resolved(attributes['xml:base'], around);

/** The elements that say something of the feed as a whole: RSS has them within a channel. */
export function channelOf({ root }: TreeBuilder): Element {
  const within = (element: Element, depth: number): Element => {
    const inner = element.children.find(({ key }) => key === 'channel' || roots.has(key));
    return inner && depth < 4 ? within(inner, depth + 1) : element;
  };
  return within(root, 0);
}

function homeIn(channel: Element): string | null {
  const links = childrenOf(channel, 'link').filter(
    ({ attributes: { rel = 'alternate' } }) => rel === 'alternate',
  );
  const found = links.map(({ attributes, text, base }) => resolved(attributes.href ?? text, base));
  return found.find((link) => link !== undefined && isAddress(link)) ?? null;
}
