import { kindOfAddress } from './address.ts';
import {
  type Attributes,
  backgrounds,
  embedded,
  entryMedium,
  hasBackground,
  imageCandidates,
  isPixel,
  linkCandidates,
  playableCandidate,
  sourceCandidates,
} from './elements.ts';
import {
  type Candidate,
  type Find,
  Finds,
  type FoundMedia,
  fullRoom,
  type LeftOut,
  limits,
  type Room,
} from './finds.ts';
import { FlatParser } from './flat-parser.ts';
import { PageFacts } from './page-facts.ts';
import { detached } from './text.ts';

export interface MarkupOptions {
  /** The address that relative ones start from, unless the markup names another; null where there is none. */
  readonly base: string | null;
  /** What an address stood for before somebody rewrote it; by default it is as it was. */
  readonly original?: (url: string) => string;
  /** Shared by pieces of one page; by default a piece has a page's room to itself. */
  readonly room?: Room;
  /** Media that an element names in a way of one platform's own; they stand before what everybody sees in it. */
  readonly own?: (name: string, attributes: Attributes) => readonly Find[];
}

/** The media of a piece of HTML or of a whole page, and what the page says of itself. */
export interface Markup {
  readonly media: readonly FoundMedia[];
  readonly page: PageFacts;
  readonly leftOut: LeftOut;
}

/** Media in a piece of HTML, such as the body of a post. */
export function readMarkup(html: string, options: MarkupOptions): Markup {
  const reader = new MarkupReader(options);
  reader.write(html);
  return reader.end();
}

const players: ReadonlySet<string> = new Set(['video', 'audio', 'amp-video', 'amp-audio']);
const tracked: ReadonlySet<string> = new Set(['a', 'picture', ...players, 'script', 'title', 'svg']);
const isPublished = ({ class: classes = '' }: Attributes) => /\bdt-published\b/.test(classes.slice(0, 500));
const longestText = 2 ** 20;
const piece = 65_536;

/** Reads markup as it comes in. Its time grows with the length of it alone, whatever it nests or leaves open. */
export class MarkupReader {
  readonly #options: MarkupOptions;
  readonly #finds = new Finds();
  readonly #page = new PageFacts();
  readonly #parser: FlatParser;
  readonly #openers: ReadonlyMap<string, (attributes: Attributes) => void>;
  #base: string | undefined;
  /** The link that is open, as long as no picture has taken it for the file behind itself. */
  #link: readonly Candidate[] = [];
  #picture: readonly Candidate[] | undefined;
  #player: { readonly kind: 'video' | 'audio'; readonly candidates: Candidate[] } | undefined;
  #text: { readonly of: 'script' | 'title'; text: string } | undefined;

  constructor(options: MarkupOptions) {
    this.#options = options;
    this.#openers = this.#openersOf();
    this.#parser = new FlatParser(tracked, {
      open: (name, attributes) => this.#open(name, attributes),
      close: (name) => this.#close(name),
      text: (text) => {
        if (this.#text && this.#text.text.length < longestText) this.#text.text += text;
      },
    });
  }

  write(html: string): void {
    for (let at = 0; at < html.length; at += piece) this.#parser.write(html.slice(at, at + piece));
  }

  /** A medium that something else than the markup names, such as the feed that it stands in. */
  add(find: Find): void {
    this.#finds.add(find);
  }

  end(): Markup {
    this.#parser.end();
    this.#endLink();
    this.#endPicture();
    this.#endPlayer();
    for (const find of this.#page.finds) this.#finds.add(find);
    const { base, original = (url: string) => url, room = fullRoom() } = this.#options;
    const from = this.#base !== undefined && URL.canParse(this.#base, base ?? undefined);
    const start = from ? original(new URL(this.#base!, base ?? undefined).href) : base;
    const media = this.#finds.resolved({ base: start, original, room });
    return { media, page: this.#page, leftOut: this.#finds.leftOut };
  }

  #open(name: string, attributes: Attributes): void {
    for (const find of this.#options.own?.(name, attributes) ?? []) this.#finds.add(find);
    if (hasBackground(attributes)) for (const find of backgrounds(attributes)) this.#finds.add(find);
    const shown = this.#openers.get(name);
    if (shown) shown(attributes);
    else this.#head(name, attributes);
  }

  #openersOf(): ReadonlyMap<string, (attributes: Attributes) => void> {
    return new Map<string, (attributes: Attributes) => void>([
      ['img', (attributes) => this.#image(attributes)],
      ['amp-img', (attributes) => this.#image(attributes)],
      ['amp-anim', (attributes) => this.#image(attributes)],
      ['amp-video', (attributes) => this.#play('video', attributes)],
      ['amp-audio', (attributes) => this.#play('audio', attributes)],
      ['image', (attributes) => this.#drawn(attributes)],
      ['input', (attributes) => attributes.type === 'image' && this.#image(attributes)],
      ['data', (attributes) => this.#named(attributes)],
      ['picture', () => this.#beginPicture()],
      ['source', (attributes) => this.#source(attributes)],
      ['video', (attributes) => this.#play('video', attributes)],
      ['audio', (attributes) => this.#play('audio', attributes)],
      ['a', (attributes) => this.#beginLink(attributes)],
      ['iframe', (attributes) => this.#embed(attributes, attributes.src ? 'src' : 'data-src')],
      ['embed', (attributes) => this.#embed(attributes, 'src')],
      ['object', (attributes) => this.#embed(attributes, 'data')],
      ['track', ({ src }) => src && this.#add('file', [{ address: src, rank: 0 }])],
    ]);
  }

  /** Elements that show nothing, but say something of the page. */
  #head(name: string, attributes: Attributes): void {
    if (name === 'base') this.#base ??= attributes.href?.slice(0, 8192);
    else if (name === 'meta') this.#page.meta(attributes);
    else if (name === 'link') this.#page.link(attributes);
    else if (name === 'time' && attributes.datetime)
      this.#page.date(isPublished(attributes) ? 'h-entry' : 'time', attributes.datetime);
    else if (name === 'abbr' && /\bpublished\b/.test(attributes.class ?? ''))
      this.#page.date('time', attributes.title ?? '');
    else if (name === 'title') this.#text = { of: 'title', text: '' };
    else if (name === 'script' && /^\s*application\/ld\+json/i.test((attributes.type ?? '').slice(0, 64)))
      this.#text = { of: 'script', text: '' };
  }

  #close(name: string): void {
    if (name === 'a') this.#endLink();
    else if (name === 'picture') this.#endPicture();
    else if (players.has(name)) this.#endPlayer();
    else if (name === this.#text?.of) this.#endText();
  }

  #image(attributes: Attributes): void {
    if (isPixel(attributes)) return;
    const behind = this.#link.filter(({ address }) => kindOfAddress(address.trim()) === 'image');
    this.#add('image', [...behind, ...(this.#picture ?? []), ...imageCandidates(attributes)]);
    if (behind.length > 0) this.#link = []; // a second picture in the same link is another one
    if (this.#picture) this.#picture = [];
  }

  #beginPicture(): void {
    this.#endPicture();
    this.#picture = [];
  }

  /** A picture without an `<img>` is broken, but its addresses are good. */
  #endPicture(): void {
    this.#add('image', this.#picture ?? []);
    this.#picture = undefined;
  }

  #source(attributes: Attributes): void {
    const sizes = sourceCandidates(attributes);
    if (this.#picture) this.#picture = [...this.#picture, ...sizes].slice(0, limits.candidates);
    else if (sizes.length > 0) this.#add('image', sizes);
    else if (this.#player) {
      const { candidates } = this.#player;
      if (candidates.length < limits.candidates)
        candidates.push(...playableCandidate(attributes, candidates.length));
    } else this.#embed(attributes, 'src');
  }

  #play(kind: 'video' | 'audio', attributes: Attributes): void {
    this.#endPlayer();
    this.#player = { kind, candidates: [...playableCandidate(attributes, 0)] };
    const poster = attributes.poster ?? attributes['data-poster'];
    if (poster) this.#add('image', [{ address: poster, rank: 0 }]);
  }

  #embed(attributes: Attributes, name: string): void {
    const found = embedded(attributes, name);
    if (found) this.#finds.add(found);
  }

  #beginLink(attributes: Attributes): void {
    this.#endLink();
    this.#link = linkCandidates(attributes);
    if (this.#link.length === 0) this.#named(attributes);
  }

  #named(attributes: Attributes): void {
    const found = entryMedium(attributes);
    if (found) this.#finds.add(found);
  }

  /** A picture within a drawing. */
  #drawn({ href, 'xlink:href': older }: Attributes): void {
    const address = href ?? older;
    if (address) this.#add('image', [{ address, rank: 0 }]);
  }

  /** A link to a media file that no picture stands for is a medium of its own. */
  #endLink(): void {
    this.#add(undefined, this.#link);
    this.#link = [];
  }

  #endPlayer(): void {
    if (this.#player) this.#add(this.#player.kind, this.#player.candidates);
    this.#player = undefined;
  }

  #endText(): void {
    const { of, text } = this.#text!;
    this.#text = undefined;
    if (of === 'script') this.#page.linkedData(text);
    else this.#page.title ??= detached(text.trim().slice(0, 1000));
  }

  #add(kind: FoundMedia['kind'] | undefined, candidates: readonly Candidate[]): void {
    if (candidates.length > 0) this.#finds.add({ kind, candidates });
  }
}
