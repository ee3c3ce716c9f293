import { SourceError } from '../../errors.ts';
import type { BlogFacts, Post } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { sumOfText } from '../../sums.ts';
import { type Bytes, rejoined } from '../bytes.ts';
import { pageText } from '../charset.ts';
import { fullRoom, limits } from '../finds.ts';
import { jsonPosts } from './json-feed.ts';
import { JsonHead } from './json-head.ts';
import { lookAtStart } from './look.ts';
import { entryPost, type Telling, type Told } from './post.ts';
import { channelOf, FeedReader } from './reader.ts';
import { childrenOf, type Element, plainOf, resolved, wordIn } from './tree.ts';

/** What a feed says besides its entries. All of it is known once the entries are read. */
export interface DocumentFacts {
  /** Where older entries are: the next page, or the archive before this one. */
  readonly next?: string | undefined;
  /** Does it say that it holds all there is? */
  readonly isComplete: boolean;
  readonly generator?: string | undefined;
  /** Where it says that it has moved to. */
  readonly movedTo?: string | undefined;
  readonly blog: BlogFacts;
}

export interface Document {
  /** Pages of posts; an error comes after those that were whole before it. */
  readonly pages: AsyncGenerator<readonly Post[]>;
  facts(): DocumentFacts;
}

export interface DocumentWay extends Telling {
  readonly base: string | null;
  /** The type that its server declares, with its parameters. */
  readonly type: string | undefined;
  readonly original?: (url: string) => string;
}

/** What answers is no feed at all. */
export class NoFeed extends SourceError {}

const enough = 65_536;

/** A feed, read as it comes in. Throws `NoFeed` where it does not begin like one. */
export async function openDocument(bytes: Bytes, way: DocumentWay): Promise<Document> {
  const { name, warnings, type } = way;
  const damaged = () =>
    warnings.warn(`${name} is not all in the encoding that it names: what is not was replaced by U+FFFD.`);
  const text = pageText(bytes, type, damaged);
  const held: string[] = [];
  let start = '';
  let look = lookAtStart(start);
  while (!look && start.length < enough) {
    const next = await text.next();
    if (next.done) break;
    held.push(next.value);
    start += next.value;
    look = lookAtStart(start);
  }
  if (!look) {
    await text.return(undefined);
    throw new NoFeed(`${name} ${whyNot(start)}.`);
  }
  const whole = rejoined(held, text);
  return look === 'json' ? jsonDocument(whole, way) : xmlDocument(whole, way);
}

export function whyNot(start: string): string {
  const text = start.trimStart();
  if (text === '') return 'is empty: there is not even an empty feed in it';
  if (/^(?:<!doctype html|<html|<head|<body)/i.test(text.slice(0, 100))) return 'is a web page, and no feed';
  return `is no feed: it begins with ${quoted(text, 20)}`;
}

function jsonDocument(text: AsyncGenerator<string>, way: DocumentWay): Document {
  const head = new JsonHead();
  return {
    pages: paged(jsonPosts(text, head, way), way),
    facts() {
      const { next_url: next, ...words } = head.words;
      const at = next && resolved(next, head.get('feed_url') ?? way.base);
      return { next: at || undefined, isComplete: false, blog: { raw: words } };
    },
  };
}

/** Longer than any post; an entry is held as a whole. */
const longest = 2 ** 24;

function xmlDocument(text: AsyncGenerator<string>, way: DocumentWay): Document {
  const room = fullRoom();
  const { base, original } = way;
  const options = { base, room, longest, most: Number.POSITIVE_INFINITY, ...(original && { original }) };
  const reader = new FeedReader(options);
  const refill = () => {
    room.left = limits.resolved;
  };
  return {
    pages: paged(xmlPosts(text, { reader, way, refill }), way),
    facts: () => factsIn(channelOf(reader.head), base),
  };
}

const piece = 65_536;

interface XmlWay {
  readonly reader: FeedReader;
  readonly way: DocumentWay;
  /** The room for addresses is that of a piece of text, not of a feed that may have a million entries. */
  readonly refill: () => void;
}

async function* xmlPosts(text: AsyncIterable<string>, { reader, way, refill }: XmlWay): AsyncGenerator<Told> {
  let count = 0;
  const posts = function* (entries: ReturnType<FeedReader['take']>): Generator<Told> {
    refill();
    for (const entry of entries) {
      const post = entry.isUnfinished ? undefined : entryPost(entry, way);
      if (!post) continue;
      count++;
      yield post;
    }
  };
  for await (const chunk of text)
    for (let at = 0; at < chunk.length; at += piece) {
      reader.write(chunk.slice(at, at + piece));
      yield* posts(reader.take());
    }
  yield* posts(reader.end());
  if (reader.isCut)
    throw new SourceError(`${way.name} ends in the middle, after ${counted(count, 'whole post')}.`);
}

const mostPosts = 100;
const mostLetters = 2 ** 22;
const mostRecent = 10_000;

/** By number and by size; an entry that a feed holds twice counts once, as far as the two are not far apart. */
async function* paged(posts: AsyncIterable<Told>, telling: Telling): AsyncGenerator<readonly Post[]> {
  const recent = new Map<string, string>();
  let page: Post[] = [];
  let letters = 0;
  let failure: { error: unknown } | undefined;
  try {
    for await (const told of posts) {
      const text = JSON.stringify(told.post.raw);
      const post = firstMet({ ...told, sum: sumOfText('md5', text) }, recent, telling);
      if (!post) continue;
      page.push(post);
      letters += text.length;
      if (page.length < mostPosts && letters < mostLetters) continue;
      yield page;
      [page, letters] = [[], 0];
    }
  } catch (error) {
    failure = { error };
  }
  if (page.length > 0) yield page;
  if (failure) throw failure.error;
}

/** Undefined for what was met before; another entry under the same link is told apart by its content. */
function firstMet(
  told: Told & { readonly sum: string },
  recent: Map<string, string>,
  telling: Telling,
): Post | undefined {
  const { post, spare, sum } = told;
  const former = recent.get(post.id);
  if (recent.size >= mostRecent) recent.clear();
  if (former === undefined) recent.set(post.id, sum);
  if (former === undefined || former === sum) return former === undefined ? post : undefined;
  if (spare !== undefined && spare !== post.id)
    return firstMet({ ...told, post: renamed(post, spare) }, recent, telling);
  telling.warnings.skip(
    `${telling.name} has several entries with the id ${quoted(post.id, 80)}: the first of them is taken.`,
  );
  return undefined;
}

const renamed = (post: Post, id: string): Post => ({
  ...post,
  id,
  items: post.items.map((item) => ({ ...item, post: id })),
});

/** What a feed says of itself changes with each of its entries, or each time it is asked for. */
const passing = [
  ...['lastBuildDate', 'pubDate', 'updated', 'modified', 'dc:date', 'items', 'link', 'ttl', 'generator'],
  ...['openSearch:totalResults', 'openSearch:startIndex', 'openSearch:itemsPerPage', 'podcast:liveItem'],
];

function factsIn(channel: Element, base: string | null): DocumentFacts {
  const linkTo = (rel: string) => {
    const link = childrenOf(channel, 'link').find(({ attributes }) => relOf(attributes.rel) === rel);
    return link?.attributes.href && resolved(link.attributes.href, link.base ?? base);
  };
  const generator = childrenOf(channel, 'generator').map(({ text, attributes }) =>
    [text, attributes.uri, attributes.url, attributes['rdf:resource']].join(' ').trim().slice(0, 500),
  )[0];
  const movedTo = wordIn(channel, 'itunes:new-feed-url');
  return {
    next: linkTo('prev-archive') || linkTo('next') || undefined,
    isComplete: childrenOf(channel, 'fh:complete').length > 0,
    generator,
    movedTo: movedTo === undefined ? undefined : resolved(movedTo, base),
    blog: { raw: plainOf(channel), passing },
  };
}

const relOf = (rel: string | undefined) =>
  (rel ?? '')
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/www\.iana\.org\/assignments\/(?:link-)?relation(?:s)?\//, '');
