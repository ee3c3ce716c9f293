import { readDate } from './date.ts';
import { type Attributes, kindOfType, numberIn } from './elements.ts';
import type { Candidate, Find } from './finds.ts';
import { type LinkedData, readLinkedData } from './json-ld.ts';
import { detached } from './text.ts';

const rank = 3e7;
const mostFinds = 1000;

/** By which part of a page its date is known. */
export type DatedBy = 'meta' | 'json-ld' | 'h-entry' | 'time';

/** What the head of a page and its JSON-LD say of the page as a whole. */
export class PageFacts {
  title: string | undefined;
  canonical: string | undefined;
  isArticle = false;
  readonly #finds: { kind: Find['kind']; candidates: Candidate[] }[] = [];
  readonly #dates = new Map<DatedBy, string>();
  #type: string | undefined;

  /** What the page shows comes first: here stands what is shown of it elsewhere. */
  get finds(): readonly Find[] {
    return this.#finds.filter(({ kind }) => kind !== undefined);
  }

  /** When the page was published, and by what; undefined where it does not say. */
  get published(): { date: string; by: DatedBy } | undefined {
    for (const by of ['meta', 'json-ld', 'h-entry', 'time'] as const) {
      const date = this.#dates.get(by);
      if (date) return { date, by };
    }
    return undefined;
  }

  meta(attributes: Attributes): void {
    const name = (attributes.property ?? attributes.name ?? attributes.itemprop ?? '')
      .slice(0, 64)
      .toLowerCase();
    const { content } = attributes;
    if (content === undefined || content === '') return;
    if (
      /^(article:published_time|datepublished|dc\.date(\.issued)?|dcterms\.(issued|created)|pubdate|publish-?date|parsely-pub-date)$/.test(
        name,
      )
    )
      this.date('meta', content);
    else if (name === 'og:title') this.title ??= detached(content.slice(0, 1000));
    else if (name === 'og:type') this.isArticle ||= /^(article|tumblr-feed:entry)$/.test(content);
    else this.#medium(name, content);
  }

  link({ rel = '', href, type }: Attributes): void {
    const rels = rel.slice(0, 200).toLowerCase().split(/\s/);
    if (!href) return;
    if (rels.includes('canonical')) this.canonical ??= detached(href.slice(0, 8192));
    if (rels.includes('image_src')) this.#add('image', href);
    if (rels.includes('enclosure') && kindOfType(type)) this.#add(kindOfType(type), href);
  }

  linkedData(text: string): void {
    const said: LinkedData | undefined = readLinkedData(text);
    if (!said) return;
    this.isArticle ||= said.isArticle;
    if (said.published) this.date('json-ld', said.published);
    for (const { kind, candidates } of said.finds)
      if (this.#hasRoom) this.#finds.push({ kind: kind ?? 'file', candidates: [...candidates] });
  }

  date(by: DatedBy, text: string): void {
    const date = readDate(text);
    if (date && !this.#dates.has(by)) this.#dates.set(by, date);
  }

  #medium(name: string, content: string): void {
    const [, of, part = ''] =
      /^(?:og|twitter):(image|video|audio|player:stream)(?::(url|src|secure_url|width|height|type))?$/.exec(
        name,
      ) ?? [];
    if (of === undefined) return;
    const last = this.#finds.at(-1)?.candidates;
    if (part === 'type') this.#typed(of, content);
    else if (part === 'width' || part === 'height') this.#sized(of, { [part]: numberIn(content) });
    else if (part === 'secure_url' && this.#type === of && last)
      last.push({ address: content, rank: rank - 1 });
    else this.#add(of === 'player:stream' ? 'video' : (of as Find['kind']), content, of);
  }

  #add(kind: Find['kind'], address: string, type?: string): void {
    this.#type = type;
    if (this.#hasRoom) this.#finds.push({ kind, candidates: [{ address, rank }] });
  }

  /** `og:video` is a page with a player as often as a video: its type tells. */
  #typed(of: string, type: string): void {
    const last = this.#finds.at(-1);
    if (last && this.#type === of && !kindOfType(type)) last.kind = undefined;
  }

  /** The size of a player is none of the picture that was named before it. */
  #sized(of: string, size: Pick<Candidate, 'width' | 'height'>): void {
    const candidates = this.#finds.at(-1)?.candidates;
    if (candidates?.[0] && this.#type === of) candidates[0] = { ...candidates[0], ...size };
  }

  get #hasRoom(): boolean {
    return this.#finds.length < mostFinds;
  }
}
