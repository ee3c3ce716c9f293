import type { MediaItem, Post, PostFacts } from '../model.ts';
import { quoted } from '../shown.ts';
import { sumOfText } from '../sums.ts';
import { kindOfAddress, normalise, resolveMedia } from './address.ts';
import { readSha256 } from './checksum.ts';
import { readDate } from './date.ts';
import { guesses, type Mapping } from './json-mapping.ts';
import { type Found, mediaAnywhere, mediaOf } from './json-media.ts';
import { isObject, type JsonObject, pick, textAt } from './json-path.ts';
import { detached } from './text.ts';

export interface PostWay {
  readonly mapping: Mapping;
  /** The address of the export itself, where it has one. */
  readonly base: string | null;
  /** What a post has that cannot be used; one sentence a post. */
  readonly warn: (message: string) => void;
}

/** A post from what an export says of it. */
export function readPost(raw: JsonObject, { mapping, base, warn }: PostWay): Post {
  const of = (key: 'id' | 'date' | 'link') => (mapping[key] ? [mapping[key]] : guesses[key]);
  const url = linkOf(textAt(raw, of('link'), 16_384), base);
  const id = textAt(raw, of('id')) ?? (url && normalise(url)) ?? `sha256:${hash(raw)}`;
  const date = firstDate(of('date').flatMap((path) => pick(raw, path)));

  const items = new Items({ post: detached(id), date, base: url ?? base });
  for (const found of mediaOf(raw, mapping)) items.add(found);
  const isMapped = mapping.media !== undefined || mapping.url !== undefined;
  if (items.all.length === 0 && !isMapped) for (const found of mediaAnywhere(raw)) items.add(found);
  if (items.faults !== '') warn(`post ${quoted(id, 80)} has ${items.faults}`);
  return { id: detached(id), date, url, raw, items: items.all, ...factsOf(raw) };
}

/** What posts are chosen by, where an export has it in one of the usual forms. */
function factsOf(raw: JsonObject): PostFacts {
  const tags = pick(raw, ['tags'])
    .flat()
    .flatMap((tag) => (isObject(tag) ? [tag.name] : [tag]))
    .filter((tag) => typeof tag === 'string' && tag.length <= longestTag)
    .slice(0, mostTags) as string[];
  const isReblog =
    ['reblogged_from_id', 'reblog_of_id'].some((key) => textAt(raw, [[key]])) || isObject(raw.reblog);
  return { ...(tags.length > 0 && { tags: tags.map(detached) }), ...(isReblog && { isReblog }) };
}

const longestTag = 500;
const mostTags = 200;

function linkOf(text: string | undefined, base: string | null): string | null {
  if (text === undefined || !URL.canParse(text, base ?? undefined)) return null;
  const url = new URL(text, base ?? undefined);
  if (!/^https?:$/.test(url.protocol)) return null;
  url.username = url.password = '';
  return url.href;
}

const hash = (raw: JsonObject) => sumOfText('sha256', JSON.stringify(raw)).slice(0, 16);

function firstDate(values: readonly unknown[]): string | null {
  for (const value of values) {
    const date = readDate(textAt(value, [[]]));
    if (date) return date;
  }
  return null;
}

/** The items of one post, each once. */
class Items {
  readonly all: MediaItem[] = [];
  readonly #post: Pick<MediaItem, 'post' | 'date'>;
  readonly #base: string | null;
  readonly #seen = new Set<string>();
  readonly #faults = new Map<string, number>();

  constructor({ base, ...post }: Pick<MediaItem, 'post' | 'date'> & { base: string | null }) {
    this.#post = post;
    this.#base = base;
  }

  add(found: Found): void {
    const url = this.#resolve(found.address);
    if (url === undefined) return;
    const id = found.key === undefined ? url : `json:${detached(found.key)}`;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    const alternates = found.alternates.flatMap((address) => this.#resolve(address) ?? []);
    this.all.push({
      id,
      kind: found.kind ?? kindByAddress(url) ?? found.hint ?? 'file',
      url,
      alternates: [...new Set(alternates)].filter((other) => other !== url),
      ...this.#post,
      index: this.all.length,
      ...this.#sum(found.sha256),
      ...(found.width && { width: found.width, height: found.height! }),
    });
  }

  /** What was left out and why, in words; empty where nothing was. */
  get faults(): string {
    const parts = [...this.#faults].map(([what, count]) => `${what} (${count} ×)`);
    return parts.length === 0 ? '' : `${parts.join(', ')}; left out.`;
  }

  #resolve(address: string): string | undefined {
    const resolved = resolveMedia(address, this.#base);
    if ('url' in resolved) return resolved.url;
    this.#fault(sentences[resolved.refused]);
    return undefined;
  }

  #sum(text: string | undefined): { sha256: string } | undefined {
    if (text === undefined) return undefined;
    const sha256 = readSha256(text);
    if (sha256 !== undefined) return { sha256 };
    this.#fault('a checksum that is no SHA-256 in hex');
    return undefined;
  }

  #fault(what: string): void {
    this.#faults.set(what, (this.#faults.get(what) ?? 0) + 1);
  }
}

const sentences = {
  'not http': 'an address that is not http',
  relative: 'a relative address and none that it is relative to',
  unusable: 'an address that makes no sense or is endless',
} as const;

function kindByAddress(url: string) {
  const kind = kindOfAddress(url);
  return kind === 'file' ? undefined : kind;
}
