import { SourceError } from '../../errors.ts';
import { sumOfText } from '../../sums.ts';
import { isAddress } from '../address.ts';
import { readDate } from '../date.ts';
import { isObject, type JsonObject } from '../json-path.ts';
import { documentPosts } from '../json-stream.ts';
import { tellLeftOut } from '../left-out.ts';
import type { Text } from '../text.ts';
import { readMedia } from './entry.ts';
import type { JsonHead } from './json-head.ts';
import { joinedMedia, kindOfNamed, type Named } from './media.ts';
import { entryIn, mediaItems, shortId, type Telling, type Told } from './post.ts';
import { resolved } from './tree.ts';

export interface JsonWay extends Telling {
  readonly base: string | null;
  readonly original?: ((url: string) => string) | undefined;
}

/** The entries of a JSON Feed, one at a time; `head` has learnt by then what stands beside them. */
export async function* jsonPosts(text: Text, head: JsonHead, way: JsonWay): AsyncGenerator<Told> {
  const { name, warnings } = way;
  const reading = { name, mapping: { posts: ['items'] }, ...warnings };
  let number = 0;
  try {
    for await (const item of documentPosts(heard(text, head), reading)) {
      number++;
      const post = isObject(item) ? itemPost(item, head, way) : undefined;
      if (post) yield post;
      else warnings.skip(`In ${name} entry ${number} makes no sense; it is left out.`);
    }
  } catch (error) {
    if (!(error instanceof SourceError) || head.hasItems || error.cause !== undefined) throw error;
    throw new SourceError(`${name} has no list of entries (items), so it is no feed.`, { cause: error });
  }
}

async function* heard(text: Text, head: JsonHead): AsyncGenerator<string> {
  for await (const chunk of text) {
    head.write(chunk);
    yield chunk;
  }
}

const textIn = (value: unknown): string | undefined =>
  (typeof value === 'string' || typeof value === 'number') && String(value).trim() !== ''
    ? String(value).trim()
    : undefined;

const own = (value: JsonObject, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);

function itemPost(item: JsonObject, head: JsonHead, way: JsonWay): Told | undefined {
  const word = (key: string) => textIn(own(item, key)) ?? '';
  const [html, plain, title] = [word('content_html'), word('content_text'), word('title')];
  const { url, base } = placeOf(item, head, way);
  const date = readDate(own(item, 'date_published')) ?? readDate(own(item, 'date_modified'));
  const media = joinedMedia([...pictures(item), ...attachments(item)], []);
  const markup = readMedia(html, media, { base, ...(way.original && { original: way.original }) });
  const mark = word('id') || url || word('external_url');
  if (mark + title + html + plain === '' && markup.media.length === 0) return undefined;
  const sum = sumOfText('sha256', [title, date ?? '', html, plain].join('\n'));
  const id = shortId(mark || sum);
  tellLeftOut(entryIn(way.name, id), markup.leftOut, way.warnings);
  const tags = tagsIn(own(item, 'tags'));
  const items = mediaItems(markup, media, { post: id, date });
  const post = { id, date, url: url || null, raw: item, items, ...(tags.length > 0 && { tags }) };
  return { post, ...(word('id') === '' && { spare: sum }) };
}

/** The address of an item, and what its relative ones start from: itself, else the home page, else the feed. */
function placeOf(item: JsonObject, head: JsonHead, { base: from }: JsonWay) {
  const feed = from ?? head.get('feed_url');
  const home = resolved(head.get('home_page_url') ?? '', feed) || feed;
  const named = ['url', 'id'].map((key) => textIn(own(item, key)) ?? '');
  const address = named[0] || named.find(isAddress) || '';
  const url = address === '' ? '' : (resolved(address, home) ?? '');
  const base = [url, home].find((one) => one !== undefined && isAddress(one)) ?? null;
  return { url, base };
}

const tagsIn = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? [...new Set(value.slice(0, 200).flatMap((tag) => textIn(tag)?.slice(0, 500) ?? []))]
    : [];

const pictures = (item: JsonObject): readonly Named[][] =>
  ['image', 'banner_image'].flatMap((key) => {
    const address = textIn(own(item, key));
    return address === undefined ? [] : [[{ kind: 'image', address, worth: 0 }]];
  });

const mostAttachments = 1000;

/** Attachments of one title are one thing in several forms. */
function attachments(item: JsonObject): readonly Named[][] {
  const found = own(item, 'attachments');
  const groups = new Map<string, Named[]>();
  for (const [n, one] of (Array.isArray(found) ? found : []).slice(0, mostAttachments).entries()) {
    if (!isObject(one)) continue;
    const address = textIn(own(one, 'url'));
    if (address === undefined) continue;
    const kind = kindOfNamed(address, textIn(own(one, 'mime_type'))) ?? 'file';
    const size = Number(own(one, 'size_in_bytes'));
    const worth = size > 0 && Number.isFinite(size) ? size / 1024 : 0;
    const title = textIn(own(one, 'title'));
    const key = title === undefined ? `${n}` : `${kind} ${title}`;
    const group = groups.get(key);
    if (group) group.push({ kind, address, worth });
    else groups.set(key, [{ kind, address, worth }]);
  }
  return [...groups.values()];
}
