import { resolveMedia } from '../address.ts';
import { isObject, type JsonObject, measureIn, wholeOf } from '../json-path.ts';
import { readPhp } from './php-serialized.ts';
import { metaOf, type WxrItem, wordOf } from './wxr-item.ts';

/** What is known of a file that was uploaded: where it lies, and what its author says of it. */
export interface Attachment {
  readonly id: string;
  /** The post that it was uploaded for. */
  readonly parent: string;
  /** Where the site has it; it may be a reduced copy of what was uploaded. */
  readonly url: string;
  /** What was uploaded, where the site keeps it under another name. */
  readonly original?: string;
  /** What it was before it was edited. */
  readonly unedited?: string;
  /** The largest of the reduced copies that were made of it. */
  readonly copies: readonly string[];
  /** Of what lies at `url`. */
  readonly width?: number;
  readonly height?: number;
  /** The author's own: what there is of title, caption, description and alternative text. */
  readonly words: Readonly<Record<string, string>>;
}

/** Undefined where there is no address that could be asked for. */
export function readAttachment(id: string, item: WxrItem): Attachment | undefined {
  const url = usable(wordOf(item, 'wp:attachment_url')) ?? usable(fileIn(wordOf(item, 'guid')));
  if (url === undefined) return undefined;
  const data = objectIn(readPhp(metaOf(item, '_wp_attachment_metadata') ?? ''));
  const beside = (name: unknown) => neighbour(url, name);
  const original = beside(data.original_image);
  const unedited = beside(beforeEdit(item));
  const copies = largest(data).flatMap((name) => beside(name) ?? []);
  return {
    id,
    parent: wordOf(item, 'wp:post_parent'),
    url,
    ...(original !== undefined && original !== url && { original }),
    ...(unedited !== undefined && unedited !== url && unedited !== original && { unedited }),
    copies: copies.filter((one) => one !== url && one !== original),
    ...measureIn(data),
    words: wordsOf(item),
  };
}

const longestName = 512;
const mostCopies = 2;

function usable(address: string): string | undefined {
  const resolved = resolveMedia(address, null);
  return 'url' in resolved ? resolved.url : undefined;
}

/** A file in the same folder: metadata name no others, and a name that leads elsewhere is none. */
function neighbour(url: string, name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '' || name.length > longestName) return undefined;
  if (/[/\\\p{Cc}]/u.test(name) || /^\.+$/.test(name)) return undefined;
  return usable(new URL(`./${name.replace(/[%?#]/g, encodeURIComponent)}`, url).href);
}

/** It is the address of the file, or that of a page which shows it. */
const fileIn = (guid: string): string => (/\.[a-z0-9]{2,5}$/i.test(guid) ? guid : '');

const objectIn = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** The names of the largest copies, as the metadata of a picture have them. */
function largest({ sizes }: JsonObject): readonly unknown[] {
  const copies = Object.values(objectIn(sizes)).map(objectIn);
  const area = ({ width, height }: JsonObject) => (wholeOf(width, 1e6) ?? 0) * (wholeOf(height, 1e6) ?? 0);
  return [...copies]
    .sort((a, b) => area(b) - area(a))
    .slice(0, mostCopies)
    .map(({ file }) => file);
}

function beforeEdit(item: WxrItem): unknown {
  const backups = objectIn(readPhp(metaOf(item, '_wp_attachment_backup_sizes') ?? ''));
  return objectIn(backups['full-orig']).file;
}

const longestWords = 10_000;

function wordsOf(item: WxrItem): Readonly<Record<string, string>> {
  const words = {
    title: wordOf(item, 'title'),
    caption: wordOf(item, 'excerpt:encoded'),
    description: wordOf(item, 'content:encoded'),
    alt: metaOf(item, '_wp_attachment_image_alt') ?? '',
  };
  const said = Object.entries(words).filter(([, text]) => text !== '');
  return Object.fromEntries(said.map(([name, text]) => [name, text.slice(0, longestWords)]));
}
