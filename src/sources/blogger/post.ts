import type { MediaItem, Post } from '../../model.ts';
import { normalise } from '../address.ts';
import { readDate } from '../date.ts';
import type { LeftOut } from '../finds.ts';
import { at, elements, isObject, type JsonObject, textAt } from '../json-path.ts';
import { detached } from '../text.ts';
import { mediaOf } from './media.ts';

export interface Reading {
  /** Which form of the feed it is: a backup tells of a post in other words than the public feed. */
  readonly dialect: 'feed' | 'backup';
  /** Where the blog lies, for addresses that are relative; null where nobody knows. */
  readonly base: string | null;
  /** Of a post that is shortened. */
  readonly onShort?: () => void;
  readonly tell: (post: string, leftOut: LeftOut) => void;
}

/** What changes by itself: counts of comments, which also stand in the titles of links, and the pictures of people. */
const passing = ['thr$total', 'link.*.title', 'author.*.gd$image'];
const kinds = 'http://schemas.google.com/g/2005#kind';
const mostTags = 1000;
const mostKinds = 64;

/** An entry of the feed in its form as JSON, in which a backup is read, too. Undefined if it has no id. */
export function readPost(raw: unknown, reading: Reading): Post | undefined {
  const id = isObject(raw) ? idOf(raw) : undefined;
  if (!isObject(raw) || id === undefined) return undefined;
  const date = dateOf(raw);
  const url = linkOf(raw, 'alternate') ?? null;
  const { html, isShort } = textOf(raw);
  if (isShort) reading.onShort?.();
  const thumbnail = textAt(raw, [['media$thumbnail', 'url']], 8192);
  const beside = { enclosures: enclosuresOf(raw), thumbnail };
  const of: Pick<MediaItem, 'post' | 'date'> = { post: id, date };
  const { items, unknown, leftOut } = mediaOf(html, beside, { ...of, base: url ?? reading.base });
  reading.tell(id, leftOut);
  const tags = tagsOf(raw);
  return {
    ...{ id, date, url, raw, items, passing, dialect: reading.dialect },
    ...(tags.length > 0 && { tags }),
    ...(unknown.length > 0 && { unknown }),
  };
}

/** `tag:blogger.com,1999:blog-1.post-2` is post 2 everywhere: in the feed, in a backup, and at whatever address. */
export function idOf(raw: JsonObject): string | undefined {
  const text = textAt(raw, [['id']], 300);
  const number = text === undefined ? undefined : /\.(?:post|page)-(\d{1,25})$/.exec(text)?.[1];
  const id = number ?? text;
  return id === undefined ? undefined : detached(id);
}

/** In whole seconds, since nobody says what Blogger makes of parts of them. */
export function momentOf(raw: unknown): number | undefined {
  const date = isObject(raw) ? dateOf(raw) : null;
  return date === null ? undefined : Math.floor(Date.parse(date) / 1000);
}

/** A draft has the time at which it was begun. */
const dateOf = (raw: JsonObject): string | null =>
  readDate(textAt(raw, [['published']], 64)) ?? readDate(textAt(raw, [['blogger$created']], 64));

/** Shortened, there is a summary in the place of the text. */
function textOf(raw: JsonObject): { readonly html: string; readonly isShort: boolean } {
  const [content, summary] = ['content', 'summary'].map((name) => wordsIn(raw, name));
  const html = content ?? '';
  return html.trim() === '' && summary !== undefined && summary.trim() !== ''
    ? { html: summary, isShort: true }
    : { html, isShort: false };
}

function wordsIn(raw: JsonObject, name: string): string | undefined {
  const text = at(raw, [name, '$t']);
  return typeof text === 'string' ? text : undefined;
}

function linkOf(raw: JsonObject, rel: string): string | undefined {
  const link = linksOf(raw).find((link) => at(link, ['rel']) === rel);
  const href = textAt(link, [['href']], 8192);
  return href === undefined ? undefined : normalise(href);
}

const linksOf = (raw: JsonObject): readonly unknown[] => elements(raw.link).slice(0, 1000);

function enclosuresOf(raw: JsonObject) {
  return linksOf(raw).flatMap((link) => {
    const href = at(link, ['rel']) === 'enclosure' ? textAt(link, [['href']], 8192) : undefined;
    return href === undefined ? [] : [{ href, type: textAt(link, [['type']], 100) }];
  });
}

function tagsOf(raw: JsonObject): readonly string[] {
  const labels = elements(raw.category).flatMap((category) =>
    at(category, ['scheme']) === kinds ? [] : (textAt(category, [['term']], 200) ?? []),
  );
  return [...new Set(labels)].slice(0, mostTags);
}

/** What an entry of a backup is: `post`, `page`, `comment`, `settings`, `template`; undefined where it does not say. */
export function kindOf(raw: JsonObject): string | undefined {
  const [, kind] =
    elements(raw.category)
      .slice(0, mostKinds)
      .filter((category) => at(category, ['scheme']) === kinds)
      .map((category) => /#([a-z]{1,20})$/i.exec(textAt(category, [['term']], 200) ?? ''))
      .find(Boolean) ?? [];
  return (kind ?? textAt(raw, [['blogger$type']], 20))?.toLowerCase();
}
