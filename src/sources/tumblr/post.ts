import type { Post } from '../../model.ts';
import type { JsonObject } from '../json-path.ts';

/** A post of the API v2, in either of its two forms; undefined if it is none at all. */
export function readTumblrPost(_raw: JsonObject): Post | undefined {
  return undefined;
}
