import { limits } from '../finds.ts';
import { detached } from '../text.ts';

export type Attributes = Readonly<Record<string, string>>;

/** An element of an entry with all that is in it. */
export interface Element {
  /** With the usual prefix of its namespace; `key` is the same in small letters. */
  readonly name: string;
  readonly key: string;
  readonly attributes: Attributes;
  readonly children: Element[];
  /** Also the markup that stands in it as it is. */
  text: string;
  /** By xml:base, its own or of what is around it. */
  readonly base: string | undefined;
}

/** Elements whose content is one text to us, even where markup stands in it unescaped. */
const texts = new Set(
  'link guid id title subtitle tagline pubdate published issued created modified updated dc:date date description content:encoded content summary body fullitem media:description media:title itunes:summary rights copyright generator'.split(
    ' ',
  ),
);

const mostElements = 20_000;

/** Builds one element up while it is read, as far as there is room for it. */
export class TreeBuilder {
  readonly root: Element;
  /** Was there more in it than there is room for? */
  isCut = false;
  readonly #open: Element[];
  /** How many elements of its own name are open within the text that is being read. */
  #within: number | undefined;
  #room: number;
  #elements = 0;

  constructor(root: Element, room: number) {
    this.root = root;
    this.#open = [root];
    this.#room = room;
  }

  /** Has the element to be followed until it closes? Of markup within a text nobody needs to know where it ends. */
  follows(key: string): boolean {
    if (this.#within === undefined || this.#open.some((element) => element.key === key)) return true;
    return this.#isMarkup && !unclosed.has(key);
  }

  /** Is sound markup being read, as Atom has it? What stands unescaped in RSS is seldom closed as it should be. */
  get #isMarkup(): boolean {
    const { attributes } = this.at;
    return this.#within !== undefined && (attributes.type === 'xhtml' || attributes.mode === 'xml');
  }

  /** The element that is open. */
  get at(): Element {
    return this.#open.at(-1)!;
  }

  open(element: Element): void {
    const parent = this.at;
    if (this.#within !== undefined) {
      if (element.key === parent.key) this.#within++;
      this.#append(tag(element.name, element.attributes));
      return;
    }
    const kept = this.#isRoomFor(element);
    if (kept) parent.children.push(element);
    this.#open.push(element);
    if (texts.has(element.key)) this.#within = 0;
  }

  close(key: string): void {
    const isOwn = key === this.at.key && this.#open.length > 1;
    if (this.#within !== undefined && (!isOwn || this.#within > 0)) {
      if (this.#isMarkup) this.#append(closing(key));
      if (isOwn) this.#within--;
    } else if (isOwn) {
      this.#open.pop();
      this.#within = undefined;
    }
  }

  text(text: string): void {
    if (this.#within === undefined && text.trim() === '') return; // a million entries have a blank between each two
    this.#append(this.#isMarkup ? safe(text) : text);
  }

  #append(text: string): void {
    if (text.length > this.#room) this.isCut = true;
    this.at.text += text.slice(0, this.#room);
    this.#room = Math.max(0, this.#room - text.length);
  }

  #isRoomFor({ attributes }: Element): boolean {
    let size = 0;
    for (const value of Object.values(attributes)) size += value.length;
    const isRoom = ++this.#elements <= mostElements && size <= this.#room;
    if (isRoom) this.#room -= size;
    else this.isCut = true;
    return isRoom;
  }
}

/** An element that has just begun. */
export function elementOf(name: string, attributes: Attributes, around: string | undefined): Element {
  const own = attributes['xml:base'];
  const base = own === undefined ? around : (resolved(own, around) ?? around);
  return { name, key: name.toLowerCase(), attributes, children: [], text: '', base };
}

export function resolved(address: string, base: string | null | undefined): string | undefined {
  const text = address.trim();
  if (text.length > limits.address || !URL.canParse(text, base ?? undefined)) return undefined;
  return new URL(text, base ?? undefined).href;
}

const escaped: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', '<': '&lt;' };
const safe = (text: string) => text.replace(/[&"<]/g, (letter) => escaped[letter]!);

/** Markup that stands in a feed as it is goes on as markup. */
function tag(name: string, attributes: Attributes): string {
  const words = Object.entries(attributes)
    .filter(([key]) => !key.startsWith('xmlns'))
    .map(([key, value]) => ` ${key}="${safe(value)}"`);
  return `<${name}${words.join('')}>`;
}

const unclosed = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
const closing = (key: string): string => (unclosed.has(key) ? '' : `</${key}>`);

/** The first of several names that has a text, in their order. */
export function wordIn(element: Element, ...keys: string[]): string | undefined {
  for (const key of keys)
    for (const child of element.children) {
      const text = child.key === key ? child.text.trim() : '';
      if (text !== '') return detached(text.slice(0, limits.address));
    }
  return undefined;
}

export const childrenOf = (element: Element, ...keys: string[]): readonly Element[] =>
  element.children.filter(({ key }) => keys.includes(key));

/**
 * All that an element says, as JSON: a text where it is no more than that; else its attributes with `@` before their
 * names, its text under `#`, and what is in it by name, a list where there are several.
 */
export function plainOf({ attributes, children, text }: Element): unknown {
  const words = Object.entries(attributes).filter(([key]) => !key.startsWith('xmlns'));
  const own = children.length === 0 ? text : text.trim();
  if (words.length === 0 && children.length === 0) return own;
  const found = new Map<string, unknown[]>(words.map(([key, value]) => [`@${key}`, [value]]));
  if (own.trim() !== '') found.set('#', [own]);
  for (const child of children) {
    const others = found.get(child.name);
    if (others) others.push(plainOf(child));
    else found.set(child.name, [plainOf(child)]);
  }
  return Object.fromEntries([...found].map(([key, all]) => [key, all.length === 1 ? all[0] : all]));
}
