import type { MediaItem } from '../../model.ts';
import { normalise } from '../address.ts';
import { readDate } from '../date.ts';
import { type Attributes, numberIn } from '../elements.ts';
import type { Find, LeftOut } from '../finds.ts';
import { FlatParser } from '../flat-parser.ts';
import { type Keying, keyedItems, type Original } from '../keyed-items.ts';
import { readMarkup } from '../markup.ts';
import { detached } from '../text.ts';
import { imageId, originalAt, readImage } from './images.ts';

/** What a page of an export says of its post. */
export interface PageFacts {
  readonly title?: string;
  readonly subtitle?: string;
  readonly canonical?: string;
  readonly published?: string;
  /** An answer to somebody has no title of its own: Medium takes its first words for one. */
  readonly isReply: boolean;
}

type Word = 'title' | 'subtitle' | 'first';

const tracked: ReadonlySet<string> = new Set(['h1', 'section', 'p', 'h2', 'h3', 'h4']);
const longest = 10_000;

/** The head and the foot of a page, and how its text begins. */
export function readFacts(html: string): PageFacts {
  const reader = new FactsReader();
  return reader.read(html);
}

class FactsReader {
  readonly #words = new Map<Word, string>();
  #in: { readonly of: Word; readonly element: string; text: string } | undefined;
  #canonical: string | undefined;
  #published: string | undefined;
  #hasTitle = false;
  #isInBody = false;

  read(html: string): PageFacts {
    const parser = new FlatParser(tracked, {
      open: (name, attributes) => this.#open(name, attributes),
      close: (name) => this.#close(name),
      text: (text) => {
        if (this.#in && this.#in.text.length < longest) this.#in.text += text;
      },
    });
    parser.write(html);
    parser.end();
    const [title, subtitle] = [this.#words.get('title'), this.#words.get('subtitle')];
    return {
      ...(title !== undefined && { title }),
      ...(subtitle !== undefined && { subtitle }),
      ...(this.#canonical !== undefined && { canonical: this.#canonical }),
      ...(this.#published !== undefined && { published: this.#published }),
      isReply: this.#isReply(title),
    };
  }

  #open(name: string, attributes: Attributes): void {
    const classes = ` ${(attributes.class ?? '').slice(0, 500)} `;
    const field = attributes['data-field'];
    if (field === 'body') this.#isInBody = true;
    if (classes.includes(' graf--title ')) this.#hasTitle = true;
    if (name === 'h1' && classes.includes(' p-name ')) this.#begin('title', name);
    else if (name === 'section' && field === 'subtitle') this.#begin('subtitle', name);
    else if (this.#isInBody && classes.includes(' graf ') && tracked.has(name)) this.#begin('first', name);
    else if (name === 'time' && classes.includes(' dt-published '))
      this.#published = cut(attributes.datetime, 64);
    else if (name === 'a' && classes.includes(' p-canonical ')) this.#canonical = cut(attributes.href, 8192);
  }

  #begin(of: Word, element: string): void {
    if (!this.#in && !this.#words.has(of)) this.#in = { of, element, text: '' };
  }

  #close(name: string): void {
    if (name !== this.#in?.element) return;
    const text = this.#in.text.slice(0, longest).replace(/\s+/g, ' ').trim();
    if (text !== '') this.#words.set(this.#in.of, detached(text));
    this.#in = undefined;
  }

  #isReply(title: string | undefined): boolean {
    const first = this.#words.get('first');
    if (this.#hasTitle || title === undefined || first === undefined) return false;
    return first.startsWith(title.replace(/(?:…|\.\.\.)$/, '').trimEnd());
  }
}

/** Of several the last counts, for a post may show what looks like one. */
const cut = (text: string | undefined, most: number): string | undefined =>
  text === undefined || text.length > most ? undefined : detached(text.trim());

export const dateOf = ({ published }: PageFacts): string | null => readDate(published);

export function urlOf({ canonical }: PageFacts): string | null {
  return (canonical === undefined ? undefined : normalise(canonical)) ?? null;
}

/** The media of a page, each picture once. */
export function mediaIn(
  html: string,
  base: string | null,
  post: Pick<MediaItem, 'post' | 'date'>,
): { readonly items: readonly MediaItem[]; readonly leftOut: LeftOut } {
  const originals = new Map<string, Original>();
  const own = (name: string, attributes: Attributes) =>
    name === 'img' ? pictures(attributes, originals) : [];
  const { media, leftOut } = readMarkup(html, { base, own });
  const read: Keying['read'] = (address) => readImage(address, originals);
  const shown = media.filter(({ url }) => !isPixel(url));
  return { items: keyedItems(shown, { platform: 'medium', read, originals }, post), leftOut };
}

const mostOriginals = 10_000;

/** A picture is known by its id, whatever address shows it; one that came from elsewhere tells from where. */
function pictures(attributes: Attributes, originals: Map<string, Original>): readonly Find[] {
  const key = imageId(attributes['data-image-id']);
  if (key === undefined) return [];
  const external = attributes['data-external-src'] ?? '';
  const elsewhere = external.length > 8192 ? undefined : normalise(external);
  if (originals.size < mostOriginals)
    originals.set(key, {
      width: numberIn(attributes['data-width']),
      height: numberIn(attributes['data-height']),
      elsewhere,
    });
  return [{ kind: 'image', candidates: [{ address: originalAt(key), rank: 1 }] }];
}

/** It counts readers. */
const isPixel = (url: string): boolean => /^https?:\/\/medium\.com\/_\/stat\b/.test(url);
