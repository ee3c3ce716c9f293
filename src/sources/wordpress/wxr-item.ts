export interface WxrCategory {
  readonly domain: string;
  readonly nicename: string;
  readonly name: string;
}

/** An item of an export, by the usual names of its elements. */
export interface WxrItem {
  /** The first of each name. */
  readonly words: ReadonlyMap<string, string>;
  readonly categories: readonly WxrCategory[];
  readonly meta: ReadonlyMap<string, readonly string[]>;
  readonly comments: readonly ReadonlyMap<string, string>[];
  /** There was more of it than is held: only what tells which one it is was kept. */
  readonly isTooLarge: boolean;
}

export const wordOf = ({ words }: WxrItem, name: string): string => words.get(name) ?? '';

export const metaOf = ({ meta }: WxrItem, key: string): string | undefined => meta.get(key)?.[0];

/** An attachment may have lost its type. */
export function typeOfItem(item: WxrItem): string {
  return wordOf(item, 'wp:post_type') || (wordOf(item, 'wp:attachment_url') ? 'attachment' : 'post');
}

const longestId = 200;

/** The number that WordPress gives; where there is none, what else stays as it is. */
export function idOfItem(item: WxrItem): string | undefined {
  const found = ['wp:post_id', 'guid', 'link'].map((name) => wordOf(item, name)).find(Boolean);
  return found !== undefined && found.length <= longestId ? found : undefined;
}
