import { counted } from '../../shown.ts';
import type { Bytes } from '../bytes.ts';
import { pageText } from '../charset.ts';
import type { JsonObject } from '../json-path.ts';
import { Unreadable } from '../json-stream.ts';
import { DamagedFile } from '../source.ts';
import { XmlPosts } from './v1-xml-posts.ts';

/** It is no list of posts: there are other things that are written in XML. */
export class NoPosts extends Error {}

/**
 * The posts of a file in XML of the older API, which some exports have: one at a time, for it may be of any size. Throws
 * `DamagedFile` at its end, or where it makes no sense any more; `NoPosts` of what is something else.
 */
export async function* postsInXml(bytes: Bytes, onDamage: () => void): AsyncGenerator<JsonObject> {
  const posts = new XmlPosts();
  try {
    for await (const text of pageText(bytes, undefined, onDamage)) yield* posts.take(text);
    posts.end();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new DamagedFile(`it ${error.message}, after ${counted(posts.count, 'whole post')}`);
  }
  if (!posts.list) throw new NoPosts();
}
