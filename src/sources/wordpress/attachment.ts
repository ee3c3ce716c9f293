import type { Kind, MediaItem } from '../../model.ts';
import { kindOfAddress, normalise } from '../address.ts';
import { kindOfType } from '../elements.ts';
import { at, elements, isObject, type JsonObject, measureIn, textAt, wholeOf } from '../json-path.ts';
import { uploadOf } from './media.ts';

/** A medium of the library of a blog. */
export interface Attachment {
  readonly id: string;
  /** The post that it was uploaded for. */
  readonly parent: string | undefined;
  /** The address of the file as it is shown, which is what it is known by. */
  readonly file: string;
  /** All under which it may be shown. */
  readonly addresses: readonly string[];
  readonly item: Pick<MediaItem, 'kind' | 'url' | 'alternates' | 'lesser' | 'width' | 'height'>;
  /** What was written of it: its title, its caption. */
  readonly words: JsonObject;
}

const spoken = 'id date_gmt modified_gmt link title caption description alt_text mime_type source_url'.split(
  ' ',
);

/** Undefined for what has no id, or no file that could be asked for. */
export function readAttachment(raw: unknown): Attachment | undefined {
  const id = textAt(raw, [['id']], 100);
  const source = normalise(textAt(raw, [['source_url']], 8192) ?? '');
  if (id === undefined || source === undefined || !isObject(raw)) return undefined;
  const parent = textAt(raw, [['post']], 100);
  const file = uploadOf(source);
  const original = originalOf(raw, file);
  const url = original ?? file;
  const sizes = smaller(raw);
  const lesser = [file, ...sizes].filter((address) => address !== url);
  const item = {
    kind: kindOf(raw, file),
    url,
    alternates: source === file ? [] : [source],
    ...(lesser.length > 0 && { lesser: [...new Set(lesser)].slice(0, mostLesser) }),
    ...(original === undefined && measureIn(raw, ['media_details'])),
  };
  const words = Object.fromEntries(Object.entries(raw).filter(([key]) => spoken.includes(key)));
  return {
    id,
    parent: parent === '0' ? undefined : parent,
    file,
    addresses: [file, url, ...sizes],
    item,
    words,
  };
}

/** The item of a post that shows it, or that it was uploaded for. */
export const itemOf = ({ file, item }: Attachment): Omit<MediaItem, 'post' | 'index' | 'date'> => ({
  id: file,
  ...item,
});

/** So many sizes are asked for one after another where the file is gone. */
const mostLesser = 5;
/** Of so many sizes it is known that they are its own. */
const mostSizes = 50;

/** What was uploaded, where WordPress shows a reduced or turned copy in its place. */
function originalOf(raw: JsonObject, file: string): string | undefined {
  const video = normalise(textAt(raw, [['media_details', 'videopress', 'original']], 8192) ?? '');
  if (video !== undefined) return video === file ? undefined : video;
  const name = textAt(raw, [['media_details', 'original_image']], 500);
  if (name === undefined || /[/\\]/.test(name) || /^\.+$/.test(name)) return undefined;
  const url = normalise(encodeURIComponent(name), new URL('.', file.split(/[?#]/, 1)[0]!).href);
  return url === file ? undefined : url;
}

interface Size {
  readonly url: string;
  readonly area: number;
}

/** The largest first. */
const smaller = (raw: JsonObject): readonly string[] =>
  sizesIn(raw)
    .sort((a, b) => b.area - a.area)
    .map(({ url }) => url);

function sizesIn(raw: JsonObject): Size[] {
  const sizes = elements(at(raw, ['media_details', 'sizes'])).slice(0, mostSizes);
  return sizes.flatMap((size) => {
    const url = normalise(textAt(size, [['source_url']], 8192) ?? '');
    const [width, height] = [wholeOf(at(size, ['width'])) ?? 0, wholeOf(at(size, ['height'])) ?? 0];
    return url === undefined ? [] : [{ url: uploadOf(url), area: width * height }];
  });
}

/** `media_type` knows pictures and files alone. */
function kindOf(raw: JsonObject, file: string): Kind {
  const type = textAt(raw, [['mime_type']], 200);
  const byAddress = kindOfAddress(file);
  return kindOfType(type) ?? (byAddress === 'file' && raw.media_type === 'image' ? 'image' : byAddress);
}
