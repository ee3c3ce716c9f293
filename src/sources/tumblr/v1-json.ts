import { at, isObject, type JsonObject, wholeOf } from '../json-path.ts';
import { readValue, Unreadable } from '../json-stream.ts';

/** An answer of the public API v1, in either of its forms. */
export interface V1Page {
  /** What the blog says of itself; empty of a blog that is none. */
  readonly blog: JsonObject;
  /** As the answer says; undefined where it says nothing that makes sense. */
  readonly total: number | undefined;
  readonly posts: readonly unknown[];
}

/** The form in JSON, bare or within `var tumblr_api_read = …;` or a call. Throws `Unreadable`. */
export function readV1Json(text: string): V1Page {
  const start = text.indexOf('{');
  if (start < 0) throw new Unreadable(text.trim() === '' ? 'is empty' : 'is not JSON');
  const value = readValue(text.slice(start, text.lastIndexOf('}') + 1));
  const blog = at(value, ['tumblelog']);
  const posts = at(value, ['posts']);
  if (!Array.isArray(posts) && !(isObject(blog) && isGone(blog)))
    throw new Unreadable('has no list of posts');
  return {
    blog: isObject(blog) ? blog : { name: null },
    total: wholeOf(at(value, ['posts-total'])),
    posts: Array.isArray(posts) ? posts : [],
  };
}

/** A blog that does not exist may be answered as if it had lost even its name. */
export const isGone = (blog: JsonObject): boolean => Object.keys(blog).length === 0;
