import { elements, isObject, type JsonObject } from '../json-path.ts';
import { readValue, Unreadable } from '../json-stream.ts';

/** What an author wrote, as HTML that names the same media. */
export interface Cards {
  readonly html: string;
  /** What is wrong with it, as a part of a sentence; empty where nothing is. */
  readonly fault: string;
  /** Cards of kinds that nobody here knows. */
  readonly unknown: readonly string[];
}

/** A post without HTML: the document of either of Ghost's editors, or the Markdown of old. */
export function htmlOfCards({ lexical, mobiledoc, markdown }: JsonObject): Cards {
  const [text] = [lexical, mobiledoc].filter(
    (one) => typeof one === 'string' && one.trim() !== '',
  ) as string[];
  if (text === undefined)
    return { html: typeof markdown === 'string' ? withPictures(markdown) : '', fault: '', unknown: [] };
  try {
    const found = new Found();
    const document = readValue(text);
    if (isObject(document)) found.read(document);
    return { html: found.parts.join('\n'), fault: '', unknown: [...found.unknown] };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { html: '', fault: 'no HTML, and a text that cannot be read', unknown: [] };
  }
}

/** Of lexical: nodes that hold others, or text alone. */
const silent: ReadonlySet<string> = new Set([
  ...['root', 'paragraph', 'text', 'extended-text', 'heading', 'extended-heading', 'quote', 'extended-quote'],
  ...['aside', 'list', 'listitem', 'link', 'autolink', 'linebreak', 'tab', 'horizontalrule', 'hr', 'paywall'],
  ...['at-link', 'at-link-search', 'zwnj', 'tk', 'button', 'codeblock', 'code', 'email-cta', 'soft-return'],
]);
const speaking: ReadonlySet<string> = new Set([
  ...['image', 'gallery', 'video', 'audio', 'file', 'bookmark', 'embed', 'html', 'markdown', 'card-markdown'],
  ...['callout', 'toggle', 'header', 'product', 'signup', 'email', 'call-to-action', 'transistor'],
]);

class Found {
  readonly parts: string[] = [];
  readonly unknown = new Set<string>();

  /** Mobiledoc has its cards in a list of pairs; lexical is a tree. */
  read(document: JsonObject): void {
    for (const card of elements(document.cards))
      if (Array.isArray(card) && typeof card[0] === 'string' && isObject(card[1]))
        this.#card(card[0], card[1]);
    if (isObject(document.root)) this.#node(document.root);
  }

  #node(node: JsonObject): void {
    const type = typeof node.type === 'string' ? node.type : '';
    if (!silent.has(type)) this.#card(type, node);
    for (const child of elements(node.children)) if (isObject(child)) this.#node(child);
  }

  #card(type: string, card: JsonObject): void {
    if (!speaking.has(type) && !silent.has(type))
      this.unknown.add(`card ${type.slice(0, 60) || 'of no type'}`);
    const meta = isObject(card.metadata) ? card.metadata : {};
    const preview = [card.customThumbnailSrc, card.thumbnailSrc].find((one) => one);
    this.#add(elementOf(type), type === 'file' ? 'href' : 'src', card.src);
    for (const image of elements(card.images)) if (isObject(image)) this.#add('img', 'src', image.src);
    for (const one of [preview, card.backgroundImageSrc, card.productImageSrc, card.imageUrl])
      this.#add('img', 'src', one);
    for (const one of [meta.icon, meta.thumbnail]) this.#add('img', 'src', one);
    for (const one of [card.html, card.content, card.calloutText]) this.#text(one);
    if (typeof card.markdown === 'string') this.#text(withPictures(card.markdown));
  }

  #add(element: string, attribute: string, address: unknown): void {
    if (typeof address !== 'string' || address === '') return;
    const end = element === 'img' || element === 'embed' ? '' : `</${element}>`;
    this.parts.push(`<${element} ${attribute}="${escaped(address)}">${end}`);
  }

  #text(html: unknown): void {
    if (typeof html === 'string' && html !== '') this.parts.push(html);
  }
}

/** What is of no known kind counts if it ends as a medium does. */
function elementOf(type: string): string {
  if (type === 'image' || type === 'gallery') return 'img';
  if (type === 'file') return 'a';
  return type === 'video' || type === 'audio' ? type : 'embed';
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

/** HTML may stand in Markdown as it is; the pictures of its own are made such. */
const withPictures = (markdown: string): string =>
  markdown.replace(
    /!\[[^[\]\n]{0,300}\]\(\s{0,4}<?([^\s()[\]<>]{1,2000})(?:[\s>][^)\n]{0,300})?\)/g,
    (_, address: string) => `<img src="${escaped(address)}">`,
  );
