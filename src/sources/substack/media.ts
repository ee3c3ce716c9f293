import type { Kind, MediaItem } from '../../model.ts';
import { Copies } from '../copies.ts';
import type { Find, FoundMedia } from '../finds.ts';
import { at, elements, isObject, type JsonObject, textAt } from '../json-path.ts';
import { leftOutInWords } from '../left-out.ts';
import { MarkupReader } from '../markup.ts';
import { uploadAddress, uploadKey, wrappers } from './addresses.ts';
import { Facts } from './embeds.ts';

export interface MediaWay {
  readonly base: string | null;
  readonly post: string;
  readonly date: string | null;
}

export interface Media {
  readonly items: readonly MediaItem[];
  /** What was left out, and why, as a part of a sentence; empty where nothing was. */
  readonly fault: string;
}

/** The media of a post in the order in which it shows them: its picture, its film or episode, its text, its being read. */
export function itemsIn(raw: JsonObject, { base, post, date }: MediaWay): Media {
  const wrapped = new Copies(wrappers);
  const facts = new Facts(base, wrapped);
  const own: (typeof facts)['of'] = (name, attributes) => facts.of(name, attributes);
  const reader = new MarkupReader({ base, own, original: (url) => wrapped.original(url) });
  for (const find of before(raw, base)) reader.add(find);
  if (typeof raw.body_html === 'string') reader.write(raw.body_html);
  for (const find of voices(raw)) reader.add(find);
  const { media, leftOut } = reader.end();
  const ours = media.filter(({ url }) => !facts.isDecoration(url));
  const items = joined(ours).map((found, index) => ({
    ...found,
    ...wrapped.lesserOf(found.url),
    post,
    date,
    index,
  }));
  return { items, fault: leftOutInWords(leftOut) };
}

function before(raw: JsonObject, base: string | null): readonly Find[] {
  const video = textAt(raw, [['videoUpload', 'id'], ['video_upload_id']], 64);
  return [
    ...findAt('image', raw.cover_image),
    ...findAt('video', at(raw, ['videoUpload', 'src']) ?? uploadAddress('video', video, base)),
    ...findAt('audio', raw.podcast_url),
  ];
}

/** The author's own voice. What a machine reads aloud is made from the text, and is not kept. */
function voices(raw: JsonObject): readonly Find[] {
  return elements(raw.audio_items)
    .filter((one): one is JsonObject => isObject(one) && one.type !== 'tts')
    .flatMap((one) => findAt('audio', one.audio_url));
}

const findAt = (kind: Kind, address: unknown): readonly Find[] =>
  typeof address === 'string' && address !== '' ? [{ kind, candidates: [{ address, rank: 1 }] }] : [];

type Found = Omit<MediaItem, 'post' | 'index' | 'date'>;

/** An upload is known by its key, wherever it is asked for. */
function joined(media: readonly FoundMedia[]): readonly Found[] {
  const found = new Map<string, Found>();
  for (const one of media) {
    const key = uploadKey(one.url);
    const id = key === undefined ? one.url : `substack:${key}`;
    const known = found.get(id);
    const others = known ? [...known.alternates, one.url, ...one.alternates] : one.alternates;
    const url = known?.url ?? one.url;
    found.set(id, {
      ...(known ?? one),
      id,
      alternates: [...new Set(others)].filter((other) => other !== url),
    });
  }
  return [...found.values()];
}
