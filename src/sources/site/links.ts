import { normalise } from '../address.ts';
import type { Attributes } from '../elements.ts';
import { tidy } from './addresses.ts';

const mostLinks = 50_000;
const longest = 4000;
/** Resolved ones all together: a long base makes long ones of the shortest. */
const mostLetters = 2 ** 23;

/** Where a page leads to, and what it says of itself to those who copy it. */
export class PageSays {
  /** What it wants of robots (noindex, noarchive …), in its own words. */
  readonly robots: string[] = [];
  readonly tags: string[] = [];
  /** Does it lead to more than is followed? Known once it was asked for its links. */
  isNoMore = false;
  #base: string | undefined;
  readonly #links: string[] = [];

  element(name: string, attributes: Attributes): void {
    if (name === 'base') this.#base ??= attributes.href?.slice(0, longest);
    else if (name === 'meta') this.#meta(attributes);
    else {
      const link = linkIn(name, attributes);
      if (link !== undefined && link.length < longest) this.#take(link);
    }
  }

  #take(link: string): void {
    if (this.#links.length < mostLinks) this.#links.push(link);
    else this.isNoMore = true;
  }

  /** Each page once. */
  links(address: string): readonly string[] {
    const base = (this.#base && normalise(this.#base, address)) || address;
    const found = new Set<string>();
    let letters = 0;
    for (const link of this.#links) {
      const url = tidy(link, base);
      if (url === undefined || found.has(url)) continue;
      letters += url.length;
      this.isNoMore ||= letters > mostLetters;
      if (letters > mostLetters) break;
      found.add(url);
    }
    return [...found];
  }

  #meta({ name, property, content = '', ...rest }: Attributes): void {
    const what = (name ?? property ?? '').slice(0, 40).toLowerCase();
    if ((what === 'robots' || what === 'oxbow') && this.robots.length < 10)
      this.robots.push(content.slice(0, 200));
    else if (what === 'article:tag' && content && this.tags.length < 100)
      this.tags.push(content.slice(0, 200));
    else if (/^refresh$/i.test((rest['http-equiv'] ?? '').slice(0, 10))) {
      const [, link] =
        /^\s{0,10}[\d.]{0,10}\s{0,10}[;,]\s{0,10}url\s{0,10}=\s{0,10}["']?([^"']{1,3000})/i.exec(content) ??
        [];
      if (link !== undefined) this.#take(link);
    }
  }
}

function linkIn(name: string, { href, src, rel = '' }: Attributes): string | undefined {
  if (name === 'a' || name === 'area') return href;
  if (name === 'frame' || name === 'iframe') return src;
  return name === 'link' && /^(canonical|next|prev|start|contents|index|first|last)$/i.test(rel.slice(0, 20))
    ? href
    : undefined;
}
