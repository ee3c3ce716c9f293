import { isAddress } from '../address.ts';
import { readDate } from '../date.ts';
import { type Markup, type MarkupOptions, MarkupReader } from '../markup.ts';
import { type FeedMedia, mediaOf } from './media.ts';
import { childrenOf, type Element, plainOf, resolved, type TreeBuilder, wordIn } from './tree.ts';

/** An entry of a feed: what it is a post of, and its media. */
export interface Entry {
  readonly link: string | undefined;
  readonly guid: string | undefined;
  readonly title: string | undefined;
  readonly date: string | null;
  readonly html: string;
  readonly markup: Markup;
  readonly tags: readonly string[];
  /** What the feed says of its media besides: promised sums, and which of them are renditions. */
  readonly facts: Pick<FeedMedia, 'sums' | 'renditions'>;
  /** All that the entry says. */
  readonly raw: unknown;
  /** Contents that stand in the entry itself, by their types: nothing here takes them out. */
  readonly embedded: readonly string[];
  /** Was it longer than there is room for? */
  readonly isCut: boolean;
  /** Did the feed end before it? */
  readonly isUnfinished: boolean;
}

export interface EntryOptions extends MarkupOptions {
  readonly form: 'rss' | 'atom';
  readonly isUnfinished: boolean;
}

export function entryOf({ root: element, isCut }: TreeBuilder, options: EntryOptions): Entry {
  const guid = wordIn(element, 'guid', 'id');
  const from = element.base ?? options.base ?? undefined;
  const link = linkOf(element, guid, from);
  const bodies = bodiesIn(element);
  const html = bodies.map(({ text }) => text).join('\n');
  const base = bodies.find((body) => body.base !== element.base)?.base ?? element.base;
  const media = mediaOf(element);
  const start = base ?? (options.form === 'atom' ? (options.base ?? link) : (link ?? options.base)) ?? null;
  const markup = readMedia(bodies.map(markupIn).join('\n'), media, { ...options, base: start });
  const when = ['pubdate', 'published', 'issued', 'dc:date', 'dcterms:created', 'created', 'date'];
  return {
    link,
    guid,
    title: wordIn(element, 'title'),
    date: readDate(wordIn(element, ...when, 'updated', 'modified', 'dcterms:modified')),
    html,
    markup,
    tags: tagsOf(element),
    facts: media,
    raw: plainOf(element),
    embedded: embeddedIn(element),
    isCut,
    isUnfinished: options.isUnfinished,
  };
}

/** What the entry itself names first, then what its text shows; a preview only where there is nothing else. */
export function readMedia(html: string, { finds, previews }: FeedMedia, options: MarkupOptions): Markup {
  const read = (all: FeedMedia['finds']) => {
    const reader = new MarkupReader(options);
    for (const find of all) reader.add(find);
    reader.write(html.replace(/<base\b/gi, '<nobase')); // it means the page that this was taken from
    return reader.end();
  };
  const own = read(finds);
  return own.media.length === 0 && previews.length > 0 ? read(previews) : own;
}

const bodyNames =
  'description content:encoded content summary body fullitem media:description itunes:summary'.split(' ');

const bodiesIn = (element: Element): readonly Element[] =>
  [...element.children, ...childrenOf(element, 'media:group').flatMap(({ children }) => children)].filter(
    (child) => bodyNames.includes(child.key) && child.text.trim() !== '' && !isEncoded(child),
  );

/** A type of Atom's own, or one of text; all else stands there in base64. */
const isEncoded = ({ key, attributes: { type = 'html', mode } }: Element): boolean =>
  key === 'content' &&
  (mode === 'base64' || !/^\s*(text|x?html|escaped)\b|[+/]xml\s*$/i.test(type.slice(0, 100)));

const embeddedIn = (element: Element): readonly string[] =>
  childrenOf(element, 'content')
    .filter((child) => isEncoded(child) && child.text.trim() !== '' && child.attributes.src === undefined)
    .map(({ attributes }) => (attributes.type ?? 'base64').slice(0, 100));

const escapedTag = /&(?:amp;)?lt;(?:img|p|a|div|br|figure|video|audio|picture|iframe|source|span)\b/i;

/** As it can be read: nothing of a text that is said to be plain; what is escaped twice is unescaped once more. */
function markupIn({ key, text, attributes }: Element): string {
  if (attributes.type === 'text' && key !== 'media:description') return '';
  if (/<[a-z!]/i.test(text) || !escapedTag.test(text)) return text;
  const once = text.includes('&amp;lt;') ? unescaped(text) : text;
  return unescaped(once);
}

const letters: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&amp;': '&',
};

const unescaped = (text: string) =>
  text.replace(/&(?:lt|gt|quot|apos|#39|amp);/g, (letter) => letters[letter]!);

/** Atom has addresses in attributes, RSS in the text; a proxy of feeds says elsewhere what the real one was. */
function linkOf(element: Element, guid: string | undefined, base: string | undefined): string | undefined {
  const real = wordIn(element, 'feedburner:origlink');
  const links = childrenOf(element, 'link').filter(
    ({ attributes: { rel = 'alternate' } }) => rel === 'alternate',
  );
  const pages = links.filter(({ attributes: { type = 'text/html' } }) => /html/i.test(type.slice(0, 60)));
  const named = [...pages, ...links]
    .map(({ attributes, text }) => attributes.href ?? text)
    .find((text) => text.trim() !== '');
  const isLink = childrenOf(element, 'guid')[0]?.attributes.ispermalink !== 'false';
  const isPermanent = isLink && childrenOf(element, 'guid')[0]?.attributes.isPermaLink !== 'false';
  const address = real ?? named ?? (guid && isAddress(guid) && isPermanent ? guid : undefined);
  return address === undefined ? undefined : resolved(address, base);
}

const mostTags = 200;

function tagsOf(element: Element): readonly string[] {
  const found = childrenOf(element, 'category', 'dc:subject', 'media:keywords').flatMap(
    ({ key, attributes, text }) =>
      key === 'media:keywords' ? text.split(',') : [attributes.label ?? attributes.term ?? text],
  );
  const tags = found.map((tag) => tag.trim().slice(0, 500)).filter((tag) => tag !== '');
  return [...new Set(tags)].slice(0, mostTags);
}
