import type { MediaItem } from '../../model.ts';
import { normalise } from '../address.ts';
import { at, isObject, measureIn, textAt } from '../json-path.ts';
import { type ApiWay, askObject, Closed, Refused } from './api.ts';

export type Item = Omit<MediaItem, 'post' | 'index' | 'date'>;

/** A video that a post embeds by its number alone, and the picture before it; undefined where nobody knows it. */
export async function videoItems(
  guid: string,
  api: string,
  way: ApiWay,
): Promise<readonly Item[] | undefined> {
  const address = `${api}/rest/v1.1/videos/${guid}`;
  try {
    return itemsOf(await askObject(address, (value) => (isObject(value) ? value : undefined), way), guid);
  } catch (error) {
    if (error instanceof Closed || error instanceof Refused) return undefined;
    throw error;
  }
}

function itemsOf(value: unknown, guid: string): readonly Item[] | undefined {
  const original = normalise(textAt(value, [['original']], 8192) ?? '');
  const files = original === undefined ? [] : filesIn(value, new URL('.', original).href);
  if (original === undefined) return undefined;
  const lesser = files.filter((url) => url !== original);
  const video: Item = {
    id: `videopress:${guid}`,
    kind: 'video',
    url: original,
    alternates: [],
    ...(lesser.length > 0 && { lesser }),
    ...measureIn(value),
  };
  const poster = normalise(textAt(value, [['poster']], 8192) ?? '');
  return poster === undefined ? [video] : [video, { id: poster, kind: 'image', url: poster, alternates: [] }];
}

/** In MP4, the largest first: they are named as files beside the original. */
function filesIn(value: unknown, folder: string): readonly string[] {
  const files = Object.entries(isObject(at(value, ['files'])) ? (at(value, ['files']) as object) : {});
  const named = files.slice(0, 20).flatMap(([size, file]) => {
    const name = textAt(file, [['mp4']], 500);
    const url = name === undefined ? undefined : normalise(name, folder);
    return url === undefined ? [] : [{ url, rank: order.indexOf(size) }];
  });
  return named.sort((a, b) => a.rank - b.rank).map(({ url }) => url);
}

const order = ['hd_1080p', 'hd', 'dvd', 'std'];

/** Is its file shown or uploaded, so that nobody need be asked? */
export const isTold = (guid: string, addresses: readonly string[]): boolean =>
  addresses.some((url) => url.includes(`/${guid}/`));
