import type { Post } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { readDate } from '../date.ts';
import { itemsOf } from '../finds.ts';
import { type JsonObject, textAt } from '../json-path.ts';
import { detached } from '../text.ts';
import type { Warnings } from '../warnings.ts';
import { type Cards, htmlOfCards } from './cards.ts';
import type { Tables } from './export-tables.ts';
import { mediaOf } from './media.ts';
import { tagsFrom } from './post.ts';

export interface ExportWay {
  /** Without a slash at its end. */
  readonly site: string | undefined;
  readonly tables: Tables;
  /** What is read, as it stands in sentences. */
  readonly name: string;
  readonly warnings: Warnings;
  /** Counts what lies on the site while nobody has said where that is. */
  readonly homeless: { addresses: number };
}

/** A row of the table of posts: a post or a page, published or not. Undefined where it has no id. */
export function exportPost(raw: JsonObject, way: ExportWay): Post | undefined {
  const { site, tables, name, warnings } = way;
  const id = textAt(raw, [['id'], ['uuid']], 200);
  if (id === undefined) return undefined;
  const date = readDate(raw.published_at) ?? readDate(raw.created_at);
  const [tags, meta] = [tables.tagsOf(id), tables.metaOf(id)];
  const url = urlOf(raw, site);
  const cards = bodyOf(raw);
  const parts = {
    og_image: meta.og_image,
    twitter_image: meta.twitter_image,
    ...named(raw),
    html: cards.html,
  };
  const meant = (text: string) => meantBy(text, way);
  const { media, fault } = mediaOf(parts, {
    base: url ?? (site ? `${site}/` : null),
    originals: false,
    meant,
  });
  for (const one of [fault, cards.fault])
    if (one) warnings.warn(`In ${name} post ${quoted(id, 80)} has ${one}.`);
  const post = detached(id);
  const told = {
    ...raw,
    ...(tags.length > 0 && { tags }),
    ...(Object.keys(meta).length > 0 && { posts_meta: meta }),
  };
  return {
    id: post,
    date,
    url,
    raw: told,
    items: itemsOf(media, { post, date }),
    ...tagsFrom(tags),
    ...(cards.unknown.length > 0 && { unknown: cards.unknown }),
  };
}

/** What a row says itself stands before what another table says of it. */
const named = (raw: JsonObject): JsonObject =>
  Object.fromEntries(
    ['feature_image', 'image', 'og_image', 'twitter_image'].flatMap((key) =>
      typeof raw[key] === 'string' && raw[key] !== '' ? [[key, raw[key]]] : [],
    ),
  );

/** As it was made public; where that is lacking, as its author wrote it. */
function bodyOf(raw: JsonObject): Cards {
  if (typeof raw.html === 'string' && raw.html.trim() !== '')
    return { html: raw.html, fault: '', unknown: [] };
  return htmlOfCards(raw);
}

/** What is published stands below its own name, as long as the site was not told otherwise. */
function urlOf({ slug, status }: JsonObject, site: string | undefined): string | null {
  const isPlain = typeof slug === 'string' && /^[^/?#\s]{1,500}$/.test(slug);
  if (!site || !isPlain || (status !== 'published' && status !== 'sent')) return null;
  return new URL(`${site}/${slug}/`).href;
}

const placeholder = '__GHOST_URL__';

/** In an export the address of the site is a word. */
function meantBy(text: string, { site, homeless }: ExportWay): string {
  if (site !== undefined) return text.replaceAll(placeholder, site);
  const parts = text.split(placeholder);
  homeless.addresses += parts.length - 1;
  return parts.join('nowhere:'); // no address that could be asked for
}
